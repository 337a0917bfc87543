//! What comes out of the fold: one event for each thing that happened, in the order of time.
//!
//! The serialised form is an interface: `docs/event.schema.json` describes it.

mod anomaly;
mod cause;
mod failover;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::lock::LockKey;
use crate::time::{Delta, Time};

pub use anomaly::Anomaly;
pub use cause::{Cause, Confidence, Departure, Manner};
pub use failover::{End, Failover, Flag, Stage, TermEnd};

/// One thing that happened to one lock, or to all of them at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
