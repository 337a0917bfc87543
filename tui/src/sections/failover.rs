//! The last failover as a waterfall: one row a phase, each beginning where the one before it ends.

use leadership::event::{Confidence, Failover, Stage};
use leadership::snapshot::Election;
use leadership::time::Delta;

use super::{LABEL, Row, labelled};
use crate::columns::{self, Cell, Lens};
use crate::format;
use crate::theme::Tone;
use crate::wording;

/// The most and the fewest cells for the bars.
const BARS: (usize, usize) = (48, 8);

/// Cells beside the bars: the label, the length, what the phase is.
const BESIDE: usize = LABEL + 2 + 9 + 34;

/// A phase: its name, its length and what it is.
type Phase = (&'static str, Delta, &'static str);

pub(super) fn rows(election: &Election, lens: &Lens, room: usize) -> Vec<Row> {
    let Some(failover) = election.last_failover.as_deref() else {
        return Vec::new();
    };
    let tone = if failover.confidence == Confidence::None { Tone::Doubt } else { Tone::Plain };
    let mut rows = labelled("cause", &Cell::new(wording::cause(failover), tone), room);
    for sentence in &failover.evidence {
        rows.extend(labelled("evidence", &Cell::new(&**sentence, Tone::Plain), room));
    }
    let summary = summary(failover, election, lens);
    rows.extend(labelled("when", &Cell::new(summary, Tone::Plain), room));
    rows.extend(bars(failover, lens, room));
    let change = format!("{} {} {}", failover.from, lens.glyphs.arrow, failover.to);
    rows.extend(labelled("change", &Cell::new(change, Tone::Plain), room));
    rows
}

fn summary(failover: &Failover, election: &Election, lens: &Lens) -> String {
    let ago = format::age(lens.present(election) - failover.first_write);
    let mut text = format!(
        "{ago} ago at {}, {} leaderless",
        format::stamp(failover.first_write),
        columns::window(failover)
    );
    if let Some(least) = failover.lower_bound_seconds {
        text = format!("{text}, at least {}", format::measured(least));
    }
    if let Some(error) = failover.error_seconds {
        text = format!("{text}, give or take {}", format::measured(error));
    }
    text = format!("{text}; {}", failover.term_end().label());
    for flag in &failover.flags {
        text = format!("{text}, {}", wording::flag(*flag));
    }
    if failover.stage == Stage::Provisional {
        text += "; provisional: its numbers and its cause may still change";
    }
    text
}

/// What is known of its phases; the wait is told in its two parts where those are known.
fn phases(failover: &Failover) -> Vec<Phase> {
    let (silent, expiry) = (failover.silent_seconds, failover.expiry_seconds);
    let wait = failover.wait_seconds.filter(|_| silent.is_none() || expiry.is_none());
    let parts = failover.wait_seconds.is_some() && wait.is_none();
    [
        ("silent", silent.filter(|_| parts), "until its process ended"),
        ("expiry", expiry.filter(|_| parts), "until its claim ran out"),
        ("wait", wait, "until its claim ended"),
        ("takeover", failover.takeover_seconds, "until another one took it"),
        ("ready", failover.ready_seconds, "until that one's pod was ready"),
    ]
    .into_iter()
    .filter_map(|(name, length, what)| Some((name, length?, what)))
    .collect()
}

fn bars(failover: &Failover, lens: &Lens, room: usize) -> Vec<Row> {
    let phases = phases(failover);
    let whole: i64 =
        phases.iter().map(|(_, length, _)| micros(*length)).fold(0, i64::saturating_add);
    let cells = room.saturating_sub(BESIDE).clamp(BARS.1, BARS.0);
    let mut before = 0_i64;
    let row = |(name, length, what): Phase| {
        let from = scaled(before, whole, cells);
        before = before.saturating_add(micros(length));
        let to = scaled(before, whole, cells);
        vec![
            Cell::new(format!(" {name:<LABEL$} "), Tone::Muted),
            Cell::new(bar(from, to, cells, lens), Tone::Warn),
            Cell::new(format!(" {:>7} ", format::measured(length)), Tone::Plain),
            Cell::new(what, Tone::Muted),
        ]
    };
    phases.into_iter().map(row).collect()
}

fn micros(length: Delta) -> i64 {
    length.at_least_zero().as_micros()
}

/// The cell at which `part` of `whole` lies, rounded to the nearest.
fn scaled(part: i64, whole: i64, cells: usize) -> usize {
    let (part, whole, all) = (i128::from(part), i128::from(whole.max(1)), i128::try_from(cells));
    let place = all.map_or(0, |all| (part * all + whole / 2) / whole);
    usize::try_from(place).unwrap_or(0).min(cells)
}

/// A bar from one cell to another; one that is shorter than a cell is a mark.
fn bar(from: usize, to: usize, cells: usize, lens: &Lens) -> String {
    let full = lens.glyphs.bar.last().copied().unwrap_or("#");
    let (from, filled) = if from == to {
        (from.min(cells.saturating_sub(1)), "|".to_owned())
    } else {
        (from, full.repeat(to.saturating_sub(from)))
    };
    let rest = cells.saturating_sub(from + format::width(&filled));
    format!("{}{filled}{}", " ".repeat(from), " ".repeat(rest))
}
