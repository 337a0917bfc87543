//! What the candidates' journals say of one lease: its writes, and the windows between its terms.
//!
//! A window runs from the moment before the old leader sent its last own write to the moment before
//! the new leader sent its first: both by the clock of this machine, which is never skewed.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;
use leadership::time::{Delta, Time};

use crate::candidate::{Candidate, Entry};

/// When the observer first saw a write, by holder and `renewTime`.
pub type Seen = HashMap<(Arc<str>, Time), Time>;

/// One write that reached the API server.
#[derive(Clone, Debug)]
pub struct Write {
    /// Who wrote.
    pub holder: Arc<str>,
    /// `acquire`, `renew`, `release`, or `attempt` if the writer never learned that it had succeeded.
    pub event: String,
    /// Before it was sent.
    pub before: Time,
    /// After it was answered, or when the observer saw it.
    pub after: Time,
    /// `acquireTime` as written.
    pub acquire: Option<Time>,
    /// `renewTime` as written.
    pub renew: Option<Time>,
}

/// What happened between two terms.
#[derive(Clone, Debug)]
pub struct Window {
    /// The old leader's last own write.
    pub last: Write,
    /// The new leader's first.
    pub first: Write,
    /// When attempts between them were made that may have arrived or not.
    pub doubts: Vec<Time>,
}

impl Window {
    /// How long nobody led: from before the one write to before the other.
    #[must_use]
    pub fn length(&self) -> Delta {
        self.first.before - self.last.before
    }

    /// Between commit and commit: the least and the most that it can have been.
    #[must_use]
    pub fn bracket(&self) -> (Delta, Delta) {
        (self.first.before - self.last.after, self.first.after - self.last.before)
    }

    /// What the lease alone says: `acquireTime` less the last `renewTime`, of two clocks.
    #[must_use]
    pub fn naive(&self) -> Option<Delta> {
        Some(self.first.acquire? - self.last.renew?)
    }
}

/// What one lease's candidates wrote.
#[derive(Debug, Default)]
pub struct Writes {
    /// Those that arrived, in order.
    pub arrived: Vec<Write>,
    /// When attempts were made of which nobody knows whether they arrived.
    pub doubts: Vec<Time>,
}

impl Writes {
    /// Reads the journals. An attempt without an outcome arrived if the observer saw it, and did
    /// not if the API server was `down` when it was made.
    ///
    /// # Errors
    /// When a journal cannot be read.
    pub fn read<'a>(
        candidates: impl Iterator<Item = &'a Candidate>,
        seen: &Seen,
        down: &[Range<Time>],
    ) -> Result<Self> {
        let mut writes = Self::default();
        for candidate in candidates {
            writes.take_in(&Arc::from(candidate.identity.as_str()), candidate.journal()?, seen);
        }
        writes.doubts.retain(|made| !down.iter().any(|down| down.contains(made)));
        // A write succeeds only upon the one before it, so the order of sending is that of arrival.
        writes.arrived.sort_by_key(|write| write.before);
        Ok(writes)
    }

    fn take_in(&mut self, holder: &Arc<str>, entries: Vec<Entry>, seen: &Seen) {
        let mut open = None;
        for entry in entries {
            match entry.event.as_str() {
                "attempt" => {
                    self.resolve(holder, open.replace(entry), seen);
                }
                "acquire" | "renew" | "release" => {
                    open = None;
                    let after = entry.after;
                    self.arrived.extend(write(holder, entry, after));
                }
                "error" if entry.refused => open = None,
                _ => {}
            }
        }
        self.resolve(holder, open, seen);
    }

    /// The outcome of an attempt was never told to who made it.
    fn resolve(&mut self, holder: &Arc<str>, attempt: Option<Entry>, seen: &Seen) {
        let Some(attempt) = attempt else { return };
        let key = attempt.renew_time.map(|renew| (Arc::clone(holder), renew));
        match key.and_then(|key| seen.get(&key)) {
            Some(arrived) => self.arrived.extend(write(holder, attempt, Some(*arrived))),
            None => self.doubts.extend(attempt.before),
        }
    }

    /// The windows between the terms.
    pub fn windows(&self) -> impl Iterator<Item = Window> {
        let begins = |(last, first): &(&Write, &Write)| {
            first.event == "acquire" || first.holder != last.holder || last.event == "release"
        };
        let pairs = self.arrived.iter().zip(self.arrived.iter().skip(1)).filter(begins);
        pairs.map(|(last, first)| {
            let between = |doubt: &&Time| **doubt > last.before && **doubt < first.before;
            let doubts = self.doubts.iter().filter(between).copied().collect();
            Window { last: last.clone(), first: first.clone(), doubts }
        })
    }

    /// How long writers waited for an answer.
    pub fn answers(&self) -> impl Iterator<Item = Delta> {
        let answered = self.arrived.iter().filter(|write| write.event != "attempt");
        answered.map(|write| write.after - write.before)
    }

    /// The times between renewals of one term.
    pub fn gaps(&self) -> impl Iterator<Item = Delta> {
        let pairs = self.arrived.iter().zip(self.arrived.iter().skip(1));
        let both = |(a, b): &(&Write, &Write)| {
            a.event == "renew" && b.event == "renew" && a.holder == b.holder
        };
        pairs.filter(both).map(|(a, b)| b.before - a.before)
    }
}

fn write(holder: &Arc<str>, entry: Entry, after: Option<Time>) -> Option<Write> {
    let (before, after) = entry.before.zip(after)?;
    let (acquire, renew) = (entry.acquire_time, entry.renew_time);
    Some(Write { holder: Arc::clone(holder), event: entry.event, before, after, acquire, renew })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1_000)
    }

    fn entry(event: &str, before: i64) -> Entry {
        let told = event != "attempt";
        Entry {
            event: event.to_owned(),
            before: Some(at(before)),
            after: told.then(|| at(before + 5)),
            acquire_time: None,
            renew_time: Some(at(before)),
            leader: None,
            refused: event == "error",
        }
    }

    fn writes(seen: &[(&str, i64)], journals: &[(&str, &[(&str, i64)])]) -> Writes {
        let seen = seen.iter().map(|(who, renew)| ((Arc::from(*who), at(*renew)), at(renew + 9)));
        let (seen, mut writes) = (seen.collect(), Writes::default());
        for (who, entries) in journals {
            let entries = entries.iter().map(|(event, before)| entry(event, *before));
            writes.take_in(&Arc::from(*who), entries.collect(), &seen);
        }
        writes.arrived.sort_by_key(|write| write.before);
        writes
    }

    #[test]
    fn a_window_runs_from_sending_to_sending() {
        let old = [("attempt", 0), ("acquire", 0), ("attempt", 500), ("renew", 500)];
        let writes = writes(&[], &[("a", &old), ("b", &[("attempt", 3_600), ("acquire", 3_600)])]);
        let windows: Vec<Window> = writes.windows().collect();
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].length(), Delta::from_millis(3_100));
        let (least, most) = (Delta::from_millis(3_095), Delta::from_millis(3_105));
        assert_eq!(windows[0].bracket(), (least, most));
    }

    #[test]
    fn a_write_whose_answer_was_lost_counts_if_it_was_seen() {
        let old = [("attempt", 0), ("acquire", 0), ("attempt", 500)];
        let new = [("attempt", 3_600), ("acquire", 3_600)];
        let journals: [(&str, &[(&str, i64)]); 2] = [("a", &old), ("b", &new)];
        let length = |writes: &Writes| writes.windows().next().map(|it| it.length());
        assert_eq!(length(&writes(&[("a", 500)], &journals)), Some(Delta::from_millis(3_100)));
        let unseen = writes(&[], &journals);
        assert_eq!(length(&unseen), Some(Delta::from_millis(3_600)));
        assert_eq!(unseen.windows().next().map(|it| it.doubts), Some(vec![at(500)]));
    }

    #[test]
    fn a_refused_write_did_not_arrive() {
        let old = [("attempt", 0), ("acquire", 0), ("attempt", 500), ("error", 500)];
        let writes = writes(&[("a", 500)], &[("a", &old)]);
        assert_eq!((writes.arrived.len(), writes.doubts.len()), (1, 0));
    }

    #[test]
    fn a_holder_that_acquires_again_begins_a_term() {
        let entries = [("acquire", 0), ("renew", 500), ("acquire", 1_000), ("renew", 1_500)];
        let writes = writes(&[], &[("a", &entries)]);
        assert_eq!(writes.windows().count(), 1);
        assert_eq!(writes.gaps().count(), 0);
    }
}
