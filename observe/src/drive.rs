//! The one loop: observations into the fold, events and snapshots out.

use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;

use leadership::event::Event;
use leadership::snapshot::Snapshot;
use tokio::sync::{broadcast, watch};

use crate::access::Cluster;

/// What to watch.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only these namespaces; all if empty.
    pub namespaces: Vec<String>,
    /// Whether to watch pods.
    pub pods: bool,
    /// Whether to watch the heartbeats of nodes, for the offsets of their clocks.
    pub node_leases: bool,
    /// A file to write what is seen to.
    pub record: Option<PathBuf>,
}

/// A running observation. Stops when it is dropped.
pub struct Live {
    /// The newest snapshot. A new one comes when something changed, at most four times a second.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What happens from now on.
    pub events: broadcast::Receiver<Arc<Event>>,
}

/// Why an observation cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {}

/// Starts to watch. Returns at once; a server that is away is tried again for ever.
///
/// # Errors
/// When the file to record to cannot be made.
pub fn start(_cluster: Cluster, _options: Options) -> Result<Live, StartError> {
    let (_, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (_, events) = broadcast::channel(1);
    Ok(Live { snapshots, events })
}

/// Why a recording could not be read to its end. The text names the line.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {}

/// Folds a recording and gives each event to `on_event` as it happens; returns the picture at its end.
///
/// # Errors
/// When a line cannot be read. The events before it have been given out.
pub fn replay(
    _recording: impl BufRead,
    _on_event: impl FnMut(&Event),
) -> Result<Arc<Snapshot>, ReplayError> {
    Ok(Arc::new(Snapshot::default()))
}
