//! `record`: what is seen, into a file.

use std::io::{Write, stderr};
use std::sync::Arc;

use leadership::snapshot::{Snapshot, Watch};
use observe::drive::Live;
use tokio::signal::unix::{SignalKind, signal};

use super::Exit;
use crate::args::{RecordArgs, SourceArgs};
use crate::first_list::{self, newest};
use crate::source;

/// Records until it is interrupted.
pub(super) async fn run(source: &SourceArgs, args: &RecordArgs) -> anyhow::Result<Exit> {
    let patience = source.request_timeout;
    let watched = source::connect(source).await?;
    watched.cluster("recording")?;
    let mut live = watched.watch(Some(&args.file))?;
    first_list::wait(&mut live, &watched.address(), patience).await?;
    let file = args.file.display();
    let started = format!("recording {} to {file}, ctrl-c ends it", watched.name());
    writeln!(stderr(), "{started}")?;
    let broken = interrupted(&mut live).await?;
    let snapshot = newest(&live);
    if let Some(error) = broken {
        anyhow::bail!("{error} ({})", told(&snapshot));
    }
    writeln!(stderr(), "{}, in {file}", told(&snapshot))?;
    Ok(Exit::Fine)
}

/// Waits for a signal, or for the file to fail; says why it failed.
async fn interrupted(live: &mut Live) -> anyhow::Result<Option<Arc<str>>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(None),
        _ = terminate.recv() => Ok(None),
        broken = live.record_error.wait_for(Option::is_some) => Ok(broken?.clone()),
    }
}

fn told(snapshot: &Snapshot) -> String {
    let seen = |watch: &Watch| watch.lists + watch.applied + watch.deleted + watch.losses;
    let observations: u64 = snapshot.watches.iter().map(seen).sum();
    format!(
        "{observations} observations of {} elections and {} pods",
        snapshot.elections.len(),
        snapshot.pods
    )
}
