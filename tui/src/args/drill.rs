//! How to drill.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::duration;

/// Whose leader is ended, how, and what is told of it.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct DrillArgs {
    /// NAMESPACE/NAME, or NAME where one namespace has it
    pub lease: String,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Evict the pod instead of deleting it: a disruption budget may forbid that
    #[arg(long)]
    pub evict: bool,
    /// Seconds that the pod gets to end, instead of its own; 0 kills it without a word
    #[arg(long, value_name = "SECONDS")]
    pub grace_period: Option<u32>,
    /// Drill also where no standby is ready, or the pod that leads is not known for sure
    #[arg(long)]
    pub force: bool,
    /// Ask the API server whether it would do it, and end nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Probe this all along: an URL, or service/NAMESPACE/NAME for its ready endpoints; may be given more than once
    #[arg(long = "probe", value_name = "TARGET")]
    pub probes: Vec<String>,
    /// The time between two probes
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = duration)]
    pub probe_every: Duration,
    /// So many failovers, one after the other
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub runs: u32,
    /// For how long to wait for a new leader, and after it until all is as before
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub timeout: Duration,
    /// Watch for so long at most to learn how often the leader renews, which tells what to expect
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub settle: Duration,
    /// Format of the report
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: DrillFormat,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// A format of a drill's report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DrillFormat {
    /// For people.
    #[default]
    Text,
    /// One object.
    Json,
    /// For an issue or a wiki.
    Markdown,
    /// For continuous integration: one test case for each failover and each probe.
    Junit,
}
