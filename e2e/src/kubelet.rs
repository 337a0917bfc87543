//! Kubelets for nodes that are objects only: they run the pods that are bound to these nodes as
//! processes of this machine, and tell the API server of them what a kubelet tells it.
//!
//! The image of a pod's container is the name of a program, its arguments are the program's.

pub mod node;
mod program;
mod status;
mod worker;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams, WatchEvent, WatchParams};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinSet};

use crate::plane::ControlPlane;
use crate::process::signal;
use node::Node;
use worker::Worker;

/// What is ordered of the process of one pod.
#[derive(Clone, Debug)]
enum Order {
    /// Its deletion was requested; it has so long to end.
    Delete(Duration),
    /// Its node wants to be rid of it: the status's `reason` and `message`.
    Terminate(&'static str, &'static str),
    /// Its node is no more.
    Vanish,
}

/// A pod that runs.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its name.
    pub pod: String,
    /// Its node.
    pub node: String,
    /// Its process.
    pub pid: u32,
    /// The identity that it competes under.
    pub identity: String,
    /// Where it keeps its journal.
    pub journal: PathBuf,
    orders: UnboundedSender<Order>,
}

/// The kubelets of all nodes.
pub struct Kubelets {
    shared: Arc<Shared>,
    nodes: BTreeMap<String, Node>,
    watch: AbortHandle,
}

/// What the workers of all pods use.
pub(crate) struct Shared {
    client: kube::Client,
    kubeconfig: PathBuf,
    dir: PathBuf,
    /// By namespace and name of the pod.
    running: Mutex<BTreeMap<(String, String), Running>>,
    /// Which pods the kernel has killed for want of memory, by their processes.
    starved: Mutex<Vec<u32>>,
}

impl Kubelets {
    /// Starts to run whatever is bound to any node.
    #[must_use]
    pub fn start(plane: &ControlPlane) -> Self {
        let shared = Arc::new(Shared {
            client: plane.client(),
            kubeconfig: plane.kubeconfig(),
            dir: plane.dir(),
            running: Mutex::default(),
            starved: Mutex::default(),
        });
        let watch = plane.runtime().spawn(Arc::clone(&shared).watch()).abort_handle();
        Self { shared, nodes: BTreeMap::new(), watch }
    }

    /// Makes a node, ready to run pods.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn add(&mut self, plane: &ControlPlane, spec: &node::Spec) -> Result<()> {
        let node = Node::start(plane, spec)?;
        self.nodes.insert(spec.name.clone(), node);
        Ok(())
    }

    /// What runs in a namespace.
    #[must_use]
    pub fn running(&self, namespace: &str) -> Vec<Running> {
        let running = lock(&self.shared.running);
        running.iter().filter(|((its, _), _)| its == namespace).map(|(_, it)| it.clone()).collect()
    }

    /// Kills a pod's process as the kernel does when its memory limit is reached.
    ///
    /// # Errors
    /// When it has ended before.
    pub fn starve(&self, running: &Running) -> Result<()> {
        lock(&self.shared.starved).push(running.pid);
        signal(running.pid, "KILL")
    }

    /// Ends a pod and says why, as a kubelet does when its node runs short of something or shuts down.
    ///
    /// # Errors
    /// When it has ended before.
    pub fn terminate(
        &self,
        running: &Running,
        reason: &'static str,
        message: &'static str,
    ) -> Result<()> {
        running.orders.send(Order::Terminate(reason, message)).context("the pod is gone")
    }

    /// A node is gone as if its power had failed: no heartbeat, no process, and no word of it.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn lose(&mut self, name: &str) -> Result<()> {
        let Some(node) = self.nodes.remove(name) else { bail!("there is no node {name}") };
        drop(node);
        for running in lock(&self.shared.running).values().filter(|it| it.node == name) {
            let _ = running.orders.send(Order::Vanish);
        }
        Ok(())
    }
}

impl Drop for Kubelets {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The workers, by the pods' uids. They are ended when this is dropped.
#[derive(Default)]
struct Workers {
    orders: HashMap<String, UnboundedSender<Order>>,
    tasks: JoinSet<()>,
}

impl Shared {
    /// Lists and watches pods for ever; an API server that is away is tried again.
    async fn watch(self: Arc<Self>) {
        let mut workers = Workers::default();
        loop {
            // An API server that is away, or ends a watch, is part of the play.
            let _ = Arc::clone(&self).follow(&mut workers).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn follow(self: Arc<Self>, workers: &mut Workers) -> Result<()> {
        let pods: Api<Pod> = Api::all(self.client.clone());
        let list = pods.list(&ListParams::default()).await.context("listing pods")?;
        let version = list.metadata.resource_version.context("a list without a version")?;
        for pod in list.items {
            self.see(pod, workers);
        }
        let events =
            pods.watch(&WatchParams::default(), &version).await.context("watching pods")?;
        let mut events = std::pin::pin!(events);
        while let Some(event) = events.next().await {
            match event? {
                WatchEvent::Added(pod) | WatchEvent::Modified(pod) => self.see(pod, workers),
                WatchEvent::Error(status) => bail!("{status:?}"),
                WatchEvent::Deleted(_) | WatchEvent::Bookmark(_) => {}
            }
        }
        Ok(())
    }

    /// Starts a worker for a pod that was just bound, and tells it of a deletion.
    fn see(self: &Arc<Self>, pod: Pod, workers: &mut Workers) {
        let Some(uid) = pod.metadata.uid.clone() else { return };
        let deleting = pod.metadata.deletion_timestamp.is_some();
        let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
        let bound = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
        if !workers.orders.contains_key(&uid) && bound && !deleting {
            let (send, orders) = unbounded_channel();
            let worker = Worker::new(Arc::clone(self), pod, send.clone(), orders);
            workers.tasks.spawn(worker.run());
            workers.orders.insert(uid, send);
        } else if let Some(worker) = workers.orders.get(&uid)
            && deleting
        {
            let _ = worker.send(Order::Delete(Duration::from_secs(grace.try_into().unwrap_or(0))));
        }
    }
}
