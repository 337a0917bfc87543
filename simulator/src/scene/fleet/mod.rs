//! A Rancher Fleet installation, to which something happens every few seconds.
//!
//! Six locks with their real names, three candidates each, on four nodes, beside kube-scheduler and kube-controller-manager
//! and the heartbeats of nodes and API server. Names, labels, owners, identities and who releases are Fleet's. So are the
//! durations (30 s, 25 s, 10 s), with two exceptions, so that there is something to see: gitjob's lock has 6 s, 4 s, 1 s and
//! is the first that fails over, within 15 s of the start, and the agent's has client-go's 15 s, 10 s, 2 s.

mod nodes;
mod parts;
mod pods;
mod processes;
mod script;
mod workloads;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::apiserver::{ApiServer, Deletion};
use crate::elector::End;
use nodes::{Beat, NodeRun};
use parts::{LOCAL, NODES, Part, SYSTEM};
use pods::PodRun;
use workloads::Template;

/// What is to be done when its time has come.
#[derive(Debug)]
enum Step {
    Incident(usize),
    ProcessEnded { pod: String, container: &'static str, process: String, end: End },
    BackOff { pod: String, container: &'static str, wait: u64 },
    Restart { pod: String, container: &'static str },
    PodStarts(String),
    PodGone(String),
    Beat(usize),
    NodeSilent(usize),
    NodeBack(usize),
    Uncordon(usize),
    Roll(&'static Part),
    RollOut(&'static Part),
}

/// The cluster but for its API server.
#[derive(Debug)]
pub(crate) struct World {
    server: ApiServer,
    deletions: broadcast::Receiver<Deletion>,
    rng: SmallRng,
    /// Electors and timers; each ends with what is to be done.
    tasks: JoinSet<Step>,
    nodes: Vec<NodeRun>,
    beats: Vec<Beat>,
    /// By name, which is unique over all namespaces.
    pods: BTreeMap<String, PodRun>,
    /// By deployment.
    templates: BTreeMap<&'static str, Template>,
    /// The last octet of the last pod's address.
    addresses: u8,
}

/// When the cluster was made.
fn before(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(9 * 24)).unwrap_or(now)
}

impl World {
    /// Writes all objects and starts all electors.
    pub(crate) fn new(server: &ApiServer, seed: u64) -> Self {
        let mut world = Self {
            server: server.clone(),
            deletions: server.deletions(),
            rng: SmallRng::seed_from_u64(seed),
            tasks: JoinSet::new(),
            nodes: vec![NodeRun::default(); NODES.len()],
            beats: Vec::new(),
            pods: BTreeMap::new(),
            templates: BTreeMap::new(),
            addresses: 0,
        };
        for name in ["default", "kube-system", "kube-node-lease", SYSTEM, LOCAL] {
            world.write(json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "status": {"phase": "Active"},
            }));
        }
        world.settle_nodes();
        world.settle_workloads();
        world.elect_all();
        world.plan_incident(None);
        world
    }

    /// Goes on for ever.
    pub(crate) async fn run(mut self) {
        loop {
            tokio::select! {
                Some(done) = self.tasks.join_next() => {
                    // The others were aborted.
                    if let Ok(step) = done {
                        self.take(step);
                    }
                }
                deletion = self.deletions.recv() => {
                    if let Ok(deletion) = deletion {
                        self.pod_goes(&deletion);
                    }
                }
            }
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Incident(number) => self.incident(number),
            Step::ProcessEnded { pod, container, process, end } => {
                self.process_ended(&pod, container, &process, end);
            }
            Step::BackOff { pod, container, wait } => self.back_off(pod, container, wait),
            Step::Restart { pod, container } => self.restart(&pod, container),
            Step::PodStarts(pod) => self.pod_starts(&pod),
            Step::PodGone(pod) => self.pod_gone(pod),
            Step::Beat(beat) => self.beat(beat),
            Step::NodeSilent(node) => self.node_silent(node),
            Step::NodeBack(node) => self.node_back(node),
            Step::Uncordon(node) => self.cordon(node, false),
            Step::Roll(part) => self.roll(part),
            Step::RollOut(part) => self.roll_out(part),
        }
    }

    fn later(&mut self, after: Duration, step: Step) {
        self.tasks.spawn(async move {
            sleep(after).await;
            step
        });
    }

    /// Of an object which we know to have a kind and a name, and which has no version to conflict with.
    fn write(&self, object: Value) {
        let written = self.server.apply(object);
        debug_assert!(written.is_ok(), "{written:?}");
    }

    fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.rng.random()).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests;
