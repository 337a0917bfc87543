//! Two processes that renew one lock under one identity: two leaders.
//!
//! Nothing in the object tells them apart but their clocks. If these differ by more than what lies
//! between two renewals, the stamps go back again and again. If they differ by less, the renewals
//! come twice as often as before, what they take from stamp to arrival falls into two clusters, and
//! in each of these they come as often as before. Either alone has innocent causes: a restart with
//! other timings halves the interval, and two ways through the network make two clusters.

use std::collections::VecDeque;

use super::Lock;
use crate::event::Anomaly;
use crate::time::{Delta, Time};
use crate::world::Step;

/// Renewals among which backward stamps are counted.
const WINDOW: u32 = 10;
/// Backward stamps among them that prove a second writer.
const TWO_WRITERS: u32 = 3;
/// Renewals whose delays are compared.
const KEPT: usize = 12;
/// A cluster has at least so many of them.
const CLUSTER: usize = 4;
/// Clusters are apart by more than so many times what they are wide.
const APART: i64 = 5;
/// Differences below this are nobody's clock.
const FINE: Delta = Delta::from_millis(2);

/// What is remembered of the last renewals.
#[derive(Debug, Default)]
pub(super) struct Writers {
    /// One bit for each of the last renewals: whether its stamp went back.
    backwards: u16,
    /// The last renewals of this term, as they were delivered.
    recent: VecDeque<Renewal>,
    /// Whether a second writer has been announced.
    announced: bool,
}

#[derive(Debug)]
struct Renewal {
    arrived: Time,
    written: Time,
    /// The interval that had been learned by then.
    interval: Option<Delta>,
}

impl Lock {
    /// Looks for a second writer, after a renewal stamped `written` that went `back` or did not.
    pub(super) fn check_writers(&mut self, written: Time, back: bool, step: &mut Step<'_>) {
        let first = self.term.as_ref().is_some_and(|term| term.renewals == 0);
        if first {
            self.writers.recent.clear();
        }
        let interval = self.cadence.interval();
        self.writers.take(Renewal { arrived: step.at, written, interval }, back);
        let backwards = self.writers.backwards.count_ones();
        let apart_seconds = self.writers.apart();
        if backwards == 0 && apart_seconds.is_none() {
            self.writers.announced = false;
        } else if (backwards >= TWO_WRITERS || apart_seconds.is_some()) && !self.writers.announced {
            self.writers.announced = true;
            self.anomaly(Anomaly::TwoWriters { backwards, apart_seconds }, step);
        }
    }
}

impl Writers {
    fn take(&mut self, renewal: Renewal, back: bool) {
        let mask = (1_u16 << WINDOW) - 1;
        self.backwards = ((self.backwards << 1) | u16::from(back)) & mask;
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.reserve_exact(KEPT - self.recent.len());
        self.recent.push_back(renewal);
    }

    /// By how much the clocks of two writers differ, if two take turns.
    fn apart(&self) -> Option<Delta> {
        let interval = self.recent.front()?.interval?;
        if self.recent.len() < KEPT || !self.twice_as_often(interval)? {
            return None;
        }
        let delays: Vec<Delta> = self.recent.iter().map(Renewal::delay).collect();
        let (gap, upper) = clusters(&delays)?;
        let sides = [true, false];
        sides.iter().all(|late| self.as_often(interval, upper, *late)).then_some(gap)
    }

    /// Whether the writer of one cluster renews no sooner than after three quarters of the interval.
    /// One that renews twice as often, and by chance comes now by this way and now by that, does.
    fn as_often(&self, interval: Delta, upper: Delta, late: bool) -> bool {
        let own = self.recent.iter().filter(|renewal| (renewal.delay() >= upper) == late);
        let mut gaps = own.clone().zip(own.skip(1)).map(|(one, next)| next.written - one.written);
        gaps.all(|gap| gap >= interval.ratio(3, 4))
    }

    /// Whether renewals come about twice as often as the cadence that had been learned before them:
    /// by their stamps, so that a burst of late deliveries does not count, and by their arrivals,
    /// so that a clock that was set does not.
    fn twice_as_often(&self, interval: Delta) -> Option<bool> {
        let (first, last) = (self.recent.front()?, self.recent.back()?);
        let span = (last.arrived - first.arrived).max(last.written - first.written);
        let gaps = i64::try_from(self.recent.len()).unwrap_or(i64::MAX) - 1;
        Some(span <= interval.ratio(3 * gaps, 5))
    }
}

impl Renewal {
    fn delay(&self) -> Delta {
        self.arrived - self.written
    }
}

/// Parts values in two where they lie furthest apart: by how much, and where the upper ones begin.
fn clusters(values: &[Delta]) -> Option<(Delta, Delta)> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let gaps = sorted.iter().zip(sorted.iter().skip(1)).map(|(low, high)| *high - *low);
    let inner = CLUSTER..=sorted.len().checked_sub(CLUSTER)?;
    let (gap, place) = gaps.zip(1..).filter(|(_, place)| inner.contains(place)).max()?;
    let (low, high) = sorted.split_at_checked(place)?;
    let width = width(low)?.max(width(high)?).max(FINE);
    (gap > width.ratio(APART, 1)).then_some((gap, *high.first()?))
}

/// The median distance of sorted values from their median: one late delivery does not widen it.
fn width(sorted: &[Delta]) -> Option<Delta> {
    let median = *sorted.get(sorted.len() / 2)?;
    let mut distances: Vec<Delta> = sorted.iter().map(|value| (*value - median).abs()).collect();
    distances.sort_unstable();
    distances.get(distances.len() / 2).copied()
}

#[cfg(test)]
mod tests;
