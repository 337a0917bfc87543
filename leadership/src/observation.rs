//! What goes into the fold: one fact, stamped with the time at which the observer saw it.

mod lock;
mod pod;
mod workload;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::snapshot::PodName;
use crate::time::Time;

pub use lock::{CandidateRecord, Labels, LockRecord, kind_of};
pub use pod::{ContainerRecord, NodeRecord, PodRecord, Termination};
pub use workload::{Owner, WorkloadRecord};

/// One thing that the observer saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// When it was seen, on the observer's clock.
    pub at: Time,
    /// What was seen.
    pub fact: Fact,
}

/// What can be seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The complete set of one kind. What it lacks is gone.
    Listed {
        /// Of which kind.
        kind: Kind,
        /// All of its objects; those of another kind are left alone.
        objects: Vec<Object>,
    },
    /// A part of the complete set of pods. They alone come in such numbers that a list of them as one fact would be
    /// the most that is ever in memory. Until the last part came, nothing that the list lacks is gone, and a kind that
    /// we were blind for is not seen; a first part begins anew whatever became of the list before it.
    Page {
        /// Which part.
        part: Part,
        /// Its pods.
        pods: Vec<PodRecord>,
    },
    /// An object was created or changed.
    Applied(Object),
    /// An object was deleted; this is its last state.
    Deleted(Object),
    /// A pod was looked up by its name, and this is what it is like now. It may be otherwise a moment later: who looks
    /// up does not watch.
    Found(PodRecord),
    /// A pod was looked up by its name, and there is none now.
    NotFound(PodName),
    /// The watch of this kind broke: we are blind for it until its next fact.
    Lost {
        /// Which watch.
        kind: Kind,
        /// What broke it, for people.
        error: Arc<str>,
    },
    /// The watch of this kind is alive though nothing changed (a bookmark, or a resumed stream).
    Alive(Kind),
    /// Nothing but time passed.
    Tick,
}

/// A part of a list that comes in several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The list begins.
    First,
    /// It goes on.
    Next,
    /// It is complete.
    Last,
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A lock. A Lease of `kube-node-lease` belongs to [`Kind::NodeLease`].
    Lock(LockRecord),
    /// A pod.
    Pod(PodRecord),
    /// A node.
    Node(NodeRecord),
    /// A workload that keeps a number of pods.
    Workload(WorkloadRecord),
    /// A candidate of coordinated leader election.
    Candidate(CandidateRecord),
}

/// A kind of object that is watched: one watch, one blindness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Leases outside `kube-node-lease`.
    Lease,
    /// The heartbeats of kubelets: Leases in `kube-node-lease`.
    NodeLease,
    /// Pods.
    Pod,
    /// Nodes: their host names, zones and the control plane's verdict on them.
    Node,
    /// Deployments: how many pods are wanted.
    Deployment,
    /// `StatefulSet`s: how many pods are wanted.
    StatefulSet,
    /// Candidates of coordinated leader election, where the API is served.
    LeaseCandidate,
    /// Locks in annotations of `ConfigMap`s.
    ConfigMap,
    /// Locks in annotations of Endpoints.
    Endpoints,
}

/// A kind and what it is called in metrics.
const LABELS: [(Kind, &str); Kind::ALL.len()] = [
    (Kind::Lease, "leases"),
    (Kind::NodeLease, "node_leases"),
    (Kind::Pod, "pods"),
    (Kind::Node, "nodes"),
    (Kind::Deployment, "deployments"),
    (Kind::StatefulSet, "statefulsets"),
    (Kind::LeaseCandidate, "lease_candidates"),
    (Kind::ConfigMap, "configmaps"),
    (Kind::Endpoints, "endpoints"),
];

impl Kind {
    /// All of them, in the order of their importance.
    pub const ALL: [Self; 9] = [
        Self::Lease,
        Self::NodeLease,
        Self::Pod,
        Self::Node,
        Self::Deployment,
        Self::StatefulSet,
        Self::LeaseCandidate,
        Self::ConfigMap,
        Self::Endpoints,
    ];

    /// The value of the metric label `resource`.
    #[must_use]
    pub fn label(self) -> &'static str {
        LABELS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, label)| label)
    }

    /// Whether its objects are locks that elections are held over.
    #[must_use]
    pub const fn elects(self) -> bool {
        matches!(self, Self::Lease | Self::ConfigMap | Self::Endpoints)
    }
}

/// The namespace of kubelets' heartbeats.
pub const NODE_LEASE_NAMESPACE: &str = "kube-node-lease";

impl Fact {
    /// Which watch this fact comes from; none for [`Fact::Tick`].
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Listed { kind, .. } | Self::Lost { kind, .. } | Self::Alive(kind) => Some(*kind),
            Self::Page { .. } | Self::Found(_) | Self::NotFound(_) => Some(Kind::Pod),
            Self::Applied(object) | Self::Deleted(object) => Some(object.kind()),
            Self::Tick => None,
        }
    }
}

impl Object {
    /// Which watch this object comes from.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Lock(lock) => lock.kind(),
            Self::Pod(_) => Kind::Pod,
            Self::Node(_) => Kind::Node,
            Self::Workload(workload) => workload.kind,
            Self::Candidate(_) => Kind::LeaseCandidate,
        }
    }

    /// The namespace that it is in; none of a node.
    #[must_use]
    pub fn namespace(&self) -> Option<&Arc<str>> {
        match self {
            Self::Lock(lock) => Some(&lock.key.namespace),
            Self::Pod(pod) => Some(&pod.namespace),
            Self::Node(_) => None,
            Self::Workload(workload) => Some(&workload.namespace),
            Self::Candidate(candidate) => Some(&candidate.namespace),
        }
    }
}
