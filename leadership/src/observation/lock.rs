//! Locks, and the candidates that coordinated election names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Kind, NODE_LEASE_NAMESPACE, Owner};
use crate::lock::{LockKey, LockKind};
use crate::time::Time;

/// The labels of an object; an empty value is one, too.
pub type Labels = BTreeMap<Arc<str>, Arc<str>>;

/// The label of the Leases in which API servers say that they live.
const APISERVER_IDENTITY: &str = "apiserver.kubernetes.io/identity";

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
    /// Its labels; `None` of most locks, which electors make without any.
    pub labels: Option<Arc<Labels>>,
    /// The first of its owners: with it the lock goes.
    pub owner: Option<Arc<Owner>>,
    /// `resourceVersion`, which rises with every write of one object.
    pub version: Option<u64>,
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
            labels: None,
            owner: None,
            version: None,
        }
    }

    /// Whether an API server says with it that it lives.
    #[must_use]
    pub fn apiserver_identity(&self) -> bool {
        self.labels.as_ref().is_some_and(|labels| labels.contains_key(APISERVER_IDENTITY))
    }

    /// Whether this is what the same object said before it said `other`.
    #[must_use]
    pub fn older_than(&self, other: &Self) -> bool {
        let versions = self.version.zip(other.version);
        self.uid == other.uid && versions.is_some_and(|(own, others)| own < others)
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
    match key.kind {
        LockKind::Lease if &*key.namespace == NODE_LEASE_NAMESPACE => Kind::NodeLease,
        LockKind::Lease => Kind::Lease,
        LockKind::ConfigMap => Kind::ConfigMap,
        LockKind::Endpoints => Kind::Endpoints,
    }
}

/// What is read of a LeaseCandidate (`coordination.k8s.io/v1beta1`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CandidateRecord {
    /// Its namespace, which is the lease's.
    pub namespace: Arc<str>,
    /// Its name, which is the identity that it would hold the lease under.
    pub name: Arc<str>,
    /// The lease that it is a candidate for.
    pub lease: Arc<str>,
    /// The version of its binary.
    pub binary_version: Option<Arc<str>>,
    /// The version that it behaves as: the oldest wins.
    pub emulation_version: Option<Arc<str>>,
    /// When it last said that it lives, on its own clock; asked for, and so up to 15 minutes old.
    pub renew: Option<Time>,
    /// When the API server last asked.
    pub ping: Option<Time>,
}
