//! In how many ways a term can end: one row each.

mod alone;

use anyhow::Result;

use super::stage::Stage;
use super::strike;

pub use alone::SCENES;

/// One way in which a term ends. Its lease, Deployment and namespace are named like it.
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// What is done, for the table.
    pub deed: &'static str,
    /// How many candidates there are.
    pub replicas: usize,
    /// Flags of the candidates beyond their timing.
    pub flags: &'static [&'static str],
    /// Which nodes its pods may run on: the label `for`.
    pub nodes: &'static str,
    /// How much of a processor each of its pods asks for.
    pub cpus: &'static str,
    /// Ends the leader's term.
    pub strike: fn(&Stage<'_>) -> Result<()>,
    /// The cause that has to be told.
    pub cause: &'static str,
    /// And how sure it has to be.
    pub confidence: &'static str,
    /// What the evidence has to speak of.
    pub evidence: &'static [&'static str],
}

/// Identities are host names and nothing else.
pub const BARE: &[&str] = &["--release-on-cancel", "--identity=$(POD_NAME)"];
const RELEASE: &[&str] = &["--release-on-cancel"];
const COORDINATED: &[&str] = &["--binary-version=1.36.0", "--emulation-version=1.36.0"];

/// Candidates without a release, on the nodes that all share.
const SILENT: Scene = Scene {
    name: "",
    deed: "",
    replicas: 2,
    flags: &[],
    nodes: "all",
    cpus: "50m",
    strike: strike::crash,
    cause: "",
    confidence: "high",
    evidence: &[],
};
const RELEASING: Scene = Scene { flags: RELEASE, ..SILENT };

/// What befalls the elections of the control plane's own components. Their names are those of the
/// leases.
pub const CONTROL_PLANE: [Scene; 2] = [
    Scene {
        name: "kube-scheduler",
        deed: "the real kube-scheduler is killed",
        strike: strike::kill,
        cause: "container_crash",
        evidence: &["code 137"],
        ..SILENT
    },
    Scene {
        name: "kube-controller-manager",
        deed: "the real kube-controller-manager is killed",
        strike: strike::kill,
        cause: "container_crash",
        evidence: &["code 137"],
        ..SILENT
    },
];

/// What befalls all elections together: etcd stands still.
pub const STALL: Scene = Scene {
    name: "etcd-stalled",
    deed: "etcd stands still for longer than leaders try to renew",
    cause: "control_plane_outage",
    evidence: &["other elections"],
    ..SILENT
};

/// The same: there is no API server.
pub const OUTAGE: Scene = Scene {
    name: "api-outage",
    deed: "the API server is away for longer than leaders try to renew",
    cause: "control_plane_outage",
    evidence: &["other elections"],
    ..SILENT
};
