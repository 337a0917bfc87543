//! The formulas of client-go, with what is known of one lock.
//!
//! A candidate polls every `P·(1 + 1.2·U)`, `U` uniform in `[0, 1)`, and takes a claim that it has not
//! seen change for the duration `D`; a leader that cannot renew gives up its renew deadline `RD` after
//! the next attempt. Only `D` is in the lock. `P` is learned; `RD` and the number of standbys cannot be
//! read there: they are taken from what was seen, from the catalogue, or else assumed.

use serde::Serialize;

use crate::snapshot::Election;
use crate::time::Delta;

/// client-go's jitter, in tenths.
pub(super) const JITTER_TENTHS: i64 = 12;
/// By standbys, in hundredths of the interval: the mean wait for a takeover beyond the duration, and
/// after a release. By a simulation of client-go's own code: at 15/2 with one standby 18.39 s and 1.69 s.
const MEANS: [(u32, i64, i64); 3] = [(4, 93, 32), (2, 128, 54), (0, 170, 84)];

/// What a lock's timing promises. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timing {
    /// The lease duration.
    pub duration_seconds: Delta,
    /// The learned time between renewals.
    pub interval_seconds: Delta,
    /// How long a leader tries before it gives up.
    pub renew_deadline_seconds: Delta,
    /// How that is known: `observed` on a leader that gave up, `catalogued` as the default of the
    /// component, or `assumed` to be two thirds of the duration, as with client-go's defaults.
    pub renew_deadline_source: Source,
    /// Standbys that compete: those that are ready, or one where that is not known or none is.
    pub standbys: u32,
    /// How that is known: `observed` or `assumed`.
    pub standbys_source: Source,
    /// From the last renewal until a cut-off leader stops by itself, if it does not release.
    pub stops_after_seconds: Delta,
    /// What is left of the duration then; below zero two leaders are possible.
    pub margin_seconds: Delta,
    /// The same for a leader that tries to release before it stops.
    pub margin_with_release_seconds: Delta,
    /// An outage of the API server that the leader survives for certain.
    pub tolerated_outage_seconds: Delta,
    /// An outage that it does not survive.
    pub fatal_outage_seconds: Delta,
    /// A crash: from the last renewal to the next leader, at worst.
    pub crash_worst_seconds: Delta,
    /// The same in the mean.
    pub crash_mean_seconds: Delta,
    /// A release: until the next leader, at worst.
    pub release_worst_seconds: Delta,
    /// The same in the mean.
    pub release_mean_seconds: Delta,
    /// The share of the duration that the longest remembered renewal gap left, 0 to 1.
    pub headroom_ratio: Option<f64>,
    /// Renewals that may fail before the claim runs out.
    pub spare_renewals: i64,
    /// Writes that this election costs the API server, a second.
    pub writes_per_second: f64,
    /// Reads by the standbys, a second.
    pub reads_per_second: f64,
}

/// How a length of time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It was seen.
    Observed,
    /// It is the default of the component, as the catalogue knows it.
    Catalogued,
    /// It is what most would have.
    Assumed,
}

impl Source {
    /// The word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Catalogued => "catalogued",
            Self::Assumed => "assumed",
        }
    }
}

/// What this election's timing promises; none until its duration and cadence are known.
#[must_use]
pub fn timing(election: &Election) -> Option<Timing> {
    let (duration, interval) = (election.duration?, election.renew_interval?);
    if duration <= Delta::ZERO || interval <= Delta::ZERO {
        return None;
    }
    let mut timing = predict(duration, interval, deadline(election, duration), standbys(election));
    timing.headroom_ratio = election
        .worst_gap
        .map(|gap| 1.0 - (gap.as_secs_f64() / duration.as_secs_f64()).clamp(0.0, 1.0));
    Some(timing)
}

/// How long a leader tries to renew. What the catalogue says holds only for the duration that it
/// says it of.
fn deadline(election: &Election, duration: Delta) -> (Delta, Source) {
    let usual = election.expected.filter(|timing| timing.duration == duration);
    let usual = usual.and_then(|timing| timing.renew_deadline);
    let known = election.renew_deadline.map(|it| (it, Source::Observed));
    known
        .or(usual.map(|it| (it, Source::Catalogued)))
        .unwrap_or((duration.ratio(2, 3), Source::Assumed))
}

fn standbys(election: &Election) -> (u32, Source) {
    let ready = election.candidates.as_ref().map_or(0, |it| it.tolerance);
    if ready > 0 { (ready, Source::Observed) } else { (1, Source::Assumed) }
}

fn predict(
    duration: Delta,
    interval: Delta,
    (deadline, deadline_source): (Delta, Source),
    (standbys, standbys_source): (u32, Source),
) -> Timing {
    let means = MEANS.iter().find(|(least, ..)| standbys >= *least);
    let (crash, release) = means.map_or((0, 0), |(_, crash, release)| (*crash, *release));
    let attempts = (deadline.as_micros() - 1).max(0) / interval.as_micros();
    let stop = interval + deadline;
    let polled = interval.ratio(10 + JITTER_TENTHS, 10);
    let tolerated = interval.ratio(attempts, 1);
    Timing {
        duration_seconds: duration,
        interval_seconds: interval,
        renew_deadline_seconds: deadline,
        renew_deadline_source: deadline_source,
        standbys,
        standbys_source,
        stops_after_seconds: stop,
        margin_seconds: duration - stop,
        margin_with_release_seconds: duration - stop - deadline.ratio(1, 2),
        tolerated_outage_seconds: tolerated,
        fatal_outage_seconds: tolerated + interval,
        crash_worst_seconds: duration + polled + polled,
        crash_mean_seconds: duration + interval.ratio(crash, 100),
        release_worst_seconds: polled,
        release_mean_seconds: interval.ratio(release, 100),
        headroom_ratio: None,
        spare_renewals: (duration - interval).as_micros() / interval.as_micros(),
        writes_per_second: 1.0 / interval.as_secs_f64(),
        reads_per_second: f64::from(standbys) / interval.ratio(16, 10).as_secs_f64(),
    }
}

/// Whether the holder sleeps until just before its claim ends, as kubert does: nobody polls there.
pub(super) fn renews_at_the_end(timing: &Timing) -> bool {
    timing.interval_seconds.as_micros() > timing.duration_seconds.as_micros() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predicted(duration: i64, interval: i64) -> Timing {
        let duration = Delta::from_secs(duration);
        let deadline = (duration.ratio(2, 3), Source::Assumed);
        predict(duration, Delta::from_secs(interval), deadline, (1, Source::Assumed))
    }

    #[test]
    fn the_usual_timing_of_client_go() {
        let timing = predicted(15, 2);
        let secs = |delta: Delta| delta.as_secs_f64();
        assert!((secs(timing.crash_worst_seconds) - 23.8).abs() < 1e-6);
        assert!((secs(timing.crash_mean_seconds) - 18.4).abs() < 1e-6);
        assert!((secs(timing.release_worst_seconds) - 4.4).abs() < 1e-6);
        assert!((secs(timing.stops_after_seconds) - 12.0).abs() < 1e-6);
        assert!((secs(timing.margin_seconds) - 3.0).abs() < 1e-6);
        assert!((secs(timing.margin_with_release_seconds) + 2.0).abs() < 1e-6);
        assert!((secs(timing.tolerated_outage_seconds) - 8.0).abs() < 1e-6);
        assert!((secs(timing.fatal_outage_seconds) - 10.0).abs() < 1e-6);
        assert_eq!(timing.spare_renewals, 6);
        assert!((timing.writes_per_second - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_csi_sidecar_has_no_margin() {
        let timing = predicted(15, 5);
        assert_eq!(timing.margin_seconds, Delta::ZERO);
        assert!(renews_at_the_end(&predicted(30, 29)));
        assert!(!renews_at_the_end(&timing));
    }
}
