//! Time without a leader, as a counter that never falls.

use crate::time::{Delta, Time};

/// The leaderless time of one lock.
#[derive(Debug, Default)]
pub(crate) struct Leaderless {
    since: Option<Time>,
    total: Delta,
    /// What a reader may have seen: an expiry that is taken back must not make the counter fall,
    /// because Prometheus would take that for a restart and count everything twice.
    floor: Delta,
    frozen: bool,
}

impl Leaderless {
    /// Nobody leads since then.
    pub(crate) fn begin(&mut self, since: Time) {
        self.since.get_or_insert(since);
    }

    /// Somebody has led since `until`, which is known at `now`.
    pub(crate) fn end(&mut self, until: Time, now: Time) {
        self.floor = self.total(now);
        if let Some(since) = self.since.take().filter(|_| !self.frozen) {
            self.total = self.total + (until - since).at_least_zero();
        }
    }

    /// We are blind: what happens from now on is not counted.
    pub(crate) fn freeze(&mut self, now: Time) {
        if self.frozen {
            return;
        }
        self.floor = self.total(now);
        if let Some(since) = self.since {
            self.total = self.total + (now - since).at_least_zero();
        }
        self.frozen = true;
    }

    /// We see again.
    pub(crate) fn thaw(&mut self, now: Time) {
        if self.frozen {
            self.frozen = false;
            self.since = self.since.map(|since| since.max(now));
        }
    }

    /// Since when nobody leads.
    pub(crate) fn since(&self) -> Option<Time> {
        self.since
    }

    /// All leaderless time, the present stretch included.
    pub(crate) fn total(&self, now: Time) -> Delta {
        let open = self.since.filter(|_| !self.frozen).map(|since| (now - since).at_least_zero());
        (self.total + open.unwrap_or_default()).max(self.floor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn an_outage_in_progress_counts() {
        let mut leaderless = Leaderless::default();
        leaderless.begin(at(10));
        assert_eq!(leaderless.total(at(14)), Delta::from_secs(4));
        leaderless.end(at(15), at(15));
        assert_eq!(leaderless.total(at(99)), Delta::from_secs(5));
    }

    #[test]
    fn a_retracted_expiry_does_not_make_the_counter_fall() {
        let mut leaderless = Leaderless::default();
        leaderless.begin(at(10));
        leaderless.end(at(10), at(12));
        assert_eq!(leaderless.total(at(12)), Delta::from_secs(2));
        leaderless.begin(at(20));
        leaderless.end(at(25), at(25));
        assert_eq!(leaderless.total(at(30)), Delta::from_secs(5));
    }

    #[test]
    fn blind_time_is_not_counted() {
        let mut leaderless = Leaderless::default();
        leaderless.begin(at(10));
        leaderless.freeze(at(12));
        assert_eq!(leaderless.total(at(50)), Delta::from_secs(2));
        leaderless.thaw(at(50));
        assert_eq!(leaderless.total(at(53)), Delta::from_secs(5));
        leaderless.freeze(at(53));
        leaderless.end(at(60), at(60));
        leaderless.thaw(at(61));
        assert_eq!(leaderless.total(at(99)), Delta::from_secs(5));
    }

    #[test]
    fn stretches_add_up() {
        let mut leaderless = Leaderless::default();
        for (since, until) in [(10, 15), (30, 33)] {
            leaderless.begin(at(since));
            leaderless.end(at(until), at(until));
        }
        assert_eq!(leaderless.total(at(99)), Delta::from_secs(8));
    }
}
