//! What goes into the fold: one fact, stamped with the time at which the observer saw it.

use std::sync::Arc;

use serde::Serialize;

use crate::lock::LockKey;
use crate::time::Time;

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
    Listed(Listing),
    /// An object was created or changed.
    Applied(Object),
    /// An object was deleted; this is its last state.
    Deleted(Object),
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

/// One complete list.
#[derive(Clone, Debug, PartialEq)]
pub enum Listing {
    /// All locks of the watch of that kind: [`Kind::Lease`] or [`Kind::NodeLease`].
    Locks(Kind, Vec<LockRecord>),
    /// All pods.
    Pods(Vec<PodRecord>),
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A lock. A Lease of `kube-node-lease` belongs to [`Kind::NodeLease`].
    Lock(LockRecord),
    /// A pod.
    Pod(PodRecord),
}

/// A kind of object that is watched: one watch, one blindness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Kind {
    /// Leases outside `kube-node-lease`.
    Lease,
    /// The heartbeats of kubelets: Leases in `kube-node-lease`.
    NodeLease,
    /// Pods.
    Pod,
}

impl Kind {
    /// All of them, in the order of their labels' importance.
    pub const ALL: [Self; 3] = [Self::Lease, Self::NodeLease, Self::Pod];

    /// The value of the metric label `resource`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lease => "leases",
            Self::NodeLease => "node_leases",
            Self::Pod => "pods",
        }
    }
}

/// The namespace of kubelets' heartbeats.
pub const NODE_LEASE_NAMESPACE: &str = "kube-node-lease";

/// A lock as its object says it. Every field but the names may be missing or absurd.
#[derive(Clone, Debug, PartialEq)]
pub struct LockRecord {
    /// Which lock.
    pub key: LockKey,
    /// The identity of the object: a re-created lock has another.
    pub uid: Arc<str>,
    /// Who holds it; `None` stands for null and for the empty string alike.
    pub holder: Option<Arc<str>>,
    /// `leaseDurationSeconds`, in seconds.
    pub duration_seconds: Option<i32>,
    /// `acquireTime`, on the writer's clock.
    pub acquire: Option<Time>,
    /// `renewTime`, on the writer's clock.
    pub renew: Option<Time>,
    /// `leaseTransitions` as claimed.
    pub transitions: Option<i32>,
    /// `strategy` of coordinated leader election.
    pub strategy: Option<Arc<str>>,
    /// `preferredHolder` of coordinated leader election.
    pub preferred_holder: Option<Arc<str>>,
    /// The field manager of the newest write that owns a part of `spec`.
    pub manager: Option<Arc<str>>,
    /// Whether it carries the label `apiserver.kubernetes.io/identity`: a heartbeat.
    pub apiserver_identity: bool,
}

impl LockRecord {
    /// A lock that nobody holds and that says nothing.
    #[must_use]
    pub fn empty(key: LockKey) -> Self {
        Self {
            key,
            uid: "".into(),
            holder: None,
            duration_seconds: None,
            acquire: None,
            renew: None,
            transitions: None,
            strategy: None,
            preferred_holder: None,
            manager: None,
            apiserver_identity: false,
        }
    }

    /// Which watch this lock comes from.
    #[must_use]
    pub fn kind(&self) -> Kind {
        kind_of(&self.key)
    }
}

/// Which watch the lock of this key comes from.
#[must_use]
pub fn kind_of(key: &LockKey) -> Kind {
    if &*key.namespace == NODE_LEASE_NAMESPACE { Kind::NodeLease } else { Kind::Lease }
}

/// What is read of a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodRecord {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its identity: a StatefulSet's pod comes back under its name with another.
    pub uid: Arc<str>,
    /// The node that it was bound to.
    pub node: Option<Arc<str>>,
    /// Whether it runs in its node's network, and so under its node's host name.
    pub host_network: bool,
    /// The phase as the API names it: `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    pub phase: Arc<str>,
    /// When the condition `Ready` became true (kubelet's clock, whole seconds), if it is true.
    pub ready_since: Option<Time>,
    /// Whether its deletion was requested.
    pub deleting: bool,
    /// Restarts of its containers, added up.
    pub restarts: u32,
}

impl PodRecord {
    /// Whether the condition `Ready` is true.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.ready_since.is_some()
    }
}

impl Fact {
    /// Which watch this fact comes from; none for [`Fact::Tick`].
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Listed(Listing::Locks(kind, _)) | Self::Lost { kind, .. } | Self::Alive(kind) => {
                Some(*kind)
            }
            Self::Listed(Listing::Pods(_)) => Some(Kind::Pod),
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
        }
    }
}
