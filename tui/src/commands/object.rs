//! One election for programs. What cannot be known is null.

use std::borrow::Cow;
use std::sync::Arc;

use leadership::event::{Failover, Phase, Reason};
use leadership::lock::{LockKey, LockKind};
use leadership::snapshot::{Election, Leader};
use leadership::time::{Delta, Time};
use observe::several::split;
use serde::Serialize;

use crate::columns::Lens;
use crate::theme::ASCII;

/// A leader whose node is named as its own cluster names it.
fn local(leader: &Leader) -> Cow<'_, Leader> {
    match leader.node.as_deref().map(split) {
        Some((Some(_), node)) => Cow::Owned(Leader { node: Some(node.into()), ..leader.clone() }),
        _ => Cow::Borrowed(leader),
    }
}

/// The name of a lock, and of its cluster where there are several.
#[derive(Serialize)]
pub(super) struct LockPlace<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    kind: LockKind,
    namespace: &'a str,
    name: &'a str,
}

impl<'a> LockPlace<'a> {
    pub(super) fn of(key: &'a LockKey) -> Self {
        let (cluster, namespace) = split(&key.namespace);
        Self { cluster, kind: key.kind, namespace, name: &key.name }
    }
}

/// One election.
#[derive(Serialize)]
pub(super) struct Object<'a> {
    /// Only where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
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
    leader: Option<Cow<'a, Leader>>,
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
        let (cluster, namespace) = split(&election.key.namespace);
        let named = !matches!(election.phase, Phase::Vacant | Phase::Absent);
        let last = election.term.as_ref();
        let term = last.filter(|_| named);
        let glyphs = ASCII;
        let now = Lens { now, glyphs }.present(election);
        Self {
            cluster,
            kind: election.key.kind.label(),
            namespace,
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
            leader: term.map(|term| local(&term.leader)),
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
