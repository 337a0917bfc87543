//! Pods, living and recently deleted, and their indexes.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::departed::Departed;
use super::index::{Index, Indexes, Key, keys};
use super::packed::{pack, unpack};
use super::texts::Texts;
use super::{Root, Seen};
use crate::observation::PodRecord;
use crate::time::Time;

/// The pods of a cluster.
#[derive(Debug, Default)]
pub(super) struct Pods {
    /// Ids are never used twice: what was listed last has the greatest.
    slots: BTreeMap<u32, Slot>,
    next: u32,
    live: Indexes,
    gone: Indexes,
    departed: Departed,
    texts: Texts,
    count: usize,
    epoch: u32,
    /// Of a list that has begun and is not complete, the last id before it. Whoever came later is not told of yet: half
    /// of a list would be taken for the whole.
    begun: Option<u32>,
    /// Whether a complete list was ever seen.
    listed: bool,
}

#[derive(Debug)]
struct Slot {
    packed: Box<[u8]>,
    live: bool,
    /// The list that it was last seen in or after.
    epoch: u32,
}

impl Pods {
    /// How many are told of.
    pub(super) fn len(&self) -> usize {
        let untold = self.untold().filter(|(_, slot)| slot.live).count();
        self.count.saturating_sub(untold)
    }

    #[cfg(test)]
    pub(super) fn texts(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn listed(&self) -> bool {
        self.listed
    }

    /// A list begins. Of one that broke off, nobody was told who came with it.
    pub(super) fn begin_list(&mut self) {
        let untold: Vec<u32> = self.untold().map(|(id, _)| *id).collect();
        for id in untold {
            self.take(id);
        }
        self.begun.get_or_insert(self.next);
        self.epoch = self.epoch.saturating_add(1);
    }

    fn untold(&self) -> impl Iterator<Item = (&u32, &Slot)> {
        let begun = self.begun.unwrap_or(u32::MAX);
        self.slots.range((Bound::Excluded(begun), Bound::Unbounded))
    }

    /// What was not seen since the list began is gone. The end of a list that did not begin says nothing.
    pub(super) fn end_list(&mut self, at: Time) {
        if self.begun.take().is_none() {
            return;
        }
        self.listed = true;
        let epoch = self.epoch;
        let absent = |slot: &Slot| slot.live && slot.epoch != epoch;
        let absent: Vec<u32> =
            self.slots.iter().filter(|(_, slot)| absent(slot)).map(|(id, _)| *id).collect();
        for id in absent {
            self.depart(id, at);
        }
        self.forget(at);
    }

    /// Takes a pod's new state in. Says whether anything is different now.
    pub(super) fn apply(&mut self, mut pod: PodRecord, at: Time) -> bool {
        self.forget(at);
        if let Some(owner) = &mut pod.owner {
            // Nobody asks for it, and every set of pods has another.
            owner.uid = Arc::default();
        }
        if self.same(&mut pod) {
            return false;
        }
        let (id, before) = self.displace(&pod, at);
        let root = Arc::new(Root::of_pod(&pod));
        let fresh = Seen::new(pod, root, at);
        let seen = match &before {
            Some(before) => fresh.after(before),
            None => fresh,
        };
        self.put(id, &seen);
        before.as_ref() != Some(&seen)
    }

    /// Whether a record tells nothing new, as most of a list that is read again do.
    fn same(&mut self, pod: &mut PodRecord) -> bool {
        let Some((id, seen)) = self.find_live(&pod.namespace, &pod.name) else {
            return false;
        };
        let known = &seen.record.terminations;
        if !pod.terminations.iter().all(|end| known.contains(end)) {
            return false;
        }
        pod.terminations.clone_from(known);
        let same = *pod == seen.record;
        let epoch = self.epoch;
        if let Some(slot) = self.slots.get_mut(&id).filter(|_| same) {
            slot.epoch = epoch;
        }
        same
    }

    /// Takes a pod out; its last state is remembered for a while.
    pub(super) fn delete(&mut self, pod: PodRecord, at: Time) -> bool {
        let found = self.find_live(&pod.namespace, &pod.name);
        let Some((id, _)) = found.filter(|(_, seen)| seen.is(&pod)) else {
            return false;
        };
        // The last state tells how it ended.
        if !pod.uid.is_empty() {
            self.apply(pod, at);
        }
        self.depart(id, at);
        self.forget(at);
        true
    }

    /// Forgets a living pod, as if it had never been seen.
    pub(super) fn forget_one(&mut self, namespace: &Arc<str>, name: &Arc<str>) {
        if let Some((id, _)) = self.find_live(namespace, name) {
            self.take(id);
        }
    }

    /// Makes room for a pod: its former state is taken out and handed over, and another pod of its
    /// name, whose deletion we did not see, is gone.
    fn displace(&mut self, pod: &PodRecord, at: Time) -> (u32, Option<Seen>) {
        let known = self.find_live(&pod.namespace, &pod.name).map(|(id, seen)| (id, seen.is(pod)));
        match known {
            Some((id, true)) => return (id, self.take(id)),
            Some((id, false)) => self.depart(id, at),
            None => {}
        }
        let key = Key::Uid(Arc::clone(&pod.uid));
        let twin = |seen: &Seen| {
            let gone = &seen.record;
            gone.namespace == pod.namespace && gone.name == pod.name
        };
        let back = self.look(&self.gone, key).rev().find(|(_, seen)| twin(seen)).map(|(id, _)| id);
        let back = back.filter(|_| !pod.uid.is_empty());
        let before = back.and_then(|id| self.take(id));
        (self.fresh(), before)
    }

    fn fresh(&mut self) -> u32 {
        self.next = self.next.wrapping_add(1);
        self.next
    }

    /// Takes a pod out of everything.
    fn take(&mut self, id: u32) -> Option<Seen> {
        let slot = self.slots.remove(&id)?;
        let seen = unpack(&slot.packed, &mut |text| self.texts.drop(text));
        if slot.live {
            self.live.leave(&seen, id);
            self.count = self.count.saturating_sub(1);
        } else {
            self.gone.leave(&seen, id);
        }
        Some(seen)
    }

    /// Enters a pod into everything.
    fn put(&mut self, id: u32, seen: &Seen) {
        let live = seen.gone.is_none();
        if live {
            self.live.enter(seen, id);
            self.count += 1;
        } else {
            self.gone.enter(seen, id);
        }
        let packed = pack(seen, &mut self.texts);
        self.slots.insert(id, Slot { packed, live, epoch: self.epoch });
    }

    fn depart(&mut self, id: u32, at: Time) {
        let Some(mut seen) = self.take(id) else {
            return;
        };
        seen.gone = Some(at);
        self.departed.push(id, at);
        self.put(id, &seen);
    }

    /// Forgets those that have been gone for long.
    fn forget(&mut self, now: Time) {
        while let Some(id) = self.departed.pop(now) {
            if self.slots.get(&id).is_some_and(|slot| !slot.live) {
                self.take(id);
            }
        }
    }

    fn find_live(&self, namespace: &Arc<str>, name: &Arc<str>) -> Option<(u32, Seen)> {
        self.look(&self.live, Key::Place(Arc::clone(namespace), Arc::clone(name))).next()
    }

    fn seen(&self, id: u32) -> Option<Seen> {
        let slot = self.slots.get(&id)?;
        Some(unpack(&slot.packed, &mut |text| self.texts.get(text)))
    }

    /// The pods of this key, the oldest first.
    fn look<'a>(
        &'a self,
        indexes: &'a Indexes,
        key: Key,
    ) -> impl DoubleEndedIterator<Item = (u32, Seen)> + use<'a> {
        indexes.find(&key).filter_map(move |id| {
            let seen = self.seen(id)?;
            keys(&seen).contains(&key).then_some((id, seen))
        })
    }

    /// The living pods of this key that are told of.
    fn live(&self, key: Key) -> impl Iterator<Item = Seen> + use<'_> {
        let told = self.begun.unwrap_or(u32::MAX);
        self.look(&self.live, key).filter(move |(id, _)| *id <= told).map(|(_, seen)| seen)
    }

    pub(super) fn named(&self, namespace: &Arc<str>, name: &Arc<str>) -> Option<Seen> {
        self.live(Key::Place(Arc::clone(namespace), Arc::clone(name))).next()
    }

    pub(super) fn by_uid(&self, uid: &Arc<str>) -> Option<Seen> {
        let key = || Key::Uid(Arc::clone(uid));
        let gone = || self.look(&self.gone, key()).next_back().map(|(_, seen)| seen);
        self.live(key()).next().or_else(gone)
    }

    pub(super) fn find(
        &self,
        index: Index,
        key: &Arc<str>,
        namespace: Option<&Arc<str>>,
    ) -> impl Iterator<Item = Seen> + use<'_> {
        let place = namespace.cloned();
        let key = match &place {
            Some(place) if index == Index::Name => Key::Place(Arc::clone(place), Arc::clone(key)),
            _ => Key::Text(index, Arc::clone(key)),
        };
        let near = move |seen: &Seen| place.as_ref().is_none_or(|it| *it == seen.record.namespace);
        self.live(key).filter(near)
    }

    pub(super) fn find_gone(&self, index: Index, key: &Arc<str>) -> Vec<Seen> {
        let found = self.look(&self.gone, Key::Text(index, Arc::clone(key)));
        let mut found: Vec<Seen> = found.map(|(_, seen)| seen).collect();
        found.sort_by_key(|seen| std::cmp::Reverse(seen.gone));
        found
    }

    pub(super) fn on_host(&self, node: &Arc<str>) -> impl Iterator<Item = Seen> + use<'_> {
        self.live(Key::OnHost(Arc::clone(node)))
    }

    pub(super) fn siblings(&self, root: &Arc<Root>) -> impl Iterator<Item = Seen> + use<'_> {
        self.live(Key::Root(Arc::clone(root)))
    }
}
