//! Objects by their keys, with a sweep of what a complete list lacked.

use std::collections::BTreeMap;

/// Objects of one sort.
#[derive(Debug)]
pub(super) struct Register<K, V> {
    entries: BTreeMap<K, (V, u64)>,
    /// Counts the lists.
    epoch: u64,
}

impl<K, V> Default for Register<K, V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), epoch: 0 }
    }
}

impl<K: Ord, V: PartialEq> Register<K, V> {
    pub(super) fn begin_list(&mut self) {
        self.epoch += 1;
    }

    /// Forgets those of the list's kind that the list did not have.
    pub(super) fn end_list(&mut self, of_kind: impl Fn(&V) -> bool) {
        let epoch = self.epoch;
        self.entries.retain(|_, (value, seen)| *seen == epoch || !of_kind(value));
    }

    /// Whether a complete list was ever seen.
    pub(super) fn listed(&self) -> bool {
        self.epoch > 0
    }

    /// Takes an object in. Says whether anything is different now.
    pub(super) fn apply(&mut self, key: K, value: V) -> bool {
        let entry = (value, self.epoch);
        let before = self.entries.get(&key).map(|(before, _)| before);
        let changed = before != Some(&entry.0);
        self.entries.insert(key, entry);
        changed
    }

    pub(super) fn remove(&mut self, key: &K) -> bool {
        self.entries.remove(key).is_some()
    }

    pub(super) fn count(&self, of_kind: impl Fn(&V) -> bool) -> usize {
        self.entries.values().filter(|(value, _)| of_kind(value)).count()
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(value, _)| value)
    }

    /// Those from `key` on, in order.
    pub(super) fn from(&self, key: K) -> impl Iterator<Item = &V> {
        self.entries.range(key..).map(|(_, (value, _))| value)
    }
}
