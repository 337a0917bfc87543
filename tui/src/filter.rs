//! Which elections are shown.
//!
//! A filter is words that must all apply: text, regular expressions, `key:value`, label selectors,
//! and `!` before any of them for the rest.

mod words;

use std::iter::Peekable;

use leadership::snapshot::Election;
use regex::Regex;

use crate::selector::Selector;

pub use words::{WORDS, Word, suggestions};

/// A filter, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
    error: Option<String>,
}

#[derive(Clone, Debug)]
struct Term {
    inverted: bool,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// Any name of the election matches.
    Names(Regex),
    /// The word of this row, with this value.
    Word(&'static Word, Regex),
    /// Its labels are so.
    Labels(Selector),
}

impl Filter {
    /// The filter that `text` says. A term that is not yet typed to its end, or that cannot be read,
    /// applies to all.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut filter = Self { text: text.to_owned(), ..Self::default() };
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            let parsed = match word.strip_prefix(LABELS) {
                Some(start) => Term::labels(&selector(start, &mut words)),
                None => Term::parse(word),
            };
            match parsed {
                Ok(term) => filter.terms.extend(term),
                Err(error) => filter.error = Some(error),
            }
        }
        filter
    }

    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What cannot be read of it.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether this election is shown. `scratch` is overwritten; it saves an allocation for each election.
    #[must_use]
    pub fn admits(&self, election: &Election, scratch: &mut String) -> bool {
        if self.terms.is_empty() {
            return true;
        }
        scratch.clear();
        write_names(election, scratch);
        self.terms.iter().all(|term| term.admits(Some(election), scratch))
    }

    /// Whether a line of the log is shown that concerns this election, if it still exists.
    #[must_use]
    pub fn admits_line(
        &self,
        line: &str,
        election: Option<&Election>,
        scratch: &mut String,
    ) -> bool {
        if self.terms.is_empty() {
            return true;
        }
        scratch.clear();
        scratch.push_str(line);
        if let Some(election) = election {
            scratch.push('\n');
            write_names(election, scratch);
        }
        self.terms.iter().all(|term| term.admits(election, scratch))
    }
}

/// What comes before a label selector.
const LABELS: &str = "-l";

/// The words of a selector, of which the first may be there already: `in` and `notin` take the words
/// around them, and what stands in brackets belongs together.
fn selector<'a>(start: &str, words: &mut Peekable<impl Iterator<Item = &'a str>>) -> String {
    let mut text = start.to_owned();
    loop {
        let open = text.contains('(') && !text.ends_with(')');
        let set = text.ends_with(" in") || text.ends_with(" notin");
        let begins = |next: &&str| ["in", "notin"].contains(next) || next.starts_with('(');
        let goes_on = text.is_empty() || open || set || words.peek().is_some_and(begins);
        let Some(next) = words.next_if(|_| goes_on) else {
            return text;
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(next);
    }
}

impl Term {
    fn labels(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let selector =
            Selector::parse(text).map_err(|error| format!("{LABELS} {text}: {error}"))?;
        Ok(Some(Self { inverted: false, what: What::Labels(selector) }))
    }

    fn parse(word: &str) -> Result<Option<Self>, String> {
        let (inverted, word) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let keyed = word.split_once(':').and_then(|(key, value)| Some((Word::named(key)?, value)));
        let what = match keyed {
            Some((_, "")) => return Ok(None),
            Some((row, value)) => What::Word(row, row.read(value)?),
            None if word.is_empty() => return Ok(None),
            None => What::Names(pattern(word)?),
        };
        Ok(Some(Self { inverted, what }))
    }

    fn admits(&self, election: Option<&Election>, names: &str) -> bool {
        let applies = match &self.what {
            What::Names(pattern) => pattern.is_match(names),
            What::Labels(selector) => {
                election.is_some_and(|it| selector.admits(it.labels.as_deref()))
            }
            What::Word(row, pattern) => election.is_some_and(|it| (row.applies)(it, pattern)),
        };
        applies != self.inverted
    }
}

/// Signs that no name contains: whoever types one of them means a regular expression.
const SIGNS: [char; 12] = ['^', '$', '*', '+', '?', '(', ')', '[', ']', '{', '|', '\\'];

/// Text as it stands, or a regular expression where it has signs of one; in either case.
fn pattern(text: &str) -> Result<Regex, String> {
    if text.contains(SIGNS) { compile(text) } else { compile(&regex::escape(text)) }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let mut builder = regex::RegexBuilder::new(pattern);
    builder.case_insensitive(true).multi_line(true).size_limit(1 << 20);
    // The last line says what is wrong, the others where.
    builder.build().map_err(|error| {
        let told = error.to_string();
        let last = told.lines().last().unwrap_or_default();
        format!("{pattern}: {}", last.trim_start_matches("error: "))
    })
}

/// All names of an election, a line each.
fn write_names(election: &Election, into: &mut String) {
    let key = &election.key;
    for part in [&*key.namespace, "/", &*key.name, "\n", &*key.name] {
        into.push_str(part);
    }
    let term = election.term.as_ref();
    let leader = term.map(|term| &term.leader);
    let names = [
        term.map(|term| &term.holder),
        leader.and_then(|leader| leader.pod.as_ref()),
        leader.and_then(|leader| leader.node.as_ref()),
        election.component.as_ref(),
    ];
    for name in names.into_iter().flatten() {
        into.push('\n');
        into.push_str(name);
    }
}

#[cfg(test)]
mod tests;
