//! Leases: election records and heartbeats.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Owner, micros, seconds};

/// What client-go keeps in a lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Empty: nobody.
    pub(crate) holder: String,
    /// Seconds.
    pub(crate) duration: i64,
    pub(crate) acquire: Option<Timestamp>,
    pub(crate) renew: Option<Timestamp>,
    pub(crate) transitions: i64,
}

impl Record {
    /// What is absent or of the wrong type is empty.
    pub(crate) fn read(spec: &Value) -> Self {
        let time = |field: &str| spec[field].as_str().and_then(|text| text.parse().ok());
        Self {
            holder: spec["holderIdentity"].as_str().unwrap_or_default().to_owned(),
            duration: spec["leaseDurationSeconds"].as_i64().unwrap_or_default(),
            acquire: time("acquireTime"),
            renew: time("renewTime"),
            transitions: spec["leaseTransitions"].as_i64().unwrap_or_default(),
        }
    }

    /// client-go compares records as it serialises them, with whole seconds: two renewals within one look the same.
    pub(crate) fn same_to_client_go(&self, other: &Self) -> bool {
        let second = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        self.holder == other.holder
            && self.duration == other.duration
            && self.transitions == other.transitions
            && second(self.acquire) == second(other.acquire)
            && second(self.renew) == second(other.renew)
    }

    fn spec(&self) -> Value {
        json!({
            "holderIdentity": self.holder,
            "leaseDurationSeconds": self.duration,
            "acquireTime": self.acquire.map(micros),
            "renewTime": self.renew.map(micros),
            "leaseTransitions": self.transitions,
        })
    }
}

/// A lease without a record.
pub(crate) fn new(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"namespace": namespace, "name": name},
    })
}

/// Replaces the whole spec, as client-go does, and notes who wrote it when by the server's clock.
pub(crate) fn set(lease: &mut Value, record: &Record, manager: &str, written: Timestamp) {
    lease["spec"] = record.spec();
    lease["metadata"]["managedFields"] = json!([{
        "manager": manager, "operation": "Update", "apiVersion": "coordination.k8s.io/v1", "time": seconds(written),
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {
            "f:acquireTime": {}, "f:holderIdentity": {}, "f:leaseDurationSeconds": {}, "f:leaseTransitions": {},
            "f:renewTime": {},
        }},
    }]);
}

/// A lease in which somebody only says that it lives: no acquisition, no transitions.
#[derive(Clone, Debug)]
pub(crate) struct Heartbeat {
    pub(crate) namespace: &'static str,
    pub(crate) name: String,
    pub(crate) holder: String,
    /// Seconds.
    pub(crate) duration: i64,
    pub(crate) owner: Option<Owner>,
    pub(crate) labels: Value,
}

impl Heartbeat {
    pub(crate) fn lease(&self, now: Timestamp) -> Value {
        let mut lease = new(self.namespace, &self.name);
        lease["metadata"]["labels"] = self.labels.clone();
        if let Some(owner) = &self.owner {
            lease["metadata"]["ownerReferences"] = owner.references();
        }
        lease["spec"] = json!({
            "holderIdentity": self.holder, "leaseDurationSeconds": self.duration, "renewTime": micros(now),
        });
        lease
    }
}
