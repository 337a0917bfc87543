//! What readers see: one immutable picture of everything that is known at one time.

mod candidates;
mod leader;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Class, Timing};
use crate::event::{End, Failover, How, Phase, Reason, TermEnd};
use crate::lock::LockKey;
use crate::observation::{Kind, Labels};
use crate::tally::{Histogram, Tally};
use crate::time::{Delta, Time};

pub use candidates::{Candidate, Candidates, Condition, Source};
pub use leader::{Leader, Method, Note, PodName};

/// Everything that is known at one time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The time of the picture, on the observer's clock.
    pub at: Time,
    /// All elections, ordered by their keys. Heartbeats are not among them.
    pub elections: Vec<Arc<Election>>,
    /// Locks that running Deployments should have by the catalogue, and that do not exist. Empty
    /// while locks cannot be seen.
    pub missing: Vec<Missing>,
    /// The watches, one for each kind that was ever seen.
    pub watches: Vec<Watch>,
    /// How many pods are known.
    pub pods: usize,
    /// How many heartbeats of nodes and API servers are known.
    pub heartbeats: usize,
    /// Since when most elections have been late together.
    pub control_plane_silent: Option<Time>,
}

impl Snapshot {
    /// The election over this lock.
    #[must_use]
    pub fn election(&self, key: &LockKey) -> Option<&Arc<Election>> {
        let place = self.elections.binary_search_by(|election| election.key.cmp(key)).ok()?;
        self.elections.get(place)
    }

    /// The state of one watch.
    #[must_use]
    pub fn watch(&self, kind: Kind) -> Option<&Watch> {
        self.watches.iter().find(|watch| watch.kind == kind)
    }
}

/// A lock that a running Deployment should have, and that does not exist: its election may be
/// switched off, or its leader never got so far.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Missing {
    /// Where it should be.
    pub namespace: Arc<str>,
    /// What it should be called.
    pub lease: Arc<str>,
    /// The component that should make it.
    pub component: Arc<str>,
    /// Since when a pod of that component has been ready, by its node's clock.
    pub since: Time,
}

/// The state of one watch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Of which kind.
    pub kind: Kind,
    /// Whether it is live.
    pub up: bool,
    /// Whether a complete list was ever seen.
    pub listed: bool,
    /// Whether its objects are not watched but looked up one by one, when something calls for it: then it is up
    /// while look-ups are answered.
    pub looked_up: bool,
    /// Since when it has been blind.
    pub blind_since: Option<Time>,
    /// Time without a live watch, the present gap included.
    pub blind: Delta,
    /// When its newest fact was seen.
    pub last_fact: Option<Time>,
    /// Objects of it that are known now. Heartbeats of API servers are Leases.
    pub objects: usize,
    /// Complete lists seen, the first one included.
    pub lists: u64,
    /// Objects created or changed.
    pub applied: u64,
    /// Objects deleted.
    pub deleted: u64,
    /// How often it broke; the attempts that fail while it is broken are not counted.
    pub losses: u64,
    /// How late renewals of the last ten seconds came, by the writers' clocks; the median. Only
    /// elections tell.
    pub lag: Option<Delta>,
    /// What broke it last.
    pub last_error: Option<Arc<str>>,
}

/// One election as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Election {
    /// Which lock.
    pub key: LockKey,
    /// The identity of the object.
    pub uid: Arc<str>,
    /// The catalogue's id of the component that elects with it; none where it is not known.
    pub component: Option<Arc<str>>,
    /// The labels of the object; `None` of most, which electors make without any.
    pub labels: Option<Arc<Labels>>,
    /// What it is for.
    pub class: Class,
    /// What writes it, by the catalogue.
    pub library: Option<Arc<str>>,
    /// Which part of the component, where it is split into several.
    pub shard: Option<Arc<str>>,
    /// The timing that the catalogue expects. What is in force is [`Self::duration`].
    pub expected: Option<Timing>,
    /// Whether the catalogue says that it is given up at a stop; `None` where that is not known.
    pub releases: Option<bool>,
    /// What somebody should know who looks at it, by the catalogue.
    pub hint: Option<Arc<str>>,
    /// Its state.
    pub phase: Phase,
    /// Why, where a state has more than one reason.
    pub reason: Option<Reason>,
    /// Since when it has been in this state, by the times of the writes where they are known.
    pub phase_since: Time,
    /// Since when our watch has been blind; ages mean nothing then.
    pub blind_since: Option<Time>,
    /// Whether nobody leads by contract or consent; `None` while that cannot be known.
    pub leaderless: Option<bool>,
    /// Since when nobody leads.
    pub leaderless_since: Option<Time>,
    /// Time spent leaderless, the present stretch included. Never falls.
    pub leaderless_total: Delta,
    /// The present term, or the last one while nobody leads.
    pub term: Option<Term>,
    /// The last real lease duration: a release's one second is not one.
    pub duration: Option<Delta>,
    /// When the present claim runs out.
    pub expiry: Option<Time>,
    /// The learned time between renewals.
    pub renew_interval: Option<Delta>,
    /// The age from which a renewal is overdue.
    pub late_after: Delta,
    /// The longest renewal gap of healthy times that is remembered.
    pub worst_gap: Option<Delta>,
    /// For how long a leader tries to renew before it gives up, once that was seen.
    pub renew_deadline: Option<Delta>,
    /// `leaseTransitions` as claimed.
    pub reported_transitions: Option<i32>,
    /// `strategy` of coordinated leader election.
    pub strategy: Option<Arc<str>>,
    /// `preferredHolder` of coordinated leader election.
    pub preferred_holder: Option<Arc<str>>,
    /// How far the holder's clock is ahead of ours. Nothing finer than tens of milliseconds is meant.
    pub clock_offset: Option<Delta>,
    /// By how much the clocks of the ready candidates' nodes differ; `None` unless two are known. Nothing
    /// finer than tens of milliseconds is meant.
    pub clock_spread: Option<Delta>,
    /// Until when two leaders are possible.
    pub overlap_until: Option<Time>,
    /// Renewal gaps as a share of the duration, by [`GAP_BUCKETS`](crate::tally::GAP_BUCKETS).
    pub gaps: Histogram<5>,
    /// What else was counted.
    pub tally: Arc<Tally>,
    /// Past terms, oldest first.
    pub ledger: Arc<[Chapter]>,
    /// The newest failover, provisional or final.
    pub last_failover: Option<Arc<Failover>>,
    /// Who else could lead; `None` where that cannot be known: pods are not watched, or nobody knows
    /// which of them compete.
    pub candidates: Option<Arc<Candidates>>,
}

/// One term of one holder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Who, in the holder's own words, made safe to print.
    pub holder: Arc<str>,
    /// The pod and node behind the name.
    pub leader: Leader,
    /// When the term began, or when it was first seen.
    pub start: Time,
    /// Whether the beginning was seen.
    pub start_seen: bool,
    /// How it began.
    pub how: How,
    /// The last proof of life: the holder's last own write.
    pub last_renew: Time,
    /// Renewals seen.
    pub renewals: u64,
}

/// One entry of a lock's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Chapter {
    /// A term that ended, or the present one.
    Reign(Reign),
    /// Terms that the record proves and that nobody saw.
    Missed {
        /// How many, at least.
        count: u32,
        /// Since when we were blind.
        from: Time,
        /// Until when.
        to: Time,
    },
}

/// One term as history remembers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reign {
    /// Who.
    pub holder: Arc<str>,
    /// Its first write, or when it was first seen.
    pub from: Time,
    /// Whether the beginning was seen.
    pub from_seen: bool,
    /// Its last own write; `None` while it reigns.
    pub to: Option<Time>,
    /// How it ended.
    pub ended: Option<TermEnd>,
    /// How it ended, in the words of the lock.
    pub end: Option<End>,
    /// The failover that ended it, once another term began.
    pub failover: Option<Arc<Failover>>,
}
