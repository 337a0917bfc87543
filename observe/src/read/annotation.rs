//! Locks of older electors: records in annotations of `ConfigMap`s and Endpoints.
//!
//! Only metadata is read, so that nothing of what a ConfigMap contains is ever asked for. Most of these objects are
//! no locks at all; one whose record was taken away is none any more. Two shapes are known:
//!
//! - client-go's (and its like): one annotation with the whole record in JSON;
//! - Patroni's: an annotation for each field. When a leader steps down, only `leader` is removed. Its other objects
//!   (a requested failover, say) carry `leader` too, but nothing that is renewed.

use std::sync::Arc;

use leadership::lock::{LockKey, LockKind};
use leadership::observation::{LockRecord, Object};
use leadership::time::Time;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::loose::{Loose, Many, Nested, Scalar};
use super::metadata::{RawLabels, labels, ordinal};
use super::owner::OwnerReference;
use super::{Said, Seen, Unreadable, or_empty};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotated {
    metadata: Nested<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    namespace: Loose<Arc<str>>,
    name: Loose<Arc<str>>,
    uid: Loose<Arc<str>>,
    resource_version: Loose<String>,
    labels: RawLabels,
    annotations: Nested<Annotations>,
    managed_fields: Many<Nested<Write>>,
    owner_references: Many<Nested<OwnerReference>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Annotations {
    #[serde(rename = "control-plane.alpha.kubernetes.io/leader")]
    record: Loose<String>,
    leader: Loose<Arc<str>>,
    ttl: Option<Loose<Whole>>,
    acquire_time: Loose<Stamp>,
    renew_time: Option<Loose<Stamp>>,
    transitions: Loose<Whole>,
}

impl Annotations {
    /// The record of either shape, and what is wrong with it.
    fn record(self) -> Option<(Record, Option<String>)> {
        match self.record.0.as_deref() {
            Some(text) => Some(parsed(text)),
            None => self.patroni().map(|record| (record, None)),
        }
    }

    /// Patroni's record, if this is one. A permanent leader's `ttl` is no number of seconds. The stamps of a leader
    /// that stepped down stay behind and speak for nobody.
    fn patroni(self) -> Option<Record> {
        let (ttl, renew_time) = (self.ttl?, self.renew_time?);
        let led = self.leader.0.is_some();
        Some(Record {
            holder_identity: self.leader,
            lease_duration_seconds: ttl,
            acquire_time: if led { self.acquire_time } else { Loose(None) },
            renew_time: if led { renew_time } else { Loose(None) },
            leader_transitions: self.transitions,
            ..Record::default()
        })
    }
}

/// The record in client-go's annotation.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Record {
    holder_identity: Loose<Arc<str>>,
    lease_duration_seconds: Loose<Whole>,
    acquire_time: Loose<Stamp>,
    renew_time: Loose<Stamp>,
    leader_transitions: Loose<Whole>,
    strategy: Loose<Arc<str>>,
    preferred_holder: Loose<Arc<str>>,
}

/// A number, or its digits in a string: annotations know no numbers, and Python's client quotes the duration even
/// within the JSON.
struct Whole(i32);

impl Scalar for Whole {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
    fn from_number(number: i64) -> Option<Self> {
        i32::from_number(number).map(Self)
    }
}

/// A time. Python's client writes no zone and means its own; it is taken for UTC, and the offset is found like that of
/// any clock.
struct Stamp(Time);

impl Scalar for Stamp {
    fn from_text(text: &str) -> Option<Self> {
        Time::from_text(text).or_else(|| Time::from_text(&format!("{text}Z"))).map(Self)
    }
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
    #[serde(rename = "f:metadata")]
    metadata: Nested<OwnedMetadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OwnedMetadata {
    #[serde(rename = "f:annotations")]
    annotations: Nested<OwnedAnnotations>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OwnedAnnotations {
    #[serde(rename = "f:control-plane.alpha.kubernetes.io/leader")]
    record: Option<IgnoredAny>,
    #[serde(rename = "f:renewTime")]
    renew_time: Option<IgnoredAny>,
}

/// Reads the metadata of a ConfigMap.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn config_map(json: &str) -> Result<Seen, Unreadable> {
    annotated(LockKind::ConfigMap, json)
}

/// Reads the metadata of an Endpoints object.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn endpoints(json: &str) -> Result<Seen, Unreadable> {
    annotated(LockKind::Endpoints, json)
}

fn annotated(kind: LockKind, json: &str) -> Result<Seen, Unreadable> {
    let Annotated { metadata } = serde_json::from_str(json)?;
    let metadata = metadata.0;
    let name = metadata.name.0.ok_or(Unreadable::Nameless)?;
    let key = LockKey { namespace: or_empty(metadata.namespace), name, kind };
    let version = metadata.resource_version.0;
    let Some((fields, flaw)) = metadata.annotations.0.record() else {
        return Ok(Seen { said: Said::NoLock(key), version, flaw: None });
    };
    let record = LockRecord {
        uid: or_empty(metadata.uid),
        holder: fields.holder_identity.0,
        duration_seconds: fields.lease_duration_seconds.0.map(|number| number.0),
        acquire: fields.acquire_time.0.map(|stamp| stamp.0),
        renew: fields.renew_time.0.map(|stamp| stamp.0),
        transitions: fields.leader_transitions.0.map(|number| number.0),
        strategy: fields.strategy.0,
        preferred_holder: fields.preferred_holder.0,
        manager: newest_writer(metadata.managed_fields.0),
        labels: labels(metadata.labels),
        owner: metadata
            .owner_references
            .0
            .into_iter()
            .find_map(|owner| owner.0.read())
            .map(Arc::new),
        version: version.as_deref().and_then(ordinal),
        ..LockRecord::empty(key)
    };
    Ok(Seen { said: Said::Object(Object::Lock(record)), version, flaw })
}

/// A record that is none says nothing, as to its electors: nobody can hold the lock until it is mended.
fn parsed(text: &str) -> (Record, Option<String>) {
    if !text.trim_start().starts_with('{') {
        return (Record::default(), Some("the record in its annotation is no JSON object".into()));
    }
    match serde_json::from_str(text) {
        Ok(record) => (record, None),
        Err(error) => {
            let flaw = format!("the record in its annotation is not JSON: {error}");
            (Record::default(), Some(flaw))
        }
    }
}

/// Who wrote the record last. The API server's stamps are whole seconds; of equal ones the later entry counts.
fn newest_writer(writes: Vec<Nested<Write>>) -> Option<Arc<str>> {
    let owns = |write: &Write| {
        let annotations = &write.fields_v1.0.metadata.0.annotations.0;
        annotations.record.is_some() || annotations.renew_time.is_some()
    };
    let of_record = writes.into_iter().map(|write| write.0).filter(owns);
    of_record.max_by_key(|write| write.time.0)?.manager.0
}
