//! The metrics of elections.

use std::sync::LazyLock;

use leadership::advice;
use leadership::event::{Anomaly, Phase, TermEnd};
use leadership::snapshot::{Election, Note, Term};
use leadership::tally::{FAILOVER_BUCKETS, GAP_BUCKETS, PHASES};

use super::Of::Election as Each;
use super::{HISTOGRAM, Row, SUMMARY, row};
use crate::text::Bounds;
use crate::text::Type::{Counter, Gauge, Histogram, Summary};

pub(super) const ROWS: &[Row] = &[
    row(
        "leadership_lease_info",
        Gauge,
        "What kind of lock this is. Always 1.",
        Each(|e, _, out| {
            let strategy = e.strategy.as_deref().unwrap_or("");
            let (class, library) = (e.class.label(), e.library.as_deref().unwrap_or(""));
            out.with(&[("class", class), ("library", library), ("strategy", strategy)], true);
        }),
    )
    .labels(&["class", "library", "strategy"]),
    row(
        "leadership_lease_state",
        Gauge,
        "The state of the lock: exactly one of held, late, expired, vacant, absent and unknown is 1.",
        Each(|e, _, out| {
            for phase in Phase::ALL {
                out.with(&[("state", phase.label())], e.phase == phase);
            }
        }),
    )
    .labels(&["state"])
    .most(Phase::ALL.len()),
    row(
        "leadership_leaderless",
        Gauge,
        "1 while nobody leads by contract or consent. No sample while that cannot be known.",
        Each(|e, _, out| out.maybe(e.leaderless)),
    ),
    row(
        "leadership_leaderless_seconds_total",
        Counter,
        "Time spent leaderless, the present stretch included.",
        Each(|e, _, out| out.put(e.leaderless_total)),
    ),
    row(
        "leadership_leader_info",
        Gauge,
        "Who leads now, and how the pod behind the name was found. Always 1; no sample while nobody leads.",
        Each(|e, _, out| {
            let Some(term) = reigning(e) else { return };
            let leader = &term.leader;
            let labels = [
                ("holder", &*term.holder),
                ("pod", leader.pod.as_deref().unwrap_or("")),
                ("pod_namespace", leader.pod_namespace.as_deref().unwrap_or("")),
                ("node", leader.node.as_deref().unwrap_or("")),
                ("method", leader.method.label()),
            ];
            out.with(&labels, true);
        }),
    )
    .labels(&["holder", "pod", "pod_namespace", "node", "method"]),
    row(
        "leadership_leader_note",
        Gauge,
        "What else is known of the leader: orphaned (its process is dead, and the lock keeps others out until it runs out), gone, node_lost, terminating, restarted, reused_identity, ambiguous, external, pods_unseen. Always 1; no sample for what is not so.",
        Each(|e, _, out| {
            for note in reigning(e).iter().flat_map(|term| &term.leader.notes) {
                out.with(&[("note", note.label())], true);
            }
        }),
    )
    .labels(&["note"])
    .most(Note::ALL.len()),
    row(
        "leadership_term_start_timestamp_seconds",
        Gauge,
        "When the present term began, or when it was first seen. No sample while nobody leads.",
        Each(|e, _, out| out.maybe(reigning(e).map(|term| term.start))),
    ),
    row(
        "leadership_last_renew_timestamp_seconds",
        Gauge,
        "The last proof of life of whom the lock names, on the clock of the exporter.",
        Each(|e, _, out| out.maybe(named(e).map(|term| term.last_renew))),
    ),
    row(
        "leadership_lease_expiry_timestamp_seconds",
        Gauge,
        "When the present claim runs out: the last renewal and the duration.",
        Each(|e, _, out| out.maybe(e.expiry)),
    ),
    row(
        "leadership_lease_duration_seconds",
        Gauge,
        "The last real duration of the lease: the single second of a release is not one.",
        Each(|e, _, out| out.maybe(e.duration)),
    ),
    row(
        "leadership_renew_interval_seconds",
        Gauge,
        "The time between renewals as it was learned. No sample until it is.",
        Each(|e, _, out| out.maybe(e.renew_interval)),
    ),
    row(
        "leadership_renew_gap_ratio",
        Histogram,
        "Gaps between renewals as a share of the lease duration: near misses are close to 1.",
        Each(|e, _, out| {
            let gaps = &e.gaps;
            out.histogram(&GAP_BOUNDS, &gaps.counts, gaps.over, gaps.sum);
        }),
    )
    .most(GAP_BUCKETS.len() + HISTOGRAM),
    row(
        "leadership_transitions_total",
        Counter,
        "Terms that ended, by how they ended.",
        Each(|e, _, out| {
            for (end, count) in TermEnd::ALL.iter().zip(e.tally.ended) {
                out.with(&[("end", end.label())], count);
            }
        }),
    )
    .labels(&["end"])
    .most(TermEnd::ALL.len()),
    row(
        "leadership_missed_transitions_total",
        Counter,
        "Terms that the record proves and that nobody saw.",
        Each(|e, _, out| out.put(e.tally.missed)),
    ),
    row(
        "leadership_reported_transitions",
        Gauge,
        "The number of transitions that the lock itself claims.",
        Each(|e, _, out| out.maybe(e.reported_transitions)),
    ),
    row(
        "leadership_failover_duration_seconds",
        Histogram,
        "How long nobody led at each change of term that was seen whole.",
        Each(|e, _, out| {
            let seen = &e.tally.failovers;
            out.histogram(&FAILOVER_BOUNDS, &seen.counts, seen.over, seen.sum);
        }),
    )
    .most(FAILOVER_BUCKETS.len() + HISTOGRAM),
    row(
        "leadership_failover_phase_seconds",
        Summary,
        "The parts of failovers: wait for the old claim to run out, takeover after that, and ready, until the pod of the new leader was. Where the end of the old process is known, wait is silent and expiry, before and after it.",
        Each(|e, _, out| {
            for (phase, sum) in PHASES.iter().zip(&e.tally.phases) {
                out.summary(&[("phase", phase)], sum.seconds, sum.count);
            }
        }),
    )
    .labels(&["phase"])
    .most(PHASES.len() * SUMMARY),
    row(
        "leadership_last_failover_timestamp_seconds",
        Gauge,
        "When the newest leader that followed another one began to lead.",
        Each(|e, _, out| out.maybe(e.last_failover.as_ref().map(|last| last.first_write))),
    ),
    row(
        "leadership_last_failover_duration_seconds",
        Gauge,
        "How long nobody led before that. No sample where it cannot be known.",
        Each(|e, _, out| out.maybe(e.last_failover.as_ref().and_then(|last| last.leaderless_seconds))),
    ),
    row(
        "leadership_failover_predicted_seconds",
        Gauge,
        "How long nobody would lead after a crash, or a release, of the present leader: what the timing of the lock allows to client-go with the ready standbys, or with one where they are not known. No sample until the renewal interval is learned.",
        Each(|e, _, out| {
            let Some(timing) = advice::timing(e) else { return };
            for (ending, statistic, seconds) in [
                ("crash", "mean", timing.crash_mean_seconds),
                ("crash", "worst", timing.crash_worst_seconds),
                ("release", "mean", timing.release_mean_seconds),
                ("release", "worst", timing.release_worst_seconds),
            ] {
                out.with(&[("ending", ending), ("statistic", statistic)], seconds);
            }
        }),
    )
    .labels(&["ending", "statistic"])
    .most(4),
    row(
        "leadership_anomalies_total",
        Counter,
        "Things that a sound election never does, by kind.",
        Each(|e, _, out| {
            for (kind, count) in Anomaly::LABELS.iter().zip(e.tally.anomalies) {
                out.with(&[("kind", kind)], count);
            }
        }),
    )
    .labels(&["kind"])
    .most(Anomaly::LABELS.len()),
    row(
        "leadership_overlap_suspected",
        Gauge,
        "1 while two leaders are possible: the old one may not have noticed yet.",
        Each(|e, at, out| out.put(e.overlap_until.is_some_and(|until| at < until))),
    ),
    row(
        "leadership_holder_clock_offset_seconds",
        Gauge,
        "How far the clock of the holder is ahead of ours. Tens of milliseconds mean nothing.",
        Each(|e, _, out| out.maybe(e.clock_offset)),
    ),
];

static GAP_BOUNDS: LazyLock<Bounds> = LazyLock::new(|| Bounds::new(&GAP_BUCKETS));
static FAILOVER_BOUNDS: LazyLock<Bounds> = LazyLock::new(|| Bounds::new(&FAILOVER_BUCKETS));

/// The term of whom the lock names, expired or not.
fn named(election: &Election) -> Option<&Term> {
    let named = !matches!(election.phase, Phase::Vacant | Phase::Absent);
    election.term.as_ref().filter(|_| named)
}

/// The term of who leads now, as far as anybody can tell.
fn reigning(election: &Election) -> Option<&Term> {
    named(election).filter(|_| election.phase != Phase::Expired)
}
