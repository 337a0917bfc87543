//! Which lock an election is held over.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The kind of object that serves as the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LockKind {
    /// A `coordination.k8s.io` Lease.
    Lease,
    /// A ConfigMap with the annotation `control-plane.alpha.kubernetes.io/leader`.
    ConfigMap,
    /// An Endpoints object with the same annotation.
    Endpoints,
}

impl LockKind {
    /// The value of the metric label `lock_kind`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::ConfigMap => "configmap",
            Self::Endpoints => "endpoints",
        }
    }

    /// What stands before the name of a lock of this kind: nothing before that of a Lease.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Lease => "",
            Self::ConfigMap => "configmap/",
            Self::Endpoints => "endpoints/",
        }
    }
}

/// The name of one lock in one cluster. Orders by namespace, then name, then kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LockKey {
    /// The namespace of the object.
    pub namespace: Arc<str>,
    /// The name of the object.
    pub name: Arc<str>,
    /// The kind of the object; the same name may exist as two kinds.
    pub kind: LockKind,
}

impl LockKey {
    /// The key of the Lease `namespace/name`.
    #[must_use]
    pub fn lease(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into(), kind: LockKind::Lease }
    }
}

/// `namespace/name` of a Lease; `configmap/namespace/name` or `endpoints/namespace/name` of the older locks.
impl fmt::Display for LockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}", self.kind.prefix(), self.namespace, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_older_locks_name_their_kind() {
        let named = |kind| LockKey { kind, ..LockKey::lease("ns", "a") }.to_string();
        assert_eq!(named(LockKind::Lease), "ns/a");
        assert_eq!(named(LockKind::ConfigMap), "configmap/ns/a");
        assert_eq!(named(LockKind::Endpoints), "endpoints/ns/a");
    }
}
