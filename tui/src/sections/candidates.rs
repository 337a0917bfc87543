//! Who competes: one row a candidate, the leader first.

use leadership::snapshot::{Candidate, Condition, Election};

use super::Row;
use crate::columns::{Cell, Lens};
use crate::format;
use crate::theme::Tone;
use crate::wording;

/// Pod, node, zone.
const NAMES: usize = 3;

/// Cells for the condition, and between two columns.
const CONDITION: usize = 22;
const GAP: usize = 2;

pub(super) fn rows(election: &Election, lens: &Lens, room: usize) -> Vec<Row> {
    let Some(candidates) = &election.candidates else {
        return Vec::new();
    };
    let names: Vec<[&str; NAMES]> = candidates.list.iter().map(names).collect();
    let widths = widths(&names, room);
    let mut rows: Vec<Row> =
        candidates.list.iter().map(|candidate| row(candidate, widths, lens)).collect();
    let listed = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    if candidates.count > listed {
        let more = format!("   and {} more", candidates.count - listed);
        rows.push(vec![Cell::new(more, Tone::Muted)]);
    }
    rows
}

fn names(candidate: &Candidate) -> [&str; NAMES] {
    let or = |name: &'static str| name;
    [
        &candidate.pod,
        candidate.node.as_deref().unwrap_or(or("no node known")),
        candidate.zone.as_deref().unwrap_or(or("-")),
    ]
}

/// The widths of the columns of names; where they do not fit, the widest gives way.
fn widths(rows: &[[&str; NAMES]], room: usize) -> [usize; NAMES] {
    let mut widths = [0; NAMES];
    for row in rows {
        for (width, name) in widths.iter_mut().zip(row) {
            *width = format::width(name).max(*width);
        }
    }
    let room = room.saturating_sub(3 + CONDITION + NAMES * GAP);
    while widths.iter().sum::<usize>() > room.max(NAMES) {
        if let Some(widest) = widths.iter_mut().max() {
            *widest -= 1;
        }
    }
    widths
}

fn row(candidate: &Candidate, widths: [usize; NAMES], lens: &Lens) -> Row {
    let sign = if candidate.leads { lens.glyphs.held } else { " " };
    let mut text = format!(" {sign} ");
    for (name, width) in names(candidate).into_iter().zip(widths) {
        let name = format::squeeze(name, width, lens.glyphs.ellipsis);
        text += &name;
        text += &" ".repeat(width + GAP - format::width(&name).min(width));
    }
    let tone = match candidate.condition {
        Condition::Ready => Tone::Good,
        Condition::NotReady | Condition::Terminating => Tone::Warn,
    };
    let leads = if candidate.leads { "leads, " } else { "" };
    let mut condition = format!("{leads}{}", wording::condition(candidate.condition));
    if let Some(version) = &candidate.emulation_version {
        condition = format!("{condition}, {version}");
    }
    vec![Cell::new(text, Tone::Plain), Cell::new(condition, tone)]
}
