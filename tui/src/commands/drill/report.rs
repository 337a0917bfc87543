//! What a drill found: `docs/drill.schema.json` describes its JSON.

use std::sync::Arc;

use leadership::advice::Timing;
use leadership::event::{Cause, Confidence, End, Failover, Stage};
use leadership::lock::LockKey;
use leadership::time::{Delta, Time};
use observe::evict::How;
use serde::Serialize;

use super::plan::Plan;
use super::probes::Availability;
use crate::commands::SCHEMA_VERSION;

/// Everything that a drill found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    schema_version: u32,
    pub(super) at: Time,
    pub(super) source: String,
    pub(super) lease: LockKey,
    /// `delete` or `evict`.
    pub(super) how: &'static str,
    pub(super) grace_period_seconds: Option<u32>,
    pub(super) runs: Vec<Run>,
    pub(super) summary: Summary,
}

/// One leader that was ended.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Run {
    pub(super) number: u32,
    /// When its pod was asked to go.
    pub(super) at: Time,
    pub(super) pod: String,
    pub(super) node: Option<Arc<str>>,
    pub(super) standbys: Option<u32>,
    pub(super) from: Arc<str>,
    pub(super) verdict: Verdict,
    /// The verdict in a sentence.
    pub(super) told: String,
    /// What followed; null if nobody led in time.
    pub(super) failover: Option<Measured>,
    /// What the timing promises for a term that ends so; null if it is not known.
    pub(super) promised: Option<Promise>,
    pub(super) probes: Vec<Availability>,
}

/// A failover as the fold measured it, with what the drill knows beside.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measured {
    pub(super) stage: Stage,
    pub(super) to: Arc<str>,
    pub(super) end: End,
    pub(super) cause: Cause,
    pub(super) confidence: Confidence,
    /// From the request to the old leader's last write.
    pub(super) going_seconds: Option<Delta>,
    /// From the request to the new leader's first write.
    pub(super) total_seconds: Delta,
    pub(super) leaderless_seconds: Option<Delta>,
    pub(super) lower_bound_seconds: Option<Delta>,
    pub(super) wait_seconds: Option<Delta>,
    pub(super) takeover_seconds: Option<Delta>,
    pub(super) ready_seconds: Option<Delta>,
    pub(super) error_seconds: Option<Delta>,
}

/// What the timing promises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Promise {
    /// Whether it is that of a lock that was given up.
    pub(super) released: bool,
    pub(super) mean_seconds: Delta,
    pub(super) worst_seconds: Delta,
}

/// How one run went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Within what the timing promises.
    AsPromised,
    /// It took longer than that.
    Slower,
    /// Nothing was promised, or the window cannot be known.
    Unmeasured,
    /// Nobody led in time.
    NoFailover,
}

/// All runs together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Summary {
    /// Whether every run was as promised, as far as that is known, and every probe good.
    pub(super) passed: bool,
    pub(super) runs: usize,
    /// Runs whose window is known.
    pub(super) measured: usize,
    pub(super) leaderless_min_seconds: Option<Delta>,
    pub(super) leaderless_mean_seconds: Option<Delta>,
    pub(super) leaderless_max_seconds: Option<Delta>,
}

impl Report {
    pub(super) fn new(source: String, plan: &Plan, runs: Vec<Run>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            at: runs.first().map_or(Time::default(), |run| run.at),
            source,
            lease: plan.key.clone(),
            how: match plan.order.how {
                How::Delete => "delete",
                How::Evict => "evict",
            },
            grace_period_seconds: plan.order.grace_seconds,
            summary: Summary::of(&runs),
            runs,
        }
    }
}

impl Run {
    /// Judges what followed the request at `at`.
    pub(super) fn new(
        number: u32,
        plan: &Plan,
        at: Time,
        failover: Option<&Failover>,
        probes: Vec<Availability>,
    ) -> Self {
        let promised = failover.zip(plan.timing.as_ref());
        let promised = promised.map(|(failover, timing)| Promise::of(failover, timing));
        let measured = failover.map(|failover| Measured::new(failover, at));
        let (verdict, told) = judge(measured.as_ref(), promised.as_ref());
        Self {
            number,
            at,
            pod: plan.order.pod.to_string(),
            node: plan.node.clone(),
            standbys: plan.standbys,
            from: Arc::clone(&plan.holder),
            verdict,
            told,
            failover: measured,
            promised,
            probes,
        }
    }

    /// Whether there is nothing to complain of.
    pub(super) fn passed(&self) -> bool {
        let slow = matches!(self.verdict, Verdict::Slower | Verdict::NoFailover);
        !slow && self.probes.iter().all(|probe| probe.available)
    }
}

impl Promise {
    fn of(failover: &Failover, timing: &Timing) -> Self {
        let released = matches!(failover.end, End::Release | End::SoftRelease);
        let (mean_seconds, worst_seconds) = if released {
            (timing.release_mean_seconds, timing.release_worst_seconds)
        } else {
            (timing.crash_mean_seconds, timing.crash_worst_seconds)
        };
        Self { released, mean_seconds, worst_seconds }
    }
}

impl Measured {
    fn new(it: &Failover, asked: Time) -> Self {
        Self {
            stage: it.stage,
            to: Arc::clone(&it.to),
            end: it.end,
            cause: it.cause,
            confidence: it.confidence,
            going_seconds: it.last_write.map(|last| last - asked),
            total_seconds: it.first_write - asked,
            leaderless_seconds: it.leaderless_seconds,
            lower_bound_seconds: it.lower_bound_seconds,
            wait_seconds: it.wait_seconds,
            takeover_seconds: it.takeover_seconds,
            ready_seconds: it.ready_seconds,
            error_seconds: it.error_seconds,
        }
    }
}

/// Half a second for what no formula holds: a busy API server and a pod that takes its time to end.
const SLACK: Delta = Delta::from_millis(500);

fn judge(measured: Option<&Measured>, promised: Option<&Promise>) -> (Verdict, String) {
    let s = crate::format::measured;
    let Some(measured) = measured else {
        return (Verdict::NoFailover, "nobody else led in time".into());
    };
    let Some(window) = measured.leaderless_seconds else {
        let told = "it is not known for how long nobody led: we were blind meanwhile";
        return (Verdict::Unmeasured, told.into());
    };
    let Some(Promise { mean_seconds, worst_seconds, .. }) = promised.copied() else {
        let told = format!("{} without a leader; nothing was promised", s(window));
        return (Verdict::Unmeasured, told);
    };
    let (mean, worst) = (s(mean_seconds), s(worst_seconds));
    let least = window - measured.error_seconds.unwrap_or(Delta::ZERO);
    if least > worst_seconds + SLACK {
        let told = format!("{} without a leader, longer than the {worst} promised", s(window));
        return (Verdict::Slower, told);
    }
    let promise = format!("promised are {mean} in the mean and {worst} at worst");
    (Verdict::AsPromised, format!("{} without a leader; {promise}", s(window)))
}

impl Summary {
    fn of(runs: &[Run]) -> Self {
        let windows = runs.iter().filter_map(|run| run.failover.as_ref()?.leaderless_seconds);
        let windows: Vec<Delta> = windows.collect();
        let sum = windows.iter().fold(0_i64, |sum, it| sum.saturating_add(it.as_micros()));
        let count = i64::try_from(windows.len()).unwrap_or(i64::MAX);
        Self {
            passed: !runs.is_empty() && runs.iter().all(Run::passed),
            runs: runs.len(),
            measured: windows.len(),
            leaderless_min_seconds: windows.iter().min().copied(),
            leaderless_mean_seconds: sum.checked_div(count).map(Delta::from_micros),
            leaderless_max_seconds: windows.iter().max().copied(),
        }
    }
}
