//! Who owns an object.

use std::sync::Arc;

use leadership::observation::Owner;
use serde::Deserialize;

use super::loose::Loose;
use super::or_empty;

/// An entry of `ownerReferences`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnerReference {
    kind: Loose<Arc<str>>,
    name: Loose<Arc<str>>,
    uid: Loose<Arc<str>>,
    controller: Loose<bool>,
}

impl OwnerReference {
    /// Whether it is the one that keeps the object.
    pub(super) fn controls(&self) -> bool {
        self.controller.0 == Some(true)
    }

    /// The owner, if the entry names one.
    pub(super) fn read(self) -> Option<Owner> {
        Some(Owner { kind: self.kind.0?, name: self.name.0?, uid: or_empty(self.uid) })
    }
}
