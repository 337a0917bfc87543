//! One election's past as a line of cells: a band for each reign, and a mark wherever nobody led.

use leadership::snapshot::{Chapter, Election};
use leadership::time::{Delta, Time};

use crate::columns::{Cell, Lens};
use crate::theme::Tone;

/// Spans of time that a line may show, in seconds.
pub const SPANS: [i64; 8] = [60, 300, 900, 3_600, 10_800, 43_200, 172_800, 604_800];

/// What was so in a piece of time. Of two that share a cell the later one of these is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Unseen,
    /// One reign after another: every other one looks otherwise.
    Reign(bool),
    Missed,
    Leaderless,
}

impl State {
    fn sign(self, lens: &Lens) -> (&'static str, Tone) {
        let glyphs = &lens.glyphs;
        match self {
            Self::Unseen => (glyphs.unseen, Tone::Muted),
            Self::Reign(odd) => (glyphs.bands[usize::from(odd)], Tone::Good),
            Self::Missed => (glyphs.unknown, Tone::Doubt),
            Self::Leaderless => (glyphs.leaderless, Tone::Bad),
        }
    }
}

/// A piece of time and what was so.
type Piece = (Time, Time, State);

/// A stretch of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// How long it is.
    pub span: Delta,
    /// How long before the present it ends.
    pub before: Delta,
}

/// A stretch of this election's past in so many cells, in runs of one tone.
#[must_use]
pub fn lane(election: &Election, lens: &Lens, stretch: Stretch, cells: usize) -> Vec<Cell> {
    let Stretch { span, before } = stretch;
    let until = lens.now - before;
    let from = until - span;
    let mut states = vec![State::Unseen; cells];
    for (start, end, state) in pieces(election, lens) {
        if end < from || start > until {
            continue;
        }
        let first = place(start - from, span, cells);
        // Its end is no part of it.
        let last = place(end - from - Delta::from_micros(1), span, cells).max(first);
        for cell in states.iter_mut().take(last + 1).skip(first) {
            // A short gap in a cell that a reign shares is not painted over.
            let reigns = matches!((*cell, state), (State::Reign(_), State::Reign(_)));
            if reigns || state > *cell {
                *cell = state;
            }
        }
    }
    runs(&states, lens)
}

/// The cell in which a time lies that is so far from the left.
fn place(offset: Delta, span: Delta, cells: usize) -> usize {
    let all = i64::try_from(cells).unwrap_or(i64::MAX);
    let offset = i128::from(offset.at_least_zero().as_micros()) * i128::from(all);
    let cell = offset / i128::from(span.as_micros().max(1));
    usize::try_from(cell).unwrap_or(usize::MAX).min(cells.saturating_sub(1))
}

fn runs(states: &[State], lens: &Lens) -> Vec<Cell> {
    let mut runs: Vec<Cell> = Vec::new();
    for state in states {
        let (sign, tone) = state.sign(lens);
        match runs.last_mut() {
            Some(run) if run.tone == tone => run.text += sign,
            _ => runs.push(Cell::new(sign, tone)),
        }
    }
    runs
}

/// All that is known, the oldest first.
fn pieces(election: &Election, lens: &Lens) -> Vec<Piece> {
    let present = lens.present(election);
    let mut pieces = Vec::new();
    let mut ended = None;
    let mut odd = false;
    for chapter in election.ledger.iter() {
        match chapter {
            Chapter::Missed { from, to, .. } => pieces.push((*from, *to, State::Missed)),
            Chapter::Reign(reign) => {
                if let Some(ended) = ended.filter(|_| reign.from_seen) {
                    pieces.push((ended, reign.from, State::Leaderless));
                }
                pieces.push((reign.from, reign.to.unwrap_or(present), State::Reign(odd)));
                ended = reign.to;
                odd = !odd;
            }
        }
    }
    if let Some(term) = election.term.as_ref().filter(|_| pieces.is_empty()) {
        pieces.push((term.start, present, State::Reign(odd)));
    }
    if let Some(since) = election.leaderless_since {
        pieces.push((since, present, State::Leaderless));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use crate::theme::{ASCII, UNICODE};

    fn drawn(place: usize, span: i64, before: i64, cells: usize) -> String {
        let lens = Lens { now: samples::NOW, glyphs: ASCII };
        let fleet = samples::fleet();
        let stretch = Stretch { span: Delta::from_secs(span), before: Delta::from_secs(before) };
        let lane = lane(&fleet.elections[place], &lens, stretch, cells);
        lane.into_iter().map(|cell| cell.text).collect()
    }

    #[test]
    fn reigns_follow_each_other_and_a_short_gap_is_never_lost() {
        // A gap of 17.5 s, three hours ago, in cells of half an hour; what nobody saw was before.
        assert_eq!(drawn(2, 36_000, 0, 20), "########??###x======");
    }

    #[test]
    fn earlier_times_are_seen_when_it_is_moved() {
        // The two hours before the last two, in half hours; three hours ago the lead was lost.
        assert_eq!(drawn(2, 7_200, 7_200, 4), "#x==");
    }

    #[test]
    fn nobody_leads_now() {
        assert_eq!(drawn(1, 60, 0, 20), "############xxxxxxxx");
    }

    #[test]
    fn any_span_and_width_is_drawn() {
        let lens = Lens { now: samples::NOW, glyphs: UNICODE };
        for election in &samples::fleet().elections {
            for span in [0, 1, 60, 604_800, i64::MAX / 1_000_000] {
                for cells in [0, 1, 200] {
                    let span = Delta::from_secs(span);
                    let lane = lane(election, &lens, Stretch { span, before: span }, cells);
                    let drawn: usize = lane.iter().map(|run| run.text.chars().count()).sum();
                    assert_eq!(drawn, cells);
                }
            }
        }
    }
}
