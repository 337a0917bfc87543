//! Pods that are looked up one by one, because nobody may or shall watch them all: which ones are wanted, and what
//! becomes of the answers.

use std::collections::BTreeSet;
use std::mem::take;

use super::Leadership;
use crate::observation::PodRecord;
use crate::snapshot::PodName;

impl Leadership {
    /// The same, that says from now on which pods somebody should look up.
    #[must_use]
    pub fn looking_up(self) -> Self {
        Self { wishes: Some(BTreeSet::new()), ..self }
    }

    /// The pods that are to be looked up, and were not said before: the holder's when a term begins, and again when it
    /// ends; and once more if nothing tells a minute later why it did. The answer to each is a [`Fact::Found`] or a
    /// [`Fact::NotFound`]; without one nothing is concluded. Nothing that is known depends on who asks for them, or
    /// when.
    ///
    /// [`Fact::Found`]: crate::observation::Fact::Found
    /// [`Fact::NotFound`]: crate::observation::Fact::NotFound
    pub fn wishes(&mut self) -> BTreeSet<PodName> {
        self.wishes.as_mut().map(take).unwrap_or_default()
    }

    /// A pod was looked up, and is so. What it competes for is not known of its like: nothing is missing without them.
    pub(super) fn found(&mut self, pod: PodRecord) {
        let name = PodName { namespace: pod.namespace.clone(), name: pod.name.clone() };
        self.world.inventory.look(name, self.now);
        self.take_pod(pod);
        self.forget_looked();
    }

    /// A pod was looked up, and is not there: it is gone, or the holder is called otherwise.
    pub(super) fn not_found(&mut self, name: &PodName) {
        let PodName { namespace, name: pod } = name;
        if let Some(seen) = self.world.inventory.pod_named(namespace, pod) {
            self.world.inventory.look(name.clone(), self.now);
            let concerned = self.concerned(&seen.record);
            self.world.inventory.delete_pod(seen.record, self.now);
            self.resolve(concerned);
        }
        if let Some(wishes) = &mut self.wishes {
            let locks = self.wanted.by_name(pod).filter_map(|id| self.locks.get(&id));
            wishes.extend(locks.filter_map(|lock| lock.next_guess(name)));
        }
        self.forget_looked();
    }

    /// Forgets the pods that no lock names any more: nobody would tell us that they are gone.
    fn forget_looked(&mut self) {
        let inventory = &self.world.inventory;
        if !inventory.looked_at_many() {
            return;
        }
        let old = inventory.looked_at_long_ago(self.now).into_iter();
        let named = |seen: &crate::inventory::Seen| {
            let keys = inventory.keys(&seen.record);
            keys.iter().any(|key| self.wanted.by_name(key).next().is_some())
        };
        let idle = old.filter(|(_, seen)| !seen.as_ref().is_some_and(named));
        let idle: Vec<PodName> = idle.map(|(name, _)| name).collect();
        self.world.inventory.forget_looked(&idle);
    }
}

#[cfg(test)]
mod tests;
