//! Regular expressions for whole names.

use std::sync::Arc;

use regex::Regex;

/// The only group that means something.
const SHARD: &str = "shard";

/// A regular expression that a whole name must match.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Regex);

/// What a pattern finds in a name.
#[derive(Debug, Default)]
pub(super) struct Name {
    pub(super) shard: Option<Arc<str>>,
}

impl Pattern {
    /// Reads one; what is wrong with it is told in one line.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let told = |error: &regex::Error| one_line(&error.to_string());
        // The text alone first: in an error, our own brackets would confuse its author.
        let alone = Regex::new(text).map_err(|error| told(&error))?;
        if let Some(group) = alone.capture_names().flatten().find(|group| *group != SHARD) {
            return Err(format!("the group {group:?} means nothing; only {SHARD:?} does"));
        }
        Regex::new(&format!("^(?:{text})$")).map(Self).map_err(|error| told(&error))
    }

    pub(super) fn find(&self, name: &str) -> Option<Name> {
        if self.0.captures_len() == 1 {
            return self.0.is_match(name).then(Name::default);
        }
        let found = self.0.captures(name)?;
        Some(Name { shard: found.name(SHARD).map(|shard| shard.as_str().into()) })
    }
}

/// The one name that a pattern means for this shard, or for none; `None` if it may mean others too.
pub(super) fn meant(pattern: &str, shard: Option<&str>) -> Option<String> {
    let plain =
        |text: &str| text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let Some((base, rest)) = pattern.split_once('(') else {
        return plain(pattern).then(|| pattern.to_owned());
    };
    let joint = rest.strip_suffix("(?P<shard>.+))?")?;
    let tail = shard.map(|shard| format!("{joint}{shard}")).unwrap_or_default();
    (plain(base) && plain(joint)).then(|| format!("{base}{tail}"))
}

/// The last line of an error of `regex` says what is wrong; those before it draw the place.
fn one_line(error: &str) -> String {
    let last = error.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or(error);
    let last = last.strip_prefix("error: ").unwrap_or(last);
    format!("not a regular expression: {last}")
}

/// Fills `{shard}` into a template; without a shard, what stands in brackets is left out.
pub(super) fn fill(template: &str, shard: Option<&str>) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('[') {
        let (inside, behind) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(before);
        if shard.is_some() {
            out.push_str(inside);
        }
        rest = behind;
    }
    out.push_str(rest);
    out.replace("{shard}", shard.unwrap_or(""))
}
