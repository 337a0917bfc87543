//! Who owns an object.

use std::sync::Arc;

use leadership::observation::Owner;
use serde::Deserialize;

use super::loose::Loose;
use super::or_empty;
use super::proto::{Malformed, Message, Value};

/// An entry of `ownerReferences`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnerReference {
    kind: Loose<Arc<str>>,
    name: Loose<Arc<str>>,
    uid: Loose<Arc<str>>,
    controller: Loose<bool>,
}

impl Message for OwnerReference {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.kind),
            3 => value.put(&mut self.name),
            4 => value.put(&mut self.uid),
            6 => value.put(&mut self.controller),
            _ => Ok(()),
        }
    }
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
