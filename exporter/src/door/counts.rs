//! What the door counts, for the page.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a request was sent away, as the label `reason` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Reason {
    /// No credentials, or wrong ones.
    Credentials,
    /// Known, but not allowed.
    Rights,
    /// More requests than the web config file lets through.
    Rate,
    /// Whether the client may come in could not be found out.
    Unknown,
}

/// All reasons with their words, in their order.
pub const REASONS: [(Reason, &str); 4] = [
    (Reason::Credentials, "credentials"),
    (Reason::Rights, "rights"),
    (Reason::Rate, "rate"),
    (Reason::Unknown, "unknown"),
];

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Counts {
    refused: [AtomicU64; REASONS.len()],
    /// 0: there is no web config file; 1: the file in use is the one on disk; 2: the one on disk was refused.
    config: AtomicU64,
}

impl Counts {
    /// Requests that were sent away for this reason.
    #[must_use]
    pub fn refused(&self, reason: Reason) -> u64 {
        self.refused[reason as usize].load(Ordering::Relaxed)
    }

    /// Whether the web config file that is in use is the one on disk; nothing if there is none.
    #[must_use]
    pub fn config_current(&self) -> Option<bool> {
        match self.config.load(Ordering::Relaxed) {
            0 => None,
            state => Some(state == 1),
        }
    }

    pub(super) fn refuse(&self, reason: Reason) {
        self.refused[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note of a look at the web config file: whether what is on disk is what is in use.
    pub fn config_is_current(&self, current: bool) {
        self.config.store(if current { 1 } else { 2 }, Ordering::Relaxed);
    }
}
