//! How much of a claim is used: bars on one scale, from the last renewal to the end of the claim, with
//! a mark where a renewal counts as late.

use leadership::snapshot::Election;
use leadership::time::Delta;

use super::{LABEL, Row};
use crate::columns::{Cell, Lens, renewal_age};
use crate::format;
use crate::standing::{self, Rank};
use crate::theme::Tone;

/// The most and the fewest cells for the bars.
const BARS: (usize, usize) = (48, 10);

/// Cells beside the bars: the label, the length, what it is.
const BESIDE: usize = LABEL + 2 + 9 + 34;

/// One bar: its name, where it begins and ends, its length in words, what it is, and its tone.
struct Bar {
    name: &'static str,
    from: Delta,
    to: Delta,
    what: String,
    tone: Tone,
}

pub(super) fn rows(election: &Election, lens: &Lens, room: usize) -> Vec<Row> {
    let Some(whole) = election.duration.filter(|duration| *duration > Delta::ZERO) else {
        return Vec::new();
    };
    let cells = room.saturating_sub(BESIDE).clamp(BARS.1, BARS.0);
    let bars = [age(election, lens), cadence(election), headroom(election, whole)];
    bars.into_iter().flatten().map(|bar| row(&bar, election, lens, whole, cells)).collect()
}

fn row(bar: &Bar, election: &Election, lens: &Lens, whole: Delta, cells: usize) -> Row {
    let length = format::measured(bar.to - bar.from);
    vec![
        Cell::new(format!(" {:<LABEL$} ", bar.name), Tone::Muted),
        Cell::new(drawn(bar, election.late_after, lens, whole, cells), bar.tone),
        Cell::new(format!(" {length:>7} "), Tone::Plain),
        Cell::new(bar.what.clone(), Tone::Muted),
    ]
}

/// The time since the last renewal, while somebody claims to lead.
fn age(election: &Election, lens: &Lens) -> Option<Bar> {
    let to = renewal_age(election, lens)?;
    let tone = match election.blind_since {
        Some(_) => Tone::Muted,
        None => standing::rank(election).tone(),
    };
    let late = format::measured(election.late_after);
    let what = match standing::rank(election) {
        Rank::Late | Rank::Leaderless => format!("since it renewed; late: {late}"),
        _ => format!("since it renewed; | late: {late}"),
    };
    Some(Bar { name: "age", from: Delta::ZERO, to, what, tone })
}

fn cadence(election: &Election) -> Option<Bar> {
    let to = election.renew_interval?;
    let what = "from renewal to renewal".to_owned();
    Some(Bar { name: "cadence", from: Delta::ZERO, to, what, tone: Tone::Plain })
}

/// From the longest gap of healthy times to the end of the claim.
fn headroom(election: &Election, whole: Delta) -> Option<Bar> {
    let from = election.worst_gap?.min(whole);
    let share = (whole - from).as_secs_f64() / whole.as_secs_f64() * 100.0;
    let what = format!("to spare ({share:.0}%) at worst");
    let tone = if share < 20.0 { Tone::Warn } else { Tone::Plain };
    Some(Bar { name: "headroom", from, to: whole, what, tone })
}

/// What is in the bar is full, the rest empty; the mark is seen in both.
fn drawn(bar: &Bar, late: Delta, lens: &Lens, whole: Delta, cells: usize) -> String {
    let signs = lens.glyphs.bar;
    let (empty, full) = (signs.first().unwrap_or(&"."), signs.last().unwrap_or(&"#"));
    let (from, to) = (cell(bar.from, whole, cells), cell(bar.to, whole, cells));
    let mark = cell(late, whole, cells);
    let sign = |place: usize| match place {
        _ if place == mark && late < whole => "|",
        _ if (from..to).contains(&place) => full,
        _ => empty,
    };
    (0..cells).map(sign).collect()
}

/// The cell at which a length of time ends, rounded to the nearest.
fn cell(length: Delta, whole: Delta, cells: usize) -> usize {
    let all = i128::try_from(cells).unwrap_or(0);
    let (length, whole) = (i128::from(length.as_micros()), i128::from(whole.as_micros().max(1)));
    let place = (length.max(0) * all + whole / 2) / whole;
    usize::try_from(place).unwrap_or(cells).min(cells)
}
