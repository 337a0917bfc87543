//! What the workload controllers, the scheduler and the kubelets do to pods.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rand::RngExt;
use serde_json::{Map, Value, json};

use super::parts::{Kind, NODES, Part};
use super::processes::Process;
use super::{Step, World, before};
use crate::apiserver::{Deletion, Resource};
use crate::objects::pod::{self, Plan};
use crate::objects::{Owner, node};
use crate::scene::kubelet::{self, TERMINATION};

/// From a pod's creation to its containers running.
const START: Duration = Duration::from_millis(1500);
/// A drained node takes pods again.
const UNCORDON: Duration = Duration::from_mins(1);

/// A pod, as its node runs it.
#[derive(Debug)]
pub(super) struct PodRun {
    pub(super) part: &'static Part,
    pub(super) node: usize,
    /// Of the template it was made from; empty for static pods.
    pub(super) hash: String,
    ip: String,
    pub(super) going: bool,
    pub(super) started: bool,
    pub(super) processes: BTreeMap<&'static str, Process>,
    pub(super) restarts: BTreeMap<&'static str, u32>,
}

pub(super) fn labels(part: &Part) -> Map<String, Value> {
    part.labels.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}

pub(super) fn containers(part: &Part) -> Vec<&'static str> {
    part.containers.iter().map(|container| container.name).collect()
}

impl World {
    pub(super) fn pods_of(&self, part: &Part) -> impl Iterator<Item = (&String, &PodRun)> {
        self.pods.iter().filter(|(_, run)| run.part.name == part.name)
    }

    pub(super) fn create_replica(&mut self, part: &'static Part, settled: bool) {
        let Some(template) = self.templates.get(part.name).cloned() else { return };
        let name = format!("{}-{}-{}", part.name, template.hash, self.suffix(5));
        let node = self.node_for(part);
        let mut labels = labels(part);
        labels.insert("pod-template-hash".to_owned(), json!(template.hash));
        self.create(part, name, (node, template.hash), &labels, &template.replica_set, settled);
    }

    pub(super) fn create_static(&mut self, part: &'static Part, node: usize, settled: bool) {
        let name = format!("{}-{}", part.name, NODES[node].name);
        let owner = self.owner(Resource::Nodes, "v1", "Node", "", NODES[node].name);
        self.create(part, name, (node, String::new()), &labels(part), &owner, settled);
    }

    fn create(
        &mut self,
        part: &'static Part,
        name: String,
        (node, hash): (usize, String),
        labels: &Map<String, Value>,
        owner: &Owner,
        settled: bool,
    ) {
        let host_network = part.kind == Kind::StaticPod;
        let host_ip = NODES[node].address;
        let ip = if host_network { host_ip.to_owned() } else { self.next_ip(node) };
        let now = self.server.now();
        let plan = Plan {
            namespace: part.namespace,
            name: &name,
            labels,
            owner,
            node: NODES[node].name,
            host_ip,
            pod_ip: &ip,
            host_network,
            containers: &containers(part),
            created: if settled { before(now) } else { now },
        };
        self.write(if settled { plan.running() } else { plan.pending() });
        if !settled {
            self.later(START, Step::PodStarts(name.clone()));
        }
        let run = PodRun {
            part,
            node,
            hash,
            ip,
            going: false,
            started: settled,
            processes: BTreeMap::new(),
            restarts: BTreeMap::new(),
        };
        self.pods.insert(name, run);
    }

    /// The node with the fewest pods of this part, then of all.
    fn node_for(&self, part: &Part) -> usize {
        let count = |node: usize, of: Option<&str>| {
            let here = self.pods.values().filter(|run| run.node == node && !run.going);
            here.filter(|run| of.is_none_or(|name| run.part.name == name)).count()
        };
        let open = (0..NODES.len()).filter(|node| self.nodes[*node].takes_pods());
        open.min_by_key(|node| (count(*node, Some(part.name)), count(*node, None)))
            .unwrap_or_default()
    }

    fn next_ip(&mut self, node: usize) -> String {
        self.addresses = self.addresses.wrapping_add(1).max(2);
        format!("10.42.{node}.{}", self.addresses)
    }

    /// As in the names Kubernetes generates.
    pub(super) fn suffix(&mut self, length: usize) -> String {
        const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        (0..length).map(|_| char::from(LETTERS[self.rng.random_range(0..LETTERS.len())])).collect()
    }

    pub(super) fn edit_pod(&self, name: &str, edit: impl FnOnce(&mut Value, Timestamp)) {
        let Some(run) = self.pods.get(name) else { return };
        let now = self.server.now();
        // Whoever deletes without grace may be faster.
        drop(
            self.server
                .change(Resource::Pods, run.part.namespace, name, |object| edit(object, now)),
        );
    }

    pub(super) fn pod_starts(&mut self, name: &str) {
        let Some(run) = self.pods.get(name).filter(|run| !run.going) else { return };
        let (ip, part) = (run.ip.clone(), run.part);
        self.edit_pod(name, |object, now| pod::start(object, &ip, now));
        for container in part.containers {
            let delay = Duration::from_millis(self.rng.random_range(100..600));
            self.start_process(name, container, None, delay);
        }
    }

    pub(super) fn delete_pod(&self, name: &str, reason: Option<&str>) {
        if let Some(run) = self.pods.get(name) {
            drop(self.server.delete_pod(run.part.namespace, name, None, reason));
        }
    }

    /// A pod was asked to go, by us or by a client: the kubelet stops it and its ReplicaSet makes another.
    pub(super) fn pod_goes(&mut self, deletion: &Deletion) {
        let name = &deletion.name;
        let Some(run) =
            self.pods.get_mut(name).filter(|run| run.part.namespace == deletion.namespace)
        else {
            return;
        };
        let grace = TERMINATION.min(deletion.grace);
        if std::mem::replace(&mut run.going, true) {
            self.later(grace, Step::PodGone(name.clone()));
            return;
        }
        let (part, hash) = (run.part, run.hash.clone());
        self.terminate_processes(name);
        let current = self.templates.get(part.name).is_some_and(|template| template.hash == hash);
        if current {
            self.create_replica(part, false);
        }
        self.count_ready(part);
        self.later(grace, Step::PodGone(name.clone()));
    }

    /// Its kubelet removes it, if it lives; of a static pod it makes another.
    pub(super) fn pod_gone(&mut self, name: String) {
        let Some(run) = self.pods.get(&name) else { return };
        if self.nodes[run.node].lost {
            self.later(TERMINATION, Step::PodGone(name));
            return;
        }
        let (part, node) = (run.part, run.node);
        kubelet::remove(&self.server, part.namespace, &name);
        self.pods.remove(&name);
        if part.kind == Kind::StaticPod {
            self.create_static(part, node, false);
        }
    }

    /// `kubectl drain`, and `uncordon` a minute later. Static pods stay.
    pub(super) fn drain(&mut self, pod: &str) {
        let Some(node) = self.pods.get(pod).map(|run| run.node) else { return };
        self.cordon(node, true);
        let leaving: Vec<String> = self
            .pods
            .iter()
            .filter(|(_, run)| run.node == node && run.part.kind == Kind::Deployment)
            .map(|(name, _)| name.clone())
            .collect();
        for name in leaving {
            self.delete_pod(&name, Some("EvictionByEvictionAPI"));
        }
        self.later(UNCORDON, Step::Uncordon(node));
    }

    pub(super) fn cordon(&mut self, node: usize, cordoned: bool) {
        self.nodes[node].cordoned = cordoned;
        let now = self.server.now();
        self.edit_node(node, |object| node::set_schedulable(object, !cordoned, now));
    }
}
