//! Records written as the API objects that they were read from.

use std::sync::Arc;

use leadership::observation::{Kind, LockRecord, Object, PodRecord};
use leadership::time::Time;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::kinds::Row;

/// The object that `read` makes this record of.
pub(super) fn object(object: &Object) -> Value {
    match object {
        Object::Lock(lock) => lease(lock),
        Object::Pod(record) => pod(record),
    }
}

pub(super) fn lease(lock: &LockRecord) -> Value {
    let mut metadata = metadata(&lock.key.namespace, &lock.key.name, &lock.uid);
    if lock.apiserver_identity {
        metadata["labels"] = json!({"apiserver.kubernetes.io/identity": "kube-apiserver"});
    }
    if let Some(manager) = &lock.manager {
        metadata["managedFields"] = json!([{"manager": manager, "fieldsV1": {"f:spec": {}}}]);
    }
    let spec = [
        field("holderIdentity", lock.holder.as_ref()),
        field("leaseDurationSeconds", lock.duration_seconds),
        field("acquireTime", lock.acquire),
        field("renewTime", lock.renew),
        field("leaseTransitions", lock.transitions),
        field("strategy", lock.strategy.as_ref()),
        field("preferredHolder", lock.preferred_holder.as_ref()),
    ];
    let spec: Map<String, Value> = spec.into_iter().flatten().collect();
    whole(Kind::Lease, json!({"metadata": metadata, "spec": spec}))
}

pub(super) fn pod(pod: &PodRecord) -> Value {
    let mut metadata = metadata(&pod.namespace, &pod.name, &pod.uid);
    if pod.deleting {
        // That it is there is all that is read of it.
        metadata["deletionTimestamp"] = json!(Time::from_micros(0));
    }
    let spec = [
        field("nodeName", pod.node.as_ref()),
        field("hostNetwork", pod.host_network.then_some(true)),
    ];
    let spec: Map<String, Value> = spec.into_iter().flatten().collect();
    let ready = pod
        .ready_since
        .map(|since| json!([{"type": "Ready", "status": "True", "lastTransitionTime": since}]));
    let restarts = (pod.restarts > 0).then(|| json!([{"restartCount": pod.restarts}]));
    let status = [
        field("phase", (!pod.phase.is_empty()).then_some(&pod.phase)),
        field("conditions", ready),
        field("containerStatuses", restarts),
    ];
    let status: Map<String, Value> = status.into_iter().flatten().collect();
    whole(Kind::Pod, json!({"metadata": metadata, "spec": spec, "status": status}))
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
