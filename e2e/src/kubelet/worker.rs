//! One pod, from its binding to its end.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, DeleteParams, Patch, PatchParams, Preconditions};
use leadership::time::Time;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::program::{self, Started};
use super::status::{End, Story};
use super::{Order, Running, Shared, lock};
use crate::process::{now, signal};

/// After its first end a container is started at once, then after so long.
const BACK_OFF: Duration = Duration::from_secs(10);
/// How long a node that shuts down, or runs short of something, waits for a pod to end.
const GRACE: Duration = Duration::from_secs(5);
/// Between attempts to reach the API server.
const RETRY: Duration = Duration::from_millis(250);

/// The keeper of one pod.
pub(super) struct Worker {
    shared: Arc<Shared>,
    pod: Pod,
    key: (String, String),
    story: Story,
    send: UnboundedSender<Order>,
    orders: UnboundedReceiver<Order>,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        pod: Pod,
        send: UnboundedSender<Order>,
        orders: UnboundedReceiver<Order>,
    ) -> Self {
        let (name, namespace) = (pod.metadata.name.clone(), pod.metadata.namespace.clone());
        let container = pod.spec.as_ref().and_then(|spec| spec.containers.first());
        let story = Story {
            uid: pod.metadata.uid.clone().unwrap_or_default(),
            container: container.map(|it| it.name.clone()).unwrap_or_default(),
            image: container.and_then(|it| it.image.clone()).unwrap_or_default(),
            ip: format!("10.1.{}.{}", fastrand::u8(..), fastrand::u8(1..)),
            begun: now(),
            restarts: 0,
            last: None,
        };
        let key = (namespace.unwrap_or_default(), name.unwrap_or_default());
        Self { shared, pod, key, story, send, orders }
    }

    /// Runs the pod's container, again and again, until the pod shall end.
    pub(super) async fn run(mut self) {
        let what = format!("{}/{}", self.key.0, self.key.1);
        if let Err(error) = self.live().await {
            eprintln!("kubelet: {what}: {error:#}");
        }
        lock(&self.shared.running).remove(&self.key);
    }

    async fn live(&mut self) -> Result<()> {
        loop {
            let mut started = program::start(&self.pod, &self.shared.kubeconfig, &self.shared.dir)?;
            let since = now();
            self.announce(&started);
            self.publish(self.story.running(since)).await;
            let order = tokio::select! {
                _ = started.child.wait() => None,
                order = self.orders.recv() => order,
            };
            let Some(order) = order else {
                let end = self.end_of(&mut started, since).await?;
                if self.again(end).await? {
                    continue;
                }
                return Ok(());
            };
            return self.obey(order, &mut started, since).await;
        }
    }

    fn announce(&self, started: &Started) {
        let node = self.pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        let running = Running {
            pod: self.key.1.clone(),
            node: node.unwrap_or_default(),
            pid: started.child.id().unwrap_or(0),
            identity: started.identity.clone(),
            journal: started.journal.clone(),
            orders: self.send.clone(),
        };
        lock(&self.shared.running).insert(self.key.clone(), running);
    }

    /// After the container ended by itself; whether it shall be started again.
    async fn again(&mut self, end: End) -> Result<bool> {
        self.publish(self.story.exited(&end)).await;
        let often = self.story.restarts > 0;
        self.story.last = Some(end.clone());
        self.story.restarts += 1;
        if often {
            self.publish(self.story.backing_off()).await;
        }
        let pause = if often { BACK_OFF } else { Duration::ZERO };
        tokio::select! {
            biased;
            order = self.orders.recv() => match order {
                Some(Order::Delete(_)) => self.bury(&end).await?,
                Some(Order::Terminate(reason, message)) => {
                    self.publish(self.story.terminated(&end, reason, message)).await;
                }
                Some(Order::Vanish) | None => {}
            },
            () = tokio::time::sleep(pause) => return Ok(true),
        }
        Ok(false)
    }

    /// Ends the running container as ordered.
    async fn obey(&mut self, order: Order, started: &mut Started, since: Time) -> Result<()> {
        match order {
            Order::Vanish => started.child.kill().await?,
            Order::Delete(grace) => {
                let end = self.stop(started, since, grace).await?;
                self.bury(&end).await?;
            }
            Order::Terminate(reason, message) => {
                let end = self.stop(started, since, GRACE).await?;
                self.publish(self.story.terminated(&end, reason, message)).await;
                // The object stays until somebody deletes it.
                while let Some(order) = self.orders.recv().await {
                    if matches!(order, Order::Delete(_)) {
                        return self.bury(&end).await;
                    }
                }
            }
        }
        Ok(())
    }

    /// Asks the process to end, and makes it end when its time is over.
    async fn stop(&mut self, started: &mut Started, since: Time, grace: Duration) -> Result<End> {
        if let Some(pid) = started.child.id() {
            let _ = signal(pid, "TERM");
        }
        if tokio::time::timeout(grace, started.child.wait()).await.is_err() {
            started.child.kill().await?;
        }
        self.end_of(started, since).await
    }

    async fn end_of(&self, started: &mut Started, since: Time) -> Result<End> {
        let pid = lock(&self.shared.running).get(&self.key).map_or(0, |it| it.pid);
        let exit_code = code(started.child.wait().await?);
        let reason = match exit_code {
            0 => "Completed",
            137 if lock(&self.shared.starved).contains(&pid) => "OOMKilled",
            _ => "Error",
        };
        Ok(End { reason, exit_code, started: since, finished: now() })
    }

    /// Says that the pod ended, and then that nothing of it is left.
    async fn bury(&self, end: &End) -> Result<()> {
        self.publish(self.story.finished(end)).await;
        let uid = Some(self.story.uid.clone());
        let preconditions = Some(Preconditions { uid, resource_version: None });
        let now = DeleteParams {
            grace_period_seconds: Some(0),
            preconditions,
            ..DeleteParams::default()
        };
        loop {
            match self.pods().delete(&self.key.1, &now).await {
                Ok(_) | Err(kube::Error::Api(_)) => return Ok(()),
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        }
    }

    /// Patches the status, as soon as there is an API server to take it.
    async fn publish(&self, status: Value) {
        let patch = Patch::Strategic(&status);
        loop {
            match self.pods().patch_status(&self.key.1, &PatchParams::default(), &patch).await {
                Ok(_) => return,
                Err(kube::Error::Api(answer)) if answer.code < 429 => {
                    eprintln!("kubelet: {}/{}: {answer}", self.key.0, self.key.1);
                    return;
                }
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        }
    }

    fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.shared.client.clone(), &self.key.0)
    }
}

/// An exit code as container runtimes give it: 128 and the signal for a killed one.
fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}
