//! When each lock wants to be asked next: an index, so that a fact costs no scan.

use std::collections::{BTreeMap, BTreeSet};

use crate::time::Time;

/// Deadlines of two sorts: claims wait while we are blind, chores do not.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    claims: BTreeSet<(Time, u32)>,
    chores: BTreeSet<(Time, u32)>,
    set: BTreeMap<u32, (Option<Time>, Option<Time>)>,
}

impl Deadlines {
    /// Replaces the deadlines of one lock.
    pub(super) fn set(&mut self, id: u32, claim: Option<Time>, chore: Option<Time>) {
        let before = self.set.get(&id).copied().unwrap_or_default();
        if before == (claim, chore) {
            return;
        }
        replace(&mut self.claims, id, before.0, claim);
        replace(&mut self.chores, id, before.1, chore);
        if claim.is_none() && chore.is_none() {
            self.set.remove(&id);
        } else {
            self.set.insert(id, (claim, chore));
        }
    }

    pub(super) fn next_claim(&self) -> Option<Time> {
        self.claims.first().map(|(due, _)| *due)
    }

    pub(super) fn next_chore(&self) -> Option<Time> {
        self.chores.first().map(|(due, _)| *due)
    }

    /// The lock whose claim is to be judged first, if it is due.
    pub(super) fn due_claim(&self, now: Time) -> Option<u32> {
        self.claims.first().filter(|(due, _)| *due <= now).map(|(_, id)| *id)
    }

    /// The lock with the first chore, if it is due.
    pub(super) fn due_chore(&self, now: Time) -> Option<u32> {
        self.chores.first().filter(|(due, _)| *due <= now).map(|(_, id)| *id)
    }
}

fn replace(index: &mut BTreeSet<(Time, u32)>, id: u32, old: Option<Time>, new: Option<Time>) {
    if old != new {
        old.map(|due| index.remove(&(due, id)));
        new.map(|due| index.insert((due, id)));
    }
}
