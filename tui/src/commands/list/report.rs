//! The list for programs. What cannot be known is null.

use leadership::snapshot::{Missing, Snapshot};
use leadership::time::Time;
use serde::Serialize;

use crate::commands::SCHEMA_VERSION;
use crate::commands::object::Object;

/// All elections of one picture.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    schema_version: u32,
    at: Time,
    source: &'a str,
    leases: Vec<Object<'a>>,
    /// Locks that should exist by the catalogue and do not.
    missing: &'a [Missing],
}

impl<'a> Report<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, source: &'a str, now: Time) -> Self {
        let leases = snapshot.elections.iter();
        Self {
            schema_version: SCHEMA_VERSION,
            at: now,
            source,
            leases: leases.map(|election| Object::new(election, now)).collect(),
            missing: &snapshot.missing,
        }
    }
}
