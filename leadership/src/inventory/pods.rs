//! Pods, living and recently deleted, and their indexes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::departed::Departed;
use super::index::{Index, Indexes};
use super::shelf::Shelf;
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
    roots: BTreeSet<Arc<Root>>,
    shelf: Shelf,
    count: usize,
    epoch: u32,
}

#[derive(Debug)]
struct Slot {
    seen: Seen,
    /// The list that it was last seen in or after.
    epoch: u32,
}

impl Pods {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    #[cfg(test)]
    pub(super) fn roots(&self) -> usize {
        self.roots.len()
    }

    pub(super) fn listed(&self) -> bool {
        self.epoch > 0
    }

    pub(super) fn begin_list(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
    }

    /// What was not seen since the list began is gone.
    pub(super) fn end_list(&mut self, at: Time) {
        let epoch = self.epoch;
        let absent = |slot: &Slot| slot.seen.gone.is_none() && slot.epoch != epoch;
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
        if self.same(&mut pod) {
            return false;
        }
        self.shelf.share(&mut pod);
        let (id, before) = self.displace(&pod, at);
        let root = self.root(&pod);
        let fresh = Seen::new(pod, root, at);
        let seen = match &before {
            Some(before) => fresh.after(before),
            None => fresh,
        };
        let changed = before.as_ref() != Some(&seen);
        let moved = before.map(|before| before.root).filter(|root| *root != seen.root);
        self.live.enter(&seen, id);
        self.slots.insert(id, Slot { seen, epoch: self.epoch });
        self.count += 1;
        if let Some(root) = moved {
            self.release(&root);
        }
        changed
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

    /// Makes room for a pod: its former state is taken out and handed over, and another pod of its
    /// name, whose deletion we did not see, is gone.
    fn displace(&mut self, pod: &PodRecord, at: Time) -> (u32, Option<Seen>) {
        let known = self.find_live(&pod.namespace, &pod.name).map(|(id, seen)| (id, seen.is(pod)));
        match known {
            Some((id, true)) => return (id, self.take(id)),
            Some((id, false)) => self.depart(id, at),
            None => {}
        }
        let twin = |id: &u32| {
            self.slots.get(id).is_some_and(|slot| {
                let gone = &slot.seen.record;
                gone.namespace == pod.namespace && gone.name == pod.name
            })
        };
        let back = self.gone.uid.find(&pod.uid).rev().find(twin).filter(|_| !pod.uid.is_empty());
        if let Some(id) = back {
            return (self.fresh(), self.take(id));
        }
        (self.fresh(), None)
    }

    fn fresh(&mut self) -> u32 {
        self.next = self.next.wrapping_add(1);
        self.next
    }

    /// Takes a pod out of everything.
    fn take(&mut self, id: u32) -> Option<Seen> {
        let seen = self.slots.remove(&id)?.seen;
        if seen.gone.is_some() {
            self.gone.leave(&seen, id);
        } else {
            self.live.leave(&seen, id);
            self.count = self.count.saturating_sub(1);
        }
        Some(seen)
    }

    fn depart(&mut self, id: u32, at: Time) {
        let Some(mut seen) = self.take(id) else {
            return;
        };
        seen.gone = Some(at);
        self.gone.enter(&seen, id);
        self.departed.push(id, at);
        self.slots.insert(id, Slot { seen, epoch: self.epoch });
    }

    /// Forgets those that have been gone for long.
    fn forget(&mut self, now: Time) {
        while let Some(id) = self.departed.pop(now) {
            let gone = self.slots.get(&id).is_some_and(|slot| slot.seen.gone.is_some());
            if let Some(seen) = gone.then(|| self.take(id)).flatten() {
                self.release(&seen.root);
            }
        }
    }

    /// One copy of each root.
    fn root(&mut self, pod: &PodRecord) -> Arc<Root> {
        let root = Root::of_pod(pod);
        if let Some(known) = self.roots.get(&root) {
            return Arc::clone(known);
        }
        let root = Arc::new(root);
        self.roots.insert(Arc::clone(&root));
        root
    }

    /// Forgets a root that no pod has any more.
    fn release(&mut self, root: &Arc<Root>) {
        let used = self.live.root.find(root).chain(self.gone.root.find(root)).next().is_some();
        if !used {
            self.roots.remove(root);
        }
    }

    fn find_live(&self, namespace: &Arc<str>, name: &Arc<str>) -> Option<(u32, &Seen)> {
        let id = self.live.name.find(name, Some(namespace)).next()?;
        self.slots.get(&id).map(|slot| (id, &slot.seen))
    }

    fn seen(&self, id: u32) -> Option<&Seen> {
        self.slots.get(&id).map(|slot| &slot.seen)
    }

    pub(super) fn named(&self, namespace: &Arc<str>, name: &Arc<str>) -> Option<&Seen> {
        self.find_live(namespace, name).map(|(_, seen)| seen)
    }

    pub(super) fn by_uid(&self, uid: &Arc<str>) -> Option<&Seen> {
        let live = self.live.uid.find(uid).next();
        live.or_else(|| self.gone.uid.find(uid).next_back()).and_then(|id| self.seen(id))
    }

    pub(super) fn find(
        &self,
        index: Index,
        key: &Arc<str>,
        namespace: Option<&Arc<str>>,
    ) -> impl Iterator<Item = &Seen> {
        let named = (index == Index::Name).then(|| self.live.name.find(key, namespace));
        let texts = self.live.texts(index).map(|texts| texts.find(key));
        let place = namespace.cloned();
        let ids = named.into_iter().flatten().chain(texts.into_iter().flatten());
        ids.filter_map(|id| self.seen(id))
            .filter(move |seen| place.as_ref().is_none_or(|it| *it == seen.record.namespace))
    }

    pub(super) fn find_gone(&self, index: Index, key: &Arc<str>) -> Vec<&Seen> {
        let named = (index == Index::Name).then(|| self.gone.name.find(key, None));
        let texts = self.gone.texts(index).map(|texts| texts.find(key));
        let ids = named.into_iter().flatten().chain(texts.into_iter().flatten());
        let mut found: Vec<&Seen> = ids.filter_map(|id| self.seen(id)).collect();
        found.sort_by_key(|seen| std::cmp::Reverse(seen.gone));
        found
    }

    pub(super) fn on_host(&self, node: &Arc<str>) -> impl Iterator<Item = &Seen> {
        self.live.on_host.find(node).filter_map(|id| self.seen(id))
    }

    pub(super) fn siblings(&self, root: &Arc<Root>) -> impl Iterator<Item = &Seen> {
        self.live.root.find(root).filter_map(|id| self.seen(id))
    }
}
