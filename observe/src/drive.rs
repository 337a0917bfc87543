//! The one loop: observations into the fold, events and snapshots out.

mod fold;

use std::fs::File;
use std::io::{self, BufRead, LineWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leadership::Leadership;
use leadership::catalogue::Catalogue;
use leadership::event::Event;
use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;

use crate::access::Cluster;
use crate::catalogue;
use crate::kinds::ROWS;
use crate::recording::{Reader, RecordingError, Writer};
use crate::watch::{LookUps, Outlet, Patience, Target, WatchStats, Watcher};
use fold::Fold;

/// What to watch.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only these namespaces, each of which is asked for by itself; all if empty. The heartbeats of nodes have a
    /// namespace of their own. A kind is blind while any of these namespaces is.
    pub namespaces: Vec<String>,
    /// What to watch beside Leases.
    pub kinds: Vec<Kind>,
    /// Whether to look up the pods of leaders one by one, when an election changes; for when pods are not watched.
    pub look_up_pods: bool,
    /// A file to write what is seen to.
    pub record: Option<PathBuf>,
    /// What is known of the users of locks; mostly [`catalogue::built_in`].
    pub catalogue: Arc<Catalogue>,
}

impl Options {
    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Lease || self.kinds.contains(&kind)
    }

    /// The watches that are to be live. An API that need not be served is not among them.
    #[must_use]
    pub fn expected(&self) -> Vec<Kind> {
        let rows = ROWS.iter().filter(|row| self.wants(row.kind) && !row.optional);
        rows.map(|row| row.kind).collect()
    }
}

/// A running observation. Stops when it is dropped.
pub struct Live {
    /// The newest snapshot. A new one comes within 10 to 100 ms when something happened, the later the more there is
    /// to draw; within 500 ms when there were only renewals; and once a second even if there was nothing: blind and
    /// leaderless time pass.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What happens from now on. Who lags by more than 4,096 events loses the oldest.
    pub events: broadcast::Receiver<Arc<Event>>,
    /// What the watches count that the snapshot cannot know.
    pub stats: Arc<WatchStats>,
    /// Why nothing is recorded any more, if writing failed.
    pub record_error: watch::Receiver<Option<Arc<str>>>,
    /// Aborted on drop.
    _tasks: JoinSet<()>,
}

impl Live {
    /// An observation that others make, and that records nothing. It ends with these tasks.
    pub(crate) fn of(
        snapshots: watch::Receiver<Arc<Snapshot>>,
        events: broadcast::Receiver<Arc<Event>>,
        tasks: JoinSet<()>,
    ) -> Self {
        let (_, record_error) = watch::channel(None);
        Self { snapshots, events, stats: Arc::default(), record_error, _tasks: tasks }
    }
}

/// Why an observation cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The file to record to cannot be made.
    #[error("cannot record to {}: {error}; name a file in a directory that exists and may be written to", path.display())]
    Record {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Events that a slow receiver may lag behind.
pub(crate) const EVENTS: usize = 4096;

/// Observations on their way to the fold; beyond that the watches wait.
const QUEUE: usize = 4096;

/// Starts to watch. Returns at once; a server that is away is tried again for ever.
///
/// Must be called in a tokio runtime.
///
/// # Errors
/// When the file to record to cannot be made.
#[expect(
    clippy::needless_pass_by_value,
    reason = "who starts an observation gives its cluster and options away"
)]
pub fn start(cluster: Cluster, options: Options) -> Result<Live, StartError> {
    start_with(&cluster, &options, &Patience::default())
}

pub(crate) fn start_with(
    cluster: &Cluster,
    options: &Options,
    patience: &Patience,
) -> Result<Live, StartError> {
    let record = options.record.as_deref().map(create).transpose()?;
    let (snapshot_out, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (event_out, events) = broadcast::channel(EVENTS);
    let (error_out, record_error) = watch::channel(None);
    let (fact_out, facts) = mpsc::channel(QUEUE);
    let stats = Arc::new(WatchStats::default());
    let mut tasks = JoinSet::new();
    for row in ROWS.iter().filter(|row| options.wants(row.kind)) {
        let targets = Target::each(row, &options.namespaces);
        let outlets = Outlet::several(row.kind, &fact_out, targets.len());
        for (target, out) in targets.into_iter().zip(outlets) {
            let (cluster, patience) = (cluster.clone(), patience.clone());
            tasks.spawn(Watcher::new(cluster, target, patience, out, Arc::clone(&stats)).run());
        }
    }
    let mut leadership = Leadership::with_catalogue(Arc::clone(&options.catalogue));
    let (wish_out, wishes) = mpsc::unbounded_channel();
    if options.look_up_pods {
        leadership = leadership.looking_up();
        let (cluster, patience) = (cluster.clone(), patience.clone());
        tasks.spawn(LookUps::new(cluster, patience, fact_out, Arc::clone(&stats)).run(wishes));
    }
    let fold = Fold::new(leadership, record, wish_out, event_out, snapshot_out, error_out);
    tasks.spawn(fold.run(facts));
    Ok(Live { snapshots, events, stats, record_error, _tasks: tasks })
}

/// Each line is handed on when it is whole: a recording can be read while it grows, and after its writer was killed.
type Record = Writer<LineWriter<File>>;

/// Bytes of a line that are handed on together; a list is longer.
const LINE: usize = 64 << 10;

fn create(path: &Path) -> Result<Record, StartError> {
    let file =
        File::create(path).map_err(|error| StartError::Record { path: path.to_owned(), error })?;
    Ok(Writer::new(LineWriter::with_capacity(LINE, file)))
}

/// Why a recording could not be read to its end. The text names the line.
pub type ReplayError = RecordingError;

/// Folds a recording and gives each event to `on_event` as it happens; returns the picture at its end.
///
/// What is still provisional at the end becomes final with what is known by then.
///
/// # Errors
/// When a line cannot be read. The events before it have been given out. That the last one is cut is logged, and no error.
pub fn replay(
    recording: impl BufRead,
    on_event: impl FnMut(&Event),
) -> Result<Arc<Snapshot>, ReplayError> {
    replay_with(catalogue::built_in(), recording, on_event)
}

/// The same, with another catalogue than the built-in one.
///
/// # Errors
/// As for [`replay`].
pub fn replay_with(
    catalogue: Arc<Catalogue>,
    recording: impl BufRead,
    mut on_event: impl FnMut(&Event),
) -> Result<Arc<Snapshot>, ReplayError> {
    let mut leadership = Leadership::with_catalogue(catalogue);
    for observation in Reader::new(recording) {
        match observation {
            Ok(observation) => leadership.observe(observation).iter().for_each(&mut on_event),
            Err(cut @ RecordingError::Cut { .. }) => tracing::warn!("{cut}"),
            Err(error) => return Err(error),
        }
    }
    leadership.finish().iter().for_each(&mut on_event);
    Ok(leadership.snapshot())
}

#[cfg(test)]
mod tests;
