//! What a watch counts that no fact tells.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use leadership::observation::Kind;

use super::Encoding;

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
    /// Look-ups by how they ended, in the order of [`LookUp::ALL`].
    look_ups: [Counter; LookUp::ALL.len()],
    /// The encoding of the last stream: its place in [`ENCODINGS`], from one on.
    encoding: AtomicU8,
    /// How the last list came: its place in [`WAYS`], from one on.
    listed: AtomicU8,
}

const ENCODINGS: [Encoding; 2] = [Encoding::Json, Encoding::Protobuf];

/// How a complete list came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedBy {
    /// As the beginning of a watch.
    Stream,
    /// In pages that were asked for one by one.
    Pages,
}

const WAYS: [ListedBy; 2] = [ListedBy::Stream, ListedBy::Pages];

impl ListedBy {
    /// As labels say it: `stream` or `pages`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Pages => "pages",
        }
    }
}

/// How a look-up ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// With the object.
    Found,
    /// With the answer that there is none.
    NotFound,
    /// Without an answer. It is tried again, and each try counts.
    Failed,
}

impl LookUp {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Found, Self::NotFound, Self::Failed];

    /// As labels say it: `found`, `not_found` or `failed`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::Failed => "failed",
        }
    }
}

impl KindStats {
    /// How many look-ups ended so.
    #[must_use]
    pub fn look_ups(&self, ended: LookUp) -> u64 {
        self.look_ups[ended as usize].get()
    }

    /// A look-up ended.
    pub fn looked_up(&self, ended: LookUp) {
        self.look_ups[ended as usize].add(1);
    }

    /// What the last stream that was accepted is written in; none before the first.
    #[must_use]
    pub fn encoding(&self) -> Option<Encoding> {
        chosen(&self.encoding, &ENCODINGS)
    }

    /// How the last complete list came; none before the first.
    #[must_use]
    pub fn listed_by(&self) -> Option<ListedBy> {
        chosen(&self.listed, &WAYS)
    }

    /// A complete list came.
    pub fn listed(&self, by: ListedBy) {
        self.listed.store(by as u8 + 1, Ordering::Relaxed);
    }

    /// A stream was accepted that is written in this.
    pub fn speaks(&self, encoding: Encoding) {
        self.encoding.store(encoding as u8 + 1, Ordering::Relaxed);
    }
}

fn chosen<T: Copy>(place: &AtomicU8, all: &[T]) -> Option<T> {
    all.get(usize::from(place.load(Ordering::Relaxed)).checked_sub(1)?).copied()
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
