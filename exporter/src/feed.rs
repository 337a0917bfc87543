//! The last events, numbered, for readers that come and go.
//!
//! Readers share the ring and keep nothing but a number: one that is slow costs no memory, and learns
//! what it missed.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leadership::event::Event;
use leadership::time::Time;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use crate::selection::Selection;

/// Events that are remembered.
pub const KEPT: usize = 1_000;

/// The version of the form of events, as `docs/event.schema.json` has it.
const SCHEMA_VERSION: u32 = 1;

/// An event with the version of its form.
#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    #[serde(flatten)]
    event: &'a Event,
}

/// The last events.
#[derive(Debug)]
pub struct Feed {
    /// When this process began to number, in microseconds: a number means nothing in another epoch.
    epoch: i64,
    ring: Mutex<Ring>,
    /// Told when there is something new; true once there will be nothing more.
    closed: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Ring {
    /// The number of the newest event; 0 before the first one.
    newest: u64,
    /// Oldest first. Numbers are missing where events were lost on their way here.
    kept: VecDeque<(u64, Arc<str>)>,
}

impl Feed {
    /// An empty feed that begins to number at this time.
    #[must_use]
    pub fn new(now: Time) -> Arc<Self> {
        let (closed, _) = watch::channel(false);
        Arc::new(Self { epoch: now.as_micros(), ring: Mutex::default(), closed })
    }

    /// Adds an event.
    pub fn push(&self, event: &Event) {
        let line = Line { schema_version: SCHEMA_VERSION, event };
        // Events are plain data, which can always be written.
        let Ok(text) = serde_json::to_string(&line) else { return };
        let mut ring = self.ring();
        ring.newest += 1;
        let number = ring.newest;
        ring.kept.push_back((number, text.into()));
        if ring.kept.len() > KEPT {
            ring.kept.pop_front();
        }
        drop(ring);
        self.closed.send_modify(|_| {});
    }

    /// Tells readers that so many events were lost.
    fn skip(&self, count: u64) {
        self.ring().newest += count;
        self.closed.send_modify(|_| {});
    }

    /// Ends all readers: there will be nothing more.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event if it is wanted.
    pub fn take(&self, event: &Event, wanted: &Selection) {
        if event.lease.as_ref().is_none_or(|key| wanted.wants(key)) {
            self.push(event);
        }
    }

    /// Takes up wanted events as they happen, until the observation ends.
    pub async fn follow(
        self: Arc<Self>,
        mut events: broadcast::Receiver<Arc<Event>>,
        wanted: Selection,
    ) {
        loop {
            match events.recv().await {
                Ok(event) => self.take(&event, &wanted),
                Err(RecvError::Lagged(count)) => self.skip(count),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// The id before the newest events that are remembered, this many at most.
    #[must_use]
    pub fn before_last(&self, count: u64) -> Id {
        let ring = self.ring();
        let oldest = ring.kept.front().map_or(ring.newest + 1, |(number, _)| *number);
        let number = ring.newest.saturating_sub(count).max(oldest - 1);
        Id { epoch: self.epoch, number }
    }

    /// Begins to read.
    #[must_use]
    pub fn read(self: &Arc<Self>, from: Start<'_>) -> Reader {
        let (next, stranger) = match from {
            Start::Now => (self.ring().newest + 1, false),
            Start::Oldest => (self.oldest(), false),
            Start::After(id) => match self.after(id) {
                Some(next) => (next, false),
                None => (self.oldest(), true),
            },
        };
        let news = self.closed.subscribe();
        Reader { feed: Arc::clone(self), next, stranger, news }
    }

    fn oldest(&self) -> u64 {
        let ring = self.ring();
        ring.kept.front().map_or(ring.newest + 1, |(number, _)| *number)
    }

    /// The number after an id of ours; `None` if it is not ours.
    fn after(&self, id: &str) -> Option<u64> {
        let (epoch, number) = id.split_once('-')?;
        let number: u64 = number.parse().ok()?;
        let ours = epoch == self.epoch.to_string() && number <= self.ring().newest;
        ours.then_some(number + 1)
    }
}

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start<'a> {
    /// With what happens from now on.
    Now,
    /// With the oldest event that is remembered.
    Oldest,
    /// After the event of this id, which may be of another process.
    After(&'a str),
}

/// One reader.
#[derive(Debug)]
pub struct Reader {
    feed: Arc<Feed>,
    /// The number of the event that it gets next.
    next: u64,
    /// Whether it came with an id that is not ours, and was not told yet.
    stranger: bool,
    news: watch::Receiver<bool>,
}

/// What a reader gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// An event, as JSON.
    Event(Arc<str>),
    /// Events that it did not get and never will.
    Gap(Gap),
}

/// Why a reader missed events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Gap {
    /// They are older than what is remembered, or came too fast.
    Forgotten {
        /// How many there were.
        missed: u64,
    },
    /// Its last id is of another process: nobody knows what happened between them.
    Restarted,
}

/// The name of an event for those who ask again: the last one that a reader got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id {
    epoch: i64,
    number: u64,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.number)
    }
}

impl Reader {
    /// The id of the last event that it got, or before which it began.
    #[must_use]
    pub fn last(&self) -> Id {
        Id { epoch: self.feed.epoch, number: self.next.saturating_sub(1) }
    }

    /// What it gets next; `None` once there will be nothing more. May be given up and asked again.
    pub async fn next(&mut self) -> Option<News> {
        loop {
            let closed = *self.news.borrow_and_update();
            if let Some(news) = self.step() {
                return Some(news);
            }
            if closed || self.news.changed().await.is_err() {
                return None;
            }
        }
    }

    fn step(&mut self) -> Option<News> {
        if std::mem::take(&mut self.stranger) {
            return Some(News::Gap(Gap::Restarted));
        }
        let ring = self.feed.ring();
        let place = ring.kept.partition_point(|(number, _)| *number < self.next);
        let (number, text) = match ring.kept.get(place) {
            Some((number, text)) => (*number, Some(Arc::clone(text))),
            None => (ring.newest + 1, None),
        };
        let missed = number.saturating_sub(self.next);
        if missed > 0 {
            self.next = number;
            return Some(News::Gap(Gap::Forgotten { missed }));
        }
        let text = text?;
        self.next = number + 1;
        Some(News::Event(text))
    }
}

#[cfg(test)]
mod tests;
