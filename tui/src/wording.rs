//! Events in words, one line each.

mod anomaly;
mod words;

use std::fmt::Write;

use leadership::event::{Confidence, Event, Failover, Phase, Reason, Stage, What};
use leadership::snapshot::Missing;
use leadership::time::Time;

use crate::columns;
use crate::format;
use anomaly::anomaly;
pub use words::{condition, end, flag, how, method, note, reason};

/// What happened, without when and where.
#[must_use]
pub fn what(event: &Event) -> String {
    match &event.what {
        What::Term { holder, how } => format!("{holder} leads ({})", self::how(*how)),
        What::Phase { from, to, reason } => {
            let reason =
                reason.map_or(String::new(), |reason| format!(" ({})", self::reason(reason)));
            format!("{} to {}{reason}", from.label(), to.label())
        }
        What::Late { age_seconds, threshold_seconds } => format!(
            "renewal overdue: the last one is {} old, {} is usual at most",
            format::measured(*age_seconds),
            format::measured(*threshold_seconds)
        ),
        What::Expired { since: Some(since) } => {
            format!("nobody leads: the claim ran out at {}", format::clock(*since))
        }
        What::Expired { since: None } => {
            "nobody leads: the claim ran out before we looked".to_owned()
        }
        What::ExpiredRetracted => "renewed in time after all: the renewal came late".to_owned(),
        What::Resumed { lapse_seconds, unrenewed_seconds } => format!(
            "renewed {} after its claim had run out, {} after its last renewal",
            format::measured(*lapse_seconds),
            format::measured(*unrenewed_seconds)
        ),
        What::Released { holder, .. } => format!("{holder} gave it up"),
        What::LeaseDeleted { holder } => deleted(holder.as_deref()),
        What::DeletedInGap { from, to } => {
            format!("deleted while we were blind for {}", format::age(*to - *from))
        }
        What::MissedTransitions { count, from, to } => {
            format!("{count} or more terms in {} that nobody saw", format::age(*to - *from))
        }
        What::DurationChanged { from_seconds, to_seconds } => {
            format!("lease duration {from_seconds}s to {to_seconds}s")
        }
        What::PreemptRequested { to } => format!("asked to hand over to {to}"),
        What::Anomaly(anomaly) => format!("anomaly: {}", self::anomaly(anomaly)),
        What::ControlPlaneSilent { late, active } => {
            format!("control plane silent: {late} of {active} elections fell late together")
        }
        What::Failover(failover) => self::failover(failover),
    }
}

/// Whether another event says the same and more, or the first picture does.
#[must_use]
pub fn told_otherwise(event: &Event) -> bool {
    let What::Phase { from, to, reason } = &event.what else {
        return false;
    };
    if *reason == Some(Reason::PresumedHeld) {
        return true;
    }
    let without = |phase: &Phase| matches!(phase, Phase::Vacant | Phase::Expired | Phase::Absent);
    match to {
        Phase::Late | Phase::Expired | Phase::Absent => true,
        Phase::Vacant => *reason == Some(Reason::Released),
        Phase::Held => without(from),
        Phase::Unknown => false,
    }
}

/// What happened, for a line of the screen: what tells most comes first, and holders have so many cells for their names.
#[must_use]
pub fn brief(event: &Event, cells: usize, dots: &str) -> String {
    let name = |identity: &str| format::squeeze(process(identity), cells, dots);
    match &event.what {
        What::Term { holder, how } => format!("{} leads ({})", name(holder), self::how(*how)),
        What::Released { holder, .. } => format!("{} gave it up", name(holder)),
        What::LeaseDeleted { holder } => deleted(holder.as_deref().map(name).as_deref()),
        What::PreemptRequested { to } => format!("asked to hand over to {}", name(to)),
        What::Failover(failover) => {
            let stage = if failover.stage == Stage::Provisional { ", provisional" } else { "" };
            let (from, to) = (name(&failover.from), name(&failover.to));
            let window = columns::window(failover);
            let cause = failover.cause.label();
            format!("{window} leaderless, {cause}{stage}: {from} to {to}")
        }
        What::Late { age_seconds, threshold_seconds } => {
            let (age, usual) =
                (format::measured(*age_seconds), format::measured(*threshold_seconds));
            format!("no renewal for {age}, late after {usual}")
        }
        What::Expired { since: Some(since) } => {
            format!("nobody leads since {}", format::clock(*since))
        }
        What::Phase { from: Phase::Absent, reason: Some(reason), .. } => {
            format!("seen: {}", self::reason(*reason))
        }
        What::Phase { from: Phase::Absent, to: Phase::Vacant, .. } => {
            "seen: nobody holds it".to_owned()
        }
        What::Phase { from: Phase::Unknown, to: Phase::Held, .. } => {
            "proven: it renewed".to_owned()
        }
        What::Phase { from: Phase::Late, to: Phase::Held, .. } => "renewed at last".to_owned(),
        _ => what(event),
    }
}

/// The part of an identity that people know: most put something random behind it.
fn process(identity: &str) -> &str {
    identity.split_once('_').map_or(identity, |(name, _)| name)
}

fn deleted(holder: Option<&str>) -> String {
    match holder {
        Some(holder) => format!("lease deleted, {holder} held it"),
        None => "lease deleted, nobody held it".to_owned(),
    }
}

/// A failover in one line.
#[must_use]
pub fn failover(failover: &Failover) -> String {
    let mut text = format!(
        "failover {} to {}: {} leaderless ({})",
        failover.from,
        failover.to,
        columns::window(failover),
        failover.term_end().label(),
    );
    for flag in &failover.flags {
        // Writing to a string cannot fail.
        let _ = write!(text, ", {}", self::flag(*flag));
    }
    if failover.stage == Stage::Provisional {
        text.push_str(" [provisional]");
    }
    let _ = write!(text, "; {}", because(failover));
    text
}

/// Cause, confidence and all evidence in one line.
#[must_use]
pub fn because(failover: &Failover) -> String {
    let mut text = cause(failover);
    for (place, sentence) in failover.evidence.iter().enumerate() {
        text.push_str(if place == 0 { ": " } else { "; " });
        text.push_str(sentence);
    }
    text
}

/// Why the old term ended and how sure that is, in words; the cause itself is the word of metrics.
#[must_use]
pub fn cause(failover: &Failover) -> String {
    let cause = failover.cause.label();
    let planned = if failover.cause.planned() { ", planned" } else { "" };
    match failover.confidence {
        Confidence::None => format!("{cause}: nothing speaks for a cause"),
        sure => format!("{cause}, confidence {}{planned}", sure.label()),
    }
}

/// A lock that should be there, in words.
#[must_use]
pub fn missing(missing: &Missing, now: Time) -> String {
    let Missing { namespace, lease, component, since } = missing;
    let age = format::age(now - *since);
    format!("{namespace}/{lease}: {component} has been ready for {age} and never made it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use leadership::event::Cause;

    #[test]
    fn a_failover_tells_its_cause_and_evidence_in_one_line() {
        let mut failover = Failover::clone(&samples::failover("a_1", "b_1", 60.0));
        failover.cause = Cause::OomKilled;
        failover.confidence = Confidence::High;
        failover.evidence = vec!["container c ended with code 137".into(), "and again".into()];
        assert_eq!(
            self::failover(&failover),
            "failover a_1 to b_1: 17.5s leaderless (expired), same host; \
             oom_killed, confidence high: container c ended with code 137; and again"
        );
    }

    #[test]
    fn a_cause_that_nothing_speaks_for_says_so() {
        let failover = samples::failover("a", "b", 1.0);
        assert_eq!(because(&failover), "unknown_no_pod: nothing speaks for a cause");
    }
}
