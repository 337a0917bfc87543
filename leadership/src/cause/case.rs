//! What the decision table looks at.

use std::sync::Arc;

use crate::event::{Confidence, Departure, End};
use crate::observation::{PodRecord, Termination};
use crate::time::{Delta, Time};

/// A kubelet's stamps are cut to whole seconds, and a renewal may be in flight.
const SLACK: Delta = Delta::from_millis(1_500);
/// By so much a stamp cut to whole seconds may seem too early.
pub(crate) const CUT: Delta = Delta::from_secs(1);

/// What is known of one change of term.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Case<'a> {
    pub(crate) end: End,
    /// Whether the lock was taken while the claim was valid.
    pub(crate) early: bool,
    /// Whether the old holder is the new one.
    pub(crate) same: bool,
    /// Whether we were blind when it changed hands.
    pub(crate) gap: bool,
    /// Whether coordinated election had asked for another holder.
    pub(crate) preferred: bool,
    /// The lock's owner, if it is gone or going.
    pub(crate) owner_gone: Option<String>,
    /// Who wrote the lock last, as its managed fields say.
    pub(crate) manager: Option<&'a str>,
    /// The holder's last own write, on its own clock: that of its node, and so of its kubelet.
    pub(crate) stamp: Option<Time>,
    /// The same, on our clock.
    pub(crate) last: Option<Time>,
    /// The learned time between its renewals.
    pub(crate) interval: Delta,
    pub(crate) pod: Option<PodSight>,
    pub(crate) node: Option<NodeSight>,
    /// How many other elections stood still at the same time, of how many.
    pub(crate) common: Option<(usize, usize)>,
}

/// The old holder's pod.
pub(crate) struct PodSight {
    pub(crate) record: PodRecord,
    /// How sure it is that this is the holder's pod.
    pub(crate) trust: Confidence,
    /// When it was made to go, on our clock.
    pub(crate) leaving: Option<Leaving>,
    /// The newest pod of its workload.
    pub(crate) newer: Option<Newer>,
}

/// That a pod was made to go.
#[derive(Clone, Debug)]
pub(crate) struct Leaving {
    pub(crate) at: Time,
    /// Whether that is when it was asked to go, or only when it was found gone.
    pub(crate) asked: bool,
    pub(crate) told: String,
}

/// The newest pod of a workload.
#[derive(Clone, Debug)]
pub(crate) struct Newer {
    pub(crate) name: Arc<str>,
    pub(crate) template: Option<Arc<str>>,
    pub(crate) images: Vec<Arc<str>>,
}

/// The old holder's node.
#[derive(Clone, Debug)]
pub(crate) struct NodeSight {
    pub(crate) name: Arc<str>,
    /// For how long its heartbeat was silent, if longer than a living node's is.
    pub(crate) silent: Option<Delta>,
    /// Whether other nodes' heartbeats are known, and came.
    pub(crate) compared: bool,
    /// Whether the control plane says that it is lost.
    pub(crate) given_up: bool,
}

/// Reasons of the condition `DisruptionTarget`, and what they mean.
const DISRUPTIONS: [(&str, Departure); 4] = [
    ("EvictionByEvictionAPI", Departure::DrainOrEviction),
    ("PreemptionByScheduler", Departure::SchedulerPreemption),
    ("DeletionByTaintManager", Departure::NodeTaintEviction),
    ("DeletionByPodGC", Departure::NodeGone),
];
/// What a kubelet sets when it ends a pod by its own decision.
const BY_KUBELET: &str = "TerminationByKubelet";

impl Case<'_> {
    /// A cause can be no surer than the pod that it speaks of.
    pub(super) fn trust(&self) -> Confidence {
        self.pod.as_ref().map_or(Confidence::High, |pod| pod.trust)
    }

    /// The first end of one of the pod's containers after the last own write, and how long after.
    pub(super) fn death(&self) -> Option<(&Termination, Delta)> {
        let (pod, stamp) = (&self.pod.as_ref()?.record, self.stamp.or(self.last)?);
        let ends = pod.terminations.iter().filter_map(|end| Some((end, end.finished? - stamp)));
        ends.filter(|(_, after)| *after >= Delta::ZERO - CUT).min_by_key(|(_, after)| *after)
    }

    /// How long after the last own write the process ended, if within this time.
    pub(crate) fn death_by(&self, span: Option<Delta>) -> Option<Delta> {
        let (_, after) = self.death()?;
        (after <= span?).then_some(after)
    }

    /// The death of the process, if that is why it renewed no more: a leader that cannot renew ends
    /// too, but later.
    pub(super) fn crashed(&self) -> Option<(&Termination, Delta)> {
        self.death().filter(|(_, after)| in_time(*after, self.interval))
    }

    /// That its pod was made to go.
    pub(super) fn left(&self) -> Option<Leaving> {
        self.pod.as_ref()?.leaving.clone()
    }

    /// That its pod was made to go, before a renewal was overdue.
    pub(super) fn left_in_time(&self) -> Option<Leaving> {
        let last = self.last?;
        self.left().filter(|leaving| leaving.at <= last + self.interval + SLACK)
    }

    /// That its pod was made to go so long after its last own write, or before.
    pub(super) fn left_within(&self, after: Delta) -> bool {
        let Some(last) = self.last else { return false };
        self.left().is_some_and(|leaving| leaving.at <= last + after + CUT)
    }

    /// What made the pod go.
    pub(super) fn departure(&self) -> (Departure, Vec<String>) {
        let Some(pod) = &self.pod else {
            return (Departure::PodDeleted, Vec::new());
        };
        if let Some(reason) = &pod.record.disruption {
            let evicted = pod.record.reason.as_deref() == Some("Evicted");
            let known = DISRUPTIONS.iter().find(|(word, _)| **word == **reason);
            let by_kubelet = (**reason == *BY_KUBELET).then_some(if evicted {
                Departure::NodePressureEviction
            } else {
                Departure::NodeShutdown
            });
            if let Some(departure) = known.map(|(_, departure)| *departure).or(by_kubelet) {
                return (departure, vec![format!("its condition DisruptionTarget says {reason}")]);
            }
        }
        match pod.newer.as_ref().filter(|newer| differs(newer, &pod.record)) {
            Some(newer) => (Departure::Rollout, rollout(newer, &pod.record)),
            None => (Departure::PodDeleted, Vec::new()),
        }
    }

    /// That nothing ended: a client-go leader that lost its lock ends its process.
    pub(super) fn goes_on(&self) -> Option<String> {
        let (pod, stamp) = (&self.pod.as_ref()?.record, self.stamp?);
        let before = |since: Time| since <= stamp;
        let all = pod.containers.iter().all(|it| it.running_since.is_some_and(before));
        let told = "none of its containers was restarted: it may not know that it does not lead";
        (all && !self.same && !pod.containers.is_empty()).then(|| told.to_owned())
    }

    /// That the container keeps failing.
    pub(super) fn backs_off(&self) -> Option<String> {
        let pod = &self.pod.as_ref()?.record;
        let container = pod.containers.iter().find(|it| it.waiting.is_some())?;
        let why = container.waiting.as_ref()?;
        Some(format!(
            "container {} waits: {why}, restart count {}",
            container.name, container.restarts
        ))
    }
}

/// Whether a process that ended so long after its last renewal ended before the next one was due.
pub(super) fn in_time(after: Delta, interval: Delta) -> bool {
    after <= interval + SLACK
}

fn differs(newer: &Newer, old: &PodRecord) -> bool {
    newer.template.is_some() && old.template.is_some() && newer.template != old.template
}

fn rollout(newer: &Newer, old: &PodRecord) -> Vec<String> {
    let text = |hash: &Option<Arc<str>>| hash.clone().unwrap_or_default();
    let (from, to) = (text(&old.template), text(&newer.template));
    let mut evidence = vec![format!("its revision is {from}, that of pod {} is {to}", newer.name)];
    let images: Vec<&Arc<str>> = old.containers.iter().filter_map(|it| it.image.as_ref()).collect();
    let changed = images.iter().find(|image| !newer.images.contains(image));
    let to = newer.images.iter().find(|image| !images.contains(image));
    if let Some((from, to)) = changed.zip(to) {
        evidence.push(format!("the image changed from {from} to {to}"));
    }
    evidence
}

/// How a container ended, in words.
pub(super) fn told(end: &Termination) -> String {
    let reason = end.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("container {} ended with code {}{reason}", end.container, end.exit_code)
}

/// How a container ended, and how long after something else.
pub(super) fn told_after(end: &Termination, after: Delta, what: &str) -> String {
    let seconds = after.at_least_zero().as_secs_f64();
    format!("{} about {seconds:.1} s after {what}", told(end))
}

/// That a node is silent.
pub(super) fn silence(node: &str, age: Delta) -> String {
    format!("the heartbeat of node {node} was silent for {:.0} s", age.as_secs_f64())
}
