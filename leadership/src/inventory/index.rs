//! Many to many: which entries are found under which key.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Pods under a text. A key takes no more room than the text's handle: the pod's own.
#[derive(Debug)]
pub(super) struct Many<K> {
    entries: BTreeSet<(K, u32)>,
}

impl<K> Default for Many<K> {
    fn default() -> Self {
        Self { entries: BTreeSet::new() }
    }
}

impl<K: Ord + Clone> Many<K> {
    pub(super) fn add(&mut self, key: K, id: u32) {
        self.entries.insert((key, id));
    }

    pub(super) fn drop(&mut self, key: K, id: u32) {
        self.entries.remove(&(key, id));
    }

    /// All that are found under this key, the oldest first.
    pub(super) fn find(&self, key: &K) -> impl DoubleEndedIterator<Item = u32> {
        self.entries.range((key.clone(), 0)..=(key.clone(), u32::MAX)).map(|(_, id)| *id)
    }
}

/// Pods under a name, in one namespace or in all.
#[derive(Debug, Default)]
pub(super) struct ByName {
    entries: BTreeSet<(Arc<str>, Arc<str>, u32)>,
}

impl ByName {
    pub(super) fn add(&mut self, name: &Arc<str>, namespace: &Arc<str>, id: u32) {
        self.entries.insert((Arc::clone(name), Arc::clone(namespace), id));
    }

    pub(super) fn drop(&mut self, name: &Arc<str>, namespace: &Arc<str>, id: u32) {
        self.entries.remove(&(Arc::clone(name), Arc::clone(namespace), id));
    }

    pub(super) fn find(
        &self,
        name: &Arc<str>,
        namespace: Option<&Arc<str>>,
    ) -> impl Iterator<Item = u32> {
        let (name, wanted) = (Arc::clone(name), namespace.cloned());
        let from = (Arc::clone(&name), wanted.clone().unwrap_or_default(), 0);
        let fits = move |(key, place, _): &&(Arc<str>, Arc<str>, u32)| {
            *key == name && wanted.as_ref().is_none_or(|wanted| wanted == place)
        };
        self.entries.range(from..).take_while(fits).map(|(_, _, id)| *id)
    }
}
