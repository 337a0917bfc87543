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
    /// Which of its objects are asked for.
    pub scope: Scope,
    /// Narrows the set on the server.
    pub field_selector: &'static str,
    /// Whether only the metadata is asked for: what else such objects contain is nobody's business.
    pub metadata_only: bool,
    /// Whether many clusters do not serve it: then there are none, and nothing is wrong.
    pub optional: bool,
    /// What is not known without it.
    pub without: &'static str,
    /// Reads one object as the API server writes it.
    pub read: fn(&str) -> Result<Seen, Unreadable>,
    /// Reads the same in protobuf. Only what is watched in numbers is asked for in it.
    pub read_protobuf: Option<FromProtobuf>,
}

/// Reads one object in protobuf, without its envelope.
pub type FromProtobuf = fn(&[u8]) -> Result<Seen, Unreadable>;

/// Where the objects of a kind live, and which of them are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In namespaces: those of the options, or all of them.
    Namespaces,
    /// In this one namespace, whatever the options say.
    Only(&'static str),
    /// In none; a Role cannot allow it.
    Cluster,
}

/// What an account must be allowed to do with each row's resource.
pub const VERBS: [&str; 2] = ["list", "watch"];

/// What it must be allowed to do with pods where they are looked up and not watched.
pub const LOOK_UP_VERBS: [&str; 1] = ["get"];

const COORDINATION: &str = "coordination.k8s.io";

/// A kind of the core group, which the others are told apart from.
const CORE: Row = Row {
    kind: Kind::Pod,
    group: "",
    version: "v1",
    resource: "pods",
    object_kind: "Pod",
    scope: Scope::Namespaces,
    field_selector: "",
    metadata_only: false,
    optional: false,
    without: "Leaders are not resolved to pods and nodes, and nobody can tell why one went or when the next became ready.",
    read: read::pod,
    read_protobuf: None,
};

/// In the order of [`Kind::ALL`].
pub const ROWS: [Row; Kind::ALL.len()] = [
    Row {
        kind: Kind::Lease,
        group: COORDINATION,
        resource: "leases",
        object_kind: "Lease",
        // Kubelets write thousands of heartbeats for every election.
        field_selector: "metadata.namespace!=kube-node-lease",
        without: "Nothing at all is known.",
        read: read::lease,
        read_protobuf: Some(read::lease_in_protobuf),
        ..CORE
    },
    Row {
        kind: Kind::NodeLease,
        group: COORDINATION,
        resource: "leases",
        object_kind: "Lease",
        scope: Scope::Only(NODE_LEASE_NAMESPACE),
        without: "The clocks of nodes are known less well, and a dead node is not told from a dead process.",
        read: read::lease,
        read_protobuf: Some(read::lease_in_protobuf),
        ..CORE
    },
    Row { read_protobuf: Some(read::pod_in_protobuf), ..CORE },
    Row {
        kind: Kind::Node,
        resource: "nodes",
        object_kind: "Node",
        scope: Scope::Cluster,
        without: "Zones are not known, nor a host name that differs from its node's name, nor what the control plane thinks of a node.",
        read: read::node,
        read_protobuf: Some(read::node_in_protobuf),
        ..CORE
    },
    Row {
        kind: Kind::Deployment,
        group: "apps",
        resource: "deployments",
        object_kind: "Deployment",
        without: "How many candidates an election should have is not known where a Deployment keeps them.",
        read: read::deployment,
        ..CORE
    },
    Row {
        kind: Kind::StatefulSet,
        group: "apps",
        resource: "statefulsets",
        object_kind: "StatefulSet",
        without: "How many candidates an election should have is not known where a StatefulSet keeps them.",
        read: read::stateful_set,
        ..CORE
    },
    Row {
        kind: Kind::LeaseCandidate,
        group: COORDINATION,
        version: "v1beta1",
        resource: "leasecandidates",
        object_kind: "LeaseCandidate",
        optional: true,
        without: "The candidates of coordinated elections are not known by name and version.",
        read: read::candidate,
        ..CORE
    },
    Row {
        kind: Kind::ConfigMap,
        resource: "configmaps",
        object_kind: "ConfigMap",
        metadata_only: true,
        without: "Locks in annotations of ConfigMaps are not seen.",
        read: read::config_map,
        ..CORE
    },
    Row {
        kind: Kind::Endpoints,
        resource: "endpoints",
        object_kind: "Endpoints",
        metadata_only: true,
        without: "Locks in annotations of Endpoints are not seen.",
        read: read::endpoints,
        ..CORE
    },
];

/// The kind of legacy locks of this resource: `configmaps` or `endpoints`.
///
/// # Errors
/// When it is none, with a text for people.
pub fn legacy_lock(resource: &str) -> Result<Kind, String> {
    let legacy = ROWS.iter().filter(|row| row.kind.elects() && row.metadata_only);
    let named = legacy.clone().find(|row| row.resource == resource);
    named.map(|row| row.kind).ok_or_else(|| {
        let known: Vec<_> = legacy.map(|row| row.resource).collect();
        format!("locks are kept in {}", known.join(" and "))
    })
}

impl Row {
    /// The row of a kind.
    #[must_use]
    pub fn of(kind: Kind) -> &'static Self {
        &ROWS[kind as usize]
    }

    /// The one namespace that its objects are in, if they are in one.
    #[must_use]
    pub const fn namespace(&self) -> Option<&'static str> {
        match self.scope {
            Scope::Only(namespace) => Some(namespace),
            Scope::Namespaces | Scope::Cluster => None,
        }
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
        assert_eq!(Row::of(Kind::LeaseCandidate).root(), "/apis/coordination.k8s.io/v1beta1");
    }
}
