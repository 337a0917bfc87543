//! What all elections of a cluster share, and the hand that a lock is given to work with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clocks::{Clocks, Mark};
use crate::event::{Event, What};
use crate::heartbeats::Heartbeats;
use crate::inventory::Inventory;
use crate::lateness::Lateness;
use crate::lock::LockKey;
use crate::observation::Kind;
use crate::stalls::Stalls;
use crate::time::{Delta, Time};

/// What all elections of a cluster share.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) clocks: Clocks,
    pub(crate) inventory: Inventory,
    pub(crate) lateness: Lateness,
    pub(crate) heartbeats: Heartbeats,
    pub(crate) stalls: Stalls,
    /// How many locks are held, however late.
    pub(crate) active: usize,
    /// How well each kind of locks is seen.
    pub(crate) sights: BTreeMap<Kind, Clarity>,
}

/// How well one kind of locks is seen: its watch may have been blind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clarity {
    /// Up to when its watch had seen everything before it was last blind.
    pub(crate) before: Time,
    /// When its watch last began to see again.
    pub(crate) resumed: Time,
    /// Until when what it missed may still be coming in.
    pub(crate) caught_up: Time,
}

impl World {
    /// How much earlier than it is seen something may have happened to a lock of this kind.
    pub(crate) fn behind(&self, kind: Kind, now: Time) -> Delta {
        let clarity = self.clarity(kind);
        if now < clarity.caught_up { now - clarity.before } else { Delta::ZERO }
    }

    /// How well the locks of this kind are seen.
    pub(crate) fn clarity(&self, kind: Kind) -> Clarity {
        self.sights.get(&kind).copied().unwrap_or_default()
    }
}

/// One step of the fold: its time, the world, and where events go.
pub(crate) struct Step<'a> {
    /// When the fact was seen.
    pub(crate) at: Time,
    /// How much earlier it may have happened: we were blind until a moment ago.
    pub(crate) behind: Delta,
    pub(crate) world: &'a mut World,
    pub(crate) out: &'a mut Vec<Event>,
}

impl Step<'_> {
    /// Says that something happened to a lock.
    pub(crate) fn emit(&mut self, lock: &LockKey, what: What) {
        self.out.push(Event { at: self.at, lease: Some(lock.clone()), what });
    }

    /// Places a live write, and learns from it how prompt our watch is.
    pub(crate) fn mark(&mut self, clock: &Arc<str>, written: Option<Time>) -> Mark {
        if self.behind > Delta::ZERO {
            return self.world.clocks.catch_up(clock, self.at, written, self.behind);
        }
        let mark = self.world.clocks.mark(clock, self.at, written);
        if let Some(late) = self.world.clocks.lateness(&mark) {
            self.world.lateness.learn(self.at, late);
        }
        mark
    }
}

/// A time during which we were blind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) from: Time,
    pub(crate) to: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_all_that_was_missed_is_seen_live() {
        let at = |seconds: i64| Time::from_micros(seconds * 1_000_000);
        let mut world = World::default();
        let clarity = Clarity { before: at(10), resumed: at(40), caught_up: at(41) };
        world.sights.insert(Kind::Lease, clarity);
        assert_eq!(world.behind(Kind::Lease, at(40)), Delta::from_secs(30));
        assert_eq!(world.behind(Kind::Lease, at(41)), Delta::ZERO);
        assert_eq!(world.behind(Kind::ConfigMap, at(40)), Delta::ZERO);
    }
}
