//! The resources the server knows: one row each.

use std::fmt;

/// A resource the server lists and watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// `leases.coordination.k8s.io/v1`.
    Leases,
    /// `leasecandidates.coordination.k8s.io/v1beta1`, of coordinated leader election.
    LeaseCandidates,
    /// `pods`.
    Pods,
    /// `nodes`, cluster-scoped.
    Nodes,
    /// `namespaces`, cluster-scoped.
    Namespaces,
    /// `configmaps`: the locks of older electors.
    ConfigMaps,
    /// `endpoints`: the locks of older electors.
    Endpoints,
    /// `deployments.apps/v1`.
    Deployments,
    /// `replicasets.apps/v1`.
    ReplicaSets,
    /// `statefulsets.apps/v1`.
    StatefulSets,
    /// `daemonsets.apps/v1`.
    DaemonSets,
    /// `endpointslices.discovery.k8s.io/v1`; nothing writes them but tests.
    EndpointSlices,
}

/// What the API says about a [`Resource`].
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) resource: Resource,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    /// Empty for the core group.
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) namespaced: bool,
}

const fn row(
    resource: Resource,
    kind: &'static str,
    plural: &'static str,
    group_version: (&'static str, &'static str),
    namespaced: bool,
) -> Row {
    let (group, version) = group_version;
    Row { resource, kind, plural, group, version, namespaced }
}

const CORE: (&str, &str) = ("", "v1");
const APPS: (&str, &str) = ("apps", "v1");
const DISCOVERY: (&str, &str) = ("discovery.k8s.io", "v1");
const COORDINATION: (&str, &str) = ("coordination.k8s.io", "v1");
const COORDINATION_BETA: (&str, &str) = ("coordination.k8s.io", "v1beta1");

/// In the order of the enum, so that a resource is its row's index.
pub(crate) const ROWS: [Row; 12] = [
    row(Resource::Leases, "Lease", "leases", COORDINATION, true),
    row(Resource::LeaseCandidates, "LeaseCandidate", "leasecandidates", COORDINATION_BETA, true),
    row(Resource::Pods, "Pod", "pods", CORE, true),
    row(Resource::Nodes, "Node", "nodes", CORE, false),
    row(Resource::Namespaces, "Namespace", "namespaces", CORE, false),
    row(Resource::ConfigMaps, "ConfigMap", "configmaps", CORE, true),
    row(Resource::Endpoints, "Endpoints", "endpoints", CORE, true),
    row(Resource::Deployments, "Deployment", "deployments", APPS, true),
    row(Resource::ReplicaSets, "ReplicaSet", "replicasets", APPS, true),
    row(Resource::StatefulSets, "StatefulSet", "statefulsets", APPS, true),
    row(Resource::DaemonSets, "DaemonSet", "daemonsets", APPS, true),
    row(Resource::EndpointSlices, "EndpointSlice", "endpointslices", DISCOVERY, true),
];

impl Resource {
    pub(crate) fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The resource of an object, from its `apiVersion` and `kind`.
    pub(crate) fn of(api_version: &str, kind: &str) -> Option<Self> {
        ROWS.iter()
            .find(|row| row.kind == kind && row.api_version() == api_version)
            .map(|row| row.resource)
    }
}

impl Row {
    /// `v1` or `apps/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The path below which the group's version is served: `/api/v1` or `/apis/apps/v1`.
    pub(crate) fn root(&self) -> String {
        let prefix = if self.group.is_empty() { "/api" } else { "/apis" };
        format!("{prefix}/{}", self.api_version())
    }

    /// The first fields of an object's JSON, as the API server orders them.
    pub(crate) fn type_meta(&self) -> String {
        format!("\"kind\":\"{}\",\"apiVersion\":\"{}\",", self.kind, self.api_version())
    }
}

/// `leases.coordination.k8s.io`, as the API server writes it in its messages.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row();
        f.write_str(row.plural)?;
        if !row.group.is_empty() {
            write!(f, ".{}", row.group)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_is_at_its_own_row() {
        for row in &ROWS {
            assert_eq!(row.resource.row().kind, row.kind);
            assert_eq!(Resource::of(&row.api_version(), row.kind), Some(row.resource));
        }
    }
}
