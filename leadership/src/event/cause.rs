//! Why a term ended.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a term ended, as far as the evidence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The controller of coordinated leader election wanted another leader.
    ClePreemption,
    /// The lock went with its owner.
    LeaseDeletedGc,
    /// Somebody deleted the lock.
    LeaseDeleted,
    /// Somebody who is not a candidate emptied or overwrote the lock.
    AdminEdit,
    /// The leader's pod was made to go.
    Departed(Departure, Manner),
    /// The leader's container ended after releasing, and its pod stays.
    ContainerRestartGraceful,
    /// The leader gave up, and its pod lives on.
    VoluntaryStepdown,
    /// Most elections stood still together.
    ControlPlaneOutage,
    /// Somebody took the lock while the claim was valid.
    Usurped,
    /// The leader's node is dead or cut off.
    NodeLost,
    /// The kernel killed the leader's container for its memory.
    OomKilled,
    /// The leader's container ended by itself with code 0.
    ContainerExited,
    /// The leader's container failed.
    ContainerCrash,
    /// The leader could not renew, and then ended as it must.
    RenewStalledThenExit,
    /// The leader could not renew though its pod lives.
    RenewStalled,
    /// The pod is known and tells nothing.
    Unknown,
    /// The holder's pod is not known.
    UnknownNoPod,
    /// We were blind, and the holder's pod is not known.
    UnknownObserverGap,
}

/// What made a pod go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Departure {
    /// The eviction API: a drain, an autoscaler, a descheduler.
    DrainOrEviction,
    /// The scheduler made room for a pod of higher priority.
    SchedulerPreemption,
    /// A taint of its node that it does not tolerate.
    NodeTaintEviction,
    /// Its node does not exist any more.
    NodeGone,
    /// Its node is being shut down.
    NodeShutdown,
    /// Its node is short of memory, disk or process numbers.
    NodePressureEviction,
    /// A newer revision of its workload replaces it.
    Rollout,
    /// It was deleted; nothing says why.
    PodDeleted,
}

/// How a leader left whose pod was made to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// It released the lock.
    Released,
    /// It left its claim to run out.
    NoRelease,
    /// It had stopped renewing before.
    AfterStall,
}

/// How sure a cause is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Nothing speaks for it.
    #[default]
    None,
    /// Something speaks for it, and for other causes too.
    Low,
    /// It explains everything that was seen.
    Medium,
    /// Somebody who knows says so.
    High,
}

use Departure::{
    DrainOrEviction, NodeGone, NodePressureEviction, NodeShutdown, NodeTaintEviction, PodDeleted,
    Rollout, SchedulerPreemption,
};
use Manner::{AfterStall, NoRelease, Released};

/// Every cause, its word, and whether somebody planned it.
const CAUSES: [(Cause, &str, bool); 41] = [
    (Cause::ClePreemption, "cle_preemption", false),
    (Cause::LeaseDeletedGc, "lease_deleted_gc", false),
    (Cause::LeaseDeleted, "lease_deleted", false),
    (Cause::AdminEdit, "admin_edit", false),
    (Cause::Departed(DrainOrEviction, Released), "drain_or_eviction", true),
    (Cause::Departed(SchedulerPreemption, Released), "scheduler_preemption", false),
    (Cause::Departed(NodeTaintEviction, Released), "node_taint_eviction", false),
    (Cause::Departed(NodeGone, Released), "node_gone", false),
    (Cause::Departed(NodeShutdown, Released), "node_shutdown", false),
    (Cause::Departed(NodePressureEviction, Released), "node_pressure_eviction", false),
    (Cause::Departed(Rollout, Released), "rollout", true),
    (Cause::Departed(PodDeleted, Released), "pod_deleted", false),
    (Cause::Departed(DrainOrEviction, NoRelease), "drain_or_eviction_no_release", true),
    (Cause::Departed(SchedulerPreemption, NoRelease), "scheduler_preemption_no_release", false),
    (Cause::Departed(NodeTaintEviction, NoRelease), "node_taint_eviction_no_release", false),
    (Cause::Departed(NodeGone, NoRelease), "node_gone_no_release", false),
    (Cause::Departed(NodeShutdown, NoRelease), "node_shutdown_no_release", false),
    (Cause::Departed(NodePressureEviction, NoRelease), "node_pressure_eviction_no_release", false),
    (Cause::Departed(Rollout, NoRelease), "rollout_no_release", true),
    (Cause::Departed(PodDeleted, NoRelease), "pod_deleted_no_release", false),
    (Cause::Departed(DrainOrEviction, AfterStall), "drain_or_eviction_after_stall", false),
    (Cause::Departed(SchedulerPreemption, AfterStall), "scheduler_preemption_after_stall", false),
    (Cause::Departed(NodeTaintEviction, AfterStall), "node_taint_eviction_after_stall", false),
    (Cause::Departed(NodeGone, AfterStall), "node_gone_after_stall", false),
    (Cause::Departed(NodeShutdown, AfterStall), "node_shutdown_after_stall", false),
    (
        Cause::Departed(NodePressureEviction, AfterStall),
        "node_pressure_eviction_after_stall",
        false,
    ),
    (Cause::Departed(Rollout, AfterStall), "rollout_after_stall", false),
    (Cause::Departed(PodDeleted, AfterStall), "pod_deleted_after_stall", false),
    (Cause::ContainerRestartGraceful, "container_restart_graceful", false),
    (Cause::VoluntaryStepdown, "voluntary_stepdown", true),
    (Cause::ControlPlaneOutage, "control_plane_outage", false),
    (Cause::Usurped, "usurped", false),
    (Cause::NodeLost, "node_lost", false),
    (Cause::OomKilled, "oom_killed", false),
    (Cause::ContainerExited, "container_exited", false),
    (Cause::ContainerCrash, "container_crash", false),
    (Cause::RenewStalledThenExit, "renew_stalled_then_exit", false),
    (Cause::RenewStalled, "renew_stalled", false),
    (Cause::Unknown, "unknown", false),
    (Cause::UnknownNoPod, "unknown_no_pod", false),
    (Cause::UnknownObserverGap, "unknown_observer_gap", false),
];

impl Cause {
    /// All of them, in a fixed order.
    pub fn all() -> impl Iterator<Item = Self> {
        CAUSES.iter().map(|(cause, _, _)| *cause)
    }

    /// The word for it, as in events and metric labels.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.row().map_or("unknown", |(_, label, _)| label)
    }

    /// Whether somebody meant the leader to go: a rollout, a drain, a step-down of its own.
    #[must_use]
    pub fn planned(self) -> bool {
        self.row().is_some_and(|(_, _, planned)| *planned)
    }

    fn row(self) -> Option<&'static (Self, &'static str, bool)> {
        CAUSES.iter().find(|(cause, _, _)| *cause == self)
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = CAUSES.iter().find(|(_, label, _)| *label == word).map(|(cause, _, _)| *cause);
        known.ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&word), &"a cause"))
    }
}

impl Confidence {
    /// The word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_cause_has_one_row_and_a_word_of_its_own() {
        let words: BTreeSet<&str> = Cause::all().map(Cause::label).collect();
        assert_eq!(words.len(), CAUSES.len());
        let causes: BTreeSet<Cause> = Cause::all().collect();
        assert_eq!(causes.len(), CAUSES.len());
        // Eight departures in three manners, and what is no departure.
        assert_eq!(CAUSES.len(), 8 * 3 + 17);
    }
}
