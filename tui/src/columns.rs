//! What is told of an election: one row a column, for the screen and for lists alike.

mod cells;

use leadership::snapshot::Election;
use leadership::time::Time;
use observe::several::split;

pub(crate) use cells::renewal_age;
pub use cells::{lock, name, window};

use crate::order::Order;
use crate::theme::{Glyphs, Tone};

/// What a cell needs beside its election.
#[derive(Clone, Copy, Debug)]
pub struct Lens {
    /// The present, on the observer's clock.
    pub now: Time,
    /// The signs to use.
    pub glyphs: Glyphs,
}

impl Lens {
    /// The time that this election's ages are told for: the present, or when we last saw it.
    #[must_use]
    pub fn present(&self, election: &Election) -> Time {
        election.blind_since.map_or(self.now, |since| since.min(self.now))
    }
}

/// A piece of text and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// What it means.
    pub tone: Tone,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    pub(crate) fn nothing() -> Self {
        Self::new("-", Tone::Muted)
    }
}

/// Where a column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum In {
    /// On the screen and in every list.
    All,
    /// On wide screens and in wide lists.
    Wide,
    /// Only on the screen.
    Screen,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Where it is shown.
    pub place: In,
    /// Cells that it needs on the screen.
    pub min: u16,
    /// Its share of the cells that are left over.
    pub grow: u16,
    /// When the screen is too narrow, the column with the highest number goes first; 0 never goes.
    pub drop: u8,
    /// The order that its heading is marked for, and that a click on it asks for.
    pub order: Option<Order>,
    /// Its content, in at most so many cells.
    pub cell: fn(&Election, &Lens, usize) -> Cell,
}

/// Comes after the state where there is more than one cluster.
pub const CLUSTER: Column = Column {
    title: "CLUSTER",
    place: In::All,
    min: 8,
    grow: 1,
    drop: 0,
    order: None,
    cell: cells::cluster,
};

/// The columns for elections of one cluster, or of more than one.
pub fn columns(several: bool) -> impl Iterator<Item = &'static Column> {
    let (first, rest) = COLUMNS.split_at(1.min(COLUMNS.len()));
    first.iter().chain(several.then_some(&CLUSTER)).chain(rest)
}

/// Whether these elections are of more than one cluster: then their namespaces say which.
pub fn are_of_several<'a>(elections: impl IntoIterator<Item = &'a Election>) -> bool {
    elections.into_iter().any(|election| split(&election.key.namespace).0.is_some())
}

/// All columns but the cluster's, from left to right.
pub const COLUMNS: &[Column] = &[
    Column {
        title: "STATE",
        place: In::All,
        min: 10,
        grow: 0,
        drop: 0,
        order: Some(Order::State),
        cell: cells::state,
    },
    Column {
        title: "LEASE",
        place: In::All,
        min: 24,
        grow: 6,
        drop: 0,
        order: Some(Order::Lease),
        cell: cells::lease,
    },
    Column {
        title: "HOLDER",
        place: In::All,
        min: 14,
        grow: 4,
        drop: 1,
        order: Some(Order::Holder),
        cell: cells::holder,
    },
    Column {
        title: "STANDBY",
        place: In::All,
        min: 8,
        grow: 0,
        drop: 4,
        order: Some(Order::Standby),
        cell: cells::standby,
    },
    Column {
        title: "NODE",
        place: In::Wide,
        min: 20,
        grow: 0,
        drop: 10,
        order: Some(Order::Node),
        cell: cells::node,
    },
    Column {
        title: "COMPONENT",
        place: In::Wide,
        min: 20,
        grow: 0,
        drop: 11,
        order: Some(Order::Component),
        cell: cells::component,
    },
    Column {
        title: "FOR",
        place: In::All,
        min: 6,
        grow: 0,
        drop: 2,
        order: Some(Order::Term),
        cell: cells::since,
    },
    Column {
        title: "RENEWED",
        place: In::All,
        min: 8,
        grow: 0,
        drop: 8,
        order: Some(Order::Renewal),
        cell: cells::renewed,
    },
    Column {
        title: "LEFT",
        place: In::Screen,
        min: 6,
        grow: 0,
        drop: 3,
        order: None,
        cell: cells::bar,
    },
    Column {
        title: "TERMS",
        place: In::All,
        min: 6,
        grow: 0,
        drop: 9,
        order: Some(Order::Transitions),
        cell: cells::transitions,
    },
    Column {
        title: "GAP",
        place: In::All,
        min: 6,
        grow: 0,
        drop: 5,
        order: Some(Order::Gap),
        cell: cells::gap,
    },
    Column {
        title: "CAUSE",
        place: In::All,
        min: 20,
        grow: 0,
        drop: 6,
        order: Some(Order::Cause),
        cell: cells::cause,
    },
    Column {
        title: "LAST FAILOVER",
        place: In::All,
        min: 17,
        grow: 0,
        drop: 7,
        order: Some(Order::Failover),
        cell: cells::failover,
    },
    Column {
        title: "IDENTITY",
        place: In::Wide,
        min: 24,
        grow: 1,
        drop: 12,
        order: None,
        cell: cells::identity,
    },
];

#[cfg(test)]
mod tests;
