//! Who keeps a pod running, in the end.

use std::sync::Arc;

use crate::observation::{Kind, PodRecord, WorkloadRecord};

/// The root owner of a pod: its siblings have the same one, and any of them can do its work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Root {
    /// `Deployment`, `StatefulSet`, `DaemonSet`, `StaticPod`, `Pod`, or what else owns pods.
    pub(crate) kind: Arc<str>,
    pub(crate) namespace: Arc<str>,
    pub(crate) name: Arc<str>,
}

/// The kinds under which a workload can be asked for by name.
const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

impl Root {
    fn new(kind: &str, namespace: &Arc<str>, name: &str) -> Self {
        Self { kind: kind.into(), namespace: Arc::clone(namespace), name: name.into() }
    }

    /// The root of a pod. A pod that nobody owns is its own.
    ///
    /// A Deployment's name is its `ReplicaSet`'s without the template hash: no watch of `ReplicaSet`s
    /// is needed. Static pods of one name on many nodes are one component.
    pub(crate) fn of_pod(pod: &PodRecord) -> Self {
        let namespace = &pod.namespace;
        let Some(owner) = &pod.owner else {
            return Self::new("Pod", namespace, &pod.name);
        };
        let without = |name: &str, tail: Option<&Arc<str>>| {
            let rest = name.strip_suffix(&**tail?)?.strip_suffix('-')?;
            (!rest.is_empty()).then(|| rest.to_owned())
        };
        let derived = match &*owner.kind {
            "ReplicaSet" => {
                without(&owner.name, pod.template.as_ref()).map(|name| ("Deployment", name))
            }
            "Node" => without(&pod.name, Some(&owner.name)).map(|name| ("StaticPod", name)),
            _ => None,
        };
        match derived {
            Some((kind, name)) => Self::new(kind, namespace, &name),
            None => Self::new(&owner.kind, namespace, &owner.name),
        }
    }

    /// The root that a workload is.
    pub(crate) fn of_workload(workload: &WorkloadRecord) -> Self {
        let kind = if workload.kind == Kind::StatefulSet { "StatefulSet" } else { "Deployment" };
        Self::new(kind, &workload.namespace, &workload.name)
    }

    /// The roots that a workload of this name may be.
    pub(crate) fn named(namespace: &Arc<str>, name: &str) -> impl Iterator<Item = Self> {
        WORKLOADS.iter().map(move |kind| Self::new(kind, namespace, name))
    }
}
