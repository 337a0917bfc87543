//! What is told of one election beside its columns: one row a fact.

mod leader;

pub(crate) use leader::unnamed;

use leadership::event::{Phase, Reason, TermEnd};
use leadership::snapshot::Election;
use leadership::tally::Tally;
use leadership::time::Delta;

use crate::columns::{Cell, Lens};
use crate::format;
use crate::standing;
use crate::theme::Tone;
use crate::wording;

/// One fact.
#[derive(Debug)]
pub struct Fact {
    /// Its name.
    pub label: &'static str,
    /// Its text; nothing where it does not apply.
    pub tell: fn(&Election, &Lens) -> Option<Cell>,
}

const fn fact(label: &'static str, tell: fn(&Election, &Lens) -> Option<Cell>) -> Fact {
    Fact { label, tell }
}

/// The facts that are told first, in their order.
pub const FACTS: &[Fact] = &[
    fact("state", state),
    fact("notice", leader::notes),
    fact("leader", leader::leader),
    fact("found by", leader::found),
    fact("identity", identity),
    fact("component", component),
    fact("standby", leader::standby),
    fact("term", term),
    fact("renewal", renewal),
    fact("cadence", cadence),
    fact("leaderless", leaderless),
    fact("overlap", overlap),
];

/// What is told after the last failover and the candidates.
pub const BESIDES: &[Fact] = &[
    fact("terms", terms),
    fact("deadline", deadline),
    fact("clock", clock),
    fact("anomalies", anomalies),
    fact("election", coordinated),
    fact("labels", labels),
    fact("hint", hint),
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "every fact may be missing, and this ends most of them"
)]
fn told(text: String, tone: Tone) -> Option<Cell> {
    Some(Cell { text, tone })
}

/// What it is for, where that is known.
fn component(election: &Election, _: &Lens) -> Option<Cell> {
    let component = election.component.as_ref()?;
    let shard = election.shard.as_ref().map(|shard| format!(", {shard}")).unwrap_or_default();
    let library = election.library.as_ref().map(|it| format!(", by {it}")).unwrap_or_default();
    told(format!("{component}{shard} ({}{library})", election.class.label()), Tone::Plain)
}

fn hint(election: &Election, _: &Lens) -> Option<Cell> {
    told(election.hint.as_ref()?.to_string(), Tone::Muted)
}

fn state(election: &Election, lens: &Lens) -> Option<Cell> {
    let mut text = standing::state(election, &lens.glyphs);
    if let Some(reason) = election.reason {
        text = format!("{text}: {}", wording::reason(reason));
    }
    let present = lens.present(election);
    text = format!("{text}, for {}", format::age(present - election.phase_since));
    if let Some(since) = election.blind_since {
        text = format!("{text}; not seen since {}", format::clock(since));
        return told(text, Tone::Doubt);
    }
    told(text, standing::rank(election).tone())
}

fn identity(election: &Election, _: &Lens) -> Option<Cell> {
    told(election.term.as_ref()?.holder.to_string(), Tone::Plain)
}

fn term(election: &Election, lens: &Lens) -> Option<Cell> {
    let term = election.term.as_ref()?;
    let sign = if term.start_seen { "" } else { "or earlier " };
    let age = format::age(lens.present(election) - term.start);
    told(
        format!(
            "since {} {sign}({age}), {}; renewals seen: {}",
            format::stamp(term.start),
            wording::how(term.how),
            term.renewals
        ),
        Tone::Plain,
    )
}

fn renewal(election: &Election, lens: &Lens) -> Option<Cell> {
    let term = election.term.as_ref()?;
    let present = lens.present(election);
    let age = format::measured((present - term.last_renew).at_least_zero());
    let duration =
        election.duration.map_or_else(|| "ever: no duration is set".to_owned(), format::age);
    let mut text = format!("{age} ago, valid for {duration}");
    let Some(expiry) = election.expiry else {
        return told(text, Tone::Plain);
    };
    let left = expiry - present;
    let (word, tone) = if left > Delta::ZERO {
        (format!("runs out in {}", format::measured(left)), Tone::Plain)
    } else {
        let ago = format::measured(Delta::ZERO - left);
        (format!("{} {ago} ago", ended(election)), Tone::Bad)
    };
    text = format!("{text}, {word} at {}", format::clock(expiry));
    told(text, tone)
}

/// What ended the last claim.
const fn ended(election: &Election) -> &'static str {
    match (election.phase, election.reason) {
        (Phase::Vacant, Some(Reason::Released)) => "given up",
        (Phase::Vacant, _) => "emptied",
        (Phase::Absent, _) => "deleted",
        _ => "ran out",
    }
}

fn cadence(election: &Election, _: &Lens) -> Option<Cell> {
    let interval = election.renew_interval?;
    let late = format::measured(election.late_after);
    let mut text = format!("every {}, late after {late}", format::measured(interval));
    if let Some(gap) = election.worst_gap {
        text = format!("{text}, longest gap {}", format::measured(gap));
        if let Some(duration) = election.duration.filter(|d| *d > Delta::ZERO) {
            let spare = 100.0 * (1.0 - gap.as_secs_f64() / duration.as_secs_f64());
            text = format!("{text} ({spare:.0}% of the duration to spare)");
        }
    }
    told(text, Tone::Plain)
}

/// For how long it tries to renew before it gives up, once that was seen.
fn deadline(election: &Election, _: &Lens) -> Option<Cell> {
    let deadline = format::measured(election.renew_deadline?);
    told(format!("gave up after {deadline} of vain renewals, once"), Tone::Plain)
}

fn leaderless(election: &Election, lens: &Lens) -> Option<Cell> {
    let total = election.leaderless_total;
    let all = format::measured(total);
    match election.leaderless_since {
        // The picture's total is of its own time, and older than the present.
        Some(since) => {
            let age = lens.present(election) - since;
            let all = if total > age { format!("; {all} in all") } else { String::new() };
            let next = leader::next(election, age);
            told(format!("for {} now{all}; {next}", format::measured(age)), Tone::Bad)
        }
        None if total > Delta::ZERO => {
            told(format!("for {all} in all, since we look"), Tone::Plain)
        }
        None => None,
    }
}

fn terms(election: &Election, _: &Lens) -> Option<Cell> {
    let tally = &election.tally;
    let mut text = format!("{} ended", tally.transitions());
    for (end, count) in TermEnd::ALL.iter().zip(tally.ended) {
        if count > 0 {
            text = format!("{text}, {count} {}", end.label());
        }
    }
    if tally.missed > 0 {
        text = format!("{text}; {} or more not seen", tally.missed);
    }
    if let Some(claimed) = election.reported_transitions {
        text = format!("{text}; the object claims {claimed} transitions in its life");
    }
    told(text, Tone::Plain)
}

fn overlap(election: &Election, lens: &Lens) -> Option<Cell> {
    let until = election.overlap_until?;
    let left = until - lens.present(election);
    if left <= Delta::ZERO {
        return None;
    }
    let left = format::measured(left);
    told(format!("two leaders are possible for {left} more"), Tone::Bad)
}

fn clock(election: &Election, _: &Lens) -> Option<Cell> {
    let offset = election.clock_offset?;
    let side = if offset < Delta::ZERO { "behind" } else { "ahead of" };
    let far = format::measured(offset.abs());
    told(format!("the holder's is {far} {side} ours"), Tone::Plain)
}

fn anomalies(election: &Election, _: &Lens) -> Option<Cell> {
    let seen: Vec<String> = words(&election.tally).collect();
    if seen.is_empty() {
        return None;
    }
    told(seen.join(", "), Tone::Warn)
}

fn words(tally: &Tally) -> impl Iterator<Item = String> {
    leadership::event::Anomaly::LABELS
        .iter()
        .zip(tally.anomalies)
        .filter(|(_, count)| *count > 0)
        .map(|(label, count)| format!("{count} {}", label.replace('_', " ")))
}

fn labels(election: &Election, _: &Lens) -> Option<Cell> {
    let labels = election.labels.as_deref()?.iter();
    let words: Vec<String> = labels.map(|(key, value)| format!("{key}={value}")).collect();
    if words.is_empty() { None } else { told(words.join(" "), Tone::Muted) }
}

fn coordinated(election: &Election, _: &Lens) -> Option<Cell> {
    let strategy = election.strategy.as_ref()?;
    let mut text = format!("coordinated, strategy {strategy}");
    if let Some(preferred) = &election.preferred_holder {
        text = format!("{text}, asked to hand over to {preferred}");
    }
    told(text, Tone::Plain)
}
