//! The loop itself.

use std::sync::Arc;
use std::time::Duration;

use leadership::Leadership;
use leadership::event::Event;
use leadership::observation::{Fact, Kind, Observation};
use leadership::snapshot::{PodName, Snapshot};
use leadership::time::{Delta, Time};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::sleep;

use super::Record;
use crate::clock::{self, Stop};

/// The shortest time between two snapshots after something happened, for many things happen together: so many times
/// what the last one took, within these bounds. A small cluster's comes at once, a large one's costs a twentieth of a
/// core at most.
const SOON: i64 = 20;
const SOONEST: Delta = Delta::from_millis(10);
const SOON_ENOUGH: Delta = Delta::from_millis(100);

/// The shortest time between two snapshots while there are only renewals, which come all the time.
const SNAPSHOTS_EVERY: Delta = Delta::from_millis(500);

/// The longest: blind and leaderless time grow while nothing happens, and readers must see that.
const SNAPSHOTS_AT_LEAST_EVERY: Delta = Delta::from_secs(1);

/// Observations that are taken in between two looks at the clock.
const BATCH: usize = 1024;

/// Sleeps no longer than this: when nobody reads the clock for some seconds, that counts as a stop.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Timers are no finer than this; a deadline that has passed must not keep a processor busy.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

/// The fold with everything that hangs on it.
pub(super) struct Fold {
    leadership: Leadership,
    record: Option<Record>,
    /// Pods that are to be looked up.
    wishes: mpsc::UnboundedSender<PodName>,
    events: broadcast::Sender<Arc<Event>>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    record_error: watch::Sender<Option<Arc<str>>>,
    /// How long after the last snapshot the next one is due; none while nothing changed.
    pace: Option<Delta>,
    published: Option<Time>,
    /// What the last snapshot took.
    cost: Delta,
    /// Times in which we did not run,
    stops: watch::Receiver<Stop>,
    /// when the last of them began,
    stopped: Option<Time>,
    /// and when we last ran.
    awake: Time,
}

impl Fold {
    pub(super) fn new(
        leadership: Leadership,
        record: Option<Record>,
        wishes: mpsc::UnboundedSender<PodName>,
        events: broadcast::Sender<Arc<Event>>,
        snapshots: watch::Sender<Arc<Snapshot>>,
        record_error: watch::Sender<Option<Arc<str>>>,
    ) -> Self {
        Self {
            leadership,
            record,
            wishes,
            events,
            snapshots,
            record_error,
            pace: None,
            published: None,
            cost: Delta::ZERO,
            stops: clock::stops(),
            stopped: None,
            awake: clock::now(),
        }
    }

    /// Folds until the watches are gone.
    pub(super) async fn run(mut self, mut facts: mpsc::Receiver<Observation>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let wait = self.wait();
            // What has come is folded before time passes over it.
            let count = tokio::select! {
                biased;
                count = facts.recv_many(&mut batch, BATCH) => Some(count),
                () = sleep(wait) => None,
            };
            self.notice_stops();
            match count {
                Some(0) => return,
                Some(_) => batch.drain(..).for_each(|observation| self.observe(observation)),
                None => self.advance(),
            }
            self.publish();
        }
    }

    /// Until the next deadline, or until the next snapshot is due.
    fn wait(&self) -> Duration {
        let deadline = self.leadership.next_deadline().map(clock::until);
        let snapshot = self.due().map(clock::until);
        let stale = self.stale().map(clock::until);
        let next = deadline.into_iter().chain(snapshot).chain(stale).min();
        next.unwrap_or(LONGEST_SLEEP).clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
    }

    /// When the next snapshot is due, if something changed.
    fn due(&self) -> Option<Time> {
        let pace = self.pace?;
        Some(self.published.map_or(Time::from_micros(0), |last| last + pace))
    }

    /// Something changed, and readers shall see it so long after the last snapshot, if not before.
    fn hasten(&mut self, pace: Delta) {
        self.pace = Some(self.pace.map_or(pace, |it| it.min(pace)));
    }

    fn soon(&self) -> Delta {
        self.cost.ratio(SOON, 1).clamp(SOONEST, SOON_ENOUGH)
    }

    /// When the last snapshot is too old, whether or not something happened.
    fn stale(&self) -> Option<Time> {
        self.published.map(|last| last + SNAPSHOTS_AT_LEAST_EVERY)
    }

    /// While we did not run we were blind, and no lease may run out for that. Time must not pass before this is said.
    fn notice_stops(&mut self) {
        // Whoever reads the clock first learns of them; of several since we last ran, of the last one.
        let awake = std::mem::replace(&mut self.awake, clock::now());
        if !self.stops.has_changed().unwrap_or(false) {
            return;
        }
        let stop = *self.stops.borrow_and_update();
        self.stopped = Some(stop.since);
        let snapshot = self.leadership.snapshot();
        for watch in snapshot.watches.iter().filter(|watch| watch.up && watch.listed) {
            self.lose(watch.kind, awake);
        }
    }

    /// Says that a watch is blind because of the last stop.
    fn lose(&mut self, kind: Kind, at: Time) {
        let error = self.stops.borrow().to_string().into();
        self.fold(Observation { at, fact: Fact::Lost { kind, error } });
    }

    fn observe(&mut self, observation: Observation) {
        // Who had it in hand when we were stopped hands it on now. It is no sight of what is.
        let old = self.stopped.is_some_and(|since| observation.at <= since);
        let kind = observation.fact.kind().filter(|_| old);
        self.fold(observation);
        if let (Some(kind), Some(at)) = (kind, self.stopped) {
            self.lose(kind, at);
        }
    }

    fn fold(&mut self, observation: Observation) {
        self.write(&observation);
        let rare = matches!(observation.fact, Fact::Listed { .. } | Fact::Lost { .. });
        let events = self.leadership.observe(observation);
        self.hasten(if rare || !events.is_empty() { self.soon() } else { SNAPSHOTS_EVERY });
        self.tell(events);
    }

    fn advance(&mut self) {
        // Not a later one: there might have been a stop before it.
        let now = self.awake;
        let events = self.leadership.advance(now);
        if !events.is_empty() {
            // Without this line a replay would not know that so much time passed.
            self.write(&Observation { at: now, fact: Fact::Tick });
            self.hasten(self.soon());
        }
        if self.stale().is_some_and(|due| due <= now) {
            self.hasten(SNAPSHOTS_EVERY);
        }
        self.tell(events);
    }

    fn tell(&mut self, events: Vec<Event>) {
        for pod in self.leadership.wishes() {
            // Whoever looks up may have ended already.
            let _ = self.wishes.send(pod);
        }
        for event in events {
            // Nobody may be listening.
            let _ = self.events.send(Arc::new(event));
        }
    }

    fn publish(&mut self) {
        let now = clock::now();
        if self.due().is_some_and(|due| due <= now) {
            self.pace = None;
            self.published = Some(now);
            let snapshot = self.leadership.snapshot();
            self.cost = clock::now() - now;
            self.snapshots.send_replace(snapshot);
        }
    }

    fn write(&mut self, observation: &Observation) {
        let written = self.record.as_mut().map(|record| record.write(observation));
        self.check(written);
    }

    /// A full disk must not stop the observation.
    fn check(&mut self, written: Option<std::io::Result<()>>) {
        if let Some(Err(error)) = written {
            tracing::error!(%error, "recording failed and ends here; the observation goes on");
            self.record = None;
            self.record_error.send_replace(Some(error.to_string().into()));
        }
    }
}

#[cfg(test)]
mod tests;
