//! What a lock's own timing promises, and what would serve it better.

mod timing;

use serde::Serialize;

use crate::event::{Cause, End, Flag};
use crate::snapshot::{Chapter, Election};
use crate::time::Delta;

use timing::{JITTER_TENTHS, renews_at_the_end};

pub use timing::{Source, Timing, timing};

/// A margin below this does not cover the difference of two clocks' rates.
const THIN_MARGIN: Delta = Delta::from_secs(2);
/// kubert's grace, below which one late packet loses the lock.
const THIN_GRACE: Delta = Delta::from_secs(2);

/// Libraries whose candidates hold `renewTime` against their own clock. client-go and its descendants wait
/// by their own clock from when they saw a renewal, and need no others.
const WALL_CLOCK: [&str; 3] = ["kubert", "fabric8", "kube-leader-election"];

/// What a lock's timing promises, and what would serve it better.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    /// The promises.
    #[serde(flatten)]
    pub timing: Timing,
    /// What would serve it better, the most important first.
    pub findings: Vec<Finding>,
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule says so.
    pub rule: Rule,
    /// The advice, with its numbers.
    pub text: String,
}

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The lock is not released: planned stops cost as much as crashes.
    ReleaseOnCancel,
    /// A cut-off leader outlives its claim.
    TwoLeadersPossible,
    /// A renewal gap used up most of the duration.
    NearMiss,
    /// Standbys take longer than their polling explains.
    SlowTakeover,
    /// What a longer interval would save and cost.
    WriteLoad,
    /// The holder renews so late that one lost packet loses the lock.
    ThinGrace,
    /// Candidates compare each other's clocks, and these are further apart than a claim outlasts a renewal.
    ClocksApart,
}

type Check = fn(&Election, &Timing) -> Option<String>;

/// The rules, in the order in which they are told.
const RULES: [(Rule, Check); 7] = [
    (Rule::ClocksApart, clocks_apart),
    (Rule::TwoLeadersPossible, two_leaders),
    (Rule::ThinGrace, thin_grace),
    (Rule::NearMiss, near_miss),
    (Rule::SlowTakeover, slow_takeover),
    (Rule::ReleaseOnCancel, release_on_cancel),
    (Rule::WriteLoad, write_load),
];

/// The same, with what would serve it better.
#[must_use]
pub fn advise(election: &Election) -> Option<Advice> {
    let timing = timing(election)?;
    let findings = RULES.iter().filter_map(|(rule, check)| {
        check(election, &timing).map(|text| Finding { rule: *rule, text })
    });
    Some(Advice { findings: findings.collect(), timing })
}

fn seconds(delta: Delta) -> String {
    format!("{:.1} s", delta.as_secs_f64())
}

fn two_leaders(_: &Election, timing: &Timing) -> Option<String> {
    if renews_at_the_end(timing) || timing.margin_seconds >= THIN_MARGIN {
        return None;
    }
    let margin = timing.margin_seconds;
    let risk = if margin <= Delta::ZERO {
        format!("two leaders are possible for {}", seconds(Delta::ZERO - margin))
    } else {
        format!("only {} are left before two leaders are possible", seconds(margin))
    };
    Some(format!(
        "A leader that is cut off stops {} after its last renewal (by a renew deadline of {}, which \
         was {}): {risk}. Lower the renew deadline or raise the lease duration.",
        seconds(timing.stops_after_seconds),
        seconds(timing.renew_deadline_seconds),
        timing.renew_deadline_source.label(),
    ))
}

fn clocks_apart(election: &Election, timing: &Timing) -> Option<String> {
    let library = election.library.as_deref().filter(|library| WALL_CLOCK.contains(library));
    // The controller of coordinated election compares its clock with the holder's, too.
    let who = library.or(election.strategy.is_some().then_some("the coordinating controller"))?;
    let spare = timing.duration_seconds - timing.interval_seconds;
    let spread = election.clock_spread.filter(|spread| *spread > spare)?;
    Some(format!(
        "Clocks of the candidates' nodes differ by {}, and {who} compares the time of the last renewal \
         with its own clock: from {} on a standby may take the lock from a healthy leader. Synchronise \
         the clocks.",
        seconds(spread),
        seconds(spare),
    ))
}

fn thin_grace(_: &Election, timing: &Timing) -> Option<String> {
    let grace = timing.duration_seconds - timing.interval_seconds;
    (renews_at_the_end(timing) && grace < THIN_GRACE).then(|| {
        format!(
            "It renews {} before its claim ends: one late packet loses the lock. Renew at least {} \
             before the end.",
            seconds(grace),
            seconds(timing.duration_seconds.ratio(1, 3)),
        )
    })
}

fn near_miss(election: &Election, timing: &Timing) -> Option<String> {
    let gap = election.worst_gap?;
    let thin = timing.headroom_ratio.is_some_and(|ratio| ratio < 0.5);
    let fatal = gap > timing.renew_deadline_seconds;
    (!renews_at_the_end(timing) && (thin || fatal)).then(|| {
        format!(
            "A renewal took {} of the {} that the claim lasts: one more hiccup of this size loses \
             the lock. Look for throttling of the leader or a slow API server.",
            seconds(gap),
            seconds(timing.duration_seconds),
        )
    })
}

fn slow_takeover(election: &Election, timing: &Timing) -> Option<String> {
    let bound = timing.release_worst_seconds.ratio(2, 1);
    let slowest = failovers(election)
        .filter(|failover| !failover.has(Flag::ObserverGap))
        .filter_map(|failover| failover.takeover_seconds)
        .max()?;
    (slowest > bound).then(|| {
        format!(
            "A takeover took {} where polling explains {}: the standbys were starved, or there \
             were none.",
            seconds(slowest),
            seconds(bound),
        )
    })
}

fn release_on_cancel(election: &Election, timing: &Timing) -> Option<String> {
    if renews_at_the_end(timing) {
        return None;
    }
    let kept = election.tally.unreleased;
    if kept.count > 0 {
        let all = kept.count + election.tally.released.count;
        return Some(format!(
            "{} of {all} leaders that were asked to go left their claim to run out, {:.1} s each in \
             the mean. With ReleaseOnCancel that would have cost {}.",
            kept.count,
            kept.mean(),
            seconds(timing.release_mean_seconds),
        ));
    }
    let silent =
        failovers(election).any(|it| it.end == End::Silent && it.cause == Cause::UnknownNoPod);
    silent.then(|| {
        format!(
            "A term ended without a release. If that stop was planned, ReleaseOnCancel would have \
             made it cost {} in the mean instead of {}.",
            seconds(timing.release_mean_seconds),
            seconds(timing.crash_mean_seconds),
        )
    })
}

fn write_load(_: &Election, timing: &Timing) -> Option<String> {
    let doubled = timing.interval_seconds.ratio(2 * JITTER_TENTHS, 10);
    let fits = timing.spare_renewals >= 5 && doubled < timing.renew_deadline_seconds;
    fits.then(|| {
        format!(
            "{:.2} writes a second: twice the interval would halve that, and add at most {} to the \
             worst failover.",
            timing.writes_per_second,
            seconds(timing.interval_seconds.ratio(44, 10)),
        )
    })
}

fn failovers(election: &Election) -> impl Iterator<Item = &crate::event::Failover> {
    let past = election.ledger.iter().filter_map(|chapter| match chapter {
        Chapter::Reign(reign) => reign.failover.as_deref(),
        Chapter::Missed { .. } => None,
    });
    past.filter(|failover| !failover.has(Flag::UnknownStart))
}
