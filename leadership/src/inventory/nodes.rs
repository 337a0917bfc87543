//! Nodes, by everything that their machines may call themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::identity::sanitize;
use crate::observation::NodeRecord;

/// A node, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct KnownNode {
    /// Its object, where nodes are watched; otherwise its name was met in a pod or a heartbeat.
    pub(crate) record: Option<NodeRecord>,
    /// Whether a pod or a heartbeat named it.
    mentioned: bool,
    epoch: u64,
}

/// Which nodes a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// None that is known.
    Nobody,
    /// This one.
    One(Arc<str>),
    /// More than one: nobody can say which.
    Several,
}

/// How sure a name is; the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sureness {
    /// What the machine calls itself.
    Hostname,
    /// The first label of a longer name.
    Short,
    /// As CSI sidecars write it.
    Sanitized,
}

/// The nodes of a cluster.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    known: BTreeMap<Arc<str>, KnownNode>,
    aliases: BTreeSet<(Arc<str>, Sureness, Arc<str>)>,
    epoch: u64,
    version: u64,
    /// Whether a node was ever known: then nodes are watched.
    any: bool,
}

impl Nodes {
    pub(super) fn begin_list(&mut self) {
        self.epoch += 1;
    }

    /// Of nodes that the list lacked, nothing but the name may still be known.
    pub(super) fn end_list(&mut self) {
        let epoch = self.epoch;
        let absent = |node: &KnownNode| node.record.is_some() && node.epoch != epoch;
        let names: Vec<Arc<str>> = self
            .known
            .iter()
            .filter(|(_, node)| absent(node))
            .map(|(name, _)| Arc::clone(name))
            .collect();
        for name in names {
            self.remove(&name);
        }
    }

    pub(super) fn apply(&mut self, record: NodeRecord) -> bool {
        let name = Arc::clone(&record.name);
        let epoch = self.epoch;
        let node = self.enter(&name);
        node.epoch = epoch;
        if node.record.as_ref() == Some(&record) {
            return false;
        }
        let before = node.record.replace(record);
        self.alias(&name, before.as_ref(), false);
        self.alias(&name, None, true);
        self.version += 1;
        true
    }

    pub(super) fn remove(&mut self, name: &str) -> bool {
        let Some((name, node)) = self.known.remove_entry(name) else {
            return false;
        };
        self.alias(&name, node.record.as_ref(), false);
        self.version += 1;
        true
    }

    pub(super) fn mention(&mut self, name: &Arc<str>) {
        match self.known.get_mut(name) {
            Some(node) => node.mentioned = true,
            None => self.enter(name).mentioned = true,
        }
    }

    pub(super) fn unmention(&mut self, name: &str) {
        match self.known.get_mut(name) {
            Some(node) if node.record.is_some() => node.mentioned = false,
            Some(_) => {
                self.remove(name);
            }
            None => {}
        }
    }

    fn enter(&mut self, name: &Arc<str>) -> &mut KnownNode {
        if !self.known.contains_key(&**name) {
            self.any = true;
            self.known.insert(Arc::clone(name), KnownNode::default());
            self.alias(name, None, true);
        }
        self.known.entry(Arc::clone(name)).or_default()
    }

    /// Adds or drops the other names of a node, as its present record or the given one has them.
    fn alias(&mut self, name: &Arc<str>, record: Option<&NodeRecord>, add: bool) {
        let present = self.known.get(name).and_then(|node| node.record.as_ref());
        for (alias, sureness) in aliases(name, record.or(present)) {
            let entry = (alias, sureness, Arc::clone(name));
            if add {
                self.aliases.insert(entry);
            } else {
                self.aliases.remove(&entry);
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&KnownNode> {
        self.known.get(name)
    }

    /// Whole names only: the node of that name, or the only one that a less sure name means.
    pub(super) fn named(&self, name: &Arc<str>) -> Named {
        if let Some((name, _)) = self.known.get_key_value(&**name) {
            return Named::One(Arc::clone(name));
        }
        let from = (Arc::clone(name), Sureness::Hostname, Arc::from(""));
        let mut found = self.aliases.range(from..).take_while(|(alias, ..)| alias == name);
        let Some((_, sureness, first)) = found.next() else {
            return Named::Nobody;
        };
        match found.next() {
            Some((_, other, _)) if other == sureness => Named::Several,
            _ => Named::One(Arc::clone(first)),
        }
    }

    pub(super) fn names(&self, name: &Arc<str>) -> Vec<Arc<str>> {
        let record = self.known.get(name).and_then(|node| node.record.as_ref());
        let others = aliases(name, record).into_iter().map(|(alias, _)| alias);
        std::iter::once(Arc::clone(name)).chain(others).collect()
    }

    /// How many nodes were seen themselves, and not only pods on them.
    pub(super) fn count(&self) -> usize {
        self.known.values().filter(|node| node.record.is_some()).count()
    }

    pub(super) fn known(&self) -> bool {
        self.any
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }
}

fn aliases(name: &Arc<str>, record: Option<&NodeRecord>) -> BTreeSet<(Arc<str>, Sureness)> {
    let hosts = record.map(|record| record.hostnames.as_slice()).unwrap_or_default();
    let mut found = BTreeSet::new();
    for host in std::iter::once(name).chain(hosts) {
        if host != name {
            found.insert((Arc::clone(host), Sureness::Hostname));
        }
        if let Some((short, _)) = host.split_once('.').filter(|(short, _)| !short.is_empty()) {
            found.insert((short.into(), Sureness::Short));
        }
        let plain = sanitize(host);
        if plain != **host {
            found.insert((plain.into(), Sureness::Sanitized));
        }
    }
    found
}

impl KnownNode {
    /// Whether the control plane has given it up, or it says itself that it cannot work. A node whose
    /// object is not watched is not known to be lost.
    pub(crate) fn lost(&self) -> bool {
        let ready = self.record.as_ref().and_then(|record| record.ready.as_deref());
        ready.is_some_and(|ready| ready != "True")
    }

    /// Its zone.
    pub(crate) fn zone(&self) -> Option<&Arc<str>> {
        self.record.as_ref()?.zone.as_ref()
    }
}
