//! What ends a term.

use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, Pod};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use kube::api::{Api, DeleteParams, EvictParams};
use serde_json::{Value, json};

use super::stage::{PATIENCE, Stage};
use crate::kubelet::lock;
use crate::process::{eventually, now, signal};

/// The field manager of `kubectl edit`.
const BY_HAND: &str = "kubectl-edit";
/// For so long a leader has been silent when its pod is deleted: more than one renewal interval.
const STALLED: Duration = Duration::from_secs(4);

impl Stage<'_> {
    fn leases(&self) -> Api<Lease> {
        self.cluster.api(self.namespace)
    }

    fn pods(&self) -> Api<Pod> {
        self.cluster.api(self.namespace)
    }

    fn edit_deployment(&self, patch: &Value) -> Result<()> {
        let deployments: Api<Deployment> = self.cluster.api(self.namespace);
        self.cluster.patch(&deployments, self.scene.name, "kubectl-patch", patch)
    }

    fn edit_lease(&self, manager: &str, patch: &Value) -> Result<()> {
        self.cluster.patch(&self.leases(), self.scene.name, manager, patch)
    }

    fn edit_node(&self, patch: &Value) -> Result<()> {
        let nodes: Api<Node> = Api::all(self.cluster.plane.client());
        self.cluster.patch(&nodes, &self.leader.node, "kubectl-taint", patch)
    }
}

pub(super) fn roll_out(stage: &Stage<'_>) -> Result<()> {
    let restarted = json!({"kubectl.kubernetes.io/restartedAt": now().to_string()});
    let template = json!({"metadata": {"annotations": restarted}});
    stage.edit_deployment(&json!({"spec": {"template": template}}))
}

pub(super) fn evict(stage: &Stage<'_>) -> Result<()> {
    stage.cluster.wait(stage.pods().evict(&stage.leader.pod, &EvictParams::default()))?;
    Ok(())
}

pub(super) fn delete_pod(stage: &Stage<'_>) -> Result<()> {
    stage.cluster.wait(stage.pods().delete(&stage.leader.pod, &DeleteParams::default()))?;
    Ok(())
}

pub(super) fn scale_down(stage: &Stage<'_>) -> Result<()> {
    let cheap = json!({"controller.kubernetes.io/pod-deletion-cost": "-100"});
    let cheap = json!({"metadata": {"annotations": cheap}});
    stage.cluster.patch(&stage.pods(), &stage.leader.pod, "kubectl-annotate", &cheap)?;
    stage.edit_deployment(&json!({"spec": {"replicas": 1}}))
}

pub(super) fn crash(stage: &Stage<'_>) -> Result<()> {
    signal(stage.leader.pid, "QUIT")
}

pub(super) fn kill(stage: &Stage<'_>) -> Result<()> {
    signal(stage.leader.pid, "KILL")
}

pub(super) fn end(stage: &Stage<'_>) -> Result<()> {
    signal(stage.leader.pid, "TERM")
}

pub(super) fn step_down(stage: &Stage<'_>) -> Result<()> {
    signal(stage.leader.pid, "USR1")
}

pub(super) fn starve(stage: &Stage<'_>) -> Result<()> {
    lock(&stage.cluster.kubelets).starve(&stage.leader)
}

pub(super) fn lose_node(stage: &Stage<'_>) -> Result<()> {
    lock(&stage.cluster.kubelets).lose(&stage.leader.node)
}

pub(super) fn press(stage: &Stage<'_>) -> Result<()> {
    let message = "The node was low on resource: memory.";
    lock(&stage.cluster.kubelets).terminate(&stage.leader, "Evicted", message)
}

pub(super) fn shut_down(stage: &Stage<'_>) -> Result<()> {
    let message = "Pod was terminated in response to imminent node shutdown.";
    lock(&stage.cluster.kubelets).terminate(&stage.leader, "Terminated", message)
}

pub(super) fn taint(stage: &Stage<'_>) -> Result<()> {
    let taint = json!({"key": "maintenance", "effect": "NoExecute"});
    stage.edit_node(&json!({"spec": {"taints": [taint]}}))
}

/// A pod that fits on the leader's node only if the leader goes.
pub(super) fn preempt(stage: &Stage<'_>) -> Result<()> {
    let classes: Api<PriorityClass> = Api::all(stage.cluster.plane.client());
    stage.cluster.create(&classes, json!({"metadata": {"name": "urgent"}, "value": 1_000_000}))?;
    let pod = json!({
        "metadata": {"name": "urgent"},
        "spec": {
            "priorityClassName": "urgent",
            "nodeSelector": {"kubernetes.io/hostname": stage.leader.node},
            "containers": [{
                "name": "urgent", "image": "pause",
                "resources": {"requests": {"cpu": stage.scene.cpus}},
            }],
        },
    });
    // Who admits pods hears of the class a moment later than we.
    eventually(PATIENCE, "a pod of the new class is admitted", || {
        Ok(stage.cluster.create(&stage.pods(), pod.clone()).ok())
    })
}

pub(super) fn delete_lease(stage: &Stage<'_>) -> Result<()> {
    stage.cluster.wait(stage.leases().delete(stage.scene.name, &DeleteParams::default()))?;
    Ok(())
}

/// The lease belongs to a workload that is not the candidates', which then is deleted.
pub(super) fn delete_owner(stage: &Stage<'_>) -> Result<()> {
    let deployments: Api<Deployment> = stage.cluster.api(stage.namespace);
    stage.cluster.deploy("owner", stage.scene, &[], 0)?;
    let owner = stage.cluster.wait(deployments.get("owner"))?;
    let owners = json!([{
        "apiVersion": "apps/v1", "kind": "Deployment", "name": "owner", "uid": owner.metadata.uid,
    }]);
    stage.edit_lease("owner", &json!({"metadata": {"ownerReferences": owners}}))?;
    stage.cluster.wait(deployments.delete("owner", &DeleteParams::background()))?;
    Ok(())
}

pub(super) fn clear(stage: &Stage<'_>) -> Result<()> {
    stage.edit_lease(BY_HAND, &json!({"spec": {"holderIdentity": ""}}))
}

pub(super) fn clear_by_program(stage: &Stage<'_>) -> Result<()> {
    stage.edit_lease("some-operator", &json!({"spec": {"holderIdentity": ""}}))
}

pub(super) fn appoint(stage: &Stage<'_>) -> Result<()> {
    let running = lock(&stage.cluster.kubelets).running(stage.namespace);
    let standby = running.into_iter().find(|it| it.identity != stage.leader.identity);
    let standby = standby.context("there is no standby")?.identity;
    stage.edit_lease(BY_HAND, &json!({"spec": {"holderIdentity": standby}}))
}

pub(super) fn freeze(stage: &Stage<'_>) -> Result<()> {
    signal(stage.leader.pid, "STOP")
}

pub(super) fn freeze_and_thaw(stage: &Stage<'_>) -> Result<()> {
    let since = now();
    freeze(stage)?;
    stage.succeeded(since)?;
    signal(stage.leader.pid, "CONT")
}

pub(super) fn freeze_and_delete(stage: &Stage<'_>) -> Result<()> {
    freeze(stage)?;
    std::thread::sleep(STALLED);
    delete_pod(stage)
}

/// The API server prefers the oldest version.
pub(super) fn outrank(stage: &Stage<'_>) -> Result<()> {
    stage.cluster.deploy(
        "older",
        stage.scene,
        &["--binary-version=1.36.0", "--emulation-version=1.35.0"],
        1,
    )
}
