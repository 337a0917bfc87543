//! How well we hear an exporter. What its watches see is ours only while it answers.

use std::sync::Arc;

use leadership::snapshot::{Election, Snapshot, Watch};
use leadership::time::{Delta, Time};

/// What was missed of one exporter so far, whatever it says itself: one that was started anew
/// knows of nothing.
#[derive(Default)]
pub(super) struct Sight {
    last: Arc<Snapshot>,
    away: Option<Time>,
    losses: u64,
    blind: Delta,
}

impl Sight {
    /// It answered: its picture, whose watches bear our own losses, too.
    pub(super) fn seen(&mut self, mut picture: Snapshot, now: Time) -> Arc<Snapshot> {
        if let Some(since) = self.away.take() {
            self.blind = self.blind + (now - since).at_least_zero();
        }
        for watch in &mut picture.watches {
            watch.losses += self.losses;
            watch.blind = watch.blind + self.blind;
        }
        self.last = Arc::new(picture);
        Arc::clone(&self.last)
    }

    /// It did not: the last picture, since when it is old, and why.
    pub(super) fn missed(&mut self, asked: Time, now: Time, error: &str) -> Arc<Snapshot> {
        self.losses += u64::from(self.away.is_none());
        let since = *self.away.get_or_insert(asked);
        Arc::new(stale(&self.last, since, now, error))
    }
}

fn stale(last: &Snapshot, since: Time, now: Time, error: &str) -> Snapshot {
    let blind = |election: &Arc<Election>| {
        let blind_since = Some(election.blind_since.map_or(since, |before| before.min(since)));
        Arc::new(Election { blind_since, ..Election::clone(election) })
    };
    let error: Arc<str> = error.into();
    let broken = |watch: &Watch| Watch {
        up: false,
        blind_since: Some(watch.blind_since.map_or(since, |before| before.min(since))),
        blind: watch.blind + (now - since).at_least_zero(),
        losses: watch.losses + 1,
        last_error: Some(Arc::clone(&error)),
        ..watch.clone()
    };
    let watches = match last.watches.as_slice() {
        [] => crate::several::away(Some(error)),
        watches => watches.iter().map(broken).collect(),
    };
    Snapshot {
        elections: last.elections.iter().map(blind).collect(),
        missing: last.missing.clone(),
        watches,
        ..*last
    }
}
