//! The commands and what each of them takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;
use serde::Serialize;

use super::{DrillArgs, duration};

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Print all elections once; exits with 3 if nobody leads one of them
    List(ListArgs),
    /// Print all that is known of one election: who leads, who could, the last failover and its cause
    Describe(DescribeArgs),
    /// Print what happens: terms, late renewals, expiries, failovers
    Events(EventsArgs),
    /// Print the past terms of elections and the gaps between them
    History(HistoryArgs),
    /// Print what the timing of elections promises, and what would serve them better
    Advise(AdviseArgs),
    /// Wait until somebody leads an election, or until its leader changes; exits with 124 if that takes too long
    Wait(WaitArgs),
    /// Print the pod that leads an election as NAMESPACE/NAME; exits with 3 if nobody leads it
    Leader(LeaderArgs),
    /// Print the log of an election's leader; with -f go on with the next leader's after a failover
    Logs(LogsArgs),
    /// End the leader's pod after asking, and measure how long nobody leads: the only command that writes to a cluster
    Drill(DrillArgs),
    /// Write what is seen to a file, for --replay
    Record(RecordArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// How to list.
#[derive(Clone, Debug, Default, Args)]
pub struct ListArgs {
    /// Format of the list
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<ListFormat>,
    /// After the list go on until interrupted: print a row again when its state, its holder or its last
    /// failover changed; json and yaml are one object a lease
    #[arg(short, long)]
    pub watch: bool,
    /// Watch for so long before printing, or until all states are proven: what died before we looked is
    /// proven dead only after its lease duration
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub settle: Duration,
}

/// A format of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    #[default]
    Table,
    /// For people with wide screens.
    Wide,
    /// One object with all leases.
    Json,
    /// The same in YAML.
    Yaml,
    /// Comma-separated values with a heading.
    Csv,
    /// A table for an issue or a report.
    Markdown,
    /// namespace/name, one a line.
    Name,
}

/// A format of events and history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LineFormat {
    /// For people.
    #[default]
    #[value(alias = "table")]
    Text,
    /// One object a line.
    Json,
    /// One document each.
    Yaml,
    /// Comma-separated values with a heading.
    Csv,
    /// A table for an issue or a report.
    Markdown,
}

/// A format of one object: an election, or what was waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ObjectFormat {
    /// For people.
    #[default]
    #[value(alias = "table")]
    Text,
    /// One object.
    Json,
    /// The same in YAML.
    Yaml,
}

/// A format of who leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LeaderFormat {
    /// NAMESPACE/NAME of the pod.
    #[default]
    Name,
    /// One object.
    Json,
    /// The same in YAML.
    Yaml,
}

/// Which election.
#[derive(Clone, Debug, Args)]
pub struct DescribeArgs {
    /// NAMESPACE/NAME, or NAME where one namespace has it
    pub lease: String,
    /// Format of the description
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: ObjectFormat,
    /// Watch for so long at most until its state is proven by a renewal
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub settle: Duration,
}

/// Which events.
#[derive(Clone, Debug, Args)]
pub struct EventsArgs {
    /// Go on until interrupted; otherwise end with what the first lists tell
    #[arg(short, long)]
    pub follow: bool,
    /// Format of the events
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: LineFormat,
}

/// Whose history.
#[derive(Clone, Debug, Args)]
pub struct HistoryArgs {
    /// NAMESPACE/NAME, or NAME where one namespace has it; all without
    pub lease: Option<String>,
    /// Format of the history
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: LineFormat,
}

/// Advice on what.
#[derive(Clone, Debug, Args)]
pub struct AdviseArgs {
    /// NAMESPACE/NAME, or NAME where one namespace has it; all without
    pub lease: Option<String>,
    /// Format of the advice
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: LineFormat,
    /// Watch for so long at most to learn how often the holders renew
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration)]
    pub settle: Duration,
}

/// What to wait for.
#[derive(Clone, Debug, Args)]
pub struct WaitArgs {
    /// NAMESPACE/NAME, or NAME where one namespace has it; it need not exist yet
    pub lease: String,
    /// What to wait for
    #[arg(long = "for", value_name = "CONDITION")]
    pub condition: Awaited,
    /// Format of what is printed in the end
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: ObjectFormat,
    /// For how long at most; 0 waits for ever
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,
}

/// What can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// Somebody leads, proven by a renewal.
    Leader,
    /// Somebody leads and renews in time.
    Held,
    /// Another term begins after now.
    Failover,
}

/// Whose leader.
#[derive(Clone, Debug, Args)]
pub struct LeaderArgs {
    /// NAMESPACE/NAME, or NAME where one namespace has it
    pub lease: String,
    /// Format of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "name")]
    pub output: LeaderFormat,
    /// Watch for so long at most until its state is proven by a renewal
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub settle: Duration,
}

/// Which lines of whose log.
#[derive(Clone, Debug, Args)]
pub struct LogsArgs {
    /// NAMESPACE/NAME, or NAME where one namespace has it
    pub lease: String,
    /// Go on until interrupted, with the log of whoever leads
    #[arg(short, long)]
    pub follow: bool,
    /// Begin with so many of the last lines of the present leader; all without
    #[arg(long, value_name = "LINES")]
    pub tail: Option<u64>,
    /// Begin with what the present leader printed in this time (5m, 1h)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub since: Option<Duration>,
    /// Container of the leader's pod; otherwise its default, or its first
    #[arg(short, long, value_name = "NAME")]
    pub container: Option<String>,
    /// The log of the container before it was restarted
    #[arg(short, long, conflicts_with = "follow")]
    pub previous: bool,
    /// Begin each line with its time, by the clock of its node
    #[arg(long)]
    pub timestamps: bool,
    /// Watch for so long at most until the leader is proven by a renewal
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub settle: Duration,
}

/// Where to.
#[derive(Clone, Debug, Args)]
pub struct RecordArgs {
    /// The file to write; it is overwritten
    pub file: PathBuf,
}
