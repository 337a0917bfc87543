//! What readers see, drawn anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Leadership;
use crate::candidates::Groups;
use crate::lock::{LockKey, LockKind};
use crate::observation::{Kind, kind_of};
use crate::snapshot::{Missing, Snapshot};

impl Leadership {
    /// The picture at the time of the newest observation or [`Self::advance`].
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        let missing = self.missing();
        let objects = self.objects();
        let (now, world, locks, watches) = (self.now, &self.world, &mut self.locks, &self.watches);
        let mut groups = Groups::default();
        let draw = |(_, id): (&LockKey, u32)| {
            let lock = locks.get_mut(&id)?;
            let blind_since = watches.blind_since(kind_of(lock.key()));
            Some(lock.view(now, blind_since, world, &mut groups))
        };
        Arc::new(Snapshot {
            at: now,
            elections: self.ids.iter().filter_map(draw).collect(),
            missing,
            watches: watches.picture(now, world.lateness.lag(now), &objects),
            pods: world.inventory.pods(),
            heartbeats: self.heartbeats.len(),
            control_plane_silent: self.common.since(),
        })
    }

    fn missing(&self) -> Vec<Missing> {
        if self.blind(Kind::Lease) || !self.watches.listed(Kind::Lease) {
            return Vec::new();
        }
        let exists = |namespace: &str, name: &str| {
            [LockKind::Lease, LockKind::ConfigMap, LockKind::Endpoints].into_iter().any(|kind| {
                let key = LockKey { kind, ..LockKey::lease(namespace, name) };
                let lock = self.ids.get(&key).and_then(|id| self.locks.get(&id));
                lock.is_some_and(|lock| lock.exists())
            })
        };
        self.lookout.missing(self.now, exists)
    }

    /// How many objects of each kind are known.
    fn objects(&self) -> BTreeMap<Kind, usize> {
        let present = self.locks.values().filter(|lock| lock.exists()).map(|lock| lock.key());
        let counted = Kind::ALL.map(|kind| (kind, self.world.inventory.count(kind)));
        let mut objects = BTreeMap::from(counted);
        for key in present.chain(self.heartbeats.keys()) {
            *objects.entry(kind_of(key)).or_default() += 1;
        }
        objects
    }
}
