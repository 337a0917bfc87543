//! Nodes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::seconds;

/// A node object that is ready.
pub(crate) fn ready(
    name: &str,
    address: &str,
    zone: &str,
    control_plane: bool,
    created: Timestamp,
) -> Value {
    let mut node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "creationTimestamp": seconds(created), "labels": {
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/zone": zone,
        }},
        "spec": {"podCIDR": "10.42.0.0/24", "providerID": format!("rke2://{name}")},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"},
            "allocatable": {"cpu": "8", "memory": "31Gi", "pods": "110"},
            "nodeInfo": {"kubeletVersion": "v1.36.0+rke2r1", "osImage": "SUSE Linux Enterprise Server 16", "architecture": "amd64"},
        },
    });
    if control_plane {
        node["metadata"]["labels"]["node-role.kubernetes.io/control-plane"] = json!("true");
    }
    set_ready(&mut node, true, created);
    node
}

/// What the kubelet says of itself, or the node lifecycle controller of a kubelet that fell silent.
pub(crate) fn set_ready(node: &mut Value, alive: bool, now: Timestamp) {
    let (status, reason) =
        if alive { ("True", "KubeletReady") } else { ("Unknown", "NodeStatusUnknown") };
    node["status"]["conditions"] = json!([{
        "type": "Ready", "status": status, "reason": reason,
        "message": if alive { "kubelet is posting ready status" } else { "Kubelet stopped posting node status." },
        "lastHeartbeatTime": seconds(now), "lastTransitionTime": seconds(now),
    }]);
    let unreachable = json!([
        {"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule", "timeAdded": seconds(now)},
        {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": seconds(now)},
    ]);
    node["spec"]["taints"] = if alive { Value::Null } else { unreachable };
}

/// `kubectl cordon` and `uncordon`.
pub(crate) fn set_schedulable(node: &mut Value, schedulable: bool, now: Timestamp) {
    if schedulable {
        node["spec"]["unschedulable"] = Value::Null;
        node["spec"]["taints"] = Value::Null;
    } else {
        node["spec"]["unschedulable"] = json!(true);
        node["spec"]["taints"] = json!([
            {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": seconds(now)},
        ]);
    }
}
