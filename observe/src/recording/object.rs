//! Records written as the API objects that they were read from.

use std::sync::Arc;

use leadership::lock::LockKind;
use leadership::observation::{
    CandidateRecord, ContainerRecord, Kind, LockRecord, NodeRecord, Object, Owner, PodRecord,
    Termination, WorkloadRecord,
};
use leadership::snapshot::PodName;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::kinds::Row;

/// The annotation of client-go's older locks.
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";

/// The object that `read` makes this record of.
pub(super) fn object(object: &Object) -> Value {
    match object {
        Object::Lock(lock) if lock.key.kind == LockKind::Lease => lease(lock),
        Object::Lock(lock) => annotated(lock),
        Object::Pod(record) => pod(record),
        Object::Node(record) => node(record),
        Object::Workload(record) => workload(record),
        Object::Candidate(record) => candidate(record),
    }
}

fn lease(lock: &LockRecord) -> Value {
    let mut metadata = lock_metadata(lock);
    if let Some(manager) = &lock.manager {
        metadata["managedFields"] = json!([{"manager": manager, "fieldsV1": {"f:spec": {}}}]);
    }
    let spec = election(lock, "leaseTransitions");
    whole(Kind::Lease, json!({"metadata": metadata, "spec": spec}))
}

/// The fields of the election; a Lease and an annotation name only the count differently.
fn election(lock: &LockRecord, transitions: &str) -> Map<String, Value> {
    let fields = [
        field("holderIdentity", lock.holder.as_ref()),
        field("leaseDurationSeconds", lock.duration_seconds),
        field("acquireTime", lock.acquire),
        field("renewTime", lock.renew),
        field(transitions, lock.transitions),
        field("strategy", lock.strategy.as_ref()),
        field("preferredHolder", lock.preferred_holder.as_ref()),
    ];
    fields.into_iter().flatten().collect()
}

fn lock_metadata(lock: &LockRecord) -> Value {
    let mut metadata = metadata(&lock.key.namespace, &lock.key.name, &lock.uid);
    if let Some(labels) = &lock.labels {
        metadata["labels"] = json!(labels);
    }
    if let Some(version) = lock.version {
        metadata["resourceVersion"] = version.to_string().into();
    }
    if let Some(owner) = &lock.owner {
        metadata["ownerReferences"] = json!([reference(owner, false)]);
    }
    metadata
}

/// A lock in an annotation, in client-go's shape whoever keeps it.
fn annotated(lock: &LockRecord) -> Value {
    let mut metadata = lock_metadata(lock);
    let record = election(lock, "leaderTransitions");
    metadata["annotations"] = json!({LEADER: Value::Object(record).to_string()});
    if let Some(manager) = &lock.manager {
        let fields = json!({"f:metadata": {"f:annotations": {format!("f:{LEADER}"): {}}}});
        metadata["managedFields"] = json!([{"manager": manager, "fieldsV1": fields}]);
    }
    whole(lock.kind(), json!({"metadata": metadata}))
}

fn node(node: &NodeRecord) -> Value {
    let mut metadata = json!({"name": node.name});
    if let Some(zone) = &node.zone {
        metadata["labels"] = json!({"topology.kubernetes.io/zone": zone});
    }
    let hostname = |name| json!({"type": "Hostname", "address": name});
    let ready = node.ready.as_ref().map(|status| json!([{"type": "Ready", "status": status}]));
    let status = [
        field("addresses", some(node.hostnames.iter().map(hostname).collect())),
        field("conditions", ready),
    ];
    let status: Map<String, Value> = status.into_iter().flatten().collect();
    whole(Kind::Node, json!({"metadata": metadata, "status": status}))
}

fn workload(workload: &WorkloadRecord) -> Value {
    let mut metadata = metadata(&workload.namespace, &workload.name, &workload.uid);
    if workload.deleting {
        // When, nobody reads.
        metadata["deletionTimestamp"] = "1970-01-01T00:00:00Z".into();
    }
    whole(workload.kind, json!({"metadata": metadata, "spec": {"replicas": workload.replicas}}))
}

fn candidate(candidate: &CandidateRecord) -> Value {
    let metadata = json!({"namespace": candidate.namespace, "name": candidate.name});
    let spec = [
        field("leaseName", Some(&candidate.lease)),
        field("binaryVersion", candidate.binary_version.as_ref()),
        field("emulationVersion", candidate.emulation_version.as_ref()),
        field("renewTime", candidate.renew),
        field("pingTime", candidate.ping),
    ];
    let spec: Map<String, Value> = spec.into_iter().flatten().collect();
    whole(Kind::LeaseCandidate, json!({"metadata": metadata, "spec": spec}))
}

pub(super) fn pod(pod: &PodRecord) -> Value {
    let spec = [
        field("nodeName", pod.node.as_ref()),
        field("hostNetwork", pod.host_network.then_some(true)),
        field("hostname", pod.hostname.as_ref()),
        field("containers", some(pod.containers.iter().map(declared).collect())),
    ];
    let spec: Map<String, Value> = spec.into_iter().flatten().collect();
    let status = [
        field("phase", (!pod.phase.is_empty()).then_some(&pod.phase)),
        field("reason", pod.reason.as_ref()),
        field("startTime", pod.started),
        field("podIPs", some(pod.ips.iter().map(|ip| json!({"ip": ip})).collect())),
        field("conditions", some(conditions(pod))),
        field("containerStatuses", some(container_statuses(pod))),
    ];
    let status: Map<String, Value> = status.into_iter().flatten().collect();
    whole(Kind::Pod, json!({"metadata": pod_metadata(pod), "spec": spec, "status": status}))
}

/// A pod of which nothing is known but its name.
pub(super) fn pod_name(name: &PodName) -> Value {
    whole(Kind::Pod, json!({"metadata": {"namespace": name.namespace, "name": name.name}}))
}

fn pod_metadata(pod: &PodRecord) -> Value {
    let mut metadata = metadata(&pod.namespace, &pod.name, &pod.uid);
    let more = [
        field("creationTimestamp", pod.created),
        // Written as if it had no grace period: the time of the request is what is read of both.
        field("deletionTimestamp", pod.deletion),
        field("labels", pod.template.as_ref().map(|hash| json!({"pod-template-hash": hash}))),
        field("ownerReferences", pod.owner.as_ref().map(|owner| json!([reference(owner, true)]))),
    ];
    if let Value::Object(metadata) = &mut metadata {
        metadata.extend(more.into_iter().flatten());
    }
    metadata
}

fn reference(owner: &Owner, controller: bool) -> Value {
    json!({"kind": owner.kind, "name": owner.name, "uid": owner.uid, "controller": controller})
}

fn declared(container: &ContainerRecord) -> Value {
    json!({"name": container.name, "image": container.image})
}

fn conditions(pod: &PodRecord) -> Vec<Value> {
    let when =
        |name: &str, since| json!({"type": name, "status": "True", "lastTransitionTime": since});
    let containers_ready =
        pod.containers_ready.then(|| json!({"type": "ContainersReady", "status": "True"}));
    let disruption = pod.disruption.as_ref();
    [
        pod.ready_since.map(|since| when("Ready", since)),
        containers_ready,
        disruption.map(|why| json!({"type": "DisruptionTarget", "status": "True", "reason": why})),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn container_statuses(pod: &PodRecord) -> Vec<Value> {
    pod.containers.iter().map(|container| container_status(pod, container)).collect()
}

fn container_status(pod: &PodRecord, container: &ContainerRecord) -> Value {
    let mut ends = pod.terminations.iter().filter(|end| end.container == container.name).map(end);
    let running = container.running_since.map(|since| json!({"running": {"startedAt": since}}));
    let waiting = container.waiting.as_ref().map(|why| json!({"waiting": {"reason": why}}));
    let last = ends.next();
    let state = running.or(waiting).or_else(|| ends.next());
    let parts = [
        field("name", Some(&container.name)),
        field("restartCount", (container.restarts > 0).then_some(container.restarts)),
        field("state", state),
        field("lastState", last),
    ];
    Value::Object(parts.into_iter().flatten().collect())
}

fn end(end: &Termination) -> Value {
    let parts = [
        field("exitCode", Some(end.exit_code)),
        field("reason", end.reason.as_ref()),
        field("finishedAt", end.finished),
    ];
    let parts: Map<String, Value> = parts.into_iter().flatten().collect();
    json!({"terminated": parts})
}

fn some(values: Vec<Value>) -> Option<Vec<Value>> {
    (!values.is_empty()).then_some(values)
}

fn metadata(namespace: &Arc<str>, name: &Arc<str>, uid: &Arc<str>) -> Value {
    json!({"namespace": namespace, "name": name, "uid": uid})
}

fn field(name: &str, value: Option<impl Serialize>) -> Option<(String, Value)> {
    Some((name.to_owned(), serde_json::to_value(value?).ok()?))
}

fn whole(kind: Kind, mut object: Value) -> Value {
    let row = Row::of(kind);
    object["apiVersion"] = row.api_version().into();
    object["kind"] = row.object_kind.into();
    object
}
