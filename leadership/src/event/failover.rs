//! How a term ended, and the failover to the next one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Cause, Confidence};
use crate::time::{Delta, Time};

/// How the old term ended, as far as the lock itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The holder's process was replaced by another of the same name, which the lock does not show.
    ProcessRestart,
}

/// What makes a failover special. In the serialised form these are words in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// Of the wait, the part before the holder's process ended; `None` if its end is not known.
    pub silent_seconds: Option<Delta>,
    /// Of the wait, the part after it.
    pub expiry_seconds: Option<Delta>,
    /// From the new holder's first write until its pod was ready; 0 if it was ready by then.
    pub ready_seconds: Option<Delta>,
    /// By how much `leaderless_seconds` may be wrong, either way.
    pub error_seconds: Option<Delta>,
    /// What makes it special, in a fixed order.
    pub flags: Vec<Flag>,
    /// Why the old term ended.
    pub cause: Cause,
    /// How sure that is.
    pub confidence: Confidence,
    /// What speaks for it, in sentences.
    pub evidence: Vec<Arc<str>>,
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
            // Its claim ran on under the same name.
            End::Silent | End::ProcessRestart => TermEnd::Expired,
        }
    }
}

/// How a term ended: the values of the metric label `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
