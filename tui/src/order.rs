//! In which order elections are shown: one row an order.

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
    /// The fewest standbys first.
    Standby,
    /// By node.
    Node,
    /// By component.
    Component,
    /// The newest term first.
    Term,
    /// The oldest renewal first.
    Renewal,
    /// Most transitions first.
    Transitions,
    /// The longest gap first.
    Gap,
    /// By cause.
    Cause,
    /// The newest failover first.
    Failover,
}

/// How two elections compare.
type Compare = fn(&Election, &Election) -> Ordering;

/// All orders, with the word for each.
const ROWS: &[(Order, &str, Compare)] = &[
    (Order::State, "state", |a, b| standing::rank(a).cmp(&standing::rank(b))),
    // The places of equal ones are those of their keys.
    (Order::Lease, "lease", |_, _| Ordering::Equal),
    (Order::Holder, "holder", |a, b| named(holder(a), holder(b))),
    (Order::Standby, "standby", |a, b| standbys(a).cmp(&standbys(b))),
    (Order::Node, "node", |a, b| named(node(a), node(b))),
    (Order::Component, "component", |a, b| named(a.component.as_deref(), b.component.as_deref())),
    (Order::Term, "age", |a, b| greatest(a, b, |it| it.term.as_ref().map(|term| term.start))),
    (Order::Renewal, "renewal", |a, b| {
        let renewed = |it: &Election| it.term.as_ref().map(|term| Reverse(term.last_renew));
        greatest(a, b, renewed)
    }),
    (Order::Transitions, "terms", |a, b| greatest(a, b, |it| it.tally.transitions())),
    (Order::Gap, "gap", |a, b| {
        greatest(a, b, |it| it.last_failover.as_ref().and_then(|last| last.leaderless_seconds))
    }),
    (Order::Cause, "cause", |a, b| named(cause(a), cause(b))),
    (Order::Failover, "failover", |a, b| {
        greatest(a, b, |it| it.last_failover.as_ref().map(|last| last.first_write))
    }),
];

impl Order {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|(order, ..)| *order)
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ROWS.iter().find(|(_, label, _)| *label == name).map(|(order, ..)| *order)
    }

    /// The word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        ROWS.iter().find(|(order, ..)| *order == self).map_or("", |(_, label, _)| label)
    }

    /// How two elections compare. Equal ones keep the order of their keys.
    #[must_use]
    pub fn compare(self, a: &Election, b: &Election) -> Ordering {
        let row = ROWS.iter().find(|(order, ..)| *order == self);
        row.map_or(Ordering::Equal, |(_, _, compare)| compare(a, b))
    }
}

/// Orders by `key`, the greatest first.
fn greatest<K: Ord>(a: &Election, b: &Election, key: impl Fn(&Election) -> K) -> Ordering {
    Reverse(key(a)).cmp(&Reverse(key(b)))
}

/// By name; those without one come last.
fn named(a: Option<&str>, b: Option<&str>) -> Ordering {
    (a.is_none(), a).cmp(&(b.is_none(), b))
}

/// The name that is shown as the holder.
fn holder(election: &Election) -> Option<&str> {
    election.term.as_ref().map(crate::columns::name)
}

fn node(election: &Election) -> Option<&str> {
    election.term.as_ref()?.leader.node.as_deref()
}

fn cause(election: &Election) -> Option<&str> {
    election.last_failover.as_ref().map(|failover| failover.cause.label())
}

/// Those of which nothing is known come last.
fn standbys(election: &Election) -> (bool, u32) {
    let standbys = standing::standbys(election);
    (standbys.is_none(), standbys.unwrap_or(0))
}
