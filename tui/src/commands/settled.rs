//! The picture in which one election is looked at.

use std::sync::Arc;
use std::time::Duration;

use leadership::snapshot::Snapshot;
use leadership::time::Time;
use observe::clock;

use crate::args::SourceArgs;
use crate::first_list::{self, newest};
use crate::source::{self, Source};

/// A picture, what it is of, and the time that its ages are told for.
pub(super) struct Settled {
    pub(super) source: String,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) now: Time,
}

/// The end of a recording; of a cluster what is seen once `lease` is proven, or after `patience`.
pub(super) async fn picture(
    args: &SourceArgs,
    lease: &str,
    patience: Duration,
) -> anyhow::Result<Settled> {
    let source = source::open(args).await?;
    let (snapshot, now) = match &source {
        Source::Recording(recording) => {
            let snapshot = recording.replay(|_| {})?;
            let at = snapshot.at;
            (snapshot, at)
        }
        Source::Cluster(watched) => {
            let mut live = watched.watch(None)?;
            first_list::wait(&mut live, &watched.address(), args.request_timeout).await?;
            first_list::settle(&mut live, Some(lease), patience).await;
            (newest(&live), clock::now())
        }
    };
    Ok(Settled { source: source.name(), snapshot, now })
}
