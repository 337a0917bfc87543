//! Pods, and what a kubelet writes into their status.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Owner, seconds};

/// A pod as its controller and the scheduler leave it to the kubelet.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) labels: &'a Map<String, Value>,
    pub(crate) owner: &'a Owner,
    pub(crate) node: &'a str,
    pub(crate) host_ip: &'a str,
    pub(crate) pod_ip: &'a str,
    pub(crate) host_network: bool,
    pub(crate) containers: &'a [&'a str],
    pub(crate) created: Timestamp,
}

impl Plan<'_> {
    /// Scheduled, its containers being created.
    pub(crate) fn pending(&self) -> Value {
        let created = seconds(self.created);
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": self.metadata(&created),
            "spec": self.spec(),
            "status": {
                "phase": "Pending", "hostIP": self.host_ip, "hostIPs": [{"ip": self.host_ip}], "qosClass": "Burstable",
                "startTime": created,
                "conditions": CONDITIONS.map(|(of, at_once)| json!({
                    "type": of, "status": if at_once { "True" } else { "False" },
                    "lastProbeTime": null, "lastTransitionTime": created,
                })),
                "containerStatuses": self.containers.iter().map(|name| json!({
                    "name": name, "image": image(name), "imageID": "", "restartCount": 0, "ready": false, "started": false,
                    "lastState": {}, "state": {"waiting": {"reason": "ContainerCreating"}},
                })).collect::<Vec<_>>(),
            },
        })
    }

    /// Running and ready since it was created.
    pub(crate) fn running(&self) -> Value {
        let mut pod = self.pending();
        start(&mut pod, self.pod_ip, self.created);
        pod
    }

    fn metadata(&self, created: &str) -> Value {
        let generated = self.name.rsplit_once('-').map(|(head, _)| format!("{head}-"));
        json!({
            "namespace": self.namespace, "name": self.name, "generateName": generated, "labels": self.labels,
            "annotations": {
                "kubectl.kubernetes.io/restartedAt": created,
                "cni.projectcalico.org/containerID": "6b1f0c1d3a5f4c0e9f1c7f0a8f5c2d9b4e7a6c3d2f1e0b9a8c7d6e5f4a3b2c1d",
                "cni.projectcalico.org/podIP": format!("{}/32", self.pod_ip),
            },
            "creationTimestamp": created, "generation": 1, "ownerReferences": self.owner.references(),
            "managedFields": [
                managed("kube-controller-manager", None, created, &fields_of_spec(self.containers)),
                managed("kubelet", Some("status"), created, &fields_of_status()),
            ],
        })
    }

    fn spec(&self) -> Value {
        json!({
            "nodeName": self.node, "hostNetwork": self.host_network, "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
            "terminationGracePeriodSeconds": 30, "serviceAccountName": "default", "serviceAccount": "default",
            "schedulerName": "default-scheduler", "priority": 0, "enableServiceLinks": true,
            "preemptionPolicy": "PreemptLowerPriority",
            "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000},
            "containers": self.containers.iter().map(|name| container(name)).collect::<Vec<_>>(),
            "tolerations": TOLERATED.map(|key| json!({
                "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            })),
            "volumes": [
                {"name": "tmp", "emptyDir": {}},
                {"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [
                    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                    {"downwardAPI": {"items": [
                        {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
                    ]}},
                ]}},
            ],
        })
    }
}

/// A pod's conditions, and whether they hold before its containers run.
const CONDITIONS: [(&str, bool); 5] = [
    ("PodReadyToStartContainers", true),
    ("Initialized", true),
    ("Ready", false),
    ("ContainersReady", false),
    ("PodScheduled", true),
];

const TOLERATED: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

fn image(container: &str) -> String {
    format!("rancher/{container}:v0.16.1")
}

fn container(name: &str) -> Value {
    let variables = [
        ("CATTLE_ELECTION_LEASE_DURATION", "30s"),
        ("CATTLE_ELECTION_RETRY_PERIOD", "10s"),
        ("CATTLE_ELECTION_RENEW_DEADLINE", "25s"),
        ("FLEET_PROPAGATE_DEBUG_SETTINGS_TO_AGENTS", "true"),
        ("BUNDLE_RECONCILER_WORKERS", "50"),
        ("CONTENT_RECONCILER_WORKERS", "50"),
    ];
    let mut env: Vec<Value> =
        variables.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let namespace = json!({"apiVersion": "v1", "fieldPath": "metadata.namespace"});
    env.push(json!({"name": "NAMESPACE", "valueFrom": {"fieldRef": namespace}}));
    json!({
        "name": name, "image": image(name), "imagePullPolicy": "IfNotPresent", "command": [name], "env": env,
        "ports": [{"containerPort": 8080, "name": "metrics", "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}},
        "securityContext": {
            "allowPrivilegeEscalation": false, "privileged": false, "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        },
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "volumeMounts": [
            {"mountPath": "/tmp", "name": "tmp"},
            {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access-x7k2p", "readOnly": true},
        ],
    })
}

fn managed(manager: &str, subresource: Option<&str>, time: &str, fields: &Value) -> Value {
    json!({
        "manager": manager, "operation": "Update", "apiVersion": "v1", "time": time, "subresource": subresource,
        "fieldsType": "FieldsV1", "fieldsV1": fields,
    })
}

fn fields_of_spec(containers: &[&str]) -> Value {
    let container = json!({
        ".": {}, "f:command": {}, "f:env": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:ports": {},
        "f:resources": {".": {}, "f:limits": {".": {}, "f:memory": {}}, "f:requests": {".": {}, "f:cpu": {}, "f:memory": {}}},
        "f:securityContext": {}, "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {}, "f:volumeMounts": {},
    });
    let containers: Map<String, Value> = containers
        .iter()
        .map(|name| (format!("k:{{\"name\":\"{name}\"}}"), container.clone()))
        .collect();
    json!({
        "f:metadata": {"f:annotations": {}, "f:generateName": {}, "f:labels": {}, "f:ownerReferences": {}},
        "f:spec": {
            "f:containers": containers, "f:dnsPolicy": {}, "f:enableServiceLinks": {}, "f:restartPolicy": {},
            "f:schedulerName": {}, "f:securityContext": {}, "f:serviceAccount": {}, "f:serviceAccountName": {},
            "f:terminationGracePeriodSeconds": {}, "f:volumes": {},
        },
    })
}

fn fields_of_status() -> Value {
    let conditions: Map<String, Value> = CONDITIONS
        .iter()
        .map(|(of, _)| {
            let fields = json!({".": {}, "f:lastProbeTime": {}, "f:lastTransitionTime": {}, "f:status": {}, "f:type": {}});
            (format!("k:{{\"type\":\"{of}\"}}"), fields)
        })
        .collect();
    json!({"f:status": {
        "f:conditions": conditions, "f:containerStatuses": {}, "f:hostIP": {}, "f:hostIPs": {}, "f:phase": {}, "f:podIP": {},
        "f:podIPs": {}, "f:startTime": {},
    }})
}

/// All containers start.
pub(crate) fn start(pod: &mut Value, ip: &str, now: Timestamp) {
    pod["status"]["phase"] = json!("Running");
    pod["status"]["podIP"] = json!(ip);
    pod["status"]["podIPs"] = json!([{"ip": ip}]);
    for status in statuses(pod) {
        run(status, now);
    }
    settle(pod, now);
}

/// How a container ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exit {
    pub(crate) code: i64,
    pub(crate) reason: &'static str,
}

/// A container ends; the pod is not ready any more.
pub(crate) fn end(pod: &mut Value, container: &str, exit: Exit, now: Timestamp) {
    for status in statuses(pod).filter(|status| status["name"] == container) {
        let started = status["state"]["running"]["startedAt"].clone();
        status["state"] = json!({"terminated": {
            "exitCode": exit.code, "reason": exit.reason, "startedAt": started, "finishedAt": seconds(now),
            "containerID": status["containerID"],
        }});
        status["ready"] = json!(false);
        status["started"] = json!(false);
    }
    settle(pod, now);
}

/// The kubelet waits before it starts a container again that ended too often.
pub(crate) fn back_off(pod: &mut Value, container: &str, wait: u64) {
    for status in statuses(pod).filter(|status| status["name"] == container) {
        status["lastState"] = status["state"].take();
        status["state"] = json!({"waiting": {
            "reason": "CrashLoopBackOff",
            "message": format!("back-off {wait}s restarting failed container={container}"),
        }});
    }
}

/// A container that ended starts again.
pub(crate) fn restart(pod: &mut Value, container: &str, now: Timestamp) {
    for status in statuses(pod).filter(|status| status["name"] == container) {
        if status["state"].get("terminated").is_some() {
            status["lastState"] = status["state"].take();
        }
        status["restartCount"] = json!(status["restartCount"].as_u64().unwrap_or_default() + 1);
        run(status, now);
    }
    settle(pod, now);
}

/// What the node lifecycle controller does to the pods of a silent node: it touches `Ready` and nothing else.
pub(crate) fn mark_not_ready(pod: &mut Value, now: Timestamp) {
    for condition in conditions(pod).filter(|condition| condition["type"] == "Ready") {
        condition["status"] = json!("False");
        condition["lastTransitionTime"] = json!(seconds(now));
    }
}

fn run(status: &mut Value, now: Timestamp) {
    let restarts = status["restartCount"].as_u64().unwrap_or_default();
    let name = status["name"].as_str().unwrap_or_default();
    status["containerID"] =
        json!(format!("containerd://{name}-{restarts}-{}", now.as_microsecond()));
    status["state"] = json!({"running": {"startedAt": seconds(now)}});
    status["ready"] = json!(true);
    status["started"] = json!(true);
}

fn statuses(pod: &mut Value) -> impl Iterator<Item = &mut Value> {
    pod["status"]["containerStatuses"].as_array_mut().into_iter().flatten()
}

fn conditions(pod: &mut Value) -> impl Iterator<Item = &mut Value> {
    pod["status"]["conditions"].as_array_mut().into_iter().flatten()
}

/// The pod is as ready as its containers are.
fn settle(pod: &mut Value, now: Timestamp) {
    let ready = statuses(pod).all(|status| status["ready"] == true);
    for of in ["Ready", "ContainersReady"] {
        set_condition(pod, of, ready, now);
    }
}

fn set_condition(pod: &mut Value, of: &str, holds: bool, now: Timestamp) {
    let status = if holds { "True" } else { "False" };
    for condition in conditions(pod) {
        if condition["type"] == of && condition["status"] != status {
            condition["status"] = json!(status);
            condition["lastTransitionTime"] = json!(seconds(now));
            condition["reason"] = if holds { Value::Null } else { json!("ContainersNotReady") };
        }
    }
}
