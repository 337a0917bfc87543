//! What a watch counts that no fact tells.

use std::sync::atomic::{AtomicU64, Ordering};

use leadership::observation::Kind;

/// Counters of all watches since the start.
#[derive(Debug, Default)]
pub struct WatchStats([KindStats; Kind::ALL.len()]);

/// Counters of one watch.
#[derive(Debug, Default)]
pub struct KindStats {
    /// Bytes of streams and lists, decompressed.
    pub bytes: Counter,
    /// Streams that were accepted.
    pub opened: Counter,
    /// Objects and lines that could not be read and were passed over.
    pub unreadable: Counter,
    /// Requests that the server refused because it was busy: 429 and 503.
    pub throttled: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// The present number.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Ordering::Relaxed);
    }
}

impl WatchStats {
    /// The counters of one kind's watch.
    #[must_use]
    pub fn of(&self, kind: Kind) -> &KindStats {
        &self.0[kind as usize]
    }
}
