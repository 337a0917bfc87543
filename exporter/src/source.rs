//! Where pictures come from: a watched cluster, a simulated one, or a recording.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

use leadership::event::Event;
use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use observe::access::{self, Access, Cluster};
use observe::drive::{self, Live, Options};
use observe::watch::WatchStats;
use tokio::sync::watch;

use crate::args::{Args, Pods};
use crate::feed::Feed;
use crate::run::Error;
use crate::selection::Selection;

/// Where pictures come from.
#[derive(Debug)]
pub struct Source {
    name: String,
    selection: Selection,
    feed: Arc<Feed>,
    expected: Vec<Kind>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    stats: Option<Arc<WatchStats>>,
    /// Kept for a recording, whose only picture never changes.
    fixed: Option<watch::Sender<Arc<Snapshot>>>,
}

impl Source {
    /// One picture that never changes.
    #[must_use]
    pub fn fixed(name: String, snapshot: Arc<Snapshot>) -> Self {
        let (sender, snapshots) = watch::channel(snapshot);
        Self {
            name,
            selection: Selection::default(),
            feed: Feed::new(observe::clock::now()),
            expected: Vec::new(),
            snapshots,
            stats: None,
            fixed: Some(sender),
        }
    }

    /// The pictures of an observation, which is to watch the `expected` kinds.
    #[must_use]
    pub fn live(
        name: String,
        expected: Vec<Kind>,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        stats: Arc<WatchStats>,
    ) -> Self {
        Self {
            name,
            selection: Selection::default(),
            feed: Feed::new(observe::clock::now()),
            expected,
            snapshots,
            stats: Some(stats),
            fixed: None,
        }
    }

    /// The same, of which only this is published.
    #[must_use]
    pub fn publish(self, selection: Selection) -> Self {
        Self { selection, ..self }
    }

    /// The last events, for those who follow them.
    #[must_use]
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// What is published.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// A name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The newest picture.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// The kinds that are to be watched.
    #[must_use]
    pub fn expected(&self) -> &[Kind] {
        &self.expected
    }

    /// What the watches count beyond the picture; nothing of a recording.
    #[must_use]
    pub fn stats(&self) -> Option<&WatchStats> {
        self.stats.as_deref()
    }

    /// Whether the picture comes from a recording.
    #[must_use]
    pub fn recorded(&self) -> bool {
        self.fixed.is_some()
    }

    /// Whether newer pictures can still come.
    #[must_use]
    pub fn alive(&self) -> bool {
        self.snapshots.has_changed().is_ok()
    }
}

/// A source that was opened, with what must live as long as it is read.
pub struct Opened {
    /// The source.
    pub source: Source,
    /// The running observation; none for a recording.
    pub live: Option<Live>,
    /// The cluster that is watched; none for a recording.
    pub cluster: Option<Cluster>,
    /// The simulated cluster of the demo.
    pub simulation: Option<simulator::Simulation>,
}

/// Opens what the arguments name.
///
/// # Errors
/// When there is no way to a cluster, or a file cannot be read or made. A server that is away is
/// not an error.
pub async fn open(args: &Args) -> Result<Opened, Error> {
    let opened = match &args.replay {
        Some(path) => replay(path.clone(), args).await,
        None => watch_cluster(args).await,
    }?;
    Ok(Opened { source: opened.source.publish(args.published.selection()), ..opened })
}

async fn replay(path: PathBuf, args: &Args) -> Result<Opened, Error> {
    let name = format!("the recording {}", path.display());
    let (known, selection) = (args.known(), args.published.selection());
    let feed = Feed::new(observe::clock::now());
    let filled = Arc::clone(&feed);
    let read = move || {
        let file = File::open(&path).map_err(|error| Error::Recording(path.clone(), error))?;
        let recording = BufReader::new(file);
        let take = |event: &Event| filled.take(event, &selection);
        drive::replay_with(known, recording, take).map_err(|error| Error::Replay(path, error))
    };
    let snapshot = tokio::task::spawn_blocking(read).await??;
    let source = Source { feed, ..Source::fixed(name, snapshot) };
    Ok(Opened { source, live: None, cluster: None, simulation: None })
}

async fn watch_cluster(args: &Args) -> Result<Opened, Error> {
    let simulation = if args.demo { Some(demo().await?) } else { None };
    let access = Access {
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        url: simulation.as_ref().map(simulator::Simulation::url),
        ..Access::default()
    };
    let cluster = access::connect(&access).await?;
    let name = if args.demo { "a simulated cluster".to_owned() } else { cluster.name().to_owned() };
    let options = Options {
        namespaces: args.namespaces.iter().filter(|name| !name.is_empty()).cloned().collect(),
        kinds: kinds(args),
        look_up_pods: args.pods == Pods::Lookup,
        record: args.record.clone(),
        catalogue: args.known(),
    };
    let expected = options.expected();
    let live = drive::start(cluster.clone(), options)?;
    Ok(Opened {
        source: Source::live(name, expected, live.snapshots.clone(), Arc::clone(&live.stats)),
        live: Some(live),
        cluster: Some(cluster),
        simulation,
    })
}

/// What is to be watched beside Leases.
fn kinds(args: &Args) -> Vec<Kind> {
    let choices = [
        (Kind::NodeLease, !args.no_node_heartbeats),
        (Kind::Pod, args.pods == Pods::Watch),
        // Nodes are in no namespace: whoever watches some asks nothing of the whole cluster.
        (Kind::Node, !args.no_nodes && args.namespaces.is_empty()),
        (Kind::Deployment, !args.no_workloads),
        (Kind::StatefulSet, !args.no_workloads),
        (Kind::LeaseCandidate, true),
    ];
    let chosen = choices.into_iter().filter(|(_, wanted)| *wanted).map(|(kind, _)| kind);
    chosen.chain(args.legacy_locks.iter().copied()).collect()
}

async fn demo() -> Result<simulator::Simulation, Error> {
    let now = || observe::clock::now().into();
    simulator::start(simulator::Scene::fleet(), now).await.map_err(Error::Demo)
}
