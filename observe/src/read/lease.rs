//! Leases.

use std::sync::Arc;

use leadership::lock::{LockKey, LockKind};
use leadership::observation::{LockRecord, Object};
use leadership::time::Time;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::loose::{Loose, Many, Nested};
use super::metadata::{RawLabels, labels};
use super::owner::OwnerReference;
use super::{Seen, Unreadable, or_empty};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Lease {
    metadata: Nested<Metadata>,
    spec: Nested<Spec>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    namespace: Loose<Arc<str>>,
    name: Loose<Arc<str>>,
    uid: Loose<Arc<str>>,
    resource_version: Loose<String>,
    labels: RawLabels,
    managed_fields: Many<Nested<Write>>,
    owner_references: Many<Nested<OwnerReference>>,
}

/// An entry of `managedFields`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Write {
    manager: Loose<Arc<str>>,
    time: Loose<Time>,
    fields_v1: Nested<Owned>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Owned {
    #[serde(rename = "f:spec")]
    spec: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    holder_identity: Loose<Arc<str>>,
    lease_duration_seconds: Loose<i32>,
    acquire_time: Loose<Time>,
    renew_time: Loose<Time>,
    lease_transitions: Loose<i32>,
    strategy: Loose<Arc<str>>,
    preferred_holder: Loose<Arc<str>>,
}

/// Reads a Lease.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn lease(json: &str) -> Result<Seen, Unreadable> {
    let Lease { metadata, spec } = serde_json::from_str(json)?;
    let (metadata, spec) = (metadata.0, spec.0);
    let name = metadata.name.0.ok_or(Unreadable::Nameless)?;
    let key = LockKey { namespace: or_empty(metadata.namespace), name, kind: LockKind::Lease };
    let record = LockRecord {
        key,
        uid: or_empty(metadata.uid),
        holder: spec.holder_identity.0,
        duration_seconds: spec.lease_duration_seconds.0,
        acquire: spec.acquire_time.0,
        renew: spec.renew_time.0,
        transitions: spec.lease_transitions.0,
        strategy: spec.strategy.0,
        preferred_holder: spec.preferred_holder.0,
        manager: newest_writer(metadata.managed_fields.0),
        labels: labels(metadata.labels),
        owner: metadata
            .owner_references
            .0
            .into_iter()
            .find_map(|owner| owner.0.read())
            .map(Arc::new),
    };
    Ok(Seen::object(Object::Lock(record), metadata.resource_version.0))
}

/// Who wrote the spec last. The API server's stamps are whole seconds; of equal ones the later entry counts.
fn newest_writer(writes: Vec<Nested<Write>>) -> Option<Arc<str>> {
    let of_spec =
        writes.into_iter().map(|write| write.0).filter(|write| write.fields_v1.0.spec.is_some());
    of_spec.max_by_key(|write| write.time.0)?.manager.0
}
