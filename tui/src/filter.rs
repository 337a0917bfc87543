//! Which elections are shown.

use leadership::snapshot::Election;

use crate::standing;

/// A filter: words that must all apply. `gitops` applies to what contains it in its lease,
/// holder, pod or node, whatever its case; `state:late` to what stands so; `!word` to the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    inverted: bool,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Contains(String),
    State(String),
}

impl Filter {
    /// The filter that `text` says. A term that is not yet typed to its end applies to all.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            terms: text.split_whitespace().filter_map(Term::parse).collect(),
        }
    }

    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
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
        scratch.make_ascii_lowercase();
        self.terms.iter().all(|term| term.admits(election, scratch))
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (inverted, word) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let word = word.to_ascii_lowercase();
        let what = match word.strip_prefix("state:") {
            Some("") => return None,
            Some(state) => What::State(state.to_owned()),
            None if word.is_empty() => return None,
            None => What::Contains(word),
        };
        Some(Self { inverted, what })
    }

    fn admits(&self, election: &Election, names: &str) -> bool {
        let applies = match &self.what {
            What::Contains(text) => names.contains(text),
            What::State(state) => stands(election, state),
        };
        applies != self.inverted
    }
}

/// Whether the phase, the rank or the staleness begins with `word`, or the word shown is it.
fn stands(election: &Election, word: &str) -> bool {
    standing::word(election) == word
        || election.phase.label().starts_with(word)
        || standing::rank(election).label().starts_with(word)
        || (election.blind_since.is_some() && "stale".starts_with(word))
}

/// All names of an election, a line each.
fn write_names(election: &Election, into: &mut String) {
    let key = &election.key;
    for part in [&*key.namespace, "/", &*key.name] {
        into.push_str(part);
    }
    let Some(term) = &election.term else {
        return;
    };
    let leader = &term.leader;
    for name in
        [Some(&term.holder), leader.pod.as_ref(), leader.node.as_ref()].into_iter().flatten()
    {
        into.push('\n');
        into.push_str(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn shown(filter: &str) -> Vec<String> {
        let filter = Filter::parse(filter);
        let snapshot = samples::fleet();
        let mut scratch = String::new();
        let admitted = snapshot.elections.iter();
        admitted
            .filter(|election| filter.admits(election, &mut scratch))
            .map(|election| election.key.name.to_string())
            .collect()
    }

    #[test]
    fn text_is_looked_for_in_all_names_whatever_its_case() {
        assert_eq!(shown("GITJOB"), ["gitjob"]);
        assert_eq!(shown("cattle-fleet-system/g"), ["gitjob"]);
        assert_eq!(shown("node-a"), ["gitjob", "kube-scheduler"]);
    }

    #[test]
    fn an_exclamation_mark_inverts() {
        let all = shown("");
        assert_eq!(shown("!gitjob").len(), all.len() - 1);
        assert_eq!(shown("!"), all);
    }

    #[test]
    fn states_are_found_by_word_and_by_rank() {
        assert_eq!(shown("state:late"), ["fleet-agent-lock"]);
        assert_eq!(shown("state:exp"), ["fleet-controller-lock"]);
        assert_eq!(shown("state:leaderless"), ["fleet-controller-lock", "cattle-controllers"]);
        assert_eq!(shown("state:held kube-system"), ["kube-scheduler"]);
        assert_eq!(shown("state:held?"), ["kube-controller-manager"]);
        assert_eq!(shown("!state:unknown").len(), shown("").len() - 1);
        assert_eq!(shown("state:"), shown(""));
    }
}
