//! How long nobody led between two terms, and what bounds there are.
//!
//! The window runs from the old holder's last own write to the new holder's first. It is always an
//! upper bound of the outage, needs nothing but the lock, and for a graceful release it is exact.

use std::sync::Arc;

use crate::cause::{CUT, Finding};
use crate::clocks::{Clocks, Mark};
use crate::event::{Cause, End, Failover, Flag, Manner, Stage};
use crate::time::{Delta, Time};

/// A claim that is taken this much before its end was not waited for.
const EARLY: Delta = Delta::from_millis(50);
/// A holder's clock and ours may drift apart by this much in 10,000.
const DRIFT_PER_10_000: i64 = 5;

/// When the old claim ceased to keep others out.
#[derive(Clone, Debug)]
pub(crate) enum Until {
    /// This long after the last own write: it ran out.
    After(Delta),
    /// At this time: the lock was emptied, deleted or overwritten.
    At(Time),
    /// Never by contract: the lock has no duration, or its end was not seen.
    Unknown,
}

/// One change of term, with everything that its numbers are made of.
#[derive(Clone, Debug)]
pub(crate) struct Handover {
    pub(crate) from: Arc<str>,
    pub(crate) to: Arc<str>,
    pub(crate) end: End,
    /// The old holder's last own write, if one was seen.
    pub(crate) last: Option<Mark>,
    /// The new holder's first write.
    pub(crate) first: Mark,
    pub(crate) until: Until,
    /// The old holder's renewal interval, or a third of its duration.
    pub(crate) interval: Option<Delta>,
    /// What was flagged when it happened; what the numbers flag is added.
    pub(crate) flags: Vec<Flag>,
    /// How much later than promptly an event of a clock that is not known may have come.
    pub(crate) grace: Delta,
    /// How long a candidate tries to get a write through.
    pub(crate) patience: Delta,
    /// What is known of the readiness of the new leader's pod.
    pub(crate) ready: Ready,
}

/// What is known of the readiness of the new leader's pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    /// The pod is not known, or not ready yet.
    Unknown,
    /// It was ready at the first write.
    AtOnce,
    /// It became ready at this time.
    Since(Time),
}

/// Why it happened, as far as the evidence goes.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) finding: Finding,
    /// Whether no later evidence can overrule it.
    pub(crate) settled: bool,
    /// How long after its last own write the old holder's process ended, cut to whole seconds.
    pub(crate) death: Option<Delta>,
}

#[cfg(test)]
impl Verdict {
    pub(crate) fn unknown() -> Self {
        let (cause, confidence) = (Cause::UnknownNoPod, crate::event::Confidence::None);
        let finding = Finding { cause, confidence, evidence: Vec::new() };
        Self { finding, settled: true, death: None }
    }
}

impl Handover {
    /// Works the numbers out by what is known of the clocks, and of the cause, today.
    pub(crate) fn measure(&self, clocks: &Clocks, stage: Stage, why: &Verdict) -> Failover {
        let (last, first) = self.writes(clocks);
        let leaderless = last.map(|last| first - last);
        let end = last.and_then(|last| self.claim_end(last));
        let flags = self.flags(clocks, first, end);
        let has = |flag| flags.contains(&flag);
        let split = last.zip(end).filter(|_| !has(Flag::ObserverGap)).map(|(last, end)| {
            let end = end.max(last);
            (first.min(end) - last, (first - end).at_least_zero())
        });
        let death = why.death.filter(|_| self.end == End::Silent).map(Delta::at_least_zero);
        let silent = split.zip(death).map(|((wait, _), death)| death.min(wait));
        Failover {
            stage,
            from: Arc::clone(&self.from),
            to: Arc::clone(&self.to),
            end: self.end,
            leaderless_seconds: leaderless,
            lower_bound_seconds: leaderless.map(|window| match split {
                _ if flags.iter().any(|flag| UNSURE.contains(flag)) => Delta::ZERO,
                Some((_, takeover)) => self.lower_bound(window, takeover, why),
                None => self.lower_bound(window, window, why),
            }),
            wait_seconds: split.map(|(wait, _)| wait),
            takeover_seconds: split.map(|(_, takeover)| takeover),
            silent_seconds: silent,
            expiry_seconds: split.zip(silent).map(|((wait, _), silent)| wait - silent),
            ready_seconds: self.ready_after(first),
            error_seconds: leaderless.map(|window| self.error(clocks, window)),
            flags,
            cause: why.finding.cause,
            confidence: why.finding.confidence,
            evidence: why.finding.evidence.iter().map(|told| told.as_str().into()).collect(),
            last_write: last,
            first_write: first,
        }
    }

    /// Whether the lock was taken while the claim was valid.
    pub(crate) fn early(&self, clocks: &Clocks) -> bool {
        let (last, first) = self.writes(clocks);
        let end = last.and_then(|last| self.claim_end(last));
        self.flags(clocks, first, end).contains(&Flag::BeforeExpiry)
    }

    /// The old holder's last own write and the new holder's first, as far apart as they can be.
    fn writes(&self, clocks: &Clocks) -> (Option<Time>, Time) {
        let first = clocks.settle(&self.first);
        let earliest = |mark: &Mark| {
            let gap = clocks.unplaced(mark).then(|| mark.arrived - mark.behind);
            gap.unwrap_or_else(|| clocks.settle(mark))
        };
        (self.last.as_ref().map(|mark| earliest(mark).min(first)), first)
    }

    /// From the old holder's last own write to the new holder's first.
    pub(crate) fn span(&self, clocks: &Clocks) -> Option<Delta> {
        let last = self.last.as_ref().map(|mark| clocks.settle(mark))?;
        Some((clocks.settle(&self.first) - last).at_least_zero())
    }

    fn claim_end(&self, last: Time) -> Option<Time> {
        match self.until {
            Until::After(duration) => Some(last + duration),
            Until::At(time) => Some(time),
            Until::Unknown => None,
        }
    }

    fn flags(&self, clocks: &Clocks, first: Time, end: Option<Time>) -> Vec<Flag> {
        let mut flags = self.flags.clone();
        if self.last.iter().chain([&self.first]).any(|mark| clocks.unplaced(mark)) {
            flags.push(Flag::ObserverGap);
        }
        let seen = !flags.contains(&Flag::ObserverGap);
        if self.end == End::Silent && seen && end.is_some_and(|end| end - first > EARLY) {
            flags.push(Flag::BeforeExpiry);
        }
        let unfinished = matches!(self.end, End::Cleared | End::Deleted);
        let early = flags.contains(&Flag::BeforeExpiry);
        if (unfinished || early) && seen && self.from != self.to {
            flags.push(Flag::OverlapPossible);
        }
        flags.sort_unstable();
        flags.dedup();
        flags
    }

    /// What the outage was at least.
    fn lower_bound(&self, window: Delta, takeover: Delta, why: &Verdict) -> Delta {
        let least = match (self.end, why.death) {
            (End::Release | End::SoftRelease, _) => window,
            (End::Silent, Some(death)) => window - death.at_least_zero() - CUT,
            // A process that lives may work until its claim ends.
            (End::Silent, None) if lives(why.finding.cause) => takeover,
            (End::Silent, None) => window - self.interval.unwrap_or_default(),
            // Its successor took over when it began.
            (End::ProcessRestart, death) => window - death.unwrap_or(window).at_least_zero() - CUT,
            (End::Cleared | End::Deleted | End::DeletedInGap, _) => Delta::ZERO,
        };
        least.at_least_zero()
    }

    fn error(&self, clocks: &Clocks, window: Delta) -> Delta {
        let of =
            |mark: &Mark| clocks.error(mark, self.patience).unwrap_or(self.grace.max(mark.behind));
        let last = self.last.as_ref().map_or(self.grace, of);
        last + of(&self.first) + window.ratio(DRIFT_PER_10_000, 10_000)
    }

    fn ready_after(&self, first: Time) -> Option<Delta> {
        match self.ready {
            Ready::AtOnce => Some(Delta::ZERO),
            Ready::Since(time) => Some((time - first).at_least_zero()),
            Ready::Unknown => None,
        }
    }
}

/// Flags with which nothing can be said of how short the outage was.
const UNSURE: [Flag; 3] = [Flag::ObserverGap, Flag::BeforeExpiry, Flag::OverlapPossible];

/// Whether the old holder's process lived on when it renewed no more.
fn lives(cause: Cause) -> bool {
    let stalled = [Cause::RenewStalled, Cause::RenewStalledThenExit, Cause::ControlPlaneOutage];
    stalled.contains(&cause) || matches!(cause, Cause::Departed(_, Manner::AfterStall))
}

/// Whether two identities name two processes of one host: `host_uuid1` and `host_uuid2`.
pub(crate) fn same_host(from: &str, to: &str) -> bool {
    let host = |identity: &str| identity.rsplit_once('_').map(|(host, _)| host.to_owned());
    from != to && host(from).is_some() && host(from) == host(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1_000)
    }

    fn handover(end: End, until: Until, last: i64, first: i64) -> Handover {
        Handover {
            from: "a_1".into(),
            to: "b".into(),
            end,
            last: Some(Mark::arrival(at(last))),
            first: Mark::arrival(at(first)),
            until,
            interval: Some(Delta::from_secs(2)),
            flags: Vec::new(),
            grace: Delta::from_millis(250),
            patience: Delta::from_secs(10),
            ready: Ready::Unknown,
        }
    }

    #[test]
    fn a_last_write_that_nobody_can_place_is_as_early_as_it_can_be() {
        let mut clocks = Clocks::default();
        let mut last = |written| {
            let last = clocks.catch_up(&"n".into(), at(95_000), written, Delta::from_secs(10));
            Handover { last: Some(last), ..handover(End::Silent, Until::Unknown, 0, 100_000) }
        };
        let (stamped, bare) = (last(Some(at(91_000))), last(None));
        for handover in [&stamped, &bare] {
            assert_eq!(handover.writes(&clocks), (Some(at(85_000)), at(100_000)));
        }
        let early = Handover { first: Mark::arrival(at(80_000)), ..stamped };
        assert_eq!(early.writes(&clocks), (Some(at(80_000)), at(80_000)));
    }

    fn seconds(value: Option<Delta>) -> Option<f64> {
        value.map(Delta::as_secs_f64)
    }

    #[test]
    fn a_crash_is_split_into_waiting_and_taking_over() {
        let until = Until::After(Delta::from_secs(15));
        let failover = handover(End::Silent, until, 20_020, 37_520).measure(
            &Clocks::default(),
            Stage::Final,
            &Verdict::unknown(),
        );
        assert_eq!(seconds(failover.leaderless_seconds), Some(17.5));
        assert_eq!(seconds(failover.lower_bound_seconds), Some(15.5));
        assert_eq!(seconds(failover.wait_seconds), Some(15.0));
        assert_eq!(seconds(failover.takeover_seconds), Some(2.5));
        assert_eq!(seconds(failover.error_seconds), Some(0.50875));
        assert_eq!(failover.flags, []);
    }

    #[test]
    fn a_known_death_splits_the_wait_and_bounds_the_outage() {
        let until = Until::After(Delta::from_secs(15));
        let died = Verdict { death: Some(Delta::from_secs(1)), ..Verdict::unknown() };
        let failover = handover(End::Silent, until, 20_020, 37_520).measure(
            &Clocks::default(),
            Stage::Final,
            &died,
        );
        assert_eq!(seconds(failover.silent_seconds), Some(1.0));
        assert_eq!(seconds(failover.expiry_seconds), Some(14.0));
        assert_eq!(seconds(failover.lower_bound_seconds), Some(15.5));
    }

    #[test]
    fn a_leader_that_lives_may_work_until_its_claim_ends() {
        let until = Until::After(Delta::from_secs(15));
        let mut stalled = Verdict::unknown();
        stalled.finding.cause = Cause::RenewStalled;
        let failover = handover(End::Silent, until, 20_020, 37_520).measure(
            &Clocks::default(),
            Stage::Final,
            &stalled,
        );
        assert_eq!(seconds(failover.lower_bound_seconds), Some(2.5));
        assert_eq!(failover.silent_seconds, None);
    }

    #[test]
    fn a_lock_taken_too_early_may_have_two_leaders() {
        let until = Until::After(Delta::from_secs(15));
        let failover = handover(End::Silent, until, 20_020, 28_020).measure(
            &Clocks::default(),
            Stage::Final,
            &Verdict::unknown(),
        );
        assert_eq!(failover.flags, [Flag::BeforeExpiry, Flag::OverlapPossible]);
        assert_eq!(seconds(failover.lower_bound_seconds), Some(0.0));
        assert_eq!(seconds(failover.wait_seconds), Some(8.0));
        assert_eq!(seconds(failover.takeover_seconds), Some(0.0));
    }

    #[test]
    fn fifty_milliseconds_before_the_end_is_not_early() {
        let flags = |first| {
            let until = Until::After(Delta::from_secs(15));
            handover(End::Silent, until, 20_020, first)
                .measure(&Clocks::default(), Stage::Final, &Verdict::unknown())
                .flags
        };
        assert_eq!(flags(34_970), []);
        assert_eq!(flags(34_969), [Flag::BeforeExpiry, Flag::OverlapPossible]);
    }

    #[test]
    fn fabric8_keeps_others_out_for_a_second_after_its_release() {
        let until = Until::After(Delta::from_secs(1));
        let failover = handover(End::SoftRelease, until, 21_020, 22_520).measure(
            &Clocks::default(),
            Stage::Final,
            &Verdict::unknown(),
        );
        assert_eq!(seconds(failover.wait_seconds), Some(1.0));
        assert_eq!(seconds(failover.takeover_seconds), Some(0.5));
        assert_eq!(seconds(failover.lower_bound_seconds), Some(1.5));
    }

    #[test]
    fn without_a_proof_of_life_there_is_no_window() {
        let mut unseen = handover(End::Silent, Until::Unknown, 0, 40_000);
        unseen.last = None;
        let failover = unseen.measure(&Clocks::default(), Stage::Final, &Verdict::unknown());
        assert_eq!(failover.leaderless_seconds, None);
        assert_eq!(failover.lower_bound_seconds, None);
        assert_eq!(failover.error_seconds, None);
    }

    #[test]
    fn readiness_before_the_first_write_costs_nothing() {
        let until = Until::After(Delta::from_secs(15));
        let mut ready = handover(End::Silent, until, 20_020, 37_520);
        ready.ready = Ready::Since(at(1_000));
        let failover = ready.measure(&Clocks::default(), Stage::Final, &Verdict::unknown());
        assert_eq!(seconds(failover.ready_seconds), Some(0.0));
    }

    #[test]
    fn the_host_is_what_stands_before_the_last_underscore() {
        assert!(same_host("a_1", "a_2"));
        assert!(!same_host("a_1", "a_1"));
        assert!(!same_host("a", "b"));
        assert!(!same_host("a_1", "b_1"));
    }
}
