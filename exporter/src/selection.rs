//! What is published: which metrics, and of which elections.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadership::lock::LockKey;
use leadership::snapshot::{Election, Snapshot};
use regex::Regex;

use crate::metrics::{self, Of, Row};

/// Reads a regular expression that a whole name has to match, as in Prometheus.
///
/// # Errors
/// When it is none; the text shows where.
pub fn pattern(text: &str) -> Result<Regex, regex::Error> {
    // By itself first: an error then shows what was typed, and `a)(b` does not become a pattern.
    Regex::new(text)?;
    Regex::new(&format!("^(?:{text})$"))
}

/// Names that are wanted, and names that are not.
#[derive(Clone, Debug, Default)]
pub struct Names {
    allow: Vec<Regex>,
    deny: Vec<Regex>,
}

impl Names {
    /// What matches one of `allow`, or anything if there are none, and none of `deny`.
    #[must_use]
    pub fn new(allow: &[Regex], deny: &[Regex]) -> Self {
        Self { allow: allow.to_vec(), deny: deny.to_vec() }
    }

    fn pass(&self, name: &str) -> bool {
        let any = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(name));
        (self.allow.is_empty() || any(&self.allow)) && !any(&self.deny)
    }
}

/// How many series of elections a page may have. 0 sets no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of the elections of one namespace.
    pub namespace: usize,
    /// Of all elections.
    pub total: usize,
}

impl Limits {
    /// Some 700 elections in a namespace, and 7,000 in all.
    pub const DEFAULT: Self = Self { namespace: 100_000, total: 1_000_000 };
}

/// What is published of all that is known.
#[derive(Clone, Debug)]
pub struct Selection {
    rows: Vec<&'static Row>,
    namespaces: Names,
    leases: Names,
    limits: Limits,
}

impl Default for Selection {
    /// Everything, within the usual limits.
    fn default() -> Self {
        let all = Names::default;
        Self::new(&all(), all(), all(), Limits::DEFAULT)
    }
}

impl Selection {
    /// Metrics, namespaces and locks by their names, within limits.
    #[must_use]
    pub fn new(metrics: &Names, namespaces: Names, leases: Names, limits: Limits) -> Self {
        let rows = metrics::rows().filter(|row| metrics.pass(row.name)).collect();
        Self { rows, namespaces, leases, limits }
    }

    /// Whether anything is published of this lock.
    #[must_use]
    pub fn wants(&self, key: &LockKey) -> bool {
        self.namespaces.pass(&key.namespace) && self.leases.pass(&key.name)
    }

    /// The wanted elections, in their order.
    pub fn elections<'s>(
        &'s self,
        snapshot: &'s Snapshot,
    ) -> impl Iterator<Item = &'s Arc<Election>> {
        snapshot.elections.iter().filter(|election| self.wants(&election.key))
    }

    /// What a page has of a picture.
    #[must_use]
    pub fn of<'a>(&'a self, snapshot: &'a Snapshot) -> Published<'a> {
        let mut ranked = ranked(self.elections(snapshot));
        let wanted = ranked.len();
        let (namespace, total) = (self.room(self.limits.namespace), self.room(self.limits.total));
        ranked.retain(|(rank, _)| *rank < namespace);
        let within = ranked.len();
        if within > total {
            // All namespaces give up their last ones first: one with many cannot push out others'.
            ranked.sort_by_key(|(rank, _)| *rank);
            ranked.truncate(total);
            ranked.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));
        }
        let cut = Cut { namespace: wanted - within, total: within - ranked.len() };
        let elections = ranked.into_iter().map(|(_, election)| election).collect();
        Published { rows: &self.rows, elections, cut }
    }

    /// How many elections so many series suffice for. Each counts with all it can ever have, so
    /// which ones are cut does not depend on how they stand.
    fn room(&self, series: usize) -> usize {
        let elections = self.rows.iter().filter(|row| matches!(row.of, Of::Election(_)));
        let each: usize = elections.map(|row| row.most).sum();
        if series == 0 || each == 0 { usize::MAX } else { series / each }
    }
}

/// Each election with its place among those of its namespace.
fn ranked<'s>(
    elections: impl Iterator<Item = &'s Arc<Election>>,
) -> Vec<(usize, &'s Arc<Election>)> {
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    let rank = |election: &'s Arc<Election>| {
        let place = next.entry(&election.key.namespace).or_default();
        *place += 1;
        (*place - 1, election)
    };
    elections.map(rank).collect()
}

/// What a page has of a picture.
#[derive(Clone, Debug)]
pub struct Published<'a> {
    /// The metrics, in the order of the page.
    pub rows: &'a [&'static Row],
    /// The elections, in their order.
    pub elections: Vec<&'a Arc<Election>>,
    /// How many more there are.
    pub cut: Cut,
}

/// Elections that limits leave out, by which limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// By the limit of their namespaces.
    pub namespace: usize,
    /// By that of all.
    pub total: usize,
}
