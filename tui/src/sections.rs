//! Everything that is told of one election, in rows: its facts, then sections with a heading. The
//! screen and `describe` show the same.

mod advice;
mod candidates;
mod failover;
mod reigns;
mod timing;

use leadership::snapshot::Election;

use crate::columns::{Cell, Lens};
use crate::facts::{BESIDES, FACTS, Fact};
use crate::format;
use crate::theme::Tone;

/// A row of the screen: pieces of text, one after the other.
pub type Row = Vec<Cell>;

/// Cells for the names of facts.
const LABEL: usize = 12;

/// One section: its heading and its rows, in at most so many cells. One without rows is left out.
#[derive(Debug)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// Its rows.
    pub rows: fn(&Election, &Lens, usize) -> Vec<Row>,
}

/// All sections, in the order in which they are told.
pub const SECTIONS: &[Section] = &[
    Section { title: "TIMING, ON THE SCALE OF ITS CLAIM", rows: timing::rows },
    Section { title: "LAST FAILOVER", rows: failover::rows },
    Section { title: "CANDIDATES", rows: candidates::rows },
    Section { title: "REIGNS, THE NEWEST FIRST", rows: reigns::rows },
    Section { title: "BESIDES", rows: besides },
    Section { title: "ADVICE", rows: advice::rows },
];

/// The election whole, in rows of at most `room` cells.
#[must_use]
pub fn whole(election: &Election, lens: &Lens, room: usize) -> Vec<Row> {
    let mut rows = facts(FACTS, election, lens, room);
    for section in SECTIONS {
        let told = (section.rows)(election, lens, room);
        if !told.is_empty() {
            rows.push(vec![Cell::new(format!(" {}", section.title), Tone::Title)]);
            rows.extend(told);
        }
    }
    rows
}

fn facts(facts: &[Fact], election: &Election, lens: &Lens, room: usize) -> Vec<Row> {
    let told = facts.iter().filter_map(|fact| Some((fact.label, (fact.tell)(election, lens)?)));
    told.flat_map(|(label, cell)| labelled(label, &cell, room)).collect()
}

fn besides(election: &Election, lens: &Lens, room: usize) -> Vec<Row> {
    facts(BESIDES, election, lens, room)
}

/// A name and its text, which is broken into as many rows as it needs.
fn labelled(label: &str, cell: &Cell, room: usize) -> Vec<Row> {
    let lines = format::wrap(&cell.text, room.saturating_sub(LABEL + 2));
    let row = |(place, text): (usize, String)| {
        let label = if place == 0 { label } else { "" };
        vec![Cell::new(format!(" {label:<LABEL$} "), Tone::Muted), Cell::new(text, cell.tone)]
    };
    lines.into_iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests;
