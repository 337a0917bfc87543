//! Where the facts come from: clusters, a simulated one, exporters, or a recording.

mod recording;
mod watched;

use anyhow::Context;
use leadership::observation::Labels;
use observe::access::{self, Access};
use observe::clock;
use observe::exporter;
use simulator::{Scene, Simulation};

use crate::args::SourceArgs;
use crate::selector::Selector;

pub use recording::{Fold, Recording};
pub use watched::Watched;
use watched::{Place, Way};

/// An opened source.
pub enum Source {
    /// What goes on.
    Cluster(Watched),
    /// A file.
    Recording(Recording),
}

/// Which elections are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meant {
    namespaces: Vec<String>,
    selector: Selector,
}

impl Meant {
    pub(crate) fn of(args: &SourceArgs) -> Self {
        let selector = args.selector.clone().unwrap_or_default();
        Self { namespaces: args.namespaces.clone(), selector }
    }

    /// Whether everything is.
    fn is_all(&self) -> bool {
        self.namespaces.is_empty() && self.selector == Selector::default()
    }

    /// Whether a lock in this namespace with these labels is.
    pub(crate) fn admits(&self, namespace: &str, labels: Option<&Labels>) -> bool {
        let within = self.namespaces.is_empty() || self.namespaces.iter().any(|it| it == namespace);
        within && self.selector.admits(labels)
    }
}

/// Opens what the flags name. Credential plugins may talk to the user now, and not later.
///
/// # Errors
/// When there is no way to the cluster, or to none of several. A recording is opened when it is read.
pub async fn open(args: &SourceArgs) -> anyhow::Result<Source> {
    if let Some(path) = &args.replay {
        let recording = Recording::new(path.clone(), Meant::of(args), args.known());
        return Ok(Source::Recording(recording));
    }
    Ok(Source::Cluster(connect(args).await?))
}

/// Connects to the clusters that the flags name.
///
/// # Errors
/// When there is no way to any, or the flags name a recording.
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
    let mut places = Vec::new();
    if !args.exporters.is_empty() {
        for url in &args.exporters {
            let exporter = exporter::connect(url, args.exporter_token_file.as_deref()).await?;
            let name = exporter.name().to_owned();
            places.push(Place { name, way: Way::Exporter(exporter) });
        }
    } else if let [_, _, ..] = args.contexts.as_slice() {
        places = contexts(args).await?;
    } else {
        let context = args.contexts.first().cloned();
        let cluster = access::connect(&access(args, context, demo.as_ref())).await?;
        places.push(Place { name: cluster.name().to_owned(), way: Way::Cluster(cluster) });
    }
    let (legacy_locks, known) = (args.legacy_locks.clone(), args.known());
    Ok(Watched { places, meant: Meant::of(args), legacy_locks, known, demo })
}

/// Several clusters. One to which there is no way does not hide the others.
async fn contexts(args: &SourceArgs) -> anyhow::Result<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    for context in &args.contexts {
        if places.iter().any(|place| place.name == *context) {
            continue;
        }
        let way = match access::connect(&access(args, Some(context.clone()), None)).await {
            Ok(cluster) => Way::Cluster(cluster),
            Err(error) => Way::None(error.to_string()),
        };
        places.push(Place { name: context.clone(), way });
    }
    let lost = |place: &Place| match &place.way {
        Way::None(error) => Some(format!("{}: {error}", place.name)),
        _ => None,
    };
    let errors: Vec<String> = places.iter().filter_map(lost).collect();
    anyhow::ensure!(errors.len() < places.len(), "{}", errors.join("\n  "));
    Ok(places)
}

fn access(args: &SourceArgs, context: Option<String>, demo: Option<&Simulation>) -> Access {
    Access {
        kubeconfig: args.kubeconfig.clone(),
        context,
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
            Self::Recording(recording) => recording.name(),
        }
    }
}
