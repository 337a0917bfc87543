//! Each sort of fact, and where it goes.

use std::collections::BTreeSet;

use super::Leadership;
use crate::clocks::Clocks;
use crate::election::Lock;
use crate::event::Event;
use crate::lock::{LockKey, LockKind};
use crate::observation::{Fact, Kind, LockRecord, Object, kind_of};
use crate::time::Time;
use crate::world::Gap;

impl Leadership {
    /// Takes a fact in. `gap_from` says since when nothing was known, where a list is not the first.
    pub(super) fn take_in(&mut self, fact: Fact, gap_from: Option<Time>, out: &mut Vec<Event>) {
        match fact {
            Fact::Listed { kind, objects } => {
                let gap = gap_from.map(|from| Gap { from, to: self.now });
                self.list(kind, objects, gap, out);
            }
            Fact::Page { part, pods } => self.list_page(part, pods),
            Fact::Applied(Object::Lock(lock)) => self.apply_lock(lock, out),
            Fact::Deleted(Object::Lock(lock)) => self.delete_lock(&lock.key, out),
            Fact::Applied(object) => self.apply_object(object),
            Fact::Deleted(object) => self.delete_object(object),
            Fact::Found(pod) => self.found(pod),
            Fact::NotFound(name) => self.not_found(&name),
            Fact::Lost { .. } | Fact::Alive(_) | Fact::Tick => {}
        }
    }

    fn list(&mut self, kind: Kind, objects: Vec<Object>, gap: Option<Gap>, out: &mut Vec<Event>) {
        let objects = objects.into_iter().filter(|object| object.kind() == kind);
        match kind {
            Kind::Lease | Kind::NodeLease | Kind::ConfigMap | Kind::Endpoints => {
                let locks = objects.filter_map(|object| match object {
                    Object::Lock(lock) => Some(lock),
                    _ => None,
                });
                self.list_locks(kind, locks.collect(), gap, out);
            }
            Kind::Pod
            | Kind::Node
            | Kind::Deployment
            | Kind::StatefulSet
            | Kind::LeaseCandidate => self.list_objects(kind, objects),
        }
    }

    fn apply_lock(&mut self, record: LockRecord, out: &mut Vec<Event>) {
        let known = self.ids.get(&record.key);
        if self.is_heartbeat(&record, known) {
            return self.apply_heartbeat(record);
        }
        self.heartbeats.remove(&record.key);
        let id = known.unwrap_or_else(|| self.meet(&record));
        let twin = self.twinned().then(|| record.key.clone());
        self.with(id, out, |lock, step| lock.write(record, step));
        if let Some(key) = twin {
            self.compare_twins(&key, out);
        }
    }

    fn delete_lock(&mut self, key: &LockKey, out: &mut Vec<Event>) {
        if self.heartbeats.remove(key).is_some()
            && crate::observation::kind_of(key) == Kind::NodeLease
        {
            self.forget_node(&key.name);
        }
        if let Some(id) = self.ids.get(key) {
            self.with(id, out, Lock::delete);
        }
    }

    fn list_locks(
        &mut self,
        kind: Kind,
        records: Vec<LockRecord>,
        gap: Option<Gap>,
        out: &mut Vec<Event>,
    ) {
        let mut present = BTreeSet::new();
        for record in records {
            present.insert(record.key.clone());
            self.list_lock(record, gap, out);
        }
        let of_kind = |key: &LockKey| kind_of(key) == kind;
        let silent = |key: &&LockKey| !present.contains(*key) && of_kind(key);
        let silent: Vec<LockKey> = self.heartbeats.keys().filter(silent).cloned().collect();
        for key in silent {
            self.heartbeats.remove(&key);
            if kind == Kind::NodeLease {
                self.forget_node(&key.name);
            }
        }
        if kind.elects() {
            self.sweep(kind, &present, gap, out);
            // The list is complete: nothing is on its way that could still prove a claim.
            self.world.sights.entry(kind).or_default().caught_up = self.now;
        }
    }

    fn list_lock(&mut self, record: LockRecord, gap: Option<Gap>, out: &mut Vec<Event>) {
        let known = self.ids.get(&record.key);
        if self.is_heartbeat(&record, known) {
            if record.kind() == Kind::NodeLease {
                self.know_node(&record.key.name);
                let name = &record.key.name;
                let mark = self.world.clocks.recall(name, self.now, record.renew);
                self.world.heartbeats.listed(name, mark.time, record.duration_seconds);
            }
            self.heartbeats.insert(record.key, record.renew);
            return;
        }
        self.heartbeats.remove(&record.key);
        let id = known.unwrap_or_else(|| self.meet(&record));
        self.with(id, out, |lock, step| match gap {
            Some(gap) => lock.relist(record, gap, step),
            None if lock.exists() => lock.relist(record, Gap { from: step.at, to: step.at }, step),
            None => lock.first_sight(record, step),
        });
    }

    /// What a complete list lacks is gone.
    fn sweep(
        &mut self,
        kind: Kind,
        present: &BTreeSet<LockKey>,
        gap: Option<Gap>,
        out: &mut Vec<Event>,
    ) {
        let gap = gap.unwrap_or(Gap { from: self.now, to: self.now });
        let absent = |key: &LockKey| kind_of(key) == kind && !present.contains(key);
        let absent: Vec<u32> =
            self.ids.iter().filter(|(key, _)| absent(key)).map(|(_, id)| id).collect();
        for id in absent {
            self.with(id, out, |lock, step| lock.gone(gap, step));
        }
    }

    /// Gives a lock that was never seen a number. That is when the catalogue is asked.
    fn meet(&mut self, record: &LockRecord) -> u32 {
        let key = &record.key;
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        let known = self.catalogue.find(key, record.owner.as_deref());
        let lock = Lock::new(key.clone(), known, self.now);
        *self.phases.entry(lock.phase()).or_default() += 1;
        self.locks.insert(id, Box::new(lock));
        self.ids.insert(key, id);
        id
    }

    /// Whether a lock only says that somebody lives: kubelets and API servers, what the catalogue
    /// calls so, and whatever has a holder and nothing that an election writes. What was an election
    /// once stays one, under the number by which it is known.
    fn is_heartbeat(&self, record: &LockRecord, known: Option<u32>) -> bool {
        let bare = record.key.kind == LockKind::Lease
            && record.holder.is_some()
            && record.acquire.is_none()
            && record.transitions.is_none()
            && record.strategy.is_none();
        record.kind() == Kind::NodeLease
            || record.apiserver_identity()
            || (known.is_none() && (bare || self.known_heartbeat(record)))
    }

    fn known_heartbeat(&self, record: &LockRecord) -> bool {
        let known = self.catalogue.find(&record.key, record.owner.as_deref());
        known.is_some_and(|known| known.entry.class.heartbeat())
    }

    /// A node's heartbeat tells its clock's offset.
    fn apply_heartbeat(&mut self, record: LockRecord) {
        let before = self.heartbeats.get(&record.key).copied().flatten();
        if record.kind() == Kind::NodeLease && record.renew.is_some() && record.renew != before {
            self.know_node(&record.key.name);
            let back = before.zip(record.renew).is_some_and(|(b, a)| Clocks::stepped_back(b, a));
            if back {
                self.world.clocks.reset(&record.key.name);
            }
            let mark = self.world.clocks.mark(&record.key.name, self.now, record.renew);
            self.world.heartbeats.beat(&record.key.name, mark.time, record.duration_seconds);
        }
        self.heartbeats.insert(record.key, record.renew);
    }
}
