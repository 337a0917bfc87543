//! Which locks a change of a pod or node may concern: an index, so that a fact costs no scan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::election::Interest;
use crate::inventory::Root;

/// Locks by what they depend on.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    names: BTreeSet<(Arc<str>, u32)>,
    roots: BTreeSet<(Arc<Root>, u32)>,
    nodes: BTreeSet<(Arc<str>, u32)>,
    of: BTreeMap<u32, Interest>,
}

impl Wanted {
    /// Replaces what one lock depends on.
    pub(super) fn set(&mut self, id: u32, interest: Interest) {
        if self.of.get(&id) == Some(&interest) {
            return;
        }
        self.remove(id);
        self.names.extend(interest.names.iter().map(|name| (Arc::clone(name), id)));
        self.roots.extend(interest.roots.iter().map(|root| (Arc::clone(root), id)));
        self.nodes.extend(interest.node.iter().map(|node| (Arc::clone(node), id)));
        self.of.insert(id, interest);
    }

    /// Forgets a lock.
    pub(super) fn remove(&mut self, id: u32) {
        let Some(interest) = self.of.remove(&id) else {
            return;
        };
        for name in interest.names {
            self.names.remove(&(name, id));
        }
        for root in interest.roots {
            self.roots.remove(&(root, id));
        }
        if let Some(node) = interest.node {
            self.nodes.remove(&(node, id));
        }
    }

    /// The locks whose holder may mean this name.
    pub(super) fn by_name(&self, name: &Arc<str>) -> impl Iterator<Item = u32> {
        let range = (Arc::clone(name), 0)..=(Arc::clone(name), u32::MAX);
        self.names.range(range).map(|(_, id)| *id)
    }

    /// The locks whose leader is on this node.
    pub(super) fn on_node(&self, node: &Arc<str>) -> impl Iterator<Item = u32> {
        let range = (Arc::clone(node), 0)..=(Arc::clone(node), u32::MAX);
        self.nodes.range(range).map(|(_, id)| *id)
    }

    /// The locks that pods of this root compete for.
    pub(super) fn by_root(&self, root: &Arc<Root>) -> impl Iterator<Item = u32> {
        let range = (Arc::clone(root), 0)..=(Arc::clone(root), u32::MAX);
        self.roots.range(range).map(|(_, id)| *id)
    }
}
