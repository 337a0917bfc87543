//! The picture that a command which ends tells of.

use std::sync::Arc;
use std::time::Duration;

use leadership::snapshot::Snapshot;
use leadership::time::Time;
use observe::clock;

use crate::first_list::{self, newest};
use crate::source::Source;

/// A picture, what it is of, and the time that its ages are told for.
pub(super) struct Settled {
    pub(super) source: String,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) now: Time,
}

/// How long a cluster is watched before it is told of.
#[derive(Clone, Copy)]
pub(super) enum Until<'a> {
    /// Leases are listed.
    Listed,
    /// Nothing of this lease, or of any, is merely presumed; at most so long.
    Proven(Option<&'a str>, Duration),
    /// The cadence of this lease, or of all, is known; at most so long.
    Learned(Option<&'a str>, Duration),
}

/// The end of a recording; of a cluster what is seen by then. `patience` is for the first list.
pub(super) async fn picture(
    source: &Source,
    patience: Duration,
    until: Until<'_>,
) -> anyhow::Result<Settled> {
    let (snapshot, now) = match source {
        Source::Recording(recording) => {
            let snapshot = recording.replay(|_| {})?;
            let at = snapshot.at;
            (snapshot, at)
        }
        Source::Cluster(watched) => {
            let mut live = watched.watch(None)?;
            first_list::wait(&mut live, &watched.address(), patience).await?;
            match until {
                Until::Listed => {}
                Until::Proven(lease, time) => first_list::settle(&mut live, lease, time).await,
                Until::Learned(lease, time) => first_list::learn(&mut live, lease, time).await,
            }
            (newest(&live), clock::now())
        }
    };
    Ok(Settled { source: source.name(), snapshot, now })
}
