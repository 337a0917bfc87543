//! Deployments and `StatefulSet`s.

use leadership::observation::{Kind, Object, WorkloadRecord};
use serde::Deserialize;

use super::loose::{Loose, Nested};
use super::metadata::Metadata;
use super::{Seen, Unreadable, or_empty};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Workload {
    metadata: Nested<Metadata>,
    spec: Nested<Spec>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    replicas: Loose<u32>,
}

/// Reads a Deployment.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn deployment(json: &str) -> Result<Seen, Unreadable> {
    workload(Kind::Deployment, json)
}

/// Reads a `StatefulSet`.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn stateful_set(json: &str) -> Result<Seen, Unreadable> {
    workload(Kind::StatefulSet, json)
}

fn workload(kind: Kind, json: &str) -> Result<Seen, Unreadable> {
    let Workload { metadata, spec } = serde_json::from_str(json)?;
    let metadata = metadata.0;
    let record = WorkloadRecord {
        kind,
        name: metadata.name.0.ok_or(Unreadable::Nameless)?,
        namespace: or_empty(metadata.namespace),
        uid: or_empty(metadata.uid),
        // The API's default, which the server fills in; a recording may lack it.
        replicas: spec.0.replicas.0.unwrap_or(1),
        deleting: metadata.deletion_timestamp.0.is_some(),
    };
    Ok(Seen::object(Object::Workload(record), metadata.resource_version.0))
}
