//! The kinds that are watched: one row each.

use leadership::observation::{Kind, NODE_LEASE_NAMESPACE};

use crate::read::{self, Seen, Unreadable};

/// How one kind is asked for, and how its objects are read.
#[derive(Debug)]
pub struct Row {
    /// The watch that its objects belong to.
    pub kind: Kind,
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version of the group.
    pub version: &'static str,
    /// The plural, as in paths and RBAC rules.
    pub resource: &'static str,
    /// `kind` as its objects say it.
    pub object_kind: &'static str,
    /// The one namespace that is asked for; all of them, or those of the options, if there is none.
    pub namespace: Option<&'static str>,
    /// Narrows the set on the server.
    pub field_selector: &'static str,
    /// Reads one object as the API server writes it.
    pub read: fn(&str) -> Result<Seen, Unreadable>,
}

/// What an account must be allowed to do with each row's resource.
pub const VERBS: [&str; 2] = ["list", "watch"];

/// In the order of [`Kind::ALL`].
pub const ROWS: [Row; 3] = [
    Row {
        kind: Kind::Lease,
        group: "coordination.k8s.io",
        version: "v1",
        resource: "leases",
        object_kind: "Lease",
        namespace: None,
        // Kubelets write thousands of heartbeats for every election.
        field_selector: "metadata.namespace!=kube-node-lease",
        read: read::lease,
    },
    Row {
        kind: Kind::NodeLease,
        group: "coordination.k8s.io",
        version: "v1",
        resource: "leases",
        object_kind: "Lease",
        namespace: Some(NODE_LEASE_NAMESPACE),
        field_selector: "",
        read: read::lease,
    },
    Row {
        kind: Kind::Pod,
        group: "",
        version: "v1",
        resource: "pods",
        object_kind: "Pod",
        namespace: None,
        field_selector: "",
        read: read::pod,
    },
];

impl Row {
    /// The row of a kind.
    #[must_use]
    pub fn of(kind: Kind) -> &'static Self {
        ROWS.iter().find(|row| row.kind == kind).unwrap_or(&ROWS[0])
    }

    /// `apiVersion` as its objects say it.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The path below which its resource is served.
    pub(crate) fn root(&self) -> String {
        let prefix = if self.group.is_empty() { "/api" } else { "/apis" };
        format!("{prefix}/{}", self.api_version())
    }

    /// The resource as errors of the API server name it: `leases.coordination.k8s.io`.
    #[must_use]
    pub fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.resource.to_owned()
        } else {
            format!("{}.{}", self.resource, self.group)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row() {
        for (row, kind) in ROWS.iter().zip(Kind::ALL) {
            assert_eq!(row.kind, kind);
            assert_eq!(Row::of(kind).kind, kind);
        }
    }

    #[test]
    fn paths_and_names_are_those_of_the_api() {
        assert_eq!(Row::of(Kind::Lease).root(), "/apis/coordination.k8s.io/v1");
        assert_eq!(Row::of(Kind::Pod).root(), "/api/v1");
        assert_eq!(Row::of(Kind::NodeLease).qualified(), "leases.coordination.k8s.io");
        assert_eq!(Row::of(Kind::Pod).qualified(), "pods");
    }
}
