//! Nodes.

use std::sync::Arc;

use leadership::observation::{NodeRecord, Object};
use serde::Deserialize;

use super::loose::{Loose, Many, Nested};
use super::proto::{Malformed, Message, Slot, Value};
use super::{Fields, Seen, Unreadable};

/// The fields of a Node that are read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    metadata: Nested<Metadata>,
    status: Nested<Status>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    name: Loose<Arc<str>>,
    resource_version: Loose<String>,
    labels: Nested<Labels>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Labels {
    #[serde(rename = "kubernetes.io/hostname")]
    hostname: Loose<Arc<str>>,
    #[serde(rename = "topology.kubernetes.io/zone")]
    zone: Loose<Arc<str>>,
    /// Its name before Kubernetes 1.17.
    #[serde(rename = "failure-domain.beta.kubernetes.io/zone")]
    old_zone: Loose<Arc<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    addresses: Many<Nested<Address>>,
    conditions: Many<Nested<Condition>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Address {
    #[serde(rename = "type")]
    name: Loose<Arc<str>>,
    address: Loose<Arc<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Condition {
    #[serde(rename = "type")]
    name: Loose<Arc<str>>,
    status: Loose<Arc<str>>,
}

impl Message for Node {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.metadata),
            3 => value.put(&mut self.status),
            _ => Ok(()),
        }
    }
}

impl Message for Metadata {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            6 => value.put(&mut self.resource_version),
            11 => value.put(&mut self.labels.0),
            _ => Ok(()),
        }
    }
}

impl Slot for Labels {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        let Value::Bytes(entry) = value else { return Ok(()) };
        let (key, value) = entry.entry()?;
        match key.bytes() {
            b"kubernetes.io/hostname" => value.put(&mut self.hostname),
            b"topology.kubernetes.io/zone" => value.put(&mut self.zone),
            b"failure-domain.beta.kubernetes.io/zone" => value.put(&mut self.old_zone),
            _ => Ok(()),
        }
    }
}

impl Message for Status {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            4 => value.put(&mut self.conditions),
            5 => value.put(&mut self.addresses),
            _ => Ok(()),
        }
    }
}

impl Message for Address {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            2 => value.put(&mut self.address),
            _ => Ok(()),
        }
    }
}

impl Message for Condition {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            2 => value.put(&mut self.status),
            _ => Ok(()),
        }
    }
}

impl Fields for Node {
    fn seen(self) -> Result<Seen, Unreadable> {
        let (metadata, status) = (self.metadata.0, self.status.0);
        let labels = metadata.labels.0;
        let name = metadata.name.0.ok_or(Unreadable::Nameless)?;
        let record = NodeRecord {
            hostnames: hostnames(&name, status.addresses.0, labels.hostname.0),
            zone: labels.zone.0.or(labels.old_zone.0),
            ready: ready(status.conditions.0),
            name,
        };
        Ok(Seen::object(Object::Node(record), metadata.resource_version.0))
    }
}

/// What the machine calls itself, where that is not what the cluster calls it.
fn hostnames(
    name: &Arc<str>,
    addresses: Vec<Nested<Address>>,
    label: Option<Arc<str>>,
) -> Vec<Arc<str>> {
    let addresses = addresses.into_iter().map(|address| address.0);
    let told = addresses
        .filter(|address| address.name.0.as_deref() == Some("Hostname"))
        .filter_map(|address| address.address.0);
    let mut names: Vec<Arc<str>> = Vec::new();
    for hostname in told.chain(label) {
        if hostname != *name && !names.contains(&hostname) {
            names.push(hostname);
        }
    }
    names
}

fn ready(conditions: Vec<Nested<Condition>>) -> Option<Arc<str>> {
    let mut conditions = conditions.into_iter().map(|condition| condition.0);
    conditions.find(|condition| condition.name.0.as_deref() == Some("Ready"))?.status.0
}
