//! What is told of an election: one row a column, for the screen and for lists alike.

use leadership::event::{Failover, Phase};
use leadership::snapshot::{Election, Term};
use leadership::time::{Delta, Time};

use crate::format;
use crate::order::Order;
use crate::standing;
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
    fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    fn nothing() -> Self {
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
    /// The order that its heading is marked for.
    pub order: Option<Order>,
    /// Its content, in at most so many cells.
    pub cell: fn(&Election, &Lens, usize) -> Cell,
}

/// All columns, from left to right.
pub const COLUMNS: &[Column] = &[
    Column {
        title: "STATE",
        place: In::All,
        min: 10,
        grow: 0,
        drop: 0,
        order: Some(Order::State),
        cell: state,
    },
    Column {
        title: "LEASE",
        place: In::All,
        min: 26,
        grow: 6,
        drop: 0,
        order: Some(Order::Lease),
        cell: lease,
    },
    Column {
        title: "HOLDER",
        place: In::All,
        min: 14,
        grow: 4,
        drop: 1,
        order: Some(Order::Holder),
        cell: holder,
    },
    Column { title: "NODE", place: In::Wide, min: 20, grow: 0, drop: 7, order: None, cell: node },
    Column {
        title: "FOR",
        place: In::All,
        min: 6,
        grow: 0,
        drop: 2,
        order: Some(Order::Term),
        cell: since,
    },
    Column {
        title: "RENEWED",
        place: In::All,
        min: 7,
        grow: 0,
        drop: 3,
        order: None,
        cell: renewed,
    },
    Column { title: "LEFT", place: In::Screen, min: 6, grow: 0, drop: 4, order: None, cell: bar },
    Column {
        title: "TERMS",
        place: In::All,
        min: 6,
        grow: 0,
        drop: 6,
        order: Some(Order::Transitions),
        cell: transitions,
    },
    Column {
        title: "LAST FAILOVER",
        place: In::All,
        min: 22,
        grow: 0,
        drop: 5,
        order: Some(Order::Failover),
        cell: failover,
    },
    Column {
        title: "IDENTITY",
        place: In::Wide,
        min: 24,
        grow: 1,
        drop: 8,
        order: None,
        cell: identity,
    },
];

fn state(election: &Election, lens: &Lens, _: usize) -> Cell {
    let tone = match election.blind_since {
        Some(_) => Tone::Muted,
        None => standing::rank(election).tone(),
    };
    Cell::new(standing::state(election, &lens.glyphs), tone)
}

/// The namespace gives way to the name.
fn lease(election: &Election, lens: &Lens, room: usize) -> Cell {
    let (key, dots) = (&election.key, lens.glyphs.ellipsis);
    let spare = room.saturating_sub(format::width(&key.name) + 1);
    let namespace = format::cut_off(&key.namespace, spare.max(4), dots);
    let text = format!("{namespace}/{}", key.name);
    Cell::new(format::squeeze(&text, room, dots), Tone::Plain)
}

/// The pod of the leader, or its identity while no pod is known.
#[must_use]
pub fn name(term: &Term) -> &str {
    term.leader.pod.as_ref().unwrap_or(&term.holder)
}

fn holder(election: &Election, lens: &Lens, room: usize) -> Cell {
    let Some(term) = &election.term else {
        return Cell::new("nobody", Tone::Muted);
    };
    let dots = lens.glyphs.ellipsis;
    if election.leaderless == Some(true) {
        let was = "was ";
        let name = format::squeeze(name(term), room.saturating_sub(was.len()), dots);
        return Cell::new(format!("{was}{name}"), Tone::Muted);
    }
    Cell::new(format::squeeze(name(term), room, dots), Tone::Plain)
}

fn node(election: &Election, lens: &Lens, room: usize) -> Cell {
    let node = election.term.as_ref().and_then(|term| term.leader.node.as_ref());
    node.map_or_else(Cell::nothing, |node| {
        Cell::new(format::squeeze(node, room, lens.glyphs.ellipsis), Tone::Plain)
    })
}

fn identity(election: &Election, lens: &Lens, room: usize) -> Cell {
    election.term.as_ref().map_or_else(Cell::nothing, |term| {
        let text = format::squeeze(&term.holder, room, lens.glyphs.ellipsis);
        Cell::new(text, Tone::Muted)
    })
}

/// How long the leader has led, or how long nobody has. `>` where the beginning was not seen.
fn since(election: &Election, lens: &Lens, _: usize) -> Cell {
    let now = lens.present(election);
    if election.leaderless == Some(true) {
        let since = election.leaderless_since;
        return since
            .map_or_else(Cell::nothing, |since| Cell::new(format::age(now - since), Tone::Bad));
    }
    election.term.as_ref().map_or_else(Cell::nothing, |term| {
        let sign = if term.start_seen { "" } else { ">" };
        let age = format::age(now - term.start);
        Cell::new(format!("{sign}{age}"), Tone::Plain)
    })
}

/// The age of the last proof of life, while somebody claims to live.
fn renewal_age(election: &Election, lens: &Lens) -> Option<Delta> {
    let claimed =
        matches!(election.phase, Phase::Held | Phase::Late | Phase::Expired | Phase::Unknown);
    let term = election.term.as_ref().filter(|_| claimed)?;
    Some((lens.present(election) - term.last_renew).at_least_zero())
}

fn renewed(election: &Election, lens: &Lens, _: usize) -> Cell {
    let Some(age) = renewal_age(election, lens) else {
        return Cell::nothing();
    };
    let tone = match election.phase {
        Phase::Late => Tone::Warn,
        Phase::Expired => Tone::Bad,
        _ => Tone::Plain,
    };
    let text = match election.duration {
        Some(duration) => format!("{}/{}", format::age(age), format::age(duration)),
        None => format::age(age),
    };
    Cell::new(text, tone)
}

/// What is left of the claim, as a bar that runs out.
fn bar(election: &Election, lens: &Lens, room: usize) -> Cell {
    let (Some(age), Some(duration)) = (renewal_age(election, lens), election.duration) else {
        return Cell::nothing();
    };
    let tone = match election.phase {
        _ if election.blind_since.is_some() => Tone::Muted,
        Phase::Held => Tone::Good,
        Phase::Late => Tone::Warn,
        Phase::Expired => Tone::Bad,
        _ => Tone::Doubt,
    };
    Cell::new(gauge(duration - age, duration, room, lens.glyphs.bar), tone)
}

/// `left` of `whole` in `room` cells, rounded up to the finest part that the signs can show.
fn gauge(left: Delta, whole: Delta, room: usize, signs: &[&str]) -> String {
    let parts = signs.len() - 1;
    let all = i64::try_from(room * parts).unwrap_or(i64::MAX);
    let whole = whole.as_micros().max(1);
    let left = left.as_micros().clamp(0, whole);
    let filled = left.saturating_mul(all).saturating_add(whole - 1) / whole;
    let filled = usize::try_from(filled).unwrap_or(0);
    (0..room).map(|cell| signs[filled.saturating_sub(cell * parts).min(parts)]).collect()
}

/// Terms that ended while we looked; `+2` for those that the record proves and nobody saw.
fn transitions(election: &Election, _: &Lens, _: usize) -> Cell {
    let tally = &election.tally;
    let text = match tally.missed {
        0 => tally.transitions().to_string(),
        missed => format!("{}+{missed}", tally.transitions()),
    };
    Cell::new(text, Tone::Plain)
}

/// The leaderless window of a failover, as far as it is known.
#[must_use]
pub fn window(failover: &Failover) -> String {
    let Some(window) = failover.leaderless_seconds else {
        return "?".to_owned();
    };
    format::measured(window)
}

fn failover(election: &Election, lens: &Lens, _: usize) -> Cell {
    let Some(failover) = &election.last_failover else {
        return Cell::nothing();
    };
    let ago = format::age(lens.present(election) - failover.first_write);
    let text = format!("{} {} {ago} ago", window(failover), failover.term_end().label());
    Cell::new(text, Tone::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use crate::theme::{ASCII, UNICODE};

    const LENS: Lens = Lens { now: samples::NOW, glyphs: UNICODE };

    #[test]
    fn the_bar_runs_out_and_never_overflows() {
        let whole = Delta::from_secs(15);
        let shown = |left, signs| gauge(Delta::from_millis(left), whole, 5, signs);
        assert_eq!(shown(15_000, UNICODE.bar), "█████");
        assert_eq!(shown(7_500, UNICODE.bar), "██▌··");
        assert_eq!(shown(1, UNICODE.bar), "▏····");
        assert_eq!(shown(0, UNICODE.bar), "·····");
        assert_eq!(shown(-9_000, ASCII.bar), ".....");
        assert_eq!(shown(99_000, ASCII.bar), "#####");
        assert_eq!(gauge(whole, Delta::ZERO, 3, ASCII.bar), "###");
        assert_eq!(gauge(whole, whole, 0, ASCII.bar), "");
    }

    #[test]
    fn ages_stand_still_while_we_are_blind() {
        let blind = samples::blind();
        let later = Lens { now: samples::NOW + Delta::from_secs(600), ..LENS };
        for election in &blind.elections {
            for column in COLUMNS {
                let (then, now) =
                    ((column.cell)(election, &LENS, 20), (column.cell)(election, &later, 20));
                assert_eq!(then, now, "{}", column.title);
            }
        }
    }

    #[test]
    fn cells_keep_to_their_room() {
        for election in &samples::fleet().elections {
            for column in COLUMNS.iter().filter(|column| column.grow > 0) {
                let room = usize::from(column.min);
                let cell = (column.cell)(election, &LENS, room);
                assert!(format::width(&cell.text) <= room, "{}: {cell:?}", column.title);
            }
        }
    }

    #[test]
    fn nobody_leads_what_is_leaderless() {
        let snapshot = samples::fleet();
        let expired = &snapshot.elections[1];
        assert!(holder(expired, &LENS, 60).text.starts_with("was fleet-controller-"));
        assert_eq!(since(expired, &LENS, 10).text, "23s");
        assert_eq!(renewed(expired, &LENS, 10).text, "38s/15s");
    }

    #[test]
    fn what_was_not_seen_to_begin_is_marked() {
        let snapshot = samples::fleet();
        assert_eq!(since(&snapshot.elections[4], &LENS, 10).text, ">12s");
    }

    #[test]
    fn every_order_has_a_heading_but_one_at_most() {
        let mut orders: Vec<_> = COLUMNS.iter().filter_map(|c| c.order).collect();
        let all = orders.len();
        orders.dedup();
        assert_eq!(orders.len(), all);
        assert_eq!(all, 6);
    }
}
