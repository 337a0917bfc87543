//! What is counted of one lock, counted once and nowhere else.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::{Anomaly, Cause, Departure, End, Failover, Manner, TermEnd};
use crate::time::Delta;

/// Upper bounds in seconds that separate the modes of real failovers: release, half-second retries,
/// 15-second leases, 30-second leases, and what only a control plane can cause.
pub const FAILOVER_BUCKETS: [f64; 18] = [
    0.1, 0.5, 1.0, 2.0, 4.5, 9.0, 12.0, 15.0, 17.0, 20.0, 24.0, 30.0, 45.0, 60.0, 75.0, 90.0,
    150.0, 300.0,
];

/// Upper bounds of a renewal gap as a share of the lease duration.
pub const GAP_BUCKETS: [f64; 5] = [0.25, 0.5, 0.75, 0.9, 1.0];

/// A histogram with `N` finite upper bounds that are kept elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram<const N: usize> {
    /// Observations at or below each bound and above the one before; what exceeds all of them is in `over`.
    #[serde(serialize_with = "write_counts", deserialize_with = "read_counts")]
    pub counts: [u64; N],
    /// Observations above the last bound.
    pub over: u64,
    /// The sum of all observations.
    pub sum: f64,
}

/// Arrays of any length are strange to serde.
fn write_counts<S: Serializer, const N: usize>(
    counts: &[u64; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    counts.as_slice().serialize(serializer)
}

fn read_counts<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<[u64; N], D::Error> {
    let counts = Vec::deserialize(deserializer)?;
    let many = counts.len();
    counts.try_into().map_err(|_| D::Error::invalid_length(many, &"one count for each bound"))
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self { counts: [0; N], over: 0, sum: 0.0 }
    }
}

impl<const N: usize> Histogram<N> {
    pub(crate) fn observe(&mut self, bounds: &[f64; N], value: f64) {
        match bounds.iter().position(|bound| value <= *bound) {
            Some(place) => self.counts[place] += 1,
            None => self.over += 1,
        }
        self.sum += value;
    }

    /// How many observations there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.over
    }
}

/// A sum and the number of its summands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// The sum, in seconds.
    pub seconds: f64,
    /// The number of summands.
    pub count: u64,
}

impl Sum {
    /// The mean, in seconds; 0 of nothing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "2^53 failovers do not happen")]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.seconds / self.count as f64 }
    }

    pub(crate) fn add(&mut self, value: Delta) {
        self.seconds += value.as_secs_f64();
        self.count += 1;
    }
}

/// The phases of a failover: the values of the metric label `phase`. Where the end of the old process
/// is known, `wait` is `silent` and `expiry`.
pub const PHASES: [&str; 5] = ["wait", "silent", "expiry", "takeover", "ready"];

/// The counters of one lock, but for its renewals: these change all the time, and the others hardly
/// ever, so that many readers share one copy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Terms that ended, in the order of [`TermEnd::ALL`].
    pub ended: [u64; TermEnd::ALL.len()],
    /// Terms that the record proves and that nobody saw.
    pub missed: u64,
    /// Anomalies, in the order of [`Anomaly::LABELS`].
    pub anomalies: [u64; Anomaly::LABELS.len()],
    /// Leaderless windows of the failovers that were seen whole, in seconds.
    pub failovers: Histogram<18>,
    /// The parts of those windows, in the order of [`PHASES`].
    pub phases: [Sum; PHASES.len()],
    /// Failovers by their final cause; those that happened.
    pub causes: BTreeMap<Cause, u64>,
    /// How often the holder's process was replaced by another of the same name.
    pub restarts: u64,
    /// Leaderless windows of handovers that somebody meant, where the lock was released.
    pub released: Sum,
    /// The same, where its claim was left to run out.
    pub unreleased: Sum,
}

/// What all locks share of which nothing was counted yet: most of them.
static BLANK: LazyLock<Arc<Tally>> = LazyLock::new(Arc::default);

impl Tally {
    /// Nothing was counted yet.
    pub(crate) fn blank() -> Arc<Self> {
        Arc::clone(&BLANK)
    }

    /// All terms that were seen to end.
    #[must_use]
    pub fn transitions(&self) -> u64 {
        self.ended.iter().sum()
    }

    pub(crate) fn end(&mut self, end: TermEnd) {
        if let Some(place) = TermEnd::ALL.iter().position(|known| *known == end) {
            self.ended[place] += 1;
        }
    }

    /// Counts a failover's window, once the clocks tell it. The cause may have to wait.
    pub(crate) fn window(&mut self, failover: &Failover) {
        let Some(window) = whole(failover) else { return };
        self.failovers.observe(&FAILOVER_BUCKETS, window.as_secs_f64());
        let (wait, takeover) = (failover.wait_seconds, failover.takeover_seconds);
        self.add_phases([wait, None, None, takeover, None]);
    }

    /// Counts a failover's cause, and what the cause tells of its window, once it is final.
    pub(crate) fn cause(&mut self, failover: &Failover) {
        *self.causes.entry(failover.cause).or_default() += 1;
        let Some(window) = whole(failover) else { return };
        self.audit(failover, window);
        let (silent, expiry) = (failover.silent_seconds, failover.expiry_seconds);
        self.add_phases([None, silent, expiry, None, failover.ready_seconds]);
    }

    /// In the order of [`PHASES`].
    fn add_phases(&mut self, parts: [Option<Delta>; PHASES.len()]) {
        for (sum, part) in self.phases.iter_mut().zip(parts) {
            if let Some(part) = part {
                sum.add(part);
            }
        }
    }

    /// What a graceful end would have saved: only a leader that was asked to go can release.
    fn audit(&mut self, failover: &Failover, window: Delta) {
        let asked = match failover.cause {
            Cause::Departed(departure, Manner::Released | Manner::NoRelease) => {
                departure != Departure::NodeGone
            }
            Cause::ContainerRestartGraceful | Cause::VoluntaryStepdown => true,
            _ => false,
        };
        let released = matches!(failover.end, End::Release | End::SoftRelease);
        if asked {
            let sum = if released { &mut self.released } else { &mut self.unreleased };
            sum.add(window);
        }
    }

    pub(crate) fn anomaly(&mut self, anomaly: &Anomaly) {
        self.anomalies[anomaly.index()] += 1;
    }
}

/// The window of a failover that was seen whole.
fn whole(failover: &Failover) -> Option<Delta> {
    let seen = failover.term_end() != TermEnd::ObserverGap;
    failover.leaderless_seconds.filter(|_| seen)
}
