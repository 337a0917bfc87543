//! What pods are found by: one index of all their keys, many to many.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::{Root, Seen};
use crate::identity::sanitize;
use crate::observation::PodRecord;

/// What a pod is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// Something that a pod is found under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Text(Index, Arc<str>),
    /// Its namespace and name: a living pod is the only one there.
    Place(Arc<str>, Arc<str>),
    Uid(Arc<str>),
    Root(Arc<Root>),
    /// The node in whose network it is.
    OnHost(Arc<str>),
}

/// Pods by the hashes of their keys: eight bytes each, in the order of their ids. Two keys may have one
/// hash, so who finds a pod looks whether it has the key. The hash is seeded, so that nobody can name
/// pods to collide; no answer depends on it.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    entries: BTreeSet<(u32, u32)>,
    seed: RandomState,
}

impl Indexes {
    pub(super) fn enter(&mut self, seen: &Seen, id: u32) {
        for key in keys(seen) {
            self.entries.insert((self.hash(&key), id));
        }
    }

    pub(super) fn leave(&mut self, seen: &Seen, id: u32) {
        for key in keys(seen) {
            self.entries.remove(&(self.hash(&key), id));
        }
    }

    /// All pods that may have this key, the oldest first.
    pub(super) fn find<'a>(&'a self, key: &Key) -> impl DoubleEndedIterator<Item = u32> + use<'a> {
        let hash = self.hash(key);
        self.entries.range((hash, 0)..=(hash, u32::MAX)).map(|(_, id)| *id)
    }

    fn hash(&self, key: &Key) -> u32 {
        u32::try_from(self.seed.hash_one(key) >> 32).unwrap_or_default()
    }
}

/// Everything that a pod is found under.
pub(super) fn keys(seen: &Seen) -> Vec<Key> {
    let pod = &seen.record;
    let mut keys = vec![
        Key::Text(Index::Name, Arc::clone(&pod.name)),
        Key::Place(Arc::clone(&pod.namespace), Arc::clone(&pod.name)),
        Key::Uid(Arc::clone(&pod.uid)),
        Key::Root(Arc::clone(&seen.root)),
    ];
    keys.extend(pod.hostname.clone().map(|host| Key::Text(Index::Host, host)));
    keys.extend(sanitized(pod).map(|plain| Key::Text(Index::Sanitized, plain)));
    keys.extend(pod.ips.iter().map(|ip| Key::Text(Index::Address, Arc::clone(ip))));
    let node = pod.node.as_ref().filter(|_| pod.host_network);
    keys.extend(node.map(|node| Key::OnHost(Arc::clone(node))));
    keys
}

/// The pod's host name as CSI sidecars write it, if that differs.
pub(super) fn sanitized(pod: &PodRecord) -> Option<Arc<str>> {
    let host = pod.hostname.as_ref().unwrap_or(&pod.name);
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let stays = plain && !host.ends_with('-');
    (!pod.host_network && !stays).then(|| sanitize(host).into())
}
