//! What pods are found by: indexes, many to many.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Root, Seen};
use crate::identity::sanitize;
use crate::observation::PodRecord;

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

/// What a pod is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Index {
    /// Its name.
    Name,
    /// The host name that its containers see, where it is another one.
    Host,
    /// That host name as CSI sidecars write it, where that is another one.
    Sanitized,
    /// One of its addresses.
    Address,
}

/// Where each pod is found.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    pub(super) name: ByName,
    /// Only host names that differ from the pod's name.
    pub(super) host: Many<Arc<str>>,
    pub(super) sanitized: Many<Arc<str>>,
    pub(super) address: Many<Arc<str>>,
    pub(super) uid: Many<Arc<str>>,
    pub(super) root: Many<Arc<Root>>,
    /// Pods in the network of their node, by node.
    pub(super) on_host: Many<Arc<str>>,
}

impl Indexes {
    pub(super) fn enter(&mut self, seen: &Seen, id: u32) {
        let pod = &seen.record;
        self.name.add(&pod.name, &pod.namespace, id);
        self.each(seen, |index, key| index.add(key, id));
        self.root.add(Arc::clone(&seen.root), id);
    }

    pub(super) fn leave(&mut self, seen: &Seen, id: u32) {
        let pod = &seen.record;
        self.name.drop(&pod.name, &pod.namespace, id);
        self.each(seen, |index, key| index.drop(key, id));
        self.root.drop(Arc::clone(&seen.root), id);
    }

    /// Every index of texts but that of names, with the pod's key in it.
    fn each(&mut self, seen: &Seen, mut action: impl FnMut(&mut Many<Arc<str>>, Arc<str>)) {
        let pod = &seen.record;
        action(&mut self.uid, Arc::clone(&pod.uid));
        if let Some(host) = &pod.hostname {
            action(&mut self.host, Arc::clone(host));
        }
        if let Some(plain) = sanitized(pod) {
            action(&mut self.sanitized, plain);
        }
        for address in &pod.ips {
            action(&mut self.address, Arc::clone(address));
        }
        if let Some(node) = pod.node.as_ref().filter(|_| pod.host_network) {
            action(&mut self.on_host, Arc::clone(node));
        }
    }

    pub(super) fn texts(&self, index: Index) -> Option<&Many<Arc<str>>> {
        match index {
            Index::Name => None,
            Index::Host => Some(&self.host),
            Index::Sanitized => Some(&self.sanitized),
            Index::Address => Some(&self.address),
        }
    }
}

/// The pod's host name as CSI sidecars write it, if that differs.
pub(super) fn sanitized(pod: &PodRecord) -> Option<Arc<str>> {
    let host = pod.hostname.as_ref().unwrap_or(&pod.name);
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let stays = plain && !host.ends_with('-');
    (!pod.host_network && !stays).then(|| sanitize(host).into())
}
