//! Pods.

use std::sync::Arc;

use leadership::observation::{Object, PodRecord};
use leadership::time::Time;
use serde::Deserialize;

use super::loose::{Loose, Many, Nested};
use super::{Seen, Unreadable, or_empty};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pod {
    metadata: Nested<Metadata>,
    spec: Nested<Spec>,
    status: Nested<Status>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    namespace: Loose<Arc<str>>,
    name: Loose<Arc<str>>,
    uid: Loose<Arc<str>>,
    resource_version: Loose<String>,
    creation_timestamp: Loose<Time>,
    deletion_timestamp: Loose<Time>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Loose<Arc<str>>,
    host_network: Loose<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Loose<Arc<str>>,
    conditions: Many<Nested<Condition>>,
    container_statuses: Many<Nested<Container>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    name: Loose<Arc<str>>,
    status: Loose<Arc<str>>,
    last_transition_time: Loose<Time>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Container {
    restart_count: Loose<u32>,
}

/// Reads a Pod.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn pod(json: &str) -> Result<Seen, Unreadable> {
    let Pod { metadata, spec, status } = serde_json::from_str(json)?;
    let (metadata, spec, status) = (metadata.0, spec.0, status.0);
    let created = metadata.creation_timestamp.0;
    let record = PodRecord {
        namespace: or_empty(metadata.namespace),
        name: metadata.name.0.ok_or(Unreadable::Nameless)?,
        uid: or_empty(metadata.uid),
        node: spec.node_name.0,
        host_network: spec.host_network.0.unwrap_or(false),
        phase: or_empty(status.phase),
        ready_since: ready_since(&status.conditions.0, created),
        deleting: metadata.deletion_timestamp.0.is_some(),
        restarts: restarts(&status.container_statuses.0),
    };
    Ok(Seen { object: Object::Pod(record), version: metadata.resource_version.0 })
}

/// A condition that does not say since when has been true since the pod's creation, for all we know.
fn ready_since(conditions: &[Nested<Condition>], created: Option<Time>) -> Option<Time> {
    let ready = conditions
        .iter()
        .map(|condition| &condition.0)
        .find(|condition| condition.name.0.as_deref() == Some("Ready"))?;
    let is_true = ready.status.0.as_deref() == Some("True");
    is_true.then(|| {
        let since = ready.last_transition_time.0.or(created);
        since.unwrap_or(Time::from_micros(0))
    })
}

fn restarts(containers: &[Nested<Container>]) -> u32 {
    containers
        .iter()
        .filter_map(|container| container.0.restart_count.0)
        .fold(0, u32::saturating_add)
}
