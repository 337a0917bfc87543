//! When each lock wants to be asked next: an index, so that a fact costs no scan.

use std::collections::{BTreeMap, BTreeSet};

use crate::hashed::Hashed;
use crate::observation::Kind;
use crate::time::Time;

/// Deadlines of two sorts: claims wait while the watch of their kind is blind, chores do not.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    claims: BTreeMap<Kind, BTreeSet<(Time, u32)>>,
    chores: BTreeSet<(Time, u32)>,
    set: Hashed<u32, (Option<Time>, Option<Time>)>,
}

impl Deadlines {
    /// Replaces the deadlines of one lock, which is of this kind for ever.
    pub(super) fn set(&mut self, id: u32, kind: Kind, claim: Option<Time>, chore: Option<Time>) {
        let before = self.set.get(&id).copied().unwrap_or_default();
        if before == (claim, chore) {
            return;
        }
        replace(self.claims.entry(kind).or_default(), id, before.0, claim);
        replace(&mut self.chores, id, before.1, chore);
        if claim.is_none() && chore.is_none() {
            self.set.remove(&id);
        } else {
            self.set.insert(id, (claim, chore));
        }
    }

    /// The first claim of a kind that is to be judged: when, and whose.
    pub(super) fn next_claim(&self, kind: Kind) -> Option<(Time, u32)> {
        self.claims.get(&kind)?.first().copied()
    }

    pub(super) fn next_chore(&self) -> Option<Time> {
        self.chores.first().map(|(due, _)| *due)
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
