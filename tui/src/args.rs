//! What can be typed.

mod command;
mod drill;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
pub use drill::{DrillArgs, DrillFormat};
use leadership::catalogue::Catalogue;
use leadership::observation::Kind;
use observe::catalogue::FileError;
use observe::kinds::legacy_lock;

use crate::player::SPEEDS;
use crate::selector::Selector;
use crate::theme::{PALETTES, Palette};

pub use command::{
    AdviseArgs, Awaited, Command, DescribeArgs, EventsArgs, HistoryArgs, LeaderArgs, LeaderFormat,
    LineFormat, ListArgs, ListFormat, LogsArgs, ObjectFormat, RecordArgs, WaitArgs,
};

/// Shows who leads in Kubernetes, since when, and how long nobody did. Changes nothing but by `drill`.
///
/// Without a command it opens a live screen; where there is no terminal it prints `list` once.
#[derive(Debug, Parser)]
#[command(name = "fleet-top", version, after_help = AFTER_HELP)]
pub struct Cli {
    /// Where to look.
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to show it.
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Print the list once instead of opening the screen
    #[arg(long, conflicts_with = "watch")]
    pub once: bool,
    /// Print how things stand, and then what happens, as plain lines: for screen readers and slow terminals
    #[arg(long, conflicts_with_all = ["once", "watch"])]
    pub lines: bool,
    /// Take defaults from this file instead of `$XDG_CONFIG_HOME/fleet-top/config.toml`
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print every setting with its value and where that comes from, as a config file
    #[arg(long)]
    pub print_config: bool,
    /// As for `list`.
    #[command(flatten)]
    pub list: ListArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER_HELP: &str = "\
Exit codes:
    0  fine
    1  failed
    2  the command line is wrong
    3  at least one lease is leaderless (list), or nobody leads this one (leader, logs)
  124  it did not happen in time (wait)

Try `fleet-top --demo`: it needs no cluster.";

/// Where to look.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where to look")]
pub struct SourceArgs {
    /// Kubeconfig file; otherwise KUBECONFIG, ~/.kube/config, then the pod's own account
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig; may be given more than once, to see several clusters side by side
    #[arg(long = "context", global = true, value_name = "NAME")]
    pub contexts: Vec<String>,
    /// Cluster of the kubeconfig, instead of the context's
    #[arg(long, global = true, value_name = "NAME")]
    pub cluster: Option<String>,
    /// User of the kubeconfig, instead of the context's
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,
    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER")]
    pub impersonate: Option<String>,
    /// Group to impersonate; may be given more than once
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub impersonate_groups: Vec<String>,
    /// Only this namespace; may be given more than once
    #[arg(short, long = "namespace", global = true, value_name = "NAMESPACE")]
    pub namespaces: Vec<String>,
    /// All namespaces (as without -n)
    #[arg(short = 'A', long, global = true)]
    pub all_namespaces: bool,
    /// Only locks with such labels: a=b, a!=b, a in (b,c), a notin (b,c), a, !a, with commas between
    #[arg(short = 'l', long, global = true, value_name = "SELECTOR", value_parser = Selector::parse)]
    pub selector: Option<Selector>,
    /// Watch the locks of older electors, too: configmaps, endpoints, or both with a comma
    #[arg(long, global = true, value_name = "RESOURCE", value_delimiter = ',', value_parser = legacy_lock)]
    pub legacy_locks: Vec<Kind>,
    /// How long a command waits for the first list of leases (30s, 2m; 0 waits for ever)
    #[arg(long, global = true, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub request_timeout: Duration,
    /// Watch a simulated cluster in this process
    #[arg(long, global = true)]
    pub demo: bool,
    /// Read more components from this YAML file, or others in the place of known ones
    #[arg(long = "component-catalogue", global = true, value_name = "FILE", value_parser = catalogue)]
    pub catalogue: Option<Arc<Catalogue>>,
    /// Read from a leadership-exporter instead of the API server; may be given more than once
    #[arg(long = "exporter", global = true, value_name = "URL")]
    pub exporters: Vec<String>,
    /// A file with a bearer token for the exporter
    #[arg(long, global = true, value_name = "FILE")]
    pub exporter_token_file: Option<PathBuf>,
    /// Read a recording instead of watching a cluster
    #[arg(long, global = true, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}

impl SourceArgs {
    /// What is known of the users of locks.
    #[must_use]
    pub fn known(&self) -> Arc<Catalogue> {
        self.catalogue.clone().unwrap_or_else(observe::catalogue::built_in)
    }
}

/// How to show it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "How to show it")]
pub struct ScreenArgs {
    /// When to use colours; auto heeds `NO_COLOR`, `CLICOLOR_FORCE` and `CLICOLOR`
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,
    /// Which colours: default, dark, light, high-contrast, colour-blind or mono
    #[arg(long, global = true, env = "FLEET_TOP_THEME", value_name = "NAME", default_value = "default", value_parser = palette)]
    pub theme: &'static Palette,
    /// Use no signs beyond ASCII
    #[arg(long, global = true)]
    pub ascii: bool,
    /// How many times faster than it was the screen plays a recording: 1, 2, 5, 10, 30, 60 or 300
    #[arg(long, global = true, value_name = "N", default_value = "1", value_parser = speed)]
    pub speed: i64,
    /// Write a log to this file; `RUST_LOG` says how much
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// Unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Reads it at once, so that a mistake in it is a mistake of usage.
fn catalogue(path: &str) -> Result<Arc<Catalogue>, FileError> {
    observe::catalogue::load(Path::new(path))
}

fn palette(name: &str) -> Result<&'static Palette, String> {
    let names = || PALETTES.iter().map(|palette| palette.name).collect::<Vec<_>>().join(", ");
    Palette::named(name).ok_or_else(|| format!("it is one of {}", names()))
}

fn speed(text: &str) -> Result<i64, String> {
    let known = text.parse().ok().filter(|speed| SPEEDS.contains(speed));
    known.ok_or_else(|| format!("it is one of {}", SPEEDS.map(|it| it.to_string()).join(", ")))
}

/// A length of time as kubectl takes it: `30s`, `1m30s`, or a number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let parsed: jiff::SignedDuration =
        text.parse().map_err(|_| "write it as 30s, 1m30s or 2h".to_owned())?;
    Duration::try_from(parsed).map_err(|_| "it must not be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_taken_as_kubectl_takes_them() {
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert!(duration("-5s").is_err());
        assert!(duration("soon").is_err());
    }

    #[test]
    fn a_recording_is_played_at_a_speed_that_the_keys_know() {
        let named = SPEEDS.map(|it| it.to_string());
        let help = Cli::command().render_long_help().to_string();
        for one in &named {
            assert_eq!(speed(one).map(|it| it.to_string()), Ok(one.clone()));
            assert!(help.contains(one), "{help}");
        }
        let error = Err("it is one of 1, 2, 5, 10, 30, 60, 300".to_owned());
        assert_eq!((speed("7"), speed("fast")), (error.clone(), error));
    }

    #[test]
    fn global_flags_may_stand_on_either_side() {
        let cli = Cli::try_parse_from(["fleet-top", "-n", "a", "list", "-o", "json"]);
        assert!(cli.is_ok_and(|cli| cli.source.namespaces == ["a"]));
        let cli = Cli::try_parse_from(["fleet-top", "events", "--replay", "x.jsonl", "-n", "a"]);
        assert!(cli.is_ok_and(|cli| cli.source.namespaces == ["a"]));
    }

    #[test]
    fn a_catalogue_that_cannot_be_read_is_a_mistake_of_usage() {
        let args = ["fleet-top", "list", "--component-catalogue", "/nowhere/c.yaml"];
        let error = Cli::try_parse_from(args).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("/nowhere/c.yaml"), "{error}");
    }
}
