//! A term as the machine keeps it, how it ended, and what is pending about its end.

use std::sync::Arc;

use super::attribution::Scene;
use crate::clocks::Mark;
use crate::event::{End, How};
use crate::failover::Handover;
use crate::observation::Owner;
use crate::snapshot::Leader;
use crate::time::Time;

/// A term as the machine keeps it.
#[derive(Debug)]
pub(super) struct Reigning {
    pub(super) holder: Arc<str>,
    pub(super) leader: Leader,
    pub(super) how: How,
    pub(super) start: Time,
    pub(super) start_seen: bool,
    /// `acquireTime` as the holder claimed it when the term began.
    pub(super) acquire: Option<Time>,
    /// The last write that speaks for the holder.
    pub(super) last: Mark,
    /// Whether that write is the holder's own, so that it proves its life.
    pub(super) proof: bool,
    /// The previous holder's last own write, while this one has none.
    pub(super) carry: Option<Mark>,
    pub(super) renewals: u64,
    /// Those of them that did not come in a burst after a broken watch: they tell the clock well.
    pub(super) prompt: u64,
    /// The clock that stamps its writes while its node is not known.
    pub(super) own_clock: Arc<str>,
    /// Whether `last` was delivered by the watch, and not read in a list.
    pub(super) live: bool,
    /// When `last` had come to us, by the watch or in a list; none if it was older than our first sight of it.
    pub(super) came: Option<Time>,
}

/// How a term ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) end: End,
    /// The release, if that was it.
    pub(super) release: Option<Mark>,
    pub(super) at: Time,
    /// Whether we were blind then.
    pub(super) in_gap: bool,
    /// The field manager of the write that ended it.
    pub(super) by: Option<Arc<str>>,
    /// The owner of the object, if it was deleted.
    pub(super) owner: Option<Arc<Owner>>,
}

/// A failover whose numbers may still change.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) handover: Handover,
    pub(super) scene: Scene,
    pub(super) began: Time,
    pub(super) due: Time,
    /// Whether its window was counted: the clocks have settled, and the cause waits for evidence.
    pub(super) measured: bool,
}

impl Reigning {
    /// The clock that stamps the holder's writes: its node's, or its own.
    pub(super) fn clock(&self) -> Arc<str> {
        self.leader.node.clone().unwrap_or_else(|| Arc::clone(&self.own_clock))
    }

    /// What ends when the holder's process does: its pod, or whatever calls itself so.
    pub(super) fn process(&self) -> Arc<str> {
        self.leader.uid.clone().unwrap_or_else(|| Arc::clone(&self.own_clock))
    }

    /// The last proof that somebody led.
    pub(super) fn last_proof(&self) -> Option<&Mark> {
        if self.proof { Some(&self.last) } else { self.carry.as_ref() }
    }
}
