//! What runs in the cluster: pods, nodes, workloads and candidates, found by every name that a holder
//! may know them by.
//!
//! Every question is answered from an index: a cluster has 150,000 pods, and each of their changes
//! asks. Recently deleted pods are remembered, for a leader that is gone is the one that is asked for.

mod departed;
mod index;
mod looked;
mod nodes;
mod packed;
mod pods;
mod register;
mod root;
mod seen;
mod texts;

use std::sync::Arc;

use crate::lock::LockKey;
use crate::observation::{CandidateRecord, Kind, NodeRecord, Owner, PodRecord, WorkloadRecord};
use crate::time::Time;

use looked::Looked;
use nodes::Nodes;
use pods::Pods;
use register::Register;

pub(crate) use index::Index;
pub(crate) use nodes::{KnownNode, Named};
pub(crate) use root::Root;
pub(crate) use seen::Seen;

/// Namespace, lease and name.
type CandidateKey = (Arc<str>, Arc<str>, Arc<str>);

/// Everything that is known of what runs in the cluster.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pods: Pods,
    looked: Looked,
    nodes: Nodes,
    /// By root: a Deployment and a `StatefulSet` of one name are two.
    workloads: Register<Root, WorkloadRecord>,
    candidates: Register<CandidateKey, CandidateRecord>,
}

impl Inventory {
    /// A complete list of this kind follows, object by object. It may break off and begin again; pods that come with it
    /// are told of when it is complete.
    pub(crate) fn begin_list(&mut self, kind: Kind) {
        match kind {
            Kind::Pod => self.pods.begin_list(),
            Kind::Node => self.nodes.begin_list(),
            Kind::Deployment | Kind::StatefulSet => self.workloads.begin_list(),
            Kind::LeaseCandidate => self.candidates.begin_list(),
            Kind::Lease | Kind::NodeLease | Kind::ConfigMap | Kind::Endpoints => {}
        }
    }

    /// The list is complete: what it lacked is gone.
    pub(crate) fn end_list(&mut self, kind: Kind, at: Time) {
        match kind {
            Kind::Pod => self.pods.end_list(at),
            Kind::Node => self.nodes.end_list(),
            Kind::Deployment | Kind::StatefulSet => {
                self.workloads.end_list(|workload| workload.kind == kind);
            }
            Kind::LeaseCandidate => self.candidates.end_list(|_| true),
            Kind::Lease | Kind::NodeLease | Kind::ConfigMap | Kind::Endpoints => {}
        }
    }

    /// Takes a pod in, or its new state. Says whether anything is different now.
    pub(crate) fn apply_pod(&mut self, pod: PodRecord, at: Time) -> bool {
        if let Some(node) = &pod.node {
            self.nodes.mention(node);
        }
        self.pods.apply(pod, at)
    }

    /// A pod was deleted; this is its last state.
    pub(crate) fn delete_pod(&mut self, pod: PodRecord, at: Time) -> bool {
        self.pods.delete(pod, at)
    }

    /// Takes a node in, or its new state. Says whether anything is different now.
    pub(crate) fn apply_node(&mut self, node: NodeRecord) -> bool {
        self.nodes.apply(node)
    }

    /// A node was deleted.
    pub(crate) fn delete_node(&mut self, name: &str) -> bool {
        self.nodes.remove(name)
    }

    /// Remembers that this is a node's name.
    pub(crate) fn know_node(&mut self, name: &Arc<str>) {
        self.nodes.mention(name);
    }

    /// Everything under which a holder may know this pod: its names, addresses and identity, and in its
    /// node's network the names of the node.
    pub(crate) fn keys(&self, pod: &PodRecord) -> Vec<Arc<str>> {
        let own = [Some(&pod.name), Some(&pod.uid), pod.hostname.as_ref()].into_iter().flatten();
        let mut keys: Vec<Arc<str>> = own.chain(&pod.ips).cloned().collect();
        keys.extend(index::sanitized(pod));
        if let Some(node) = pod.node.as_ref().filter(|_| pod.host_network) {
            keys.extend(self.node_names(node));
        }
        keys
    }

    /// A node's heartbeat is gone: nothing but its object still speaks for it.
    pub(crate) fn unknow_node(&mut self, name: &str) {
        self.nodes.unmention(name);
    }

    /// Takes a workload in, or its new state. Says whether anything is different now.
    pub(crate) fn apply_workload(&mut self, workload: WorkloadRecord) -> bool {
        self.workloads.apply(Root::of_workload(&workload), workload)
    }

    /// A workload was deleted.
    pub(crate) fn delete_workload(&mut self, workload: &WorkloadRecord) -> bool {
        self.workloads.remove(&Root::of_workload(workload))
    }

    /// Takes a candidate of coordinated election in. Says whether anything is different now.
    pub(crate) fn apply_candidate(&mut self, candidate: CandidateRecord) -> bool {
        self.candidates.apply(candidate_key(&candidate), candidate)
    }

    /// A candidate of coordinated election was deleted.
    pub(crate) fn delete_candidate(&mut self, candidate: &CandidateRecord) -> bool {
        self.candidates.remove(&candidate_key(candidate))
    }

    /// How many objects of this kind there are; none of locks, which are kept elsewhere.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Pod => self.pods(),
            Kind::Node => self.nodes.count(),
            Kind::Deployment | Kind::StatefulSet => {
                self.workloads.count(|workload| workload.kind == kind)
            }
            Kind::LeaseCandidate => self.candidates.count(|_| true),
            Kind::Lease | Kind::NodeLease | Kind::ConfigMap | Kind::Endpoints => 0,
        }
    }

    /// How many pods there are.
    pub(crate) fn pods(&self) -> usize {
        self.pods.len()
    }

    /// Whether a complete list of pods was ever seen. Without it, a pod that is not known may exist.
    pub(crate) fn pods_listed(&self) -> bool {
        self.pods.listed()
    }

    /// The pod of this identity, whether it lives or was deleted not long ago.
    pub(crate) fn pod(&self, uid: &Arc<str>) -> Option<Seen> {
        self.pods.by_uid(uid).filter(|_| !uid.is_empty())
    }

    /// The living pod of that name in that namespace.
    pub(crate) fn pod_named(&self, namespace: &Arc<str>, name: &Arc<str>) -> Option<Seen> {
        self.pods.named(namespace, name)
    }

    /// The living pods found under `key` in an index; in one namespace, or in all of them.
    pub(crate) fn find(
        &self,
        index: Index,
        key: &Arc<str>,
        namespace: Option<&Arc<str>>,
    ) -> impl Iterator<Item = Seen> + use<'_> {
        self.pods.find(index, key, namespace)
    }

    /// As [`Self::find`], of pods that were deleted not long ago, the newest first.
    pub(crate) fn find_gone(&self, index: Index, key: &Arc<str>) -> Vec<Seen> {
        self.pods.find_gone(index, key)
    }

    /// The living pods in a node's own network.
    pub(crate) fn on_host(&self, node: &Arc<str>) -> impl Iterator<Item = Seen> + use<'_> {
        self.pods.on_host(node)
    }

    /// The living pods of one root.
    pub(crate) fn siblings(&self, root: &Arc<Root>) -> impl Iterator<Item = Seen> + use<'_> {
        self.pods.siblings(root)
    }

    /// The root as its pods have it, if it has any.
    pub(crate) fn root(&self, root: Root) -> Option<Arc<Root>> {
        let root = Arc::new(root);
        self.pods.siblings(&root).next().map(|seen| Arc::clone(&seen.root))
    }

    /// The node of that very name.
    pub(crate) fn node(&self, name: &str) -> Option<&KnownNode> {
        self.nodes.get(name)
    }

    /// The nodes that call themselves so, by the surest of their names that fits.
    pub(crate) fn nodes_named(&self, name: &Arc<str>) -> Named {
        self.nodes.named(name)
    }

    /// All names by which a node is found.
    pub(crate) fn node_names(&self, name: &Arc<str>) -> Vec<Arc<str>> {
        self.nodes.names(name)
    }

    /// Whether any node was ever known: without them, a host that is not known may be one.
    pub(crate) fn nodes_known(&self) -> bool {
        self.nodes.known()
    }

    /// Rises whenever a node's state changes.
    pub(crate) fn nodes_version(&self) -> u64 {
        self.nodes.version()
    }

    /// Whether the owner of an object in this namespace is gone or going, as far as that is watched.
    pub(crate) fn lost(&self, namespace: &Arc<str>, owner: &Owner) -> bool {
        match &*owner.kind {
            "Pod" => {
                self.pod(&owner.uid).is_some_and(|pod| pod.gone.is_some() || pod.record.deleting())
            }
            "Deployment" | "StatefulSet" => self.lost_workload(namespace, owner),
            _ => false,
        }
    }

    fn lost_workload(&self, namespace: &Arc<str>, owner: &Owner) -> bool {
        let root = Root::named(namespace, &owner.name).find(|root| root.kind == owner.kind);
        let known = root.and_then(|root| self.workloads.get(&root));
        let same = known.filter(|it| it.uid == owner.uid);
        self.workloads.listed() && same.is_none_or(|it| it.deleting)
    }

    /// The workload that keeps the pods of this root.
    pub(crate) fn workload(&self, root: &Root) -> Option<&WorkloadRecord> {
        self.workloads.get(root)
    }

    /// The candidates of coordinated election for a lease.
    pub(crate) fn candidates(&self, lease: &LockKey) -> impl Iterator<Item = &CandidateRecord> {
        let (namespace, name) = (Arc::clone(&lease.namespace), Arc::clone(&lease.name));
        let from = (Arc::clone(&namespace), Arc::clone(&name), Arc::from(""));
        self.candidates
            .from(from)
            .take_while(move |it| it.namespace == namespace && it.lease == name)
    }
}

fn candidate_key(candidate: &CandidateRecord) -> CandidateKey {
    let CandidateRecord { namespace, lease, name, .. } = candidate;
    (Arc::clone(namespace), Arc::clone(lease), Arc::clone(name))
}

#[cfg(test)]
pub(crate) mod tests;
