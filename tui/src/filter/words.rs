//! The words of filters that look at one thing: one row each.

use std::collections::BTreeSet;

use leadership::catalogue::Class;
use leadership::event::{Cause, Phase};
use leadership::snapshot::{Election, Snapshot};
use observe::several::split;
use regex::Regex;

use super::{LABELS, compile, pattern};
use crate::standing::{self, Rank};

/// One word: `name:value`.
#[derive(Debug)]
pub struct Word {
    /// What comes before the colon.
    pub name: &'static str,
    /// What it looks at, for the help.
    pub help: &'static str,
    /// How its value is read.
    pattern: fn(&str) -> Result<Regex, String>,
    /// All values that there may be; none where anything may be.
    known: fn() -> Vec<&'static str>,
    /// Whether an election is so.
    pub(super) applies: fn(&Election, &Regex) -> bool,
}

/// All words.
pub const WORDS: &[Word] = &[
    Word {
        pattern: begins,
        known: states,
        ..word("state", "late, held, leaderless, stale", state)
    },
    word("ns", "namespace", |it, value| value.is_match(split(&it.key.namespace).1)),
    word("cluster", "cluster, of several", |it, value| matches(value, split(&it.key.namespace).0)),
    word("lease", "name of the lease", |it, value| value.is_match(&it.key.name)),
    word("holder", "holder or its pod", holder),
    word("node", "node of the leader", |it, value| {
        let leader = it.term.as_ref().map(|term| &term.leader);
        matches(value, leader.and_then(|leader| leader.node.as_deref()))
    }),
    word("component", "component", |it, value| matches(value, it.component.as_deref())),
    Word {
        known: || Class::ALL.map(Class::label).to_vec(),
        ..word("class", "class of the election", |it, value| value.is_match(it.class.label()))
    },
    Word {
        known: || Cause::all().map(Cause::label).collect(),
        ..word("cause", "cause of the last failover", |it, value| {
            let cause = it.last_failover.as_ref().map(|failover| failover.cause.label());
            matches(value, cause)
        })
    },
    Word { pattern: number, ..word("standby", "so many standbys", standby) },
];

const fn word(
    name: &'static str,
    help: &'static str,
    applies: fn(&Election, &Regex) -> bool,
) -> Word {
    Word { name, help, pattern, known: Vec::new, applies }
}

impl Word {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        WORDS.iter().find(|row| row.name.eq_ignore_ascii_case(name))
    }

    /// What this value matches. One that none of the known values matches is a mistake: it would show
    /// nothing, as if all were well.
    pub(super) fn read(&self, value: &str) -> Result<Regex, String> {
        let pattern = (self.pattern)(value)?;
        let known = (self.known)();
        if known.is_empty() || known.iter().any(|it| pattern.is_match(it)) {
            return Ok(pattern);
        }
        Err(format!("{value} is no {}: {}", self.name, known.join(", ")))
    }
}

/// A value that what it means begins with, so that it applies while it is typed.
fn begins(value: &str) -> Result<Regex, String> {
    compile(&format!("^{}", regex::escape(value)))
}

fn number(value: &str) -> Result<Regex, String> {
    let number: u32 = value.parse().map_err(|_| format!("{value} is no number"))?;
    compile(&format!("^{number}$"))
}

fn matches(pattern: &Regex, text: Option<&str>) -> bool {
    text.is_some_and(|text| pattern.is_match(text))
}

/// What a state may be called: first the ranks, which all states belong to.
fn states() -> Vec<&'static str> {
    let ranks = Rank::ALL.map(Rank::label).into_iter();
    let phases = Phase::ALL.map(Phase::label).into_iter();
    let mut all: Vec<&str> = Vec::new();
    for word in ranks.chain([STALE]).chain(phases).chain(standing::WORDS) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all
}

/// The state of what we no longer see, beside another one.
const STALE: &str = "stale";

/// The phase, the rank, the word shown, or that it is stale.
fn state(election: &Election, value: &Regex) -> bool {
    let word = standing::word(election);
    value.find(word).is_some_and(|found| found.as_str() == word)
        || value.is_match(election.phase.label())
        || value.is_match(standing::rank(election).label())
        || (election.blind_since.is_some() && value.is_match(STALE))
}

fn holder(election: &Election, value: &Regex) -> bool {
    let term = election.term.as_ref();
    matches(value, term.map(|term| &*term.holder))
        || matches(value, term.and_then(|term| term.leader.pod.as_deref()))
}

fn standby(election: &Election, value: &Regex) -> bool {
    let standbys = standing::standbys(election);
    standbys.is_some_and(|count| value.is_match(&count.to_string()))
}

/// How the last word of a filter may go on.
#[must_use]
pub fn suggestions(text: &str, snapshot: &Snapshot) -> Vec<String> {
    let start = text.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let (before, word) = text.split_at(start);
    let inverted = if word.starts_with('!') { "!" } else { "" };
    let word = &word[inverted.len()..];
    if before.trim_end().ends_with(LABELS) {
        return labels(snapshot, before, word);
    }
    let options: Vec<String> = match word.split_once(':') {
        Some((name, _)) => values(name, snapshot),
        None if word.is_empty() => return Vec::new(),
        None => WORDS.iter().map(|row| format!("{}:", row.name)).collect(),
    };
    let going_on = options.into_iter().filter(|option| option.starts_with(word) && option != word);
    going_on.map(|option| format!("{before}{inverted}{option}")).collect()
}

/// The labels that begin so.
fn labels(snapshot: &Snapshot, before: &str, word: &str) -> Vec<String> {
    let labels = snapshot.elections.iter().filter_map(|election| election.labels.as_deref());
    let told = labels.flatten().map(|(key, value)| format!("{key}={value}"));
    let options: BTreeSet<String> = told.filter(|it| it.starts_with(word) && it != word).collect();
    options.into_iter().map(|option| format!("{before}{option}")).collect()
}

/// The values that this word may have at present, each after the word.
fn values(name: &str, snapshot: &Snapshot) -> Vec<String> {
    let elections = || snapshot.elections.iter();
    let class = |it: &Election| it.class.label().to_owned();
    let cause = |it: &Election| Some(it.last_failover.as_ref()?.cause.label().to_owned());
    let node = |it: &Election| Some(it.term.as_ref()?.leader.node.as_deref()?.to_owned());
    let values: BTreeSet<String> = match name {
        "state" => states().into_iter().map(str::to_owned).collect(),
        "ns" => elections().map(|it| split(&it.key.namespace).1.to_owned()).collect(),
        "cluster" => {
            elections().filter_map(|it| split(&it.key.namespace).0.map(str::to_owned)).collect()
        }
        "node" => elections().filter_map(|it| node(it)).collect(),
        "component" => {
            elections().filter_map(|it| it.component.as_deref().map(str::to_owned)).collect()
        }
        "class" => elections().map(|it| class(it)).collect(),
        "cause" => elections().filter_map(|it| cause(it)).collect(),
        _ => BTreeSet::new(),
    };
    values.into_iter().map(|value| format!("{name}:{value}")).collect()
}
