//! Our own eyes: which watch is live, and for how long each was blind.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::observation::{Fact, Kind, Part};
use crate::snapshot::Watch;
use crate::time::{Delta, Time};

/// The state of all watches.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    watches: BTreeMap<Kind, Watch>,
}

/// How a fact changed what we see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// As before.
    Same,
    /// Blind since now.
    Lost,
    /// Seeing again after having been blind since then.
    Regained(Time),
}

impl Watches {
    /// Takes note of a fact of this kind.
    pub(crate) fn note(&mut self, kind: Kind, fact: &Fact, at: Time) -> Sight {
        let watch = self.watches.entry(kind).or_insert_with(|| unseen(kind));
        match fact {
            Fact::Lost { error, .. } => return watch.lose(error, at),
            Fact::Page { part: Part::First | Part::Next, .. } => return Sight::Same,
            Fact::Listed { .. } | Fact::Page { part: Part::Last, .. } => {
                watch.listed = true;
                watch.lists += 1;
            }
            Fact::Applied(_) => watch.applied += 1,
            Fact::Deleted(_) => watch.deleted += 1,
            Fact::Found(_) | Fact::NotFound(_) => watch.looked_up = true,
            Fact::Alive(_) | Fact::Tick => {}
        }
        watch.see(at)
    }

    /// Since when the watch of this kind has been blind.
    pub(crate) fn blind_since(&self, kind: Kind) -> Option<Time> {
        self.watches.get(&kind)?.blind_since
    }

    /// Whether a complete list of this kind was ever seen.
    pub(crate) fn listed(&self, kind: Kind) -> bool {
        self.watches.get(&kind).is_some_and(|watch| watch.listed)
    }

    /// When the newest fact of this kind was seen.
    pub(crate) fn last_fact(&self, kind: Kind) -> Option<Time> {
        self.watches.get(&kind)?.last_fact
    }

    /// All watches at `now`, with the lag that late events show.
    pub(crate) fn picture(
        &self,
        now: Time,
        lag: Option<Delta>,
        objects: &BTreeMap<Kind, usize>,
    ) -> Vec<Watch> {
        let lag_of = |kind| if kind == Kind::Lease { lag } else { None };
        let draw = |watch: &Watch| {
            let open = watch.blind_since.map(|since| (now - since).at_least_zero());
            let blind = watch.blind + open.unwrap_or_default();
            let objects = objects.get(&watch.kind).copied().unwrap_or(0);
            Watch { blind, objects, lag: lag_of(watch.kind), ..watch.clone() }
        };
        self.watches.values().map(draw).collect()
    }
}

fn unseen(kind: Kind) -> Watch {
    Watch {
        kind,
        up: false,
        listed: false,
        looked_up: false,
        blind_since: None,
        blind: Delta::ZERO,
        last_fact: None,
        objects: 0,
        lists: 0,
        applied: 0,
        deleted: 0,
        losses: 0,
        lag: None,
        last_error: None,
    }
}

impl Watch {
    fn lose(&mut self, error: &Arc<str>, at: Time) -> Sight {
        self.last_error = Some(Arc::clone(error));
        self.up = false;
        if self.blind_since.is_some() {
            return Sight::Same;
        }
        self.losses += 1;
        self.blind_since = Some(at);
        Sight::Lost
    }

    fn see(&mut self, at: Time) -> Sight {
        self.up = true;
        self.last_fact = Some(at);
        match self.blind_since.take() {
            Some(since) => {
                self.blind = self.blind + (at - since).at_least_zero();
                Sight::Regained(since)
            }
            None => Sight::Same,
        }
    }
}
