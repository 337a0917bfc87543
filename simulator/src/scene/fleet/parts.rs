//! The rows: nodes, workloads, and the locks their containers stand for.

use crate::elector::Timing;

/// How an elector makes its identity from its host name, which is its pod's, or its node's on the host network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// `<host>_<uuid>`: controller-runtime, kube-scheduler, kube-controller-manager. New with every process.
    HostUuid,
    /// `<host>`: wrangler. The same after a restart.
    Host,
    /// `<host>-1`: Fleet's agent, whose process is number 1 in its container. The same after a restart.
    HostPid,
}

/// An election.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    pub(super) identity: Identity,
    pub(super) timing: Timing,
    pub(super) releases: bool,
    pub(super) manager: &'static str,
}

/// A container and the one lock it stands for.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) name: &'static str,
    pub(super) lock: Lock,
}

/// What runs the pods of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Three replicas, spread over the nodes.
    Deployment,
    /// One on each control-plane node, on the host network.
    StaticPod,
}

/// One workload.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) namespace: &'static str,
    pub(super) kind: Kind,
    pub(super) labels: &'static [(&'static str, &'static str)],
    pub(super) containers: &'static [Container],
}

/// A node, and how many milliseconds its clock is ahead.
#[derive(Debug)]
pub(super) struct NodeRow {
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    pub(super) control_plane: bool,
    pub(super) clock_offset: i64,
}

const fn node(
    name: &'static str,
    address: &'static str,
    control_plane: bool,
    clock_offset: i64,
) -> NodeRow {
    NodeRow { name, address, control_plane, clock_offset }
}

pub(super) const NODES: [NodeRow; 4] = [
    node("server-1", "10.0.0.11", true, 4),
    node("server-2", "10.0.0.12", true, -7),
    node("server-3", "10.0.0.13", true, 12),
    node("worker-1", "10.0.0.21", false, 1800),
];

pub(super) const REPLICAS: usize = 3;

pub(super) const SYSTEM: &str = "cattle-fleet-system";
pub(super) const LOCAL: &str = "cattle-fleet-local-system";

pub(super) const CONTROLLER: &str = "fleet-controller-leader-election-shard";
pub(super) const GITOPS: &str = "fleet-gitops-leader-election-shard";
pub(super) const HELMOPS: &str = "fleet-helmops-leader-election-shard";
pub(super) const CLEANUP: &str = "fleet-cleanup-lock";
pub(super) const AGENT_MANAGEMENT: &str = "fleet-agentmanagement-lock";
pub(super) const AGENT: &str = "fleet-agent";
pub(super) const SCHEDULER: &str = "kube-scheduler";

/// Fleet's chart.
const CHART: Timing = Timing::seconds(30, 25, 10);
/// What the first incident hits, so that its failover is over soon; a real Fleet has [`CHART`] here, too.
const QUICK: Timing = Timing::seconds(6, 4, 1);
/// client-go's defaults; agents have their own values in the chart, so these may differ from the rest.
const DEFAULTS: Timing = Timing::seconds(15, 10, 2);

const fn lock(
    namespace: &'static str,
    name: &'static str,
    timing: Timing,
    of: (Identity, bool, &'static str),
) -> Lock {
    let (identity, releases, manager) = of;
    Lock { namespace, name, identity, timing, releases, manager }
}

const CONTROLLER_RUNTIME: (Identity, bool, &str) = (Identity::HostUuid, false, "fleetcontroller");
const WRANGLER: (Identity, bool, &str) = (Identity::Host, true, "fleetcontroller");
const FLEET_AGENT: (Identity, bool, &str) = (Identity::HostPid, false, "fleetagent");

pub(super) const PARTS: [Part; 6] = [
    Part {
        name: "fleet-controller",
        namespace: SYSTEM,
        kind: Kind::Deployment,
        labels: &[
            ("app", "fleet-controller"),
            ("fleet.cattle.io/shard-default", "true"),
            ("fleet.cattle.io/shard-id", ""),
        ],
        containers: &[
            Container {
                name: "fleet-controller",
                lock: lock(SYSTEM, CONTROLLER, CHART, CONTROLLER_RUNTIME),
            },
            Container { name: "fleet-cleanup", lock: lock(SYSTEM, CLEANUP, CHART, WRANGLER) },
            Container {
                name: "fleet-agentmanagement",
                lock: lock(SYSTEM, AGENT_MANAGEMENT, CHART, WRANGLER),
            },
        ],
    },
    Part {
        name: "gitjob",
        namespace: SYSTEM,
        kind: Kind::Deployment,
        labels: &[
            ("app", "gitjob"),
            ("fleet.cattle.io/shard-default", "true"),
            ("fleet.cattle.io/shard-id", ""),
        ],
        containers: &[Container {
            name: "gitjob",
            lock: lock(SYSTEM, GITOPS, QUICK, CONTROLLER_RUNTIME),
        }],
    },
    Part {
        name: "helmops",
        namespace: SYSTEM,
        kind: Kind::Deployment,
        labels: &[
            ("app", "helmops"),
            ("fleet.cattle.io/shard-default", "true"),
            ("fleet.cattle.io/shard-id", ""),
        ],
        containers: &[Container {
            name: "helmops",
            lock: lock(SYSTEM, HELMOPS, CHART, CONTROLLER_RUNTIME),
        }],
    },
    Part {
        name: "fleet-agent",
        namespace: LOCAL,
        kind: Kind::Deployment,
        labels: &[("app", "fleet-agent")],
        containers: &[Container {
            name: "fleet-agent",
            lock: lock(LOCAL, AGENT, DEFAULTS, FLEET_AGENT),
        }],
    },
    Part {
        name: "kube-scheduler",
        namespace: "kube-system",
        kind: Kind::StaticPod,
        labels: &[("component", "kube-scheduler"), ("tier", "control-plane")],
        containers: &[Container {
            name: "kube-scheduler",
            lock: lock(
                "kube-system",
                SCHEDULER,
                DEFAULTS,
                (Identity::HostUuid, true, "kube-scheduler"),
            ),
        }],
    },
    Part {
        name: "kube-controller-manager",
        namespace: "kube-system",
        kind: Kind::StaticPod,
        labels: &[("component", "kube-controller-manager"), ("tier", "control-plane")],
        containers: &[Container {
            name: "kube-controller-manager",
            lock: lock(
                "kube-system",
                "kube-controller-manager",
                DEFAULTS,
                (Identity::HostUuid, false, "kube-controller-manager"),
            ),
        }],
    },
];
