//! What goes on: one cluster that is watched, or several.

use std::path::Path;
use std::sync::Arc;

use leadership::catalogue::Catalogue;
use leadership::observation::{Kind, Labels};
use leadership::text;
use observe::access::Cluster;
use observe::drive::{self, Live, Options};
use observe::exporter::Exporter;
use observe::several::{self, Admits, Part};
use simulator::Simulation;

use super::Meant;
use crate::selector::Selector;

/// What is watched beside Leases, if it may be.
const ALWAYS: [Kind; 5] =
    [Kind::Pod, Kind::Node, Kind::Deployment, Kind::StatefulSet, Kind::LeaseCandidate];

/// One cluster that can be watched, or several.
pub struct Watched {
    pub(super) places: Vec<Place>,
    pub(super) meant: Meant,
    pub(super) legacy_locks: Vec<Kind>,
    pub(super) known: Arc<Catalogue>,
    /// Ends when it is dropped.
    pub(super) demo: Option<Simulation>,
}

/// One of them.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) way: Way,
}

/// How to watch it.
pub(super) enum Way {
    Cluster(Cluster),
    Exporter(Exporter),
    /// There is no way, for this reason.
    None(String),
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
