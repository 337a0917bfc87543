//! What keeps pods running.

use std::sync::Arc;

use super::Kind;

/// Who owns an object: the controller of a pod, the first owner of a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// Its kind: `ReplicaSet`, `StatefulSet`, `DaemonSet`, `Node`.
    pub kind: Arc<str>,
    /// Its name, in the namespace of what it owns.
    pub name: Arc<str>,
    /// Its identity.
    pub uid: Arc<str>,
}

/// What is read of a Deployment or a StatefulSet.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadRecord {
    /// [`Kind::Deployment`] or [`Kind::StatefulSet`].
    pub kind: Kind,
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its identity.
    pub uid: Arc<str>,
    /// How many pods it is to keep; the API's default is one.
    pub replicas: u32,
    /// Whether its deletion was requested.
    pub deleting: bool,
}
