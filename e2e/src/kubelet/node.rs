//! Nodes, and the heartbeats that keep them ready.

use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Node as NodeObject;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use crate::plane::ControlPlane;
use crate::process::now;

/// How often a kubelet says that it lives; it usually is 10 s, for a lease of 40 s.
const HEARTBEAT: Duration = Duration::from_secs(2);
const NAMESPACE: &str = "kube-node-lease";

/// What a node is like.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Its name and host name.
    pub name: String,
    /// Its zone.
    pub zone: &'static str,
    /// Whose pods it runs: the label `for`.
    pub purpose: &'static str,
    /// How many processors it has.
    pub cpus: u32,
}

/// A node whose kubelet lives. Its heartbeat stops when this is dropped; nothing else says so.
pub struct Node(AbortHandle);

impl Node {
    pub(super) fn start(plane: &ControlPlane, spec: &Spec) -> Result<Self> {
        let (client, name) = (plane.client(), spec.name.clone());
        let object: NodeObject = serde_json::from_value(object(spec))?;
        let beat = plane.runtime().block_on(async {
            let nodes: Api<NodeObject> = Api::all(client.clone());
            let uid = nodes.create(&PostParams::default(), &object).await?.metadata.uid;
            let lease: Lease = serde_json::from_value(lease(&name, uid.as_deref()))?;
            let leases: Api<Lease> = Api::namespaced(client, NAMESPACE);
            leases.create(&PostParams::default(), &lease).await?;
            anyhow::Ok(beat(leases, name))
        })?;
        Ok(Self(plane.runtime().spawn(beat).abort_handle()))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn beat(leases: Api<Lease>, name: String) {
    loop {
        let patch = json!({"spec": {"renewTime": now().to_string()}});
        // Who cannot reach the API server tries again at the next beat.
        let _ = leases.patch(&name, &PatchParams::default(), &Patch::Merge(&patch)).await;
        tokio::time::sleep(HEARTBEAT).await;
    }
}

fn lease(name: &str, uid: Option<&str>) -> Value {
    json!({
        "metadata": {"name": name, "namespace": NAMESPACE, "ownerReferences": [
            {"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid},
        ]},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": 8, "renewTime": now().to_string()},
    })
}

fn object(spec: &Spec) -> Value {
    let room = json!({"cpu": spec.cpus.to_string(), "memory": "16Gi", "pods": "110"});
    let since = jiff::Timestamp::from(now()).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({
        "metadata": {"name": spec.name, "labels": {
            "kubernetes.io/hostname": spec.name,
            "topology.kubernetes.io/zone": spec.zone,
            "for": spec.purpose,
        }},
        "status": {
            "capacity": room, "allocatable": room,
            "addresses": [{"type": "Hostname", "address": spec.name}],
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "KubeletReady",
                "message": "kubelet is posting ready status",
                "lastHeartbeatTime": since, "lastTransitionTime": since,
            }],
        },
    })
}
