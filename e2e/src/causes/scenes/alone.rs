//! What befalls one lease alone.

use super::{BARE, COORDINATED, RELEASING, SILENT, Scene};
use crate::causes::strike;

/// In how many ways the term of one leader can end.
pub const SCENES: [Scene; 29] = [
    Scene {
        name: "rollout",
        deed: "the Deployment gets a new template; leaders release",
        strike: strike::roll_out,
        cause: "rollout",
        evidence: &["revision"],
        ..RELEASING
    },
    Scene {
        name: "rollout-no-release",
        deed: "the same, leaders do not release",
        strike: strike::roll_out,
        cause: "rollout_no_release",
        evidence: &["revision"],
        ..SILENT
    },
    Scene {
        name: "drain",
        deed: "the leader's pod is evicted through the API, as `kubectl drain` does",
        strike: strike::evict,
        cause: "drain_or_eviction",
        evidence: &["EvictionByEvictionAPI"],
        ..RELEASING
    },
    Scene {
        name: "drain-bare",
        deed: "the same; identities are bare host names",
        flags: BARE,
        strike: strike::evict,
        cause: "drain_or_eviction",
        evidence: &["EvictionByEvictionAPI"],
        ..SILENT
    },
    Scene {
        name: "drain-no-release",
        deed: "the same, leaders do not release",
        strike: strike::evict,
        cause: "drain_or_eviction_no_release",
        evidence: &["EvictionByEvictionAPI"],
        ..SILENT
    },
    Scene {
        name: "pod-deleted",
        deed: "the leader's pod is deleted",
        strike: strike::delete_pod,
        cause: "pod_deleted",
        confidence: "medium",
        evidence: &["delet"],
        ..RELEASING
    },
    Scene {
        name: "pod-deleted-no-release",
        deed: "the same, leaders do not release",
        strike: strike::delete_pod,
        cause: "pod_deleted_no_release",
        confidence: "medium",
        evidence: &["delet"],
        ..SILENT
    },
    Scene {
        name: "scale-down",
        deed: "the Deployment is scaled down, and the leader's pod is the one to go",
        strike: strike::scale_down,
        cause: "pod_deleted",
        confidence: "medium",
        evidence: &["delet"],
        ..RELEASING
    },
    Scene {
        name: "crash",
        deed: "the leader panics: exit code 2",
        strike: strike::crash,
        cause: "container_crash",
        evidence: &["code 2"],
        ..SILENT
    },
    Scene {
        name: "killed",
        deed: "the leader's process is killed: exit code 137",
        strike: strike::kill,
        cause: "container_crash",
        evidence: &["code 137"],
        ..SILENT
    },
    Scene {
        name: "exit",
        deed: "the leader ends with exit code 0 and does not release",
        strike: strike::end,
        cause: "container_exited",
        evidence: &["code 0"],
        ..SILENT
    },
    Scene {
        name: "restart",
        deed: "the leader releases and ends with exit code 0, its pod stays",
        strike: strike::end,
        cause: "container_restart_graceful",
        evidence: &["code 0"],
        ..RELEASING
    },
    Scene {
        name: "oom",
        deed: "the leader's container exceeds its memory limit",
        strike: strike::starve,
        cause: "oom_killed",
        evidence: &["OOMKilled", "137"],
        ..SILENT
    },
    Scene {
        name: "stepdown",
        deed: "the leader releases and lives on",
        strike: strike::step_down,
        cause: "voluntary_stepdown",
        confidence: "medium",
        evidence: &["released", "lives"],
        ..RELEASING
    },
    Scene {
        name: "node-lost",
        deed: "the leader's node loses its power",
        nodes: "frail",
        strike: strike::lose_node,
        cause: "node_lost",
        evidence: &["gave node frail-"],
        ..SILENT
    },
    Scene {
        name: "preemption",
        deed: "a pod of a higher priority needs the leader's place",
        nodes: "narrow",
        cpus: "600m",
        strike: strike::preempt,
        cause: "scheduler_preemption",
        evidence: &["PreemptionByScheduler"],
        ..RELEASING
    },
    Scene {
        name: "taint",
        deed: "the leader's node gets a `NoExecute` taint",
        nodes: "tainted",
        strike: strike::taint,
        cause: "node_taint_eviction",
        evidence: &["DeletionByTaintManager"],
        ..RELEASING
    },
    Scene {
        name: "pressure",
        deed: "the leader's kubelet runs short of memory and evicts the pod",
        strike: strike::press,
        cause: "node_pressure_eviction",
        evidence: &["TerminationByKubelet"],
        ..RELEASING
    },
    Scene {
        name: "pressure-no-release",
        deed: "the same, leaders do not release",
        strike: strike::press,
        cause: "node_pressure_eviction_no_release",
        evidence: &["TerminationByKubelet"],
        ..SILENT
    },
    Scene {
        name: "shutdown",
        deed: "the leader's kubelet shuts down in order and ends the pod",
        strike: strike::shut_down,
        cause: "node_shutdown",
        evidence: &["TerminationByKubelet"],
        ..RELEASING
    },
    Scene {
        name: "lease-deleted",
        deed: "the Lease is deleted",
        strike: strike::delete_lease,
        cause: "lease_deleted",
        evidence: &["deleted"],
        ..SILENT
    },
    Scene {
        name: "owner-deleted",
        deed: "the Deployment that owns the Lease is deleted, and the Lease with it",
        strike: strike::delete_owner,
        cause: "lease_deleted_gc",
        evidence: &["owner"],
        ..SILENT
    },
    Scene {
        name: "cleared",
        deed: "the holder is emptied with `kubectl edit`",
        strike: strike::clear,
        cause: "admin_edit",
        evidence: &["kubectl-edit"],
        ..SILENT
    },
    Scene {
        name: "appointed",
        deed: "the standby is written into the Lease with `kubectl edit`",
        strike: strike::appoint,
        cause: "admin_edit",
        evidence: &["kubectl-edit"],
        ..SILENT
    },
    Scene {
        name: "cleared-by-operator",
        deed: "the holder is emptied by a program",
        strike: strike::clear_by_program,
        cause: "admin_edit",
        confidence: "medium",
        evidence: &["some-operator"],
        ..SILENT
    },
    Scene {
        name: "stalled",
        deed: "the leader's process is stopped and its pod stays ready",
        strike: strike::freeze,
        cause: "renew_stalled",
        evidence: &["ready"],
        ..SILENT
    },
    Scene {
        name: "stalled-then-exit",
        deed: "the same; it goes on when another leads, sees that, and ends",
        strike: strike::freeze_and_thaw,
        cause: "renew_stalled_then_exit",
        evidence: &["code 1", "lived on"],
        ..SILENT
    },
    Scene {
        name: "stalled-then-deleted",
        deed: "the same; its pod is deleted four seconds later",
        strike: strike::freeze_and_delete,
        cause: "pod_deleted_after_stall",
        confidence: "low",
        evidence: &["delet"],
        ..SILENT
    },
    Scene {
        name: "coordinated",
        deed: "coordinated election: a candidate of an older version comes",
        replicas: 1,
        flags: COORDINATED,
        strike: strike::outrank,
        cause: "cle_preemption",
        evidence: &["preferredHolder"],
        ..SILENT
    },
];
