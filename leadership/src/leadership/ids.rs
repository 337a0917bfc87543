//! The number by which each lock is known.

use std::collections::BTreeMap;

use crate::hashed::Hashed;
use crate::lock::LockKey;

/// Hashed for what is found by its key, as each renewal is: to compare names all the way down a tree touches memory in
/// twenty places. Ordered for whoever goes through all of them.
#[derive(Debug, Default)]
pub(super) struct Ids {
    hashed: Hashed<LockKey, u32>,
    ordered: BTreeMap<LockKey, u32>,
}

impl Ids {
    pub(super) fn get(&self, key: &LockKey) -> Option<u32> {
        self.hashed.get(key).copied()
    }

    pub(super) fn insert(&mut self, key: &LockKey, id: u32) {
        self.hashed.insert(key.clone(), id);
        self.ordered.insert(key.clone(), id);
    }

    pub(super) fn remove(&mut self, key: &LockKey) {
        self.hashed.remove(key);
        self.ordered.remove(key);
    }

    /// All of them, by their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&LockKey, u32)> {
        self.ordered.iter().map(|(key, id)| (key, *id))
    }
}
