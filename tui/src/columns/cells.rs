//! What each column says.

use leadership::event::{Confidence, Failover, Phase};
use leadership::lock::LockKey;
use leadership::snapshot::{Election, Term};
use leadership::time::Delta;

use super::{Cell, Lens};
use observe::several::split;

use crate::format;
use crate::standing;
use crate::theme::Tone;

pub(super) fn state(election: &Election, lens: &Lens, _: usize) -> Cell {
    let tone = match election.blind_since {
        Some(_) => Tone::Muted,
        None => standing::rank(election).tone(),
    };
    Cell::new(standing::state(election, &lens.glyphs), tone)
}

/// A namespace that is cut to fewer cells tells nothing.
const LEGIBLE: usize = 8;

pub(super) fn lease(election: &Election, lens: &Lens, room: usize) -> Cell {
    let (_, namespace) = split(&election.key.namespace);
    let key = LockKey { namespace: namespace.into(), ..election.key.clone() };
    Cell::new(lock(&key, room, lens.glyphs.ellipsis), Tone::Plain)
}

/// Where there are several clusters, which one.
pub(super) fn cluster(election: &Election, lens: &Lens, room: usize) -> Cell {
    let (cluster, _) = split(&election.key.namespace);
    Cell::new(format::cut_off(cluster.unwrap_or("-"), room, lens.glyphs.ellipsis), Tone::Plain)
}

/// A lock in at most so many cells: the namespace gives way to the name.
#[must_use]
pub fn lock(key: &LockKey, room: usize, dots: &str) -> String {
    let kind = key.kind.prefix();
    let spare = room.saturating_sub(format::width(&key.name) + 1 + kind.len());
    if spare < LEGIBLE {
        return format::squeeze(&key.name, room, dots);
    }
    format!("{kind}{}/{}", format::cut_off(&key.namespace, spare, dots), key.name)
}

/// The pod of the leader, or its identity while no pod is known.
#[must_use]
pub fn name(term: &Term) -> &str {
    term.leader.pod.as_ref().unwrap_or(&term.holder)
}

pub(super) fn holder(election: &Election, lens: &Lens, room: usize) -> Cell {
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

pub(super) fn node(election: &Election, lens: &Lens, room: usize) -> Cell {
    let node = election.term.as_ref().and_then(|term| term.leader.node.as_ref());
    node.map_or_else(Cell::nothing, |node| {
        Cell::new(format::squeeze(node, room, lens.glyphs.ellipsis), Tone::Plain)
    })
}

/// The component that elects with it, and which part where it is split.
pub(super) fn component(election: &Election, lens: &Lens, room: usize) -> Cell {
    let Some(component) = &election.component else {
        return Cell::nothing();
    };
    let text = match &election.shard {
        Some(shard) => format!("{component} {shard}"),
        None => component.to_string(),
    };
    Cell::new(format::squeeze(&text, room, lens.glyphs.ellipsis), Tone::Plain)
}

pub(super) fn identity(election: &Election, lens: &Lens, room: usize) -> Cell {
    election.term.as_ref().map_or_else(Cell::nothing, |term| {
        let text = format::squeeze(&term.holder, room, lens.glyphs.ellipsis);
        Cell::new(text, Tone::Muted)
    })
}

/// A leader that was seen to come stands out for so long.
const NEW: Delta = Delta::from_secs(600);

/// How long the leader has led, or how long nobody has. `>` where the beginning was not seen.
pub(super) fn since(election: &Election, lens: &Lens, _: usize) -> Cell {
    let now = lens.present(election);
    if election.leaderless == Some(true) {
        let since = election.leaderless_since;
        return since
            .map_or_else(Cell::nothing, |since| Cell::new(format::age(now - since), Tone::Bad));
    }
    election.term.as_ref().map_or_else(Cell::nothing, |term| {
        let (sign, age) = (if term.start_seen { "" } else { ">" }, now - term.start);
        let tone = if term.start_seen && age < NEW { Tone::Title } else { Tone::Plain };
        Cell::new(format!("{sign}{}", format::age(age)), tone)
    })
}

/// The age of the last proof of life, while somebody claims to live.
pub(crate) fn renewal_age(election: &Election, lens: &Lens) -> Option<Delta> {
    let term = election.term.as_ref().filter(|_| standing::claimed(election))?;
    Some((lens.present(election) - term.last_renew).at_least_zero())
}

pub(super) fn renewed(election: &Election, lens: &Lens, _: usize) -> Cell {
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
pub(super) fn bar(election: &Election, lens: &Lens, room: usize) -> Cell {
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
pub(super) fn gauge(left: Delta, whole: Delta, room: usize, signs: &[&str]) -> String {
    let parts = signs.len() - 1;
    let all = i64::try_from(room * parts).unwrap_or(i64::MAX);
    let whole = whole.as_micros().max(1);
    let left = left.as_micros().clamp(0, whole);
    let filled = left.saturating_mul(all).saturating_add(whole - 1) / whole;
    let filled = usize::try_from(filled).unwrap_or(0);
    (0..room).map(|cell| signs[filled.saturating_sub(cell * parts).min(parts)]).collect()
}

/// Terms that ended while we looked; `+2` for those that the record proves and nobody saw.
pub(super) fn transitions(election: &Election, _: &Lens, _: usize) -> Cell {
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

/// How long nobody led at the last change of term.
pub(super) fn gap(election: &Election, _: &Lens, _: usize) -> Cell {
    let failover = election.last_failover.as_ref();
    failover.map_or_else(Cell::nothing, |it| Cell::new(window(it), Tone::Plain))
}

/// How and when the last term ended.
pub(super) fn failover(election: &Election, lens: &Lens, _: usize) -> Cell {
    let Some(failover) = &election.last_failover else {
        return Cell::nothing();
    };
    let ago = format::age(lens.present(election) - failover.first_write);
    let text = format!("{} {ago} ago", failover.term_end().label());
    Cell::new(text, Tone::Plain)
}

/// Ready standbys, and how many ready ones may be lost before nobody can lead.
pub(super) fn standby(election: &Election, _: &Lens, _: usize) -> Cell {
    let known = standing::standbys(election).zip(election.candidates.as_ref());
    known.map_or_else(Cell::nothing, |(standbys, candidates)| {
        let tone = if standbys == 0 { Tone::Warn } else { Tone::Plain };
        Cell::new(format!("{standbys}/{}", candidates.tolerance), tone)
    })
}

/// Why the last term ended; a question mark where other causes are as likely.
pub(super) fn cause(election: &Election, lens: &Lens, room: usize) -> Cell {
    let Some(failover) = &election.last_failover else {
        return Cell::nothing();
    };
    let (mark, tone) = match failover.confidence {
        Confidence::None => ("", Tone::Doubt),
        Confidence::Low => ("?", Tone::Doubt),
        Confidence::Medium | Confidence::High => ("", Tone::Plain),
    };
    let room = room.saturating_sub(mark.len());
    let label = format::squeeze(failover.cause.label(), room, lens.glyphs.ellipsis);
    Cell::new(label + mark, tone)
}
