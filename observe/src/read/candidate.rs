//! Candidates of coordinated leader election.

use std::sync::Arc;

use leadership::observation::{CandidateRecord, Object};
use leadership::time::Time;
use serde::Deserialize;

use super::loose::{Loose, Nested};
use super::metadata::Metadata;
use super::{Seen, Unreadable, or_empty};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Candidate {
    metadata: Nested<Metadata>,
    spec: Nested<Spec>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    lease_name: Loose<Arc<str>>,
    binary_version: Loose<Arc<str>>,
    emulation_version: Loose<Arc<str>>,
    renew_time: Loose<Time>,
    ping_time: Loose<Time>,
}

/// Reads a `LeaseCandidate`.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn candidate(json: &str) -> Result<Seen, Unreadable> {
    let Candidate { metadata, spec } = serde_json::from_str(json)?;
    let (metadata, spec) = (metadata.0, spec.0);
    let record = CandidateRecord {
        name: metadata.name.0.ok_or(Unreadable::Nameless)?,
        namespace: or_empty(metadata.namespace),
        lease: or_empty(spec.lease_name),
        binary_version: spec.binary_version.0,
        emulation_version: spec.emulation_version.0,
        renew: spec.renew_time.0,
        ping: spec.ping_time.0,
    };
    Ok(Seen::object(Object::Candidate(record), metadata.resource_version.0))
}
