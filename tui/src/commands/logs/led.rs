//! Whose log is read: the leader's, and then its successor's.

use std::sync::Arc;

use anyhow::Context;
use leadership::snapshot::{Election, PodName, Snapshot};
use leadership::time::{Delta, Time};
use observe::drive::Live;

use crate::commands::leader::{Answer, answer};
use crate::commands::lease;

/// A leader whose log can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Led {
    pub(super) pod: PodName,
    /// The pod's identity: another one may come under its name.
    uid: Option<Arc<str>>,
    /// The beginning of its term, by the clock of its node.
    pub(super) start: Time,
}

impl Led {
    /// Whether both are the same pod.
    fn same(&self, other: &Self) -> bool {
        self.pod == other.pod && self.uid == other.uid
    }
}

/// Who leads, or why nobody's log can be read.
pub(super) fn led(election: &Election) -> Result<Led, Option<String>> {
    let (pod, term) = match (answer(election), &election.term) {
        (Answer::Pod(pod, _), Some(term)) => (pod, term),
        (Answer::Nobody(why), _) => return Err(Some(why)),
        _ => return Err(None),
    };
    let (namespace, name) = pod.split_once('/').unwrap_or_default();
    let offset = election.clock_offset.unwrap_or(Delta::ZERO);
    Ok(Led {
        pod: PodName { namespace: namespace.into(), name: name.into() },
        uid: term.leader.uid.clone(),
        start: term.start + offset,
    })
}

/// The leader in this picture, if it is not `before`.
pub(super) fn successor(snapshot: &Snapshot, name: &str, before: Option<&Led>) -> Option<Led> {
    let led = led(lease::find(snapshot, name).ok()?).ok()?;
    before.is_none_or(|before| !before.same(&led)).then_some(led)
}

/// Waits until somebody else than `before` leads.
pub(super) async fn await_successor(
    live: &mut Live,
    name: &str,
    before: Option<&Led>,
) -> anyhow::Result<Led> {
    let changed = live.snapshots.wait_for(|picture| successor(picture, name, before).is_some());
    let picture = Arc::clone(&*changed.await.context("the observation ended unexpectedly")?);
    successor(&picture, name, before).context("the leader went while it was looked up")
}

#[cfg(test)]
mod tests;
