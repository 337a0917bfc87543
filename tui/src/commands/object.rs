//! One election for programs. What cannot be known is null.

use std::sync::Arc;

use leadership::event::{Failover, Phase, Reason};
use leadership::snapshot::{Election, Leader};
use leadership::time::{Delta, Time};
use serde::Serialize;

use crate::columns::Lens;
use crate::theme::ASCII;

/// One election.
#[derive(Serialize)]
pub(super) struct Object<'a> {
    kind: &'static str,
    namespace: &'a str,
    name: &'a str,
    component: Option<&'a str>,
    class: &'static str,
    library: Option<&'a str>,
    shard: Option<&'a str>,
    phase: Phase,
    reason: Option<Reason>,
    leaderless: Option<bool>,
    leaderless_since: Option<Time>,
    leaderless_seconds_total: Delta,
    /// Whom the lock names.
    holder: Option<&'a str>,
    /// Whom it named last, where it names nobody.
    last_holder: Option<&'a str>,
    leader: Option<&'a Leader>,
    term_start: Option<Time>,
    term_start_seen: Option<bool>,
    term_seconds: Option<Delta>,
    last_renew: Option<Time>,
    renewal_age_seconds: Option<Delta>,
    duration_seconds: Option<Delta>,
    expiry: Option<Time>,
    renew_interval_seconds: Option<Delta>,
    terms_ended: u64,
    terms_missed: u64,
    reported_transitions: Option<i32>,
    blind_since: Option<Time>,
    last_failover: Option<&'a Arc<Failover>>,
}

impl<'a> Object<'a> {
    pub(super) fn new(election: &'a Election, now: Time) -> Self {
        let named = !matches!(election.phase, Phase::Vacant | Phase::Absent);
        let last = election.term.as_ref();
        let term = last.filter(|_| named);
        let glyphs = ASCII;
        let now = Lens { now, glyphs }.present(election);
        Self {
            kind: election.key.kind.label(),
            namespace: &election.key.namespace,
            name: &election.key.name,
            component: election.component.as_deref(),
            class: election.class.label(),
            library: election.library.as_deref(),
            shard: election.shard.as_deref(),
            phase: election.phase,
            reason: election.reason,
            leaderless: election.leaderless,
            leaderless_since: election.leaderless_since,
            leaderless_seconds_total: election.leaderless_total,
            holder: term.map(|term| &*term.holder),
            last_holder: last.filter(|_| !named).map(|term| &*term.holder),
            leader: term.map(|term| &term.leader),
            term_start: term.map(|term| term.start),
            term_start_seen: term.map(|term| term.start_seen),
            term_seconds: term.map(|term| now - term.start),
            last_renew: term.map(|term| term.last_renew),
            renewal_age_seconds: term.map(|term| now - term.last_renew),
            duration_seconds: election.duration,
            expiry: election.expiry,
            renew_interval_seconds: election.renew_interval,
            terms_ended: election.tally.transitions(),
            terms_missed: election.tally.missed,
            reported_transitions: election.reported_transitions,
            blind_since: election.blind_since,
            last_failover: election.last_failover.as_ref(),
        }
    }
}
