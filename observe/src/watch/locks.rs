//! Which objects of a watch are locks, where most are none.

use std::collections::BTreeSet;

use leadership::lock::LockKey;
use leadership::observation::{Fact, LockRecord, Object};

use crate::read::Said;

/// The locks among the objects that a watch has told of. An object that loses its record is a lock that is gone;
/// one that never had a record is nothing at all.
#[derive(Default)]
pub(super) struct Locks(BTreeSet<LockKey>);

impl Locks {
    /// A complete list came.
    pub(super) fn relist(&mut self, objects: &[Object]) {
        self.0 = objects.iter().filter_map(annotated).cloned().collect();
    }

    /// A change came; what it means, if it means anything.
    pub(super) fn change(&mut self, said: Said, fact: fn(Object) -> Fact) -> Option<Fact> {
        let fact = match said {
            Said::Object(object) => fact(object),
            Said::NoLock(key) => {
                self.0.take(&key).map(|key| Fact::Deleted(Object::Lock(LockRecord::empty(key))))?
            }
        };
        match &fact {
            Fact::Applied(object) => self.0.extend(annotated(object).cloned()),
            Fact::Deleted(object) => {
                annotated(object).map(|key| self.0.remove(key));
            }
            _ => {}
        }
        Some(fact)
    }
}

/// The key of a lock that its object may cease to be; a Lease is always one.
fn annotated(object: &Object) -> Option<&LockKey> {
    match object {
        Object::Lock(lock) if lock.key.kind != leadership::lock::LockKind::Lease => Some(&lock.key),
        _ => None,
    }
}
