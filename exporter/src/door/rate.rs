//! So many requests in so much time, for all clients together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use leadership::time::{Delta, Time};

/// What the web config file lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    /// The time after which a further request is let through.
    pub(super) interval: Duration,
    /// How many may come at once after a pause.
    pub(super) burst: u32,
}

/// When the requests that were let through would have come at an even pace.
#[derive(Debug, Default)]
pub(super) struct Rate(Mutex<Option<Time>>);

impl Rate {
    /// Whether one more may come now.
    pub(super) fn admits(&self, limit: Limit, now: Time) -> bool {
        let interval =
            Delta::from_micros(i64::try_from(limit.interval.as_micros()).unwrap_or(i64::MAX));
        let mut even = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = even.map_or(now, |even| even.max(now)) + interval;
        let admitted = next - now <= interval.ratio(i64::from(limit.burst), 1);
        if admitted {
            *even = Some(next);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_one_in_each_interval() {
        let rate = Rate::default();
        let limit = Limit { interval: Duration::from_secs(1), burst: 3 };
        let at = |millis| Time::from_micros(0) + Delta::from_millis(millis);
        let admitted = [0, 1, 2, 3, 4].map(|millis| rate.admits(limit, at(millis)));
        assert_eq!(admitted, [true, true, true, false, false]);
        assert!(!rate.admits(limit, at(900)));
        assert!(rate.admits(limit, at(1_001)));
        assert!(!rate.admits(limit, at(1_002)));
        let later = [9_000, 9_001, 9_002, 9_003].map(|millis| rate.admits(limit, at(millis)));
        assert_eq!(later, [true, true, true, false], "a pause saves up no more than the burst");
    }
}
