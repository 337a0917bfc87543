//! Just enough of `PromQL` to find what a text names.

/// A metric that is named, with what is asked of its labels.
#[derive(Debug)]
pub(crate) struct Selector<'a> {
    pub(crate) name: &'a str,
    pub(crate) matchers: Vec<Matcher<'a>>,
}

/// What is asked of a label.
#[derive(Debug)]
pub(crate) struct Matcher<'a> {
    pub(crate) label: &'a str,
    pub(crate) op: &'a str,
    pub(crate) value: &'a str,
}

/// Everything in the text that looks like one of our metrics, or like a rule's record of one.
pub(crate) fn selectors(text: &str) -> Vec<Selector<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(in_name) {
        rest = &rest[start..];
        let end = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches(':');
        rest = &rest[end..];
        if ["leadership_", "process_", "lease:"].iter().any(|ours| name.starts_with(ours)) {
            let matchers = rest.strip_prefix('{').map(matchers).unwrap_or_default();
            found.push(Selector { name, matchers });
        }
    }
    found
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// What follows an opening brace, up to what is no matcher.
fn matchers(mut rest: &str) -> Vec<Matcher<'_>> {
    let mut found = Vec::new();
    while let Some((label, after)) = rest.split_once(['=', '!']) {
        let op_starts = label.len();
        let Some(op_length) = after.find('"').map(|quote| quote + 1) else { break };
        let op = &rest[op_starts..op_starts + op_length];
        let quoted = &rest[op_starts + op_length + 1..];
        let Some(end) = closing_quote(quoted) else { break };
        found.push(Matcher { label: label.trim_matches([',', ' ']), op, value: &quoted[..end] });
        rest = &quoted[end + 1..];
        if rest.starts_with('}') {
            break;
        }
    }
    found
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.find(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })
}

/// The labels in `by (…)`, `without (…)`, `on (…)` and `ignoring (…)`.
pub(crate) fn grouping(text: &str) -> Vec<&str> {
    let words = ["by", "without", "on", "ignoring"];
    let opening = text.match_indices('(').map(|(at, _)| at);
    opening
        .filter(|at| {
            let before = text[..*at].trim_end();
            words.iter().any(|word| {
                before
                    .strip_suffix(word)
                    .is_some_and(|head| !head.ends_with(|c: char| c.is_alphanumeric()))
            })
        })
        .filter_map(|at| text[at + 1..].split(')').next())
        .flat_map(|list| list.split(',').map(str::trim))
        .collect()
}
