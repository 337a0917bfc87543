//! In which order elections are shown.

use std::cmp::{Ordering, Reverse};

use leadership::snapshot::Election;

use crate::standing;

/// What to order by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The worst state first.
    #[default]
    State,
    /// By namespace and name.
    Lease,
    /// By holder.
    Holder,
    /// The newest term first.
    Term,
    /// Most transitions first.
    Transitions,
    /// The newest failover first.
    Failover,
}

impl Order {
    /// The word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Lease => "lease",
            Self::Holder => "holder",
            Self::Term => "age",
            Self::Transitions => "transitions",
            Self::Failover => "failover",
        }
    }

    /// How two elections compare. Equal ones keep the order of their keys.
    #[must_use]
    pub fn compare(self, a: &Election, b: &Election) -> Ordering {
        match self {
            Self::State => standing::rank(a).cmp(&standing::rank(b)),
            Self::Lease => Ordering::Equal,
            Self::Holder => holder(a).cmp(&holder(b)),
            Self::Term => by(a, b, |election| election.term.as_ref().map(|t| t.start)),
            Self::Transitions => by(a, b, |election| election.tally.transitions()),
            Self::Failover => {
                by(a, b, |election| election.last_failover.as_ref().map(|f| f.first_write))
            }
        }
    }
}

/// Orders by `key`, the greatest first.
fn by<K: Ord>(a: &Election, b: &Election, key: impl Fn(&Election) -> K) -> Ordering {
    Reverse(key(a)).cmp(&Reverse(key(b)))
}

/// The name that is shown as the holder; those without one come last.
fn holder(election: &Election) -> (bool, Option<&str>) {
    let term = election.term.as_ref();
    let name = term.map(|term| &**term.leader.pod.as_ref().unwrap_or(&term.holder));
    (name.is_none(), name)
}
