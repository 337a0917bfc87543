//! Elections that stood still: many at the same time are the control plane, not they.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::lock::LockKey;
use crate::time::Time;

/// Stalls of one lock that are remembered: in the throes of an outage a leader may fall more than once.
const KEPT: usize = 4;
/// So many other elections have to stand still,
const AT_LEAST: usize = 3;
/// and so many of a hundred.
const SHARE: usize = 80;

/// One election had no proof of life from a time on, for longer than its own cadence allows.
#[derive(Debug)]
struct Stall {
    /// Whose renewals ceased: the locks of one process stand still together when it dies.
    process: Arc<str>,
    from: Time,
    /// When it moved again; none while it stands still: after an outage the last ones move again long
    /// after the first ones have to be judged.
    to: Option<Time>,
}

/// The last stalls of each lock, oldest first; only the newest of them may still last.
#[derive(Debug, Default)]
pub(crate) struct Stalls(BTreeMap<LockKey, VecDeque<Stall>>);

impl Stalls {
    /// An election moved again, or changed hands, after it had stood still.
    pub(crate) fn note(&mut self, lock: &LockKey, process: Arc<str>, from: Time, to: Time) {
        self.push(lock, Stall { process, from, to: Some(to) });
    }

    /// An election stands still since `from`.
    pub(crate) fn begin(&mut self, lock: &LockKey, process: Arc<str>, from: Time) {
        self.push(lock, Stall { process, from, to: None });
    }

    /// What is told anew of a stall that lasts replaces what was told.
    fn push(&mut self, lock: &LockKey, stall: Stall) {
        self.end(lock);
        let stalls = self.0.entry(lock.clone()).or_default();
        if stalls.len() == KEPT {
            stalls.pop_front();
        }
        stalls.push_back(stall);
    }

    /// It does not stand still any more: if it did, and nothing noted until when, there is nothing to tell.
    pub(crate) fn end(&mut self, lock: &LockKey) {
        if let Some(stalls) = self.0.get_mut(lock) {
            stalls.retain(|stall| stall.to.is_some());
        }
    }

    /// The lock is forgotten.
    pub(crate) fn forget(&mut self, lock: &LockKey) {
        self.0.remove(lock);
    }

    /// How many others of `others` stood still when this one did, if they were most. Those of the same
    /// process do not speak for anything else than that process.
    ///
    /// `from` is when its renewal was overdue, `to` when it changed hands.
    pub(crate) fn common(
        &self,
        lock: &LockKey,
        process: &str,
        from: Time,
        to: Time,
        others: usize,
    ) -> Option<(usize, usize)> {
        let together = |stall: &Stall| {
            let overlaps = stall.from < to && stall.to.is_none_or(|ended| ended > from);
            overlaps && *stall.process != *process
        };
        let still = self.0.iter().filter(|(other, all)| *other != lock && all.iter().any(together));
        let still = still.count();
        let others = others.max(still);
        (still >= AT_LEAST && still * 100 >= others * SHARE).then_some((still, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    fn lock(name: &str) -> LockKey {
        LockKey::lease("ns", name)
    }

    #[test]
    fn most_others_at_the_same_time_are_common() {
        let mut stalls = Stalls::default();
        for name in ["b", "c"] {
            stalls.note(&lock(name), name.into(), at(100), at(120));
        }
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 3), None);
        stalls.note(&lock("d"), "d".into(), at(101), at(125));
        stalls.note(&lock("d"), "d".into(), at(101), at(125));
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 3), Some((3, 3)));
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 4), None);
        assert_eq!(stalls.common(&lock("d"), "d", at(103), at(117), 2), None);
        assert_eq!(stalls.common(&lock("a"), "a", at(130), at(140), 3), None);
    }

    #[test]
    fn those_that_still_stand_count() {
        let mut stalls = Stalls::default();
        stalls.note(&lock("b"), "b".into(), at(100), at(120));
        for name in ["c", "d", "e"] {
            stalls.begin(&lock(name), name.into(), at(100));
        }
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 5), Some((4, 5)));
        stalls.begin(&lock("a"), "a".into(), at(100));
        stalls.begin(&lock("e"), "e".into(), at(117));
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 3), Some((3, 3)));
        stalls.end(&lock("d"));
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 3), None);
    }

    #[test]
    fn the_locks_of_one_process_are_no_control_plane() {
        let mut stalls = Stalls::default();
        for name in ["b", "c", "d"] {
            stalls.note(&lock(name), "pod".into(), at(100), at(120));
        }
        assert_eq!(stalls.common(&lock("a"), "pod", at(103), at(117), 3), None);
        assert_eq!(stalls.common(&lock("a"), "other", at(103), at(117), 3), Some((3, 3)));
    }

    #[test]
    fn a_lock_keeps_its_last_stalls_until_it_is_forgotten() {
        let mut stalls = Stalls::default();
        for name in ["b", "c", "d"] {
            stalls.note(&lock(name), name.into(), at(100), at(120));
        }
        stalls.end(&lock("b"));
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 3), Some((3, 3)));
        for later in 1..4 {
            stalls.note(&lock("c"), "c".into(), at(500 * later), at(500 * later + 20));
        }
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 3), Some((3, 3)));
        stalls.note(&lock("c"), "c".into(), at(2_500), at(2_520));
        assert_eq!(stalls.common(&lock("a"), "a", at(103), at(117), 3), None);
        stalls.forget(&lock("d"));
        assert_eq!(stalls.0.len(), 2);
    }
}
