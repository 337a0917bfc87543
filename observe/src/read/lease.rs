//! Leases.

use std::sync::Arc;

use leadership::lock::{LockKey, LockKind};
use leadership::observation::{LockRecord, Object};
use leadership::time::Time;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::loose::{Loose, Many, Nested};
use super::metadata::{RawLabels, labels, ordinal};
use super::owner::OwnerReference;
use super::proto::{Malformed, Message, Slot, Value, bytes_of};
use super::{Fields, Seen, Unreadable, or_empty};

/// The fields of a Lease that are read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Lease {
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

impl Message for Lease {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.metadata),
            2 => value.put(&mut self.spec),
            _ => Ok(()),
        }
    }
}

impl Message for Metadata {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            3 => value.put(&mut self.namespace),
            5 => value.put(&mut self.uid),
            6 => value.put(&mut self.resource_version),
            11 => value.put(&mut self.labels),
            13 => value.put(&mut self.owner_references),
            17 => value.put(&mut self.managed_fields),
            _ => Ok(()),
        }
    }
}

impl Message for Write {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.manager),
            4 => value.put(&mut self.time),
            7 => value.put(&mut self.fields_v1.0),
            _ => Ok(()),
        }
    }
}

impl Slot for Owned {
    /// The set of fields is JSON even here, in the only field of a message.
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        let Value::Bytes(message) = value else { return Ok(()) };
        let json = bytes_of(message.bytes(), 1)?;
        // Its keys are sorted, and an elector writes nothing but the spec.
        if json.starts_with(br#"{"f:spec":"#) {
            self.spec = Some(IgnoredAny);
        } else if let Ok(owned) = serde_json::from_slice(json) {
            *self = owned;
        }
        Ok(())
    }
}

impl Message for Spec {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.holder_identity),
            2 => value.put(&mut self.lease_duration_seconds),
            3 => value.put(&mut self.acquire_time),
            4 => value.put(&mut self.renew_time),
            5 => value.put(&mut self.lease_transitions),
            6 => value.put(&mut self.strategy),
            7 => value.put(&mut self.preferred_holder),
            _ => Ok(()),
        }
    }
}

impl Fields for Lease {
    fn seen(self) -> Result<Seen, Unreadable> {
        let (metadata, spec) = (self.metadata.0, self.spec.0);
        let name = metadata.name.0.ok_or(Unreadable::Nameless)?;
        let key = LockKey { namespace: or_empty(metadata.namespace), name, kind: LockKind::Lease };
        let owners = metadata.owner_references.0;
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
            owner: owners.into_iter().find_map(|owner| owner.0.read()).map(Arc::new),
            version: metadata.resource_version.0.as_deref().and_then(ordinal),
        };
        Ok(Seen::object(Object::Lock(record), metadata.resource_version.0))
    }
}

/// Who wrote the spec last. The API server's stamps are whole seconds; of equal ones the later entry counts.
fn newest_writer(writes: Vec<Nested<Write>>) -> Option<Arc<str>> {
    let of_spec =
        writes.into_iter().map(|write| write.0).filter(|write| write.fields_v1.0.spec.is_some());
    of_spec.max_by_key(|write| write.time.0)?.manager.0
}
