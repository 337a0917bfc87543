//! What can be typed, and the environment variables that stand for it.

mod published;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::BoolishValueParser;
use clap::{Parser, Subcommand, ValueEnum};
use leadership::catalogue::Catalogue;
use leadership::observation::Kind;
use observe::catalogue::FileError;
use observe::kinds::legacy_lock;
use tracing::level_filters::LevelFilter;

use crate::build::VERSION;
use crate::probe::Target;

pub use published::Published;

/// Watches the leader elections of a Kubernetes cluster and publishes, for Prometheus, who leads,
/// since when, and how long nobody did.
///
/// The cluster is found as kubectl finds it: a kubeconfig file, or the pod's own service account.
/// Every flag can be given as an environment variable instead.
#[derive(Clone, Debug, Parser)]
#[command(name = "leadership-exporter", version = VERSION, max_term_width = 100)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Args {
    /// What to do instead of watching.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Serve on this address: HOST:PORT, or :PORT for every address of this machine.
    #[arg(
        long = "web.listen-address",
        value_name = "ADDRESS",
        default_value = ":8080",
        env = "LEADERSHIP_EXPORTER_WEB_LISTEN_ADDRESS",
        value_parser = listen_address,
        help_heading = "Serving"
    )]
    pub listen: String,

    /// Read TLS, users and headers from this file, which has the form that Prometheus' exporters share; see
    /// SECURITY.md. It is read anew when it changes.
    #[arg(
        long = "web.config.file",
        value_name = "FILE",
        env = "LEADERSHIP_EXPORTER_WEB_CONFIG_FILE",
        help_heading = "Serving"
    )]
    pub web_config: Option<PathBuf>,

    /// Let in whom: everybody, or those whose bearer token the API server knows and who may get the path.
    #[arg(
        long,
        value_name = "WHOM",
        default_value = "none",
        env = "LEADERSHIP_EXPORTER_AUTH",
        help_heading = "Serving"
    )]
    pub auth: Auth,

    /// Read this kubeconfig file instead of those that kubectl would read.
    #[arg(
        long,
        value_name = "FILE",
        env = "LEADERSHIP_EXPORTER_KUBECONFIG",
        help_heading = "Cluster"
    )]
    pub kubeconfig: Option<PathBuf>,

    /// Use this context of the kubeconfig instead of its current one.
    #[arg(
        long,
        value_name = "NAME",
        env = "LEADERSHIP_EXPORTER_CONTEXT",
        help_heading = "Cluster"
    )]
    pub context: Option<String>,

    /// Watch only this namespace. May be given more than once, or with commas; all if not given.
    #[arg(
        short,
        long = "namespace",
        value_name = "NAME",
        value_delimiter = ',',
        env = "LEADERSHIP_EXPORTER_NAMESPACE",
        help_heading = "Cluster"
    )]
    pub namespaces: Vec<String>,

    /// How pods are seen. Without them leaders are not resolved to pods and nodes, and hardly anything tells why one
    /// went.
    #[arg(
        long,
        value_name = "HOW",
        default_value = "watch",
        env = "LEADERSHIP_EXPORTER_PODS",
        help_heading = "Cluster"
    )]
    pub pods: Pods,

    /// Do not watch the heartbeats of nodes. The clocks of nodes are then known less well.
    #[arg(long, env = "LEADERSHIP_EXPORTER_NO_NODE_HEARTBEATS", value_parser = BoolishValueParser::new(), help_heading = "Cluster")]
    pub no_node_heartbeats: bool,

    /// Do not watch nodes. Their zones, and host names that differ from their names, are then not known.
    #[arg(long, env = "LEADERSHIP_EXPORTER_NO_NODES", value_parser = BoolishValueParser::new(), help_heading = "Cluster")]
    pub no_nodes: bool,

    /// Do not watch Deployments and stateful sets. How many candidates an election should have is then
    /// not known.
    #[arg(long, env = "LEADERSHIP_EXPORTER_NO_WORKLOADS", value_parser = BoolishValueParser::new(), help_heading = "Cluster")]
    pub no_workloads: bool,

    /// Watch the locks of older electors, too: configmaps, endpoints, or both with a comma. Only the
    /// metadata of these objects is read.
    #[arg(
        long,
        value_name = "RESOURCE",
        value_delimiter = ',',
        env = "LEADERSHIP_EXPORTER_LEGACY_LOCKS",
        value_parser = legacy_lock,
        help_heading = "Cluster"
    )]
    pub legacy_locks: Vec<Kind>,

    /// Read more components from this YAML file, or others in the place of known ones; see
    /// docs/catalogue.md.
    #[arg(
        long = "component-catalogue",
        value_name = "FILE",
        env = "LEADERSHIP_EXPORTER_COMPONENT_CATALOGUE",
        value_parser = catalogue,
        help_heading = "Cluster"
    )]
    pub catalogue: Option<Arc<Catalogue>>,

    /// Which metrics are published, and of which elections.
    #[command(flatten)]
    pub published: Published,

    /// Write everything that is seen to this file, for --replay.
    #[arg(
        long,
        value_name = "FILE",
        env = "LEADERSHIP_EXPORTER_RECORD",
        help_heading = "Recordings and the demo"
    )]
    pub record: Option<PathBuf>,

    /// Serve the picture at the end of this recording instead of watching a cluster.
    #[arg(
        long,
        value_name = "FILE",
        env = "LEADERSHIP_EXPORTER_REPLAY",
        conflicts_with_all = ["demo", "record", "kubeconfig", "context"],
        help_heading = "Recordings and the demo"
    )]
    pub replay: Option<PathBuf>,

    /// Watch a simulated cluster that runs inside this process.
    #[arg(
        long,
        env = "LEADERSHIP_EXPORTER_DEMO",
        value_parser = BoolishValueParser::new(),
        conflicts_with_all = ["kubeconfig", "context"],
        help_heading = "Recordings and the demo"
    )]
    pub demo: bool,

    /// Write logs in this format. Without it, text on a terminal and JSON elsewhere.
    #[arg(
        long,
        value_name = "FORMAT",
        env = "LEADERSHIP_EXPORTER_LOG_FORMAT",
        help_heading = "Logs, on standard error"
    )]
    pub log_format: Option<LogFormat>,

    /// Leave out what matters less than this: off, error, warn, info, debug or trace.
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "info",
        env = "LEADERSHIP_EXPORTER_LOG_LEVEL",
        value_parser = log_level,
        help_heading = "Logs, on standard error"
    )]
    pub log_level: LevelFilter,
}

impl Args {
    /// What is known of the users of locks.
    #[must_use]
    pub fn known(&self) -> Arc<Catalogue> {
        self.catalogue.clone().unwrap_or_else(observe::catalogue::built_in)
    }
}

/// What to do instead of watching.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Ask an exporter for a page and say whether it answers as expected: for tests of an installation, in an image
    /// that has no other program.
    ///
    /// As a kubelet does, it takes any certificate and shows none, so it proves that something answers, not who.
    Probe {
        /// What to ask for: http://HOST:PORT/PATH or https://HOST:PORT/PATH.
        url: Target,
        /// The status code that is right.
        #[arg(long, value_name = "CODE", default_value_t = 200)]
        expect: u16,
        /// Ask again, once a second, until this many seconds have passed.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u64,
    },
}

/// How pods are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pods {
    /// All of them, all the time.
    Watch,
    /// One by one, those of leaders, when a term begins or ends. Nothing is then known of candidates.
    Lookup,
    /// Not at all.
    Off,
}

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// Everybody.
    None,
    /// Whom the API server knows by their token and lets get the path.
    Kubernetes,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

/// The words for levels, as they are typed.
const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// Reads it at once, so that a mistake in it is a mistake of usage.
fn catalogue(path: &str) -> Result<Arc<Catalogue>, FileError> {
    observe::catalogue::load(Path::new(path))
}

fn log_level(text: &str) -> Result<LevelFilter, String> {
    LEVELS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map(|(_, level)| *level)
        .ok_or_else(|| "the levels are off, error, warn, info, debug and trace".to_owned())
}

/// Checks the form only: whether a host exists is found out when it is listened on.
fn listen_address(text: &str) -> Result<String, String> {
    let port = text.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(_)) => Ok(text.to_owned()),
        Some(Err(_)) => {
            Err("what follows the last colon must be a port from 0 to 65535".to_owned())
        }
        None => Err("it needs a port, as in :8080 or 127.0.0.1:8080".to_owned()),
    }
}

#[cfg(test)]
mod tests;
