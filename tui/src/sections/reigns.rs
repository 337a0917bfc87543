//! Who led and how it ended: one row a term, the newest first.

use leadership::event::{Cause, Failover};
use leadership::snapshot::{Chapter, Election, Reign};

use super::Row;
use crate::columns::{self, Cell, Lens};
use crate::format;
use crate::standing;
use crate::theme::Tone;
use crate::wording;

/// From so many cells on the longest cause is told whole, and what was special.
const WIDE: usize = 110;

/// Cells for how a term ended, on narrow and wide screens.
const ENDED: [usize; 2] = [20, 34];

pub(super) fn rows(election: &Election, lens: &Lens, room: usize) -> Vec<Row> {
    if election.ledger.is_empty() {
        return Vec::new();
    }
    let ended = ENDED[usize::from(room >= WIDE)];
    let heading =
        format!(" {:<15} {:>7} {:>6}  {:<ended$} HOLDER", "SINCE", "FOR", "GAP", "ENDED BY");
    let mut rows = vec![vec![Cell::new(heading, Tone::Muted)]];
    rows.extend(election.ledger.iter().rev().map(|chapter| match chapter {
        Chapter::Reign(reign) => self::reign(election, reign, lens, room),
        Chapter::Missed { count, from, to } => {
            let (since, age) = (format::stamp(*from), format::age(*to - *from));
            let missed = format!("{count} or more terms that nobody saw");
            vec![Cell::new(format!(" {since:<15} {age:>7} {:>6}  {missed}", ""), Tone::Doubt)]
        }
    }));
    rows
}

fn reign(election: &Election, reign: &Reign, lens: &Lens, room: usize) -> Row {
    let dots = lens.glyphs.ellipsis;
    let until = reign.to.unwrap_or_else(|| lens.present(election));
    let sign = if reign.from_seen { "" } else { ">" };
    let age = format!("{sign}{}", format::age(until - reign.from));
    let failover = reign.failover.as_deref();
    let gap = failover.map_or(String::new(), columns::window);
    let (word, tone) = ended(election, reign);
    let cells = ENDED[usize::from(room >= WIDE)];
    let word = format::squeeze(word, cells, dots);
    let since = format::stamp(reign.from);
    let text = format!(" {since:<15} {age:>7} {gap:>6}  {word:<cells$} ");
    let notes = failover.filter(|_| room >= WIDE).map_or(String::new(), notes);
    let left = room.saturating_sub(format::width(&text) + format::width(&notes));
    let holder = format::squeeze(&reign.holder, left, dots);
    vec![Cell::new(text, tone), Cell::new(holder, Tone::Plain), Cell::new(notes, Tone::Doubt)]
}

/// By its cause; where that is not known, by what the lock shows.
fn ended(election: &Election, reign: &Reign) -> (&'static str, Tone) {
    let cause = reign.failover.as_ref().map(|failover| failover.cause);
    let cause = cause.filter(|cause| known(*cause));
    match (cause, reign.ended) {
        (Some(cause), _) => (cause.label(), Tone::Plain),
        (None, Some(ended)) => (ended.label(), Tone::Plain),
        (None, None) if reign.to.is_some() => ("ended", Tone::Bad),
        // Nobody has followed yet.
        (None, None) if election.leaderless == Some(true) => (standing::word(election), Tone::Bad),
        (None, None) => ("reigns", Tone::Good),
    }
}

/// Whether a cause tells more than the lock itself.
fn known(cause: Cause) -> bool {
    !matches!(cause, Cause::Unknown | Cause::UnknownNoPod | Cause::UnknownObserverGap)
}

/// What makes a failover special, in words.
fn notes(failover: &Failover) -> String {
    let words: Vec<_> = failover.flags.iter().map(|flag| wording::flag(*flag)).collect();
    if words.is_empty() {
        return String::new();
    }
    format!("  ({})", words.join(", "))
}
