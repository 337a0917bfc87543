//! One election whole, for programs: `docs/describe.schema.json` describes it.

use std::collections::BTreeMap;

use leadership::advice::{self, Advice};
use leadership::event::{Anomaly, How, TermEnd};
use leadership::snapshot::{Candidates, Chapter, Election};
use leadership::time::{Delta, Time};
use serde::Serialize;

use crate::commands::SCHEMA_VERSION;
use crate::commands::object::Object;

/// What `list` says of an election, and everything else that is known.
#[derive(Serialize)]
pub(crate) struct Description<'a> {
    schema_version: u32,
    at: Time,
    source: &'a str,
    #[serde(flatten)]
    object: Object<'a>,
    hint: Option<&'a str>,
    phase_since: Time,
    term_how: Option<How>,
    renewals: Option<u64>,
    late_after_seconds: Delta,
    worst_gap_seconds: Option<Delta>,
    renew_deadline_seconds: Option<Delta>,
    /// Whether the catalogue says that it is released at a stop.
    releases: Option<bool>,
    strategy: Option<&'a str>,
    preferred_holder: Option<&'a str>,
    clock_offset_seconds: Option<Delta>,
    overlap_until: Option<Time>,
    candidates: Option<&'a Candidates>,
    /// Terms that ended, by how.
    ended: BTreeMap<&'static str, u64>,
    /// What a sound election never does, by kind, where it was seen.
    anomalies: BTreeMap<&'static str, u64>,
    /// Past terms, the oldest first.
    history: &'a [Chapter],
    advice: Option<Advice>,
}

impl<'a> Description<'a> {
    pub(crate) fn new(election: &'a Election, source: &'a str, now: Time) -> Self {
        let tally = &election.tally;
        let ends = TermEnd::ALL.iter().map(|end| end.label());
        let anomalies = Anomaly::LABELS.iter().copied().zip(tally.anomalies);
        Self {
            schema_version: SCHEMA_VERSION,
            at: now,
            source,
            object: Object::new(election, now),
            hint: election.hint.as_deref(),
            phase_since: election.phase_since,
            term_how: election.term.as_ref().map(|term| term.how),
            renewals: election.term.as_ref().map(|term| term.renewals),
            late_after_seconds: election.late_after,
            worst_gap_seconds: election.worst_gap,
            renew_deadline_seconds: election.renew_deadline,
            releases: election.releases,
            strategy: election.strategy.as_deref(),
            preferred_holder: election.preferred_holder.as_deref(),
            clock_offset_seconds: election.clock_offset,
            overlap_until: election.overlap_until,
            candidates: election.candidates.as_deref(),
            ended: ends.zip(tally.ended).collect(),
            anomalies: anomalies.filter(|(_, count)| *count > 0).collect(),
            history: &election.ledger,
            advice: advice::advise(election),
        }
    }
}
