//! How late events reach us: the lag of our own watch, and the patience that it asks for.

use std::collections::VecDeque;

use crate::time::{Delta, Time};

/// Late deliveries that are remembered.
const KEPT: usize = 256;
/// The lag that is published looks back this far.
const RECENT: Delta = Delta::from_secs(10);
/// Before anything is known.
const START: Delta = Delta::from_millis(250);
/// The least and the most patience.
const LEAST: Delta = Delta::from_millis(50);
const MOST: Delta = Delta::from_secs(1);
/// Samples below which nothing has been learned.
const ENOUGH: usize = 32;
/// The patience is worked out anew after so many samples.
const RENEW: usize = 32;

/// The lateness of recent events.
#[derive(Debug)]
pub(crate) struct Lateness {
    samples: VecDeque<(Time, Delta)>,
    grace: Delta,
    fresh: usize,
}

impl Default for Lateness {
    fn default() -> Self {
        Self { samples: VecDeque::new(), grace: START, fresh: 0 }
    }
}

impl Lateness {
    /// Takes one event in that came `late` after what is prompt for its writer's clock.
    pub(crate) fn learn(&mut self, at: Time, late: Delta) {
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back((at, late));
        self.fresh += 1;
        if self.fresh >= RENEW {
            self.fresh = 0;
            self.grace = self.work_out();
        }
    }

    /// How long to wait for a late event before an expiry is declared: four times the 99th
    /// percentile of what came late, between 0.05 and 1 s.
    pub(crate) fn grace(&self) -> Delta {
        self.grace
    }

    /// The median lateness of the last ten seconds.
    pub(crate) fn lag(&self, now: Time) -> Option<Delta> {
        let recent = self.samples.iter().rev().take_while(|(at, _)| now - *at <= RECENT);
        let mut sorted: Vec<Delta> = recent.map(|(_, late)| *late).collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    fn work_out(&self) -> Delta {
        if self.samples.len() < ENOUGH {
            return START;
        }
        let mut sorted: Vec<Delta> = self.samples.iter().map(|(_, late)| *late).collect();
        sorted.sort_unstable();
        let place = (sorted.len() * 99 / 100).min(sorted.len() - 1);
        (sorted[place].ratio(4, 1)).clamp(LEAST, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(lates: impl IntoIterator<Item = i64>) -> Lateness {
        let mut lateness = Lateness::default();
        for (second, late) in (0_i64..).zip(lates) {
            lateness.learn(Time::from_micros(second * 1_000_000), Delta::from_millis(late));
        }
        lateness
    }

    #[test]
    fn patience_grows_with_what_came_late_within_bounds() {
        assert_eq!(Lateness::default().grace(), START);
        assert_eq!(learned([1; 64]).grace(), LEAST);
        assert_eq!(learned([100; 64]).grace(), Delta::from_millis(400));
        assert_eq!(learned([900; 64]).grace(), MOST);
    }

    #[test]
    fn the_lag_is_the_median_of_ten_seconds() {
        let lateness = learned([500, 500, 500, 500, 10, 10, 10, 10, 10, 10, 900]);
        assert_eq!(lateness.lag(Time::from_micros(10_000_000)), Some(Delta::from_millis(10)));
        assert_eq!(lateness.lag(Time::from_micros(60_000_000)), None);
    }

    #[test]
    fn the_patience_is_worked_out_anew_after_every_thirty_two() {
        let grace = |few, then| learned([vec![1; few], then].concat()).grace();
        assert_eq!(grace(31, vec![]), START);
        assert_eq!(grace(32, vec![]), LEAST);
        assert_eq!(grace(32, vec![100; 31]), LEAST);
        assert_eq!(grace(32, vec![100; 32]), Delta::from_millis(400));
    }

    #[test]
    fn one_in_a_hundred_may_be_later_than_the_patience_allows() {
        assert_eq!(learned(1..=192).grace(), Delta::from_millis(4 * 191));
    }

    #[test]
    fn the_lag_is_the_middle_one() {
        let now = Time::from_micros(4_000_000);
        assert_eq!(learned([50, 10, 40, 20, 30]).lag(now), Some(Delta::from_millis(30)));
    }
}
