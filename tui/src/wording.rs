//! Events in words, one line each.

use std::fmt::Write;

use leadership::event::{
    Anomaly, Confidence, End, Event, Failover, Flag, How, Phase, Reason, Stage, What,
};
use leadership::snapshot::{Condition, Method, Missing, Note};
use leadership::time::{Delta, Time};

use crate::columns;
use crate::format;

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

/// Whether another event says the same and more.
#[must_use]
pub fn told_otherwise(event: &Event) -> bool {
    let What::Phase { from, to, reason } = &event.what else {
        return false;
    };
    let without = |phase: &Phase| matches!(phase, Phase::Vacant | Phase::Expired | Phase::Absent);
    match to {
        Phase::Late | Phase::Expired | Phase::Absent => true,
        Phase::Vacant => *reason == Some(Reason::Released),
        Phase::Held => without(from),
        Phase::Unknown => false,
    }
}

/// What happened, for a line of the screen: what tells most comes first, and names are cut.
#[must_use]
pub fn brief(event: &Event) -> String {
    let name = |identity: &str| format::squeeze(process(identity), NAME, "..");
    match &event.what {
        What::Term { holder, how } => format!("{} leads ({})", name(holder), self::how(*how)),
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
        What::Phase { from: Phase::Absent, to: Phase::Unknown, reason: Some(reason) } => {
            format!("seen: {}", self::reason(*reason))
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

/// Cells for the name of a holder in a line of the screen.
const NAME: usize = 32;

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

/// By which kind of write a term began, in words.
#[must_use]
pub const fn how(how: How) -> &'static str {
    match how {
        How::First => "at first sight",
        How::Acquire => "took the free lock",
        How::Takeover => "took over",
        How::Reacquire => "claimed it anew",
        How::Assign => "was assigned",
        How::Forced => "was written in by somebody else",
    }
}

/// Why a lock is unknown or vacant, in words.
#[must_use]
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::PresumedHeld => "by its own stamps held; not proven yet",
        Reason::PresumedExpired => "by its own stamps expired; not proven yet",
        Reason::PresumedFuture => "its last renewal is stamped in the future",
        Reason::NeverHeld => "nobody has held it yet",
        Reason::Released => "its holder gave it up",
        Reason::Cleared => "somebody else emptied it: the old leader may still work",
    }
}

/// How a term ended, as far as the lock tells, in words.
#[must_use]
pub const fn end(end: End) -> &'static str {
    match end {
        End::Silent => "silence: it was not released",
        End::Release => "a release",
        End::SoftRelease => "a release that left its name",
        End::Cleared => "somebody else, who edited the lock",
        End::Deleted => "the deletion of the lock",
        End::DeletedInGap => "the deletion of the lock while we were blind",
        End::ProcessRestart => "another process under the same name",
    }
}

/// What makes a failover special, in words.
#[must_use]
pub const fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::UnknownStart => "its start was not seen",
        Flag::ObserverGap => "at most: we were blind",
        Flag::SameHolder => "same holder",
        Flag::SameHost => "same host",
        Flag::ForcedEdit => "the holder was edited",
        Flag::ViaUnproven => "from a holder that never renewed",
        Flag::AssignedByCle => "assigned",
        Flag::BeforeExpiry => "before expiry",
        Flag::OverlapPossible => "two leaders possible",
    }
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

/// How a holder was resolved, in words.
#[must_use]
pub const fn method(method: Method) -> &'static str {
    match method {
        Method::PodName => "the identity begins with the pod's name",
        Method::Hostname => "the identity begins with the host name that the pod's containers see",
        Method::Sanitized => "the identity is the host name as CSI sidecars write it",
        Method::Node => "the identity is the node's name",
        Method::Ip => "the address in the identity is the pod's",
        Method::Uid => "the identity is the pod's uid",
        Method::Cached => "the identity meant this pod while it lived",
        Method::External => "the identity is of a machine or pod outside this cluster",
        Method::None => "nothing in this cluster is known by this identity",
    }
}

/// What else is to be said of a leader, in words.
#[must_use]
pub const fn note(note: Note) -> &'static str {
    match note {
        Note::Ambiguous => "several may be meant",
        Note::ReusedIdentity => {
            "the pod is younger than the claim: its name was another one's before"
        }
        Note::Orphaned => "the process that holds this lease is dead",
        Note::Restarted => {
            "the container was restarted and leads on: a gap that the lease never showed"
        }
        Note::Terminating => "its pod is being deleted",
        Note::NodeLost => "its node is lost or says that it cannot work",
        Note::Gone => "its pod is gone",
        Note::External => {
            "outside this cluster: that no pod is known does not mean that it is dead"
        }
    }
}

/// Whether a candidate could lead, in words.
#[must_use]
pub const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Ready => "ready",
        Condition::NotReady => "not ready",
        Condition::Terminating => "terminating",
    }
}

fn anomaly(anomaly: &Anomaly) -> String {
    let seconds = |delta: &Delta| format::measured(*delta);
    match anomaly {
        Anomaly::TransitionsBackwards { from, to } => {
            format!("leaseTransitions fell from {from} to {to}")
        }
        Anomaly::TransitionsJump { by } => format!("leaseTransitions rose by {by} in one write"),
        Anomaly::TransitionsNotCounted { transitions } => {
            format!("another holder, but leaseTransitions is still {transitions}")
        }
        Anomaly::RenewBackwards { by_seconds } => format!(
            "the holder's clock went back by {}, or two write under one name",
            seconds(by_seconds)
        ),
        Anomaly::ClockStepForward { by_seconds } => {
            format!("the holder's clock jumped ahead by {}", seconds(by_seconds))
        }
        Anomaly::HolderCleared { manager } => {
            format!("emptied by {}", manager.as_deref().unwrap_or("somebody who is not its holder"))
        }
        Anomaly::RecreatedInGap { .. } => "re-created while we were blind".to_owned(),
        Anomaly::MissedDelete { uid } => {
            format!("re-created; the deletion of {uid} was never delivered")
        }
        Anomaly::NoDuration => "the lease has no duration: it never expires".to_owned(),
        Anomaly::TwoWriters { backwards, apart_seconds: None } => format!(
            "two processes renew under one name ({backwards} of 10 stamps went back): two leaders"
        ),
        Anomaly::TwoWriters { apart_seconds: Some(apart), .. } => format!(
            "two processes whose clocks differ by {} renew by turns under one name: two leaders",
            seconds(apart)
        ),
        Anomaly::AlternatingHolders { first, second } => {
            format!("{first} and {second} take it from each other within its duration")
        }
        Anomaly::StaleRelease { holder } => {
            format!("{holder} was wiped by the late release of its predecessor")
        }
        Anomaly::LocksDisagree { holder, other, other_holder } => {
            let other = other.label();
            format!(
                "{holder} holds the lease and {other_holder} the {other} of its name: two leaders"
            )
        }
    }
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
