//! How often a holder renews, learned from what it does.
//!
//! Ratios of the duration alone would call every kubert lease late all day: it renews one second
//! before the end of thirty.

use crate::time::Delta;

/// Renewal gaps that are remembered.
const KEPT: usize = 32;
/// Gaps below which nothing has been learned.
const ENOUGH: usize = 4;
/// The threshold of a lock without a duration, until its cadence is known.
const NO_DURATION: Delta = Delta::from_secs(15);

/// The healthy renewal gaps of one lock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cadence {
    /// A ring of microseconds; a gap beyond an hour counts as an hour.
    gaps: Vec<u32>,
    next: usize,
    median: Option<Delta>,
}

impl Cadence {
    /// Takes one healthy gap in.
    pub(crate) fn learn(&mut self, gap: Delta) {
        let micros = u32::try_from(gap.as_micros().clamp(0, 3_600_000_000)).unwrap_or(u32::MAX);
        if self.gaps.len() < KEPT {
            self.gaps.push(micros);
        } else {
            self.gaps[self.next] = micros;
        }
        self.next = (self.next + 1) % KEPT;
        self.median = self.find_median();
    }

    /// The learned time between renewals; the median of the last 32, nothing below 4.
    pub(crate) fn interval(&self) -> Option<Delta> {
        self.median
    }

    /// The longest of the remembered gaps.
    pub(crate) fn worst(&self) -> Option<Delta> {
        self.gaps.iter().max().map(|micros| Delta::from_micros(i64::from(*micros)))
    }

    fn find_median(&self) -> Option<Delta> {
        if self.gaps.len() < ENOUGH {
            return None;
        }
        let mut sorted = [0_u32; KEPT];
        let used = &mut sorted[..self.gaps.len()];
        used.copy_from_slice(&self.gaps);
        let (_, upper, _) = used.select_nth_unstable(self.gaps.len() / 2);
        let upper = i64::from(*upper);
        let lower = if self.gaps.len().is_multiple_of(2) {
            used[..self.gaps.len() / 2].iter().max().map_or(upper, |micros| i64::from(*micros))
        } else {
            upper
        };
        Some(Delta::from_micros(i64::midpoint(lower, upper)))
    }

    /// The age from which a renewal is overdue.
    ///
    /// A renewal may come half an interval late (at least a second), but a quarter of what is
    /// left of the duration has to remain for a warning to be one.
    pub(crate) fn late_after(&self, duration: Option<Delta>) -> Delta {
        match (duration, self.interval()) {
            (None, None) => NO_DURATION,
            (None, Some(interval)) => interval.ratio(3, 1).max(NO_DURATION),
            (Some(duration), None) => duration.ratio(2, 3),
            (Some(duration), Some(interval)) => {
                let patient = interval + interval.ratio(1, 2).max(Delta::from_secs(1));
                let spare = (duration - interval).ratio(1, 4).max(Delta::from_millis(200));
                patient.min(duration - spare).max(interval).min(duration)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cadence(gap_millis: i64) -> Cadence {
        let mut cadence = Cadence::default();
        for _ in 0..ENOUGH {
            cadence.learn(Delta::from_millis(gap_millis));
        }
        cadence
    }

    #[test]
    fn known_timings_get_the_threshold_that_suits_them() {
        let secs = Delta::from_secs;
        for (name, duration, interval, late) in [
            ("client-go", 15, 2_000, 3_000),
            ("CSI sidecar", 15, 5_000, 7_500),
            ("OpenShift", 137, 26_000, 39_000),
            ("node heartbeat", 40, 10_000, 15_000),
            ("kubert", 30, 29_000, 29_750),
            ("renews at its very end", 30, 30_000, 30_000),
            ("renews too late", 15, 20_000, 15_000),
        ] {
            let threshold = cadence(interval).late_after(Some(secs(duration)));
            assert_eq!(threshold, Delta::from_millis(late), "{name}");
        }
    }

    #[test]
    fn below_four_gaps_two_thirds_of_the_duration_count() {
        let mut cadence = Cadence::default();
        assert_eq!(cadence.late_after(Some(Delta::from_secs(15))), Delta::from_secs(10));
        for _ in 0..3 {
            cadence.learn(Delta::from_secs(2));
        }
        assert_eq!(cadence.interval(), None);
        cadence.learn(Delta::from_secs(2));
        assert_eq!(cadence.interval(), Some(Delta::from_secs(2)));
    }

    #[test]
    fn without_a_duration_three_intervals_count_but_at_least_fifteen_seconds() {
        assert_eq!(Cadence::default().late_after(None), Delta::from_secs(15));
        assert_eq!(cadence(2_000).late_after(None), Delta::from_secs(15));
        assert_eq!(cadence(10_000).late_after(None), Delta::from_secs(30));
    }

    #[test]
    fn the_median_follows_the_last_thirty_two() {
        let mut cadence = cadence(2_000);
        for _ in 0..KEPT {
            cadence.learn(Delta::from_secs(5));
        }
        assert_eq!(cadence.interval(), Some(Delta::from_secs(5)));
        assert_eq!(cadence.worst(), Some(Delta::from_secs(5)));
        cadence.learn(Delta::from_secs(9));
        assert_eq!(cadence.interval(), Some(Delta::from_secs(5)));
        assert_eq!(cadence.worst(), Some(Delta::from_secs(9)));
    }

    #[test]
    fn the_oldest_gap_is_forgotten_first() {
        let mut cadence = Cadence::default();
        let learn = |cadence: &mut Cadence, gap, times| {
            (0..times).for_each(|_| cadence.learn(Delta::from_secs(gap)));
        };
        learn(&mut cadence, 2, KEPT);
        learn(&mut cadence, 5, KEPT / 2);
        assert_eq!(cadence.interval(), Some(Delta::from_millis(3_500)));
        learn(&mut cadence, 5, 1);
        assert_eq!(cadence.interval(), Some(Delta::from_secs(5)));
        learn(&mut cadence, 1, KEPT - 1);
        assert_eq!(cadence.worst(), Some(Delta::from_secs(5)));
        learn(&mut cadence, 1, 1);
        assert_eq!(cadence.worst(), Some(Delta::from_secs(1)));
    }

    #[test]
    fn the_median_is_the_middle_one_or_between_the_middle_two() {
        let median = |gaps: &[i64]| {
            let mut cadence = Cadence::default();
            for gap in gaps {
                cadence.learn(Delta::from_secs(*gap));
            }
            cadence.interval()
        };
        assert_eq!(median(&[9, 1, 8, 2, 3]), Some(Delta::from_secs(3)));
        assert_eq!(median(&[9, 1, 8, 2, 3, 4]), Some(Delta::from_millis(3_500)));
    }
}
