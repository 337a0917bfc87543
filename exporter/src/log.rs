//! Logs: how they are written, and what is told of elections.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use leadership::event::{Event, Failover, Stage, What};
use leadership::lock::LockKey;
use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use leadership::time::Delta;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tracing::level_filters::LevelFilter;
use tracing::{info, warn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::args::LogFormat;

/// The only clock of the process, so that logs and metrics agree.
struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", observe::clock::now())
    }
}

/// Writes logs to standard error from now on.
pub fn start(format: Option<LogFormat>, level: LevelFilter) {
    let terminal = io::stderr().is_terminal();
    let automatic = if terminal { LogFormat::Text } else { LogFormat::Json };
    let logs = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(level)
        .with_timer(Clock)
        .with_ansi(terminal);
    match format.unwrap_or(automatic) {
        LogFormat::Text => logs.with_target(false).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}

/// Tells what happens to elections, until the observation ends.
pub async fn events(mut events: broadcast::Receiver<Arc<Event>>) {
    loop {
        match events.recv().await {
            Ok(event) => tell(&event),
            Err(RecvError::Lagged(count)) => {
                warn!(count, "too much happened at once to log it all");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Only what somebody who reads logs would miss; the rest is in the metrics.
fn tell(event: &Event) {
    let Some(lease) = &event.lease else { return };
    match &event.what {
        What::Expired { .. } => warn!(%lease, "nobody leads: the lease expired"),
        What::Failover(failover) => tell_failover(lease, failover),
        _ => {}
    }
}

/// That leadership changed is told at once; why, when nothing can overrule it any more.
fn tell_failover(lease: &LockKey, failover: &Failover) {
    let leaderless_seconds = failover.leaderless_seconds.map(Delta::as_secs_f64);
    let (from, to, end) = (&*failover.from, &*failover.to, failover.term_end().label());
    if failover.stage == Stage::Provisional {
        return info!(%lease, from, to, end, leaderless_seconds, "leadership changed");
    }
    let (cause, confidence) = (failover.cause.label(), failover.confidence.label());
    let evidence = failover.evidence.join("; ");
    info!(%lease, from, to, leaderless_seconds, cause, confidence, evidence, "why leadership changed");
}

/// Tells when a watch is live, for the first time or again, until the observation ends. That it
/// broke is told by the watch itself, which knows why.
pub async fn watches(mut snapshots: watch::Receiver<Arc<Snapshot>>) {
    let mut live: Vec<Kind> = Vec::new();
    while snapshots.changed().await.is_ok() {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        let now = snapshot.watches.iter().filter(|watch| watch.up).map(|watch| watch.kind);
        let now: Vec<Kind> = now.collect();
        for kind in now.iter().filter(|kind| !live.contains(kind)) {
            info!(watch = kind.label(), "the watch is live");
        }
        live = now;
    }
}
