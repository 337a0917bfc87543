//! Nodes: their heartbeats, their silence, their return.

use std::time::Duration;

use rand::RngExt;
use serde_json::{Value, json};

use super::parts::NODES;
use super::{Step, World, before};
use crate::apiserver::Resource;
use crate::objects::lease::Heartbeat;
use crate::objects::pod::Exit;
use crate::objects::{Owner, node, pod};

/// Kubelets and API servers renew this often.
const BEAT: Duration = Duration::from_secs(10);
/// The node lifecycle controller's patience.
const GRACE: Duration = Duration::from_secs(50);
/// How long a lost node stays away.
const AWAY: Duration = Duration::from_secs(80);

/// What the machine's end of a process looks like afterwards.
const POWERED_OFF: Exit = Exit { code: 255, reason: "Unknown" };

/// A node's state.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NodeRun {
    pub(super) lost: bool,
    pub(super) cordoned: bool,
}

impl NodeRun {
    pub(super) fn takes_pods(self) -> bool {
        !self.lost && !self.cordoned
    }
}

/// A heartbeat lease, and the node without which it stops.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    lease: Heartbeat,
    node: usize,
}

impl World {
    pub(super) fn settle_nodes(&mut self) {
        let now = self.server.now();
        for (row, zone) in NODES.iter().zip(["east-1", "east-2", "east-3", "east-1"]) {
            let created = before(now);
            self.write(node::ready(row.name, row.address, zone, row.control_plane, created));
        }
        for index in 0..NODES.len() {
            let kubelet = self.kubelet_beat(index);
            self.beats.push(kubelet);
        }
        let api_server = self.api_server_beat();
        self.beats.push(api_server);
        for beat in 0..self.beats.len() {
            self.write(self.beats[beat].lease.lease(now));
            let phase = BEAT.mul_f64(self.rng.random());
            self.later(phase, Step::Beat(beat));
        }
    }

    fn kubelet_beat(&self, node: usize) -> Beat {
        let name = NODES[node].name.to_owned();
        let object = self.server.get(Resource::Nodes, "", &name).unwrap_or_default();
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        let owner = Owner { api_version: "v1", kind: "Node", name: name.clone(), uid };
        let lease = Heartbeat {
            namespace: "kube-node-lease",
            holder: name.clone(),
            name,
            duration: 40,
            owner: Some(owner),
            labels: json!({}),
        };
        Beat { lease, node }
    }

    /// The identity lease of the one API server, which runs on the first node and, being us, never stops.
    fn api_server_beat(&mut self) -> Beat {
        let name = "apiserver-vpcz3x2hkm7ot4kq5lbbqw2wqe".to_owned();
        let lease = Heartbeat {
            namespace: "kube-system",
            holder: format!("{name}_{}", self.uuid()),
            name,
            duration: 3600,
            owner: None,
            labels: json!({
                "apiserver.kubernetes.io/identity": "kube-apiserver", "kubernetes.io/hostname": NODES[0].name,
            }),
        };
        Beat { lease, node: usize::MAX }
    }

    pub(super) fn beat(&mut self, number: usize) {
        let beat = &self.beats[number];
        if !self.nodes.get(beat.node).is_some_and(|node| node.lost) {
            self.write(beat.lease.lease(self.server.now()));
        }
        let stretch = 1.0 + 0.04 * self.rng.random::<f64>();
        self.later(BEAT.mul_f64(stretch), Step::Beat(number));
    }

    pub(super) fn edit_node(&self, node: usize, edit: impl FnOnce(&mut Value)) {
        // A client may have deleted it.
        drop(self.server.change(Resource::Nodes, "", NODES[node].name, edit));
    }

    fn pods_on(&self, node: usize) -> Vec<String> {
        let here = self.pods.iter().filter(|(_, run)| run.node == node);
        here.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn lose_node_of(&mut self, pod: &str) {
        let Some(node) = self.pods.get(pod).map(|run| run.node) else { return };
        self.nodes[node].lost = true;
        for name in self.pods_on(node) {
            self.kill_processes(&name);
        }
        self.later(GRACE, Step::NodeSilent(node));
        self.later(AWAY, Step::NodeBack(node));
    }

    /// The node lifecycle controller notices.
    pub(super) fn node_silent(&mut self, node: usize) {
        let now = self.server.now();
        self.edit_node(node, |object| node::set_ready(object, false, now));
        for name in self.pods_on(node) {
            self.edit_pod(&name, pod::mark_not_ready);
        }
    }

    /// The machine has started again: every container is a new one.
    pub(super) fn node_back(&mut self, node: usize) {
        self.nodes[node].lost = false;
        let now = self.server.now();
        self.edit_node(node, |object| node::set_ready(object, true, now));
        for name in self.pods_on(node) {
            let Some(run) = self.pods.get(&name).filter(|run| !run.going) else { continue };
            for container in run.part.containers {
                self.edit_pod(&name, |object, now| {
                    pod::end(object, container.name, POWERED_OFF, now);
                });
                self.restart(&name, container.name);
            }
        }
    }
}
