//! What really happened, as terms.

use std::collections::BTreeMap;

use leadership::time::{Delta, Time};

use super::world::{Deed, Write, name, timing};

/// One term of one holder.
pub(super) struct Term {
    pub(super) holder: String,
    pub(super) first: Time,
    /// The holder's last own write: an acquisition, a renewal or a release.
    pub(super) last: Time,
    /// Whether its holder's clock was set meanwhile: what is read by it, and not seen live, may be wrong by that.
    pub(super) stepped: bool,
}

/// All that happened to one lock.
pub(super) struct History {
    pub(super) terms: Vec<Term>,
    writes: Vec<Write>,
    pub(super) duration: Delta,
}

/// All locks by their names.
pub(super) fn histories(writes: &[Write]) -> BTreeMap<String, History> {
    let mut histories = BTreeMap::new();
    for write in writes {
        let seconds = i64::try_from(timing(write.lock).0.as_secs()).unwrap();
        let history = histories.entry(name(write.lock)).or_insert_with(|| History {
            terms: Vec::new(),
            writes: Vec::new(),
            duration: Delta::from_secs(seconds),
        });
        history.note(write);
    }
    histories
}

impl History {
    fn note(&mut self, write: &Write) {
        if write.deed != Deed::Step {
            self.writes.push(write.clone());
        }
        match (write.deed, self.terms.last_mut()) {
            (Deed::Acquire, _) => {
                let (holder, at) = (write.holder.clone(), write.at);
                self.terms.push(Term { holder, first: at, last: at, stepped: false });
            }
            (Deed::Renew | Deed::Release, Some(term)) => term.last = write.at,
            (Deed::Step, Some(term)) => term.stepped = true,
            _ => {}
        }
    }

    pub(super) fn place(&self, holder: &str) -> Option<usize> {
        self.terms.iter().position(|term| term.holder == holder)
    }

    /// Whether somebody acquired the lock after the first of these times and no later than the second.
    pub(super) fn passed_on(&self, from: Time, to: Time) -> bool {
        self.terms.iter().any(|term| from < term.first && term.first <= to)
    }

    /// For how long the claim was still valid at that time, if anybody had one.
    pub(super) fn claim_left(&self, at: Time) -> Option<Delta> {
        let write = self.writes.iter().rev().find(|write| write.at <= at)?;
        let claims = matches!(write.deed, Deed::Acquire | Deed::Renew);
        claims.then(|| write.at + self.duration - at).filter(|left| *left > Delta::ZERO)
    }
}
