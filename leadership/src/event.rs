//! What comes out of the fold: one event for each thing that happened, in the order of time.
//!
//! The serialised form is an interface: `docs/event.schema.json` describes it.

use std::sync::Arc;

use serde::Serialize;

use crate::lock::LockKey;
use crate::time::{Delta, Time};

/// One thing that happened to one lock, or to all of them at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// When it was known, on the observer's clock.
    pub at: Time,
    /// The lock; `None` where the event concerns the whole control plane.
    pub lease: Option<LockKey>,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen. Lengths of time are in seconds; what cannot be known is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// Somebody began to hold the lock.
    Term {
        /// Who.
        holder: Arc<str>,
        /// By which kind of write.
        how: How,
    },
    /// The state of the lock changed.
    Phase {
        /// The state before.
        from: Phase,
        /// The state now.
        to: Phase,
        /// Why, where a state has more than one reason.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// A renewal is overdue by the lock's own cadence; the claim is still valid.
    Late {
        /// Time since the last proof of life.
        age_seconds: Delta,
        /// The age from which a renewal counts as overdue.
        threshold_seconds: Delta,
    },
    /// Anybody may take the lock and nobody has.
    Expired {
        /// When the claim ran out; `None` if the last renewal was never seen.
        since: Option<Time>,
    },
    /// A renewal written in time was delivered after the claim had been declared expired.
    ExpiredRetracted,
    /// The same holder renewed after its claim had run out.
    Resumed {
        /// From the expiry to the renewal.
        lapse_seconds: Delta,
        /// From the last renewal before to this one.
        unrenewed_seconds: Delta,
    },
    /// The holder gave the lock up by its own will.
    Released {
        /// Who held it.
        holder: Arc<str>,
        /// Whether the holder's name stays in the object (fabric8 since 7.5).
        soft: bool,
    },
    /// The object was deleted.
    LeaseDeleted {
        /// Who held it.
        holder: Option<Arc<str>>,
    },
    /// The object was deleted while we were blind.
    DeletedInGap {
        /// Since when we were blind.
        from: Time,
        /// Until when.
        to: Time,
    },
    /// The record proves terms that nobody saw.
    MissedTransitions {
        /// How many, at least.
        count: u32,
        /// Since when we were blind.
        from: Time,
        /// Until when.
        to: Time,
    },
    /// The lease duration changed.
    DurationChanged {
        /// Seconds before.
        from_seconds: i32,
        /// Seconds now.
        to_seconds: i32,
    },
    /// The coordinated election asks the holder to let it go to somebody else.
    PreemptRequested {
        /// To whom.
        to: Arc<str>,
    },
    /// Something that a sound election never does.
    Anomaly(Anomaly),
    /// Most elections fell late together: not they are sick, the control plane is. Said instead of
    /// one [`What::Late`] for each.
    ControlPlaneSilent {
        /// How many fell late.
        late: u32,
        /// Of how many that were held.
        active: u32,
    },
    /// One term ended and another began.
    Failover(Arc<Failover>),
}

/// The states of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// There is no object.
    Absent,
    /// The observer cannot know yet.
    Unknown,
    /// The object names nobody.
    Vacant,
    /// A claim renewed in time.
    Held,
    /// A renewal is overdue, the claim is still valid.
    Late,
    /// The claim ran out: anybody may take it and nobody has.
    Expired,
}

impl Phase {
    /// All states, the worst ones last.
    pub const ALL: [Self; 6] =
        [Self::Held, Self::Late, Self::Expired, Self::Vacant, Self::Absent, Self::Unknown];

    /// The word for it, as in events and metric labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Unknown => "unknown",
            Self::Vacant => "vacant",
            Self::Held => "held",
            Self::Late => "late",
            Self::Expired => "expired",
        }
    }
}

/// Why a lock is unknown or vacant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// At first sight its last renewal was younger than its duration.
    PresumedHeld,
    /// At first sight its last renewal was older than its duration.
    PresumedExpired,
    /// At first sight its last renewal lay in the future of our clock.
    PresumedFuture,
    /// Nobody has held it since the object was created.
    NeverHeld,
    /// Its holder gave it up.
    Released,
    /// Somebody else emptied it: the old leader may still work.
    Cleared,
}

/// By which kind of write a term began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The first term that was seen.
    First,
    /// Of a lock that nobody held.
    Acquire,
    /// Of a lock that somebody else held.
    Takeover,
    /// By the same holder, with a new claim.
    Reacquire,
    /// By the controller of coordinated leader election.
    Assign,
    /// By somebody who edited the holder.
    Forced,
}

/// How the old term ended, as far as the lock itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The holder stopped renewing.
    Silent,
    /// The holder emptied the lock.
    Release,
    /// The holder shortened its claim to one second and left its name (fabric8 since 7.5).
    SoftRelease,
    /// Somebody else emptied the lock or wrote another holder into it.
    Cleared,
    /// The object was deleted.
    Deleted,
    /// The object was deleted, and re-created, while we were blind.
    DeletedInGap,
}

/// What makes a failover special. In the serialised form these are words in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The old term was first seen expired: nothing is known of its end.
    UnknownStart,
    /// We were blind when the term changed: the window is an upper bound with no lower one.
    ObserverGap,
    /// The new holder is the old one.
    SameHolder,
    /// Another process on the old holder's host.
    SameHost,
    /// Somebody edited the holder.
    ForcedEdit,
    /// The old holder never wrote a renewal of its own.
    ViaUnproven,
    /// The controller of coordinated leader election chose the new holder.
    AssignedByCle,
    /// The lock was taken while the old claim was valid.
    BeforeExpiry,
    /// Two leaders were possible.
    OverlapPossible,
}

/// Whether a failover's numbers may still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Told at once, by arrival times where the new holder's clock is not known yet.
    Provisional,
    /// The clocks have settled. Only this is counted.
    Final,
}

/// One term ended and another began, and for how long nobody led between.
///
/// All times are on the observer's clock. `wait + takeover = leaderless`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failover {
    /// Whether the numbers may still change.
    pub stage: Stage,
    /// The old holder.
    pub from: Arc<str>,
    /// The new holder.
    pub to: Arc<str>,
    /// How the old term ended.
    pub end: End,
    /// From the old holder's last own write to the new holder's first: an upper bound of the outage.
    pub leaderless_seconds: Option<Delta>,
    /// A lower bound of the outage.
    pub lower_bound_seconds: Option<Delta>,
    /// The part spent waiting for the old claim to run out.
    pub wait_seconds: Option<Delta>,
    /// The part spent after that: polling, jitter, contention.
    pub takeover_seconds: Option<Delta>,
    /// From the new holder's first write until its pod was ready; 0 if it was ready by then.
    pub ready_seconds: Option<Delta>,
    /// By how much `leaderless_seconds` may be wrong, either way.
    pub error_seconds: Option<Delta>,
    /// What makes it special, in a fixed order.
    pub flags: Vec<Flag>,
    /// The old holder's last own write.
    pub last_write: Option<Time>,
    /// The new holder's first write.
    pub first_write: Time,
}

impl Failover {
    /// Whether the flag is set.
    #[must_use]
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// How the term ended, in the words of the metric label `end`.
    #[must_use]
    pub fn term_end(&self) -> TermEnd {
        match self.end {
            _ if self.has(Flag::ObserverGap) => TermEnd::ObserverGap,
            End::DeletedInGap => TermEnd::ObserverGap,
            End::Release | End::SoftRelease => TermEnd::Released,
            End::Cleared => TermEnd::Cleared,
            End::Deleted => TermEnd::Deleted,
            End::Silent if self.has(Flag::BeforeExpiry) => TermEnd::Preempted,
            End::Silent => TermEnd::Expired,
        }
    }
}

/// How a term ended: the values of the metric label `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TermEnd {
    /// Given up by its holder.
    Released,
    /// The holder fell silent and the claim ran out.
    Expired,
    /// Taken while the claim was valid.
    Preempted,
    /// Emptied or overwritten by somebody who is not a candidate.
    Cleared,
    /// The object was deleted.
    Deleted,
    /// We were blind: it ended somehow.
    ObserverGap,
}

impl TermEnd {
    /// All of them, in the order of the metric.
    pub const ALL: [Self; 6] = [
        Self::Released,
        Self::Expired,
        Self::Preempted,
        Self::Cleared,
        Self::Deleted,
        Self::ObserverGap,
    ];

    /// The word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Preempted => "preempted",
            Self::Cleared => "cleared",
            Self::Deleted => "deleted",
            Self::ObserverGap => "observer_gap",
        }
    }
}

/// Something that a sound election never does, with what proves it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Anomaly {
    /// `leaseTransitions` fell.
    TransitionsBackwards {
        /// The number before.
        from: i32,
        /// The number now.
        to: i32,
    },
    /// `leaseTransitions` rose by more than one in one write: an edit.
    TransitionsJump {
        /// By how much.
        by: i32,
    },
    /// Another holder, and `leaseTransitions` as before (`kubernetes_asyncio`,
    /// or a lost race without a check of the version).
    TransitionsNotCounted {
        /// The number.
        transitions: i32,
    },
    /// The holder's clock went back, or two processes write under one identity.
    RenewBackwards {
        /// By how many seconds.
        by_seconds: Delta,
    },
    /// The holder's clock jumped ahead.
    ClockStepForward {
        /// By how many seconds.
        by_seconds: Delta,
    },
    /// The lock was emptied by somebody who is not its holder.
    HolderCleared {
        /// The field manager that wrote it.
        manager: Option<Arc<str>>,
    },
    /// Another object under the same name after a gap.
    RecreatedInGap {
        /// Since when we were blind.
        from: Time,
        /// Until when.
        to: Time,
    },
    /// Another object under the same name, and its deletion was never delivered.
    MissedDelete {
        /// The object that is gone.
        uid: Arc<str>,
    },
    /// The lease has no duration: it never expires by contract.
    NoDuration,
    /// Two processes renew one lock under one identity: two leaders.
    TwoWriters {
        /// Backward stamps among the last ten renewals.
        backwards: u32,
    },
    /// Two holders take the lock from each other within its duration.
    AlternatingHolders {
        /// The one.
        first: Arc<str>,
        /// The other.
        second: Arc<str>,
    },
    /// A holder that had just acquired was wiped by the release of its predecessor (client-go since 0.34).
    StaleRelease {
        /// Who was wiped.
        holder: Arc<str>,
    },
}

impl Anomaly {
    /// The values of the metric label `kind`, in the order of [`Anomaly::index`].
    pub const LABELS: [&'static str; 12] = [
        "transitions_backwards",
        "transitions_jump",
        "transitions_not_counted",
        "renew_backwards",
        "clock_step_forward",
        "holder_cleared",
        "recreated_in_gap",
        "missed_delete",
        "no_duration",
        "two_writers",
        "alternating_holders",
        "stale_release",
    ];

    /// The place of this kind in [`Anomaly::LABELS`].
    #[must_use]
    pub const fn index(&self) -> usize {
        match self {
            Self::TransitionsBackwards { .. } => 0,
            Self::TransitionsJump { .. } => 1,
            Self::TransitionsNotCounted { .. } => 2,
            Self::RenewBackwards { .. } => 3,
            Self::ClockStepForward { .. } => 4,
            Self::HolderCleared { .. } => 5,
            Self::RecreatedInGap { .. } => 6,
            Self::MissedDelete { .. } => 7,
            Self::NoDuration => 8,
            Self::TwoWriters { .. } => 9,
            Self::AlternatingHolders { .. } => 10,
            Self::StaleRelease { .. } => 11,
        }
    }
}
