//! Pods, and the nodes that they run on.

use std::sync::Arc;

use super::Owner;
use crate::time::Time;

/// What is read of a pod. Every field but the names may be missing or absurd.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// The host name that its containers see, where that is neither the pod's name nor the node's.
    pub hostname: Option<Arc<str>>,
    /// Its addresses; none for a pod in its node's network.
    pub ips: Vec<Arc<str>>,
    /// The phase as the API names it: `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    pub phase: Arc<str>,
    /// Why it is in that phase, where the kubelet or the control plane says so: `Evicted`, `NodeLost`.
    pub reason: Option<Arc<str>>,
    /// When it was created (API server's clock, whole seconds).
    pub created: Option<Time>,
    /// When its kubelet first saw it (kubelet's clock, whole seconds).
    pub started: Option<Time>,
    /// When the condition `Ready` became true (kubelet's clock, whole seconds), if it is true.
    pub ready_since: Option<Time>,
    /// Whether the condition `ContainersReady` is true. Where `Ready` is false beside it, the control
    /// plane has given the node up: a kubelet changes both.
    pub containers_ready: bool,
    /// The reason of the condition `DisruptionTarget`, if it is true: who wants it gone.
    pub disruption: Option<Arc<str>>,
    /// When its deletion was requested (API server's clock, whole seconds), if it was.
    pub deletion: Option<Time>,
    /// Its controller.
    pub owner: Option<Owner>,
    /// `pod-template-hash` or `controller-revision-hash`: another one is another rollout.
    pub template: Option<Arc<str>>,
    /// Its containers, in the order of the spec.
    pub containers: Vec<ContainerRecord>,
    /// The ends of its containers that its status tells of: the present one and the last of each.
    pub terminations: Vec<Termination>,
}

/// What is read of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerRecord {
    /// Its name.
    pub name: Arc<str>,
    /// Its image as the spec names it.
    pub image: Option<Arc<str>>,
    /// How often it was started again.
    pub restarts: u32,
    /// Since when it runs (kubelet's clock, whole seconds), if it runs.
    pub running_since: Option<Time>,
    /// Why it waits, if it waits: `CrashLoopBackOff`.
    pub waiting: Option<Arc<str>>,
}

/// How a container ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Termination {
    /// Which container.
    pub container: Arc<str>,
    /// Why, as the kubelet says: `OOMKilled`, `Error`, `Completed`.
    pub reason: Option<Arc<str>>,
    /// The exit code; 128 + the signal for a killed one.
    pub exit_code: i32,
    /// When (kubelet's clock, cut to whole seconds).
    pub finished: Option<Time>,
}

impl PodRecord {
    /// Whether the condition `Ready` is true.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.ready_since.is_some()
    }

    /// Whether its deletion was requested.
    #[must_use]
    pub fn deleting(&self) -> bool {
        self.deletion.is_some()
    }

    /// Whether its containers have ended for good.
    #[must_use]
    pub fn finished(&self) -> bool {
        matches!(&*self.phase, "Succeeded" | "Failed")
    }

    /// Restarts of its containers, added up.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.containers.iter().map(|it| it.restarts).fold(0, u32::saturating_add)
    }
}

/// What is read of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeRecord {
    /// Its name.
    pub name: Arc<str>,
    /// What its machine calls itself: addresses of type `Hostname` and the label
    /// `kubernetes.io/hostname`, where they differ from the name.
    pub hostnames: Vec<Arc<str>>,
    /// The label `topology.kubernetes.io/zone`.
    pub zone: Option<Arc<str>>,
    /// The status of its condition `Ready`: `True`, `False`, or `Unknown` once the control plane has
    /// heard nothing for the node monitor's grace period.
    pub ready: Option<Arc<str>>,
}
