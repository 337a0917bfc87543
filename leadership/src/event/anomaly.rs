//! What a sound election never does.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::lock::LockKind;
use crate::time::{Delta, Time};

/// Something that a sound election never does, with what proves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        /// By how much their clocks differ, where renewals by two clocks take turns.
        #[serde(skip_serializing_if = "Option::is_none")]
        apart_seconds: Option<Delta>,
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
    /// An older lock of the same name is held, too, and by somebody else: two halves of one election.
    LocksDisagree {
        /// Who holds the Lease.
        holder: Arc<str>,
        /// What the other lock is.
        other: LockKind,
        /// Who holds it.
        other_holder: Arc<str>,
    },
}

impl Anomaly {
    /// The values of the metric label `kind`, in the order of [`Anomaly::index`].
    pub const LABELS: [&'static str; 13] = [
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
        "locks_disagree",
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
            Self::LocksDisagree { .. } => 12,
        }
    }
}
