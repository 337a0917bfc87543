//! Verdicts that are remembered for a while.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use leadership::time::{Delta, Time};

use super::secret::Mark;

/// No more verdicts than this are remembered by one cache: 100 bytes each.
const MOST: usize = 1024;

/// Verdicts by the mark of what they are about. When it is full, the one that would be forgotten first goes.
#[derive(Debug)]
pub(super) struct Cache<V>(Mutex<BTreeMap<Mark, (Time, V)>>);

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> Cache<V> {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Mark, (Time, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The verdict, if it still holds.
    pub(super) fn get(&self, mark: Option<Mark>, now: Time) -> Option<V> {
        let held = self.held();
        let (until, verdict) = held.get(&mark?)?;
        (now < *until).then(|| verdict.clone())
    }

    /// Remembers a verdict for so long.
    pub(super) fn keep(&self, mark: Option<Mark>, verdict: V, now: Time, lasts: Delta) {
        let Some(mark) = mark else { return };
        let mut held = self.held();
        if held.len() >= MOST && !held.contains_key(&mark) {
            held.retain(|_, (until, _)| now < *until);
            let first = held.iter().min_by_key(|(_, (until, _))| *until).map(|(mark, _)| *mark);
            if let Some(first) = first.filter(|_| held.len() >= MOST) {
                held.remove(&first);
            }
        }
        held.insert(mark, (now + lasts, verdict));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: usize) -> Mark {
        let mut mark = [0; 32];
        mark[..8].copy_from_slice(&number.to_be_bytes());
        mark
    }

    #[test]
    fn a_verdict_holds_for_its_time_only() {
        let cache = Cache::default();
        let start = Time::from_micros(0);
        cache.keep(Some(mark(1)), true, start, Delta::from_secs(10));
        assert_eq!(cache.get(Some(mark(1)), start + Delta::from_secs(9)), Some(true));
        assert_eq!(cache.get(Some(mark(1)), start + Delta::from_secs(10)), None);
        assert_eq!(cache.get(Some(mark(2)), start), None);
        assert_eq!(cache.get(None, start), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let cache = Cache::default();
        let start = Time::from_micros(0);
        for number in 0..MOST * 2 {
            let now = start + Delta::from_millis(i64::try_from(number).unwrap());
            cache.keep(Some(mark(number)), number, now, Delta::from_secs(60));
        }
        assert_eq!(cache.held().len(), MOST);
        assert_eq!(cache.get(Some(mark(MOST * 2 - 1)), start), Some(MOST * 2 - 1));
        assert_eq!(cache.get(Some(mark(0)), start), None);
    }
}
