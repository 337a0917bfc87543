//! The JSON of Kubernetes objects, as far as readers look, and about as large as the real ones.

pub(crate) mod lease;
pub(crate) mod node;
pub(crate) mod pod;
pub(crate) mod workload;

use jiff::Timestamp;
use serde_json::{Value, json};

/// `metav1.Time`: whole seconds.
pub(crate) fn seconds(at: Timestamp) -> String {
    // A format with a precision would round, where Kubernetes truncates.
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
    format!("{whole:.0}")
}

/// `metav1.MicroTime`: always six digits.
pub(crate) fn micros(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// The controller which owns an object.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) uid: String,
}

impl Owner {
    pub(crate) fn references(&self) -> Value {
        json!([{
            "apiVersion": self.api_version, "kind": self.kind, "name": self.name, "uid": self.uid,
            "controller": true, "blockOwnerDeletion": true,
        }])
    }
}
