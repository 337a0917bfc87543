//! Why a term ended: a table of tests, of which the first that matches is right.
//!
//! A cause is told from what was seen of the lock, of the holder's pod and node, and of the other
//! elections. Where nothing speaks the table says so; it never guesses.

mod case;

use crate::event::{Cause, Confidence, Departure, End, Manner};
use crate::observation::Termination;
use crate::time::Delta;

pub(crate) use case::{CUT, Case, Leaving, Newer, NodeSight, PodSight};

/// What speaks for a cause.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) cause: Cause,
    pub(crate) confidence: Confidence,
    /// In sentences that a person can read.
    pub(crate) evidence: Vec<String>,
}

/// One row of the decision table.
struct Row {
    test: fn(&Case<'_>) -> Option<Finding>,
    /// From which confidence on no later evidence can overrule it, so that it need not wait for any.
    settled: Option<Confidence>,
}

/// First match wins.
const ROWS: [Row; 19] = [
    Row { test: cle_preemption, settled: Some(Confidence::High) },
    Row { test: lease_deleted_with_owner, settled: Some(Confidence::High) },
    Row { test: lease_deleted, settled: Some(Confidence::High) },
    Row { test: admin_edit, settled: Some(Confidence::Medium) },
    Row { test: departed_after_release, settled: Some(Confidence::High) },
    Row { test: container_ended_after_release, settled: Some(Confidence::High) },
    Row { test: voluntary_stepdown, settled: None },
    Row { test: nobody_known, settled: Some(Confidence::High) },
    Row { test: node_lost, settled: Some(Confidence::High) },
    Row { test: oom_killed, settled: Some(Confidence::High) },
    Row { test: departed_without_release, settled: Some(Confidence::High) },
    // An API server that stands still may carry a write out after its writer has given up: its end
    // then looks like a crash.
    Row { test: control_plane_outage, settled: Some(Confidence::High) },
    Row { test: crashed, settled: Some(Confidence::High) },
    Row { test: taken_anew, settled: None },
    Row { test: usurped, settled: Some(Confidence::High) },
    Row { test: exited_after_stall, settled: Some(Confidence::High) },
    Row { test: departed_after_stall, settled: None },
    Row { test: stalled, settled: None },
    Row { test: unknown, settled: None },
];

/// The cause of a change of term, and whether it is settled by what is known now.
pub(crate) fn attribute(case: &Case<'_>) -> (Finding, bool) {
    for row in &ROWS {
        if let Some(mut finding) = (row.test)(case) {
            finding.confidence = finding.confidence.min(case.trust());
            let sure = row.settled.is_some_and(|least| finding.confidence >= least);
            // Where neither pod nor node is known there is nothing to wait for.
            return (finding, sure || (case.pod.is_none() && case.node.is_none()));
        }
    }
    (find(Cause::Unknown, Confidence::None, Vec::new()), false)
}

/// Why a process that came back under its old name had gone: it ended so long after its last renewal.
pub(crate) fn of_restart(
    end: &Termination,
    after: Delta,
    interval: Delta,
    common: Option<(usize, usize)>,
) -> Finding {
    let cause = cause_of(end);
    let told = case::told_after(end, after, "the last renewal");
    match common {
        _ if cause == Cause::OomKilled => one(cause, Confidence::High, told),
        Some(common) => outage(common),
        None if case::in_time(after, interval) => one(cause, Confidence::High, told),
        None => after_stall(told),
    }
}

fn cause_of(end: &Termination) -> Cause {
    match (end.reason.as_deref(), end.exit_code) {
        (Some("OOMKilled"), _) => Cause::OomKilled,
        (_, 0) => Cause::ContainerExited,
        _ => Cause::ContainerCrash,
    }
}

fn find(cause: Cause, confidence: Confidence, evidence: Vec<String>) -> Finding {
    Finding { cause, confidence, evidence }
}

fn one(cause: Cause, confidence: Confidence, evidence: impl Into<String>) -> Finding {
    find(cause, confidence, vec![evidence.into()])
}

fn released(case: &Case<'_>) -> bool {
    matches!(case.end, End::Release | End::SoftRelease)
}

fn cle_preemption(case: &Case<'_>) -> Option<Finding> {
    let evidence = "spec.preferredHolder asked the old holder to make way";
    case.preferred.then(|| one(Cause::ClePreemption, Confidence::High, evidence))
}

fn lease_deleted_with_owner(case: &Case<'_>) -> Option<Finding> {
    let owner = case.owner_gone.as_ref().filter(|_| case.end == End::Deleted)?;
    let evidence = format!("its owner {owner} is gone or going");
    Some(one(Cause::LeaseDeletedGc, Confidence::High, evidence))
}

fn lease_deleted(case: &Case<'_>) -> Option<Finding> {
    let deleted = matches!(case.end, End::Deleted | End::DeletedInGap);
    deleted.then(|| one(Cause::LeaseDeleted, Confidence::High, "the object was deleted"))
}

fn admin_edit(case: &Case<'_>) -> Option<Finding> {
    if case.end != End::Cleared {
        return None;
    }
    let by_hand = case.manager.is_some_and(crate::classify::by_hand);
    let confidence = if by_hand { Confidence::High } else { Confidence::Medium };
    let who = case.manager.map_or("an unknown field manager".to_owned(), |it| format!("{it:?}"));
    Some(one(Cause::AdminEdit, confidence, format!("the holder was changed by {who}")))
}

fn departed_after_release(case: &Case<'_>) -> Option<Finding> {
    let leaving = case.left_in_time().filter(|_| released(case))?;
    Some(departed(case, &leaving, Manner::Released))
}

fn departed(case: &Case<'_>, leaving: &Leaving, manner: Manner) -> Finding {
    let (departure, mut evidence) = case.departure();
    evidence.insert(0, leaving.told.clone());
    let confidence = match (manner, departure) {
        (Manner::AfterStall, _) => Confidence::Low,
        (_, Departure::PodDeleted) => Confidence::Medium,
        _ => Confidence::High,
    };
    find(Cause::Departed(departure, manner), confidence, evidence)
}

/// A process that releases ends within this time, if it ends at all.
const ENDING: Delta = Delta::from_secs(30);

fn container_ended_after_release(case: &Case<'_>) -> Option<Finding> {
    let (end, after) = case.death().filter(|_| released(case))?;
    let graceful = matches!(end.exit_code, 0 | 143);
    let confidence = if graceful { Confidence::High } else { Confidence::Medium };
    let told = case::told_after(end, after, "the release");
    (after <= ENDING).then(|| one(Cause::ContainerRestartGraceful, confidence, told))
}

fn voluntary_stepdown(case: &Case<'_>) -> Option<Finding> {
    if !released(case) {
        return None;
    }
    Some(match &case.pod {
        Some(pod) => {
            let told = format!("pod {} released the lock and lives on", pod.record.name);
            one(Cause::VoluntaryStepdown, Confidence::Medium, told)
        }
        None => one(Cause::VoluntaryStepdown, Confidence::Low, "the holder released the lock"),
    })
}

/// Without a pod only the other elections, and the lock itself, can tell.
fn nobody_known(case: &Case<'_>) -> Option<Finding> {
    if case.pod.is_some() {
        return None;
    }
    // A node that is known by itself is as good as a pod on it.
    node_lost(case)
        .or_else(|| control_plane_outage(case))
        .map(|it| Finding { confidence: it.confidence.min(Confidence::Medium), ..it })
        .or_else(|| {
            let gap = "our watch was blind, and the holder's pod is not known";
            case.gap.then(|| one(Cause::UnknownObserverGap, Confidence::None, gap))
        })
        .or_else(|| taken_anew(case))
        .or_else(|| usurped(case).map(|it| Finding { confidence: Confidence::Low, ..it }))
        .or_else(|| {
            Some(one(Cause::UnknownNoPod, Confidence::None, "the holder's pod is not known"))
        })
}

fn node_lost(case: &Case<'_>) -> Option<Finding> {
    if case.crashed().is_some() {
        return None;
    }
    let node = case.node.as_ref()?;
    if node.given_up {
        let told = format!("the control plane gave node {} up", node.name);
        let silent = node.silent.map(|age| case::silence(&node.name, age));
        let evidence = std::iter::once(told).chain(silent).collect();
        return Some(find(Cause::NodeLost, Confidence::High, evidence));
    }
    // Where no other node can be compared, the API server may be what is silent.
    let age = node.silent.filter(|_| node.compared || case.common.is_none())?;
    Some(one(Cause::NodeLost, Confidence::Medium, case::silence(&node.name, age)))
}

fn oom_killed(case: &Case<'_>) -> Option<Finding> {
    let (end, after) = case.crashed().filter(|(end, _)| cause_of(end) == Cause::OomKilled)?;
    Some(one(Cause::OomKilled, Confidence::High, case::told_after(end, after, "the last renewal")))
}

fn departed_without_release(case: &Case<'_>) -> Option<Finding> {
    Some(departed(case, &case.left_in_time()?, Manner::NoRelease))
}

fn crashed(case: &Case<'_>) -> Option<Finding> {
    let (end, after) = case.crashed()?;
    let mut evidence = vec![case::told_after(end, after, "the last renewal")];
    evidence.extend(case.backs_off());
    Some(find(cause_of(end), Confidence::High, evidence))
}

/// Nobody usurps his own lock: it was given up and taken back, or its process was restarted, and the watch
/// brought only the last of these writes.
fn taken_anew(case: &Case<'_>) -> Option<Finding> {
    let evidence = "its holder took the lock anew while its claim was valid, and nothing tells why";
    (case.early && case.same).then(|| one(Cause::Unknown, Confidence::None, evidence))
}

fn usurped(case: &Case<'_>) -> Option<Finding> {
    let evidence = "the lock was taken before the claim ran out";
    case.early.then(|| one(Cause::Usurped, Confidence::Medium, evidence))
}

fn control_plane_outage(case: &Case<'_>) -> Option<Finding> {
    case.common.map(outage)
}

fn outage((still, others): (usize, usize)) -> Finding {
    let told = format!("{still} of {others} other elections stood still at the same time");
    one(Cause::ControlPlaneOutage, Confidence::High, told)
}

fn exited_after_stall(case: &Case<'_>) -> Option<Finding> {
    // Who was ended did not give up by himself, and tells nothing of how long he would have tried.
    let (end, after) = case.death().filter(|(_, after)| !case.left_within(*after))?;
    Some(after_stall(case::told_after(end, after, "the last renewal")))
}

fn after_stall(told: String) -> Finding {
    let why = "the process lived on without renewing, as behind a slow or broken API path";
    find(Cause::RenewStalledThenExit, Confidence::High, vec![told, why.to_owned()])
}

fn departed_after_stall(case: &Case<'_>) -> Option<Finding> {
    let leaving = case.left()?;
    if leaving.asked || !case.gap {
        return Some(departed(case, &leaving, Manner::AfterStall));
    }
    let mut finding = departed(case, &leaving, Manner::NoRelease);
    finding.confidence = Confidence::Low;
    finding.evidence.push("our watch was blind: when it went is not known".to_owned());
    Some(finding)
}

fn stalled(case: &Case<'_>) -> Option<Finding> {
    let pod = &case.pod.as_ref()?.record;
    let (confidence, state) = match (&*pod.phase, pod.ready()) {
        ("Running", true) => (Confidence::High, "running and ready"),
        ("Running", false) => (Confidence::Medium, "running but not ready"),
        _ => return None,
    };
    let mut evidence = vec![format!("pod {} is {state} and did not renew", pod.name)];
    evidence.extend(case.goes_on());
    Some(find(Cause::RenewStalled, confidence, evidence))
}

fn unknown(case: &Case<'_>) -> Option<Finding> {
    let pod = &case.pod.as_ref()?.record;
    let phase = if pod.phase.is_empty() { "without a phase" } else { &*pod.phase };
    Some(one(Cause::Unknown, Confidence::None, format!("pod {} is {phase}", pod.name)))
}

#[cfg(test)]
mod tests;
