//! Where the facts come from: clusters, a simulated one, exporters, or a recording.

mod recording;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use leadership::catalogue::Catalogue;
use leadership::observation::{Kind, Labels};
use leadership::text;
use observe::access::{self, Access, Cluster};
use observe::clock;
use observe::drive::{self, Live, Options};
use observe::exporter::{self, Exporter};
use observe::several::{self, Admits, Part};
use simulator::{Scene, Simulation};

use crate::args::SourceArgs;
use crate::selector::Selector;

pub use recording::{Fold, Recording};

/// What is watched beside Leases, if it may be.
const ALWAYS: [Kind; 5] =
    [Kind::Pod, Kind::Node, Kind::Deployment, Kind::StatefulSet, Kind::LeaseCandidate];

/// An opened source.
pub enum Source {
    /// What goes on.
    Cluster(Watched),
    /// A file.
    Recording(Recording),
}

/// One cluster that can be watched, or several.
pub struct Watched {
    places: Vec<Place>,
    meant: Meant,
    legacy_locks: Vec<Kind>,
    known: Arc<Catalogue>,
    /// Ends when it is dropped.
    demo: Option<Simulation>,
}

/// One of them.
struct Place {
    name: String,
    way: Way,
}

/// How to watch it.
enum Way {
    Cluster(Cluster),
    Exporter(Exporter),
    /// There is no way, for this reason.
    None(String),
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

impl Watched {
    /// A name for people.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self.demo {
            Some(_) => "demo (a simulated cluster)".to_owned(),
            None => self.places.iter().map(|place| &*place.name).collect::<Vec<_>>().join(", "),
        };
        match self.meant.namespaces.as_slice() {
            [] => name,
            namespaces => format!("{name}, only {}", namespaces.join(" ")),
        }
    }

    /// Whether there is more than one.
    #[must_use]
    pub fn is_several(&self) -> bool {
        self.places.len() > 1
    }

    /// The cluster, for what is asked of it beside the watches.
    ///
    /// # Errors
    /// When there are several, or only an exporter; `what` is what needs one.
    pub fn cluster(&self, what: &str) -> anyhow::Result<&Cluster> {
        match self.places.as_slice() {
            [Place { way: Way::Cluster(cluster), .. }] => Ok(cluster),
            [_] => anyhow::bail!(
                "{what} needs the API server itself: leave --exporter away and name a --context"
            ),
            _ => anyhow::bail!("{what} needs one cluster: name only one --context"),
        }
    }

    /// A name for people who cannot reach it: with the address that was tried.
    #[must_use]
    pub fn address(&self) -> String {
        match self.places.as_slice() {
            [Place { way: Way::Cluster(cluster), .. }] => {
                format!("{} ({})", self.name(), cluster.server())
            }
            _ => self.name(),
        }
    }

    /// Starts to watch, and to record if a file is named.
    ///
    /// # Errors
    /// When that file cannot be made.
    pub fn watch(&self, record: Option<&Path>) -> anyhow::Result<Live> {
        let mut parts = Vec::new();
        for Place { name, way } in &self.places {
            let live = match way {
                Way::Cluster(cluster) => self.watch_cluster(cluster, record)?,
                Way::Exporter(exporter) => exporter.follow(),
                Way::None(error) => several::broken(error),
            };
            // What names are made of: nobody but us writes the `/` after it.
            let place = name.split_once("://").map_or(&**name, |(_, place)| place);
            let name = text::clean(&place.replace('/', "_"));
            parts.push(Part { name: self.is_several().then_some(name), live });
        }
        let narrowed = self.meant.selector != Selector::default();
        let elsewhere = self.places.iter().any(|place| matches!(place.way, Way::Exporter(_)));
        let narrowed = narrowed || (elsewhere && !self.meant.namespaces.is_empty());
        match parts.pop() {
            Some(only) if parts.is_empty() && !narrowed => Ok(only.live),
            last => {
                parts.extend(last);
                Ok(several::join(parts, &self.admits()))
            }
        }
    }

    fn admits(&self) -> Admits {
        let meant = self.meant.clone();
        Arc::new(move |namespace: &str, labels: Option<&Labels>| meant.admits(namespace, labels))
    }

    fn watch_cluster(&self, cluster: &Cluster, record: Option<&Path>) -> anyhow::Result<Live> {
        // Thousands of heartbeats tell a reader of one screen nothing; a recording keeps them.
        let heartbeats = record.map(|_| Kind::NodeLease);
        let kinds = ALWAYS.into_iter().chain(heartbeats).chain(self.legacy_locks.iter().copied());
        let options = Options {
            namespaces: self.meant.namespaces.clone(),
            look_up_pods: false,
            kinds: kinds.collect(),
            record: record.map(Path::to_owned),
            catalogue: Arc::clone(&self.known),
        };
        Ok(drive::start(cluster.clone(), options)?)
    }
}
