//! Where the facts come from: a cluster, a simulated one, or a recording.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use leadership::catalogue::Catalogue;
use leadership::event::Event;
use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use observe::access::{self, Access, Cluster};
use observe::clock;
use observe::drive::{self, Live, Options};
use simulator::{Scene, Simulation};

use crate::args::SourceArgs;

/// What is watched beside Leases, if it may be.
const ALWAYS: [Kind; 5] =
    [Kind::Pod, Kind::Node, Kind::Deployment, Kind::StatefulSet, Kind::LeaseCandidate];

/// An opened source.
pub enum Source {
    /// A cluster.
    Cluster(Watched),
    /// A file.
    Recording(Recording),
}

/// A cluster that can be watched.
pub struct Watched {
    cluster: Cluster,
    namespaces: Vec<String>,
    legacy_locks: Vec<Kind>,
    known: Arc<Catalogue>,
    /// Ends when it is dropped.
    demo: Option<Simulation>,
}

/// A recording.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    namespaces: Vec<String>,
    known: Arc<Catalogue>,
}

/// Opens what the flags name. Credential plugins may talk to the user now, and not later.
///
/// # Errors
/// When there is no way to the cluster. A recording is opened when it is read.
pub async fn open(args: &SourceArgs) -> anyhow::Result<Source> {
    if let Some(path) = &args.replay {
        return Ok(Source::Recording(Recording {
            path: path.clone(),
            namespaces: args.namespaces.clone(),
            known: args.known(),
        }));
    }
    Ok(Source::Cluster(connect(args).await?))
}

/// Connects to the cluster that the flags name.
///
/// # Errors
/// When there is no way to it, or the flags name a recording.
pub async fn connect(args: &SourceArgs) -> anyhow::Result<Watched> {
    anyhow::ensure!(
        args.replay.is_none(),
        "a recording is already one: leave --replay away to watch a cluster"
    );
    let demo = if args.demo {
        let simulation = simulator::start(Scene::fleet(), || clock::now().into()).await;
        Some(simulation.context("the simulated cluster cannot listen on 127.0.0.1")?)
    } else {
        None
    };
    let cluster = access::connect(&access(args, demo.as_ref())).await?;
    Ok(Watched {
        cluster,
        namespaces: args.namespaces.clone(),
        legacy_locks: args.legacy_locks.clone(),
        known: args.known(),
        demo,
    })
}

fn access(args: &SourceArgs, demo: Option<&Simulation>) -> Access {
    Access {
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        cluster: args.cluster.clone(),
        user: args.user.clone(),
        impersonate: args.impersonate.clone(),
        impersonate_groups: args.impersonate_groups.clone(),
        url: demo.map(Simulation::url),
        token_file: None,
    }
}

impl Source {
    /// A name for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Cluster(watched) => watched.name(),
            Self::Recording(recording) => recording.path.display().to_string(),
        }
    }
}

impl Watched {
    /// A name for people.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self.demo {
            Some(_) => "demo (a simulated cluster)",
            None => self.cluster.name(),
        };
        match self.namespaces.as_slice() {
            [] => name.to_owned(),
            namespaces => format!("{name}, only {}", namespaces.join(" ")),
        }
    }

    /// The cluster, for what is asked of it beside the watches.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// A name for people who cannot reach it: with the address that was tried.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{} ({})", self.name(), self.cluster.server())
    }

    /// Starts to watch, and to record if a file is named.
    ///
    /// # Errors
    /// When that file cannot be made.
    pub fn watch(&self, record: Option<&Path>) -> anyhow::Result<Live> {
        // Thousands of heartbeats tell a reader of one screen nothing; a recording keeps them.
        let heartbeats = record.map(|_| Kind::NodeLease);
        let kinds = ALWAYS.into_iter().chain(heartbeats).chain(self.legacy_locks.iter().copied());
        let options = Options {
            namespaces: self.namespaces.clone(),
            kinds: kinds.collect(),
            record: record.map(Path::to_owned),
            catalogue: Arc::clone(&self.known),
        };
        Ok(drive::start(self.cluster.clone(), options)?)
    }
}

impl Recording {
    /// Reads it to its end; gives each event to `on_event` and returns the picture at the end.
    ///
    /// # Errors
    /// When it cannot be opened, or a line of it cannot be read; what was before that has been given out.
    pub fn replay(&self, mut on_event: impl FnMut(&Event)) -> anyhow::Result<Arc<Snapshot>> {
        let named = || format!("cannot read the recording {}", self.path.display());
        let file = File::open(&self.path).with_context(named)?;
        let snapshot = drive::replay_with(Arc::clone(&self.known), BufReader::new(file), |event| {
            if self.covers(event) {
                on_event(event);
            }
        })
        .with_context(named)?;
        Ok(self.confine(snapshot))
    }

    fn covers(&self, event: &Event) -> bool {
        let lease = event.lease.as_ref();
        self.namespaces.is_empty() || lease.is_none_or(|key| self.wants(&key.namespace))
    }

    fn wants(&self, namespace: &str) -> bool {
        self.namespaces.iter().any(|wanted| wanted == namespace)
    }

    /// Only the namespaces that were asked for.
    fn confine(&self, snapshot: Arc<Snapshot>) -> Arc<Snapshot> {
        if self.namespaces.is_empty() {
            return snapshot;
        }
        let mut snapshot = Arc::unwrap_or_clone(snapshot);
        snapshot.elections.retain(|election| self.wants(&election.key.namespace));
        snapshot.missing.retain(|missing| self.wants(&missing.namespace));
        Arc::new(snapshot)
    }
}
