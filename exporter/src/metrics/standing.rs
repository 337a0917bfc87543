//! The metrics of why leaders went, and of who could take over.

use leadership::snapshot::Condition;

use super::Of::Election as Each;
use super::{Row, SUMMARY, row};
use crate::text::Type::{Counter, Gauge, Summary};

pub(super) const ROWS: &[Row] = &[
    row(
        "leadership_failovers_total",
        Counter,
        "Changes of term by their final cause, and whether somebody planned them: a rollout, a drain, a step-down. A cause has a series from its first failover on.",
        Each(|e, _, out| {
            for (cause, count) in &e.tally.causes {
                let labels = [("cause", cause.label()), ("planned", truth(cause.planned()))];
                out.with(&labels, *count);
            }
        }),
    )
    .labels(&["cause", "planned"])
    .most(CAUSES),
    row(
        "leadership_identity_restarts_total",
        Counter,
        "How often the process of the leader was replaced by another of the same identity, which the lock itself does not show.",
        Each(|e, _, out| out.put(e.tally.restarts)),
    ),
    row(
        "leadership_requested_handover_seconds",
        Summary,
        "How long nobody led after a leader was asked to go, by whether it released the lock or left its claim to run out.",
        Each(|e, _, out| {
            for (released, sum) in [("true", e.tally.released), ("false", e.tally.unreleased)] {
                out.summary(&[("released", released)], sum.seconds, sum.count);
            }
        }),
    )
    .labels(&["released"])
    .most(2 * SUMMARY),
    row(
        "leadership_candidates",
        Gauge,
        "Pods that could hold the lock, the leader included, by condition. No sample where they are not known.",
        Each(|e, _, out| {
            let Some(candidates) = &e.candidates else { return };
            let counts = [candidates.ready, candidates.not_ready, candidates.terminating];
            for (condition, count) in Condition::ALL.into_iter().zip(counts) {
                out.with(&[("condition", condition.label())], count);
            }
        }),
    )
    .labels(&["condition"])
    .most(Condition::ALL.len()),
    row(
        "leadership_failure_tolerance",
        Gauge,
        "How many ready candidates can be lost before nobody is left to lead. No sample where they are not known.",
        Each(|e, _, out| out.maybe(e.candidates.as_ref().map(|it| it.tolerance))),
    ),
    row(
        "leadership_candidate_nodes",
        Gauge,
        "Distinct nodes that ready candidates run on.",
        Each(|e, _, out| out.maybe(e.candidates.as_ref().map(|it| it.nodes))),
    ),
    row(
        "leadership_candidate_zones",
        Gauge,
        "Distinct zones that ready candidates run in. No sample where zones are not known.",
        Each(|e, _, out| out.maybe(e.candidates.as_ref().map(|it| it.zones).filter(|zones| *zones > 0))),
    ),
    row(
        "leadership_desired_replicas",
        Gauge,
        "Pods that the workload of the leader is to have. No sample where that cannot be read.",
        Each(|e, _, out| out.maybe(e.candidates.as_ref().and_then(|it| it.desired))),
    ),
];

/// How many causes there are; a test counts them. Few elections ever see more than a handful.
const CAUSES: usize = 41;

const fn truth(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}
