//! Every metric is one row: what it is called, what it means, and how it is read from a snapshot.

mod door;
mod elections;
mod own;
mod standing;
mod watches;

use std::io;

use leadership::observation::Kind;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;
use observe::watch::WatchStats;

use crate::build::Build;
use crate::door::Counts;
use crate::process::Process;
use crate::selection::Published;
use crate::text::{Format, Page, Samples, Type, label};

/// Everything that a page is made of.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// What is known of the cluster.
    pub snapshot: &'a Snapshot,
    /// What of that is on the page.
    pub published: Published<'a>,
    /// The kinds that are to be watched: a watch that never said anything is down, not missing.
    pub expected: &'a [Kind],
    /// What the watches count that the snapshot cannot know; nothing of a recording.
    pub stats: Option<&'a WatchStats>,
    /// What the door counts; nothing where there is none.
    pub door: Option<&'a Counts>,
    /// This binary.
    pub build: &'a Build,
    /// This process.
    pub process: &'a Process,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name; a counter's ends in `_total`.
    pub name: &'static str,
    /// What it is.
    pub kind: Type,
    /// What it means, in one sentence or two, without quotes, backslashes or line ends.
    pub help: &'static str,
    /// Its labels beyond those that its source gives to all.
    pub labels: &'static [&'static str],
    /// How many series it can have of one election, of one watch, or in all.
    pub most: usize,
    /// What may still change about it.
    pub stability: Stability,
    /// What it has series of, and how they are written.
    pub of: Of,
}

/// What may still change about a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// Anything, with any release.
    Experimental,
    /// Labels may be added; nothing else.
    Stable,
}

/// What a metric has series of.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// Of each election, at the time of the snapshot.
    Election(fn(&Election, Time, &mut Samples<'_>)),
    /// Of each watch, or of the exporter itself.
    Whole(fn(&Picture<'_>, &mut Samples<'_>)),
}

/// The labels of every metric of an election.
pub const ELECTION_LABELS: [&str; 4] = ["namespace", "lease", "lock_kind", "component"];

/// Series of a histogram beyond its bounds: one above them all, the sum and the count.
const HISTOGRAM: usize = 3;
/// Series of a summary: the sum and the count.
const SUMMARY: usize = 2;

const fn row(name: &'static str, kind: Type, help: &'static str, of: Of) -> Row {
    Row { name, kind, help, labels: &[], most: 1, stability: Stability::Experimental, of }
}

impl Row {
    const fn labels(mut self, labels: &'static [&'static str]) -> Self {
        self.labels = labels;
        self
    }

    const fn most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    const fn stable(mut self) -> Self {
        self.stability = Stability::Stable;
        self
    }
}

/// All metrics, in the order of the page.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [elections::ROWS, standing::ROWS, watches::ROWS, door::ROWS, own::ROWS].into_iter().flatten()
}

/// Writes the page, in one of the formats.
///
/// # Errors
/// When the sink fails.
pub fn write(picture: &Picture<'_>, format: Format, sink: &mut dyn io::Write) -> io::Result<()> {
    let Published { rows, elections, .. } = &picture.published;
    let blocks: Vec<String> = elections.iter().map(|election| block(election)).collect();
    let mut page = Page::new(format, sink);
    for row in *rows {
        page.begin(row.name, row.kind, row.help);
        match row.of {
            Of::Whole(write) => write(picture, &mut page.samples("")),
            Of::Election(write) => {
                for (election, block) in elections.iter().zip(&blocks) {
                    write(election, picture.snapshot.at, &mut page.samples(block));
                }
            }
        }
    }
    page.finish()
}

/// The labels of one election, rendered once for all of its series.
fn block(election: &Election) -> String {
    let key = &election.key;
    let component = election.component.as_deref().unwrap_or("");
    let values = [&*key.namespace, &*key.name, key.kind.label(), component];
    let (mut out, mut first) = (String::with_capacity(128), true);
    for (name, value) in ELECTION_LABELS.into_iter().zip(values) {
        label(&mut out, name, value, &mut first);
    }
    out
}
