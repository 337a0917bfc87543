//! What a sound election never does.

use std::sync::Arc;

use super::Lock;
use crate::classify::Write;
use crate::clocks::Clocks;
use crate::event::{Anomaly, Reason, What};
use crate::observation::LockRecord;
use crate::time::{Delta, Time};
use crate::world::Step;

/// A clock that gained more than this between two renewals was set.
const JUMP: Delta = Delta::from_millis(500);

/// What the checks remember.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// The last terms: holder and start.
    previous: [Option<(Arc<str>, Time)>; 3],
}

impl Lock {
    /// Counts an anomaly and says it.
    pub(super) fn anomaly(&mut self, anomaly: Anomaly, step: &mut Step<'_>) {
        self.count().anomaly(&anomaly);
        step.emit(&self.key, What::Anomaly(anomaly));
    }

    /// The same for what no lock alone can show.
    pub(crate) fn accuse(&mut self, anomaly: Anomaly, step: &mut Step<'_>) {
        self.view = None;
        self.anomaly(anomaly, step);
    }

    /// `leaseTransitions` rises by one with each acquisition, if the implementation counts at all.
    pub(super) fn check_transitions(
        &mut self,
        record: &LockRecord,
        write: Write,
        step: &mut Step<'_>,
    ) {
        let Some(before) = &self.seen else { return };
        let (from, to) = (before.transitions.unwrap_or(0), record.transitions.unwrap_or(0));
        let other = self.holder().is_some_and(|holder| Some(holder) != record.holder.as_ref());
        let took = matches!(write, Write::Acquire | Write::Takeover) && other;
        let by = to.saturating_sub(from);
        if to < from {
            self.anomaly(Anomaly::TransitionsBackwards { from, to }, step);
        } else if by > 1 && before.transitions.is_some() {
            // From no count at all to any number is a count that began, not one that jumped.
            self.anomaly(Anomaly::TransitionsJump { by }, step);
        } else if by == 0 && took && record.strategy.is_none() {
            self.anomaly(Anomaly::TransitionsNotCounted { transitions: to }, step);
        }
    }

    /// A holder's stamps only go forward, and as fast as time does.
    pub(super) fn check_stamp(&mut self, written: Option<Time>, step: &mut Step<'_>) {
        let Some(term) = &self.term else { return };
        let Some((before, after)) = term.last.written.zip(written) else {
            return;
        };
        let clock = term.clock();
        let gained = (after - before) - (step.at - term.last.time);
        // A write that was placed by its arrival, or by another clock, says nothing of this one.
        let placed = term.last.clock.as_ref() == Some(&clock);
        let back = Clocks::stepped_back(before, after);
        if back {
            let by_seconds = before - after;
            self.anomaly(Anomaly::RenewBackwards { by_seconds }, step);
            step.world.clocks.reset(&clock);
        } else if gained > JUMP && placed && step.world.clocks.warm(&clock) {
            self.anomaly(Anomaly::ClockStepForward { by_seconds: gained }, step);
        }
        self.check_writers(after, back, step);
    }

    /// A, B, A, B within one duration: two candidates that do not respect each other's claim.
    pub(super) fn check_alternation(&mut self, holder: &Arc<str>, at: Time, step: &mut Step<'_>) {
        let previous = self.checks.previous.clone();
        self.checks.previous.rotate_left(1);
        self.checks.previous[2] = Some((Arc::clone(holder), at));
        let ([Some(a), Some(b), Some(c)], Some(duration)) = (previous, self.duration) else {
            return;
        };
        let close = [(b.1 - a.1), (c.1 - b.1), (at - c.1)].iter().all(|gap| *gap < duration);
        if close && a.0 == c.0 && b.0 == *holder && a.0 != b.0 {
            let anomaly = Anomaly::AlternatingHolders { first: a.0, second: b.0 };
            self.anomaly(anomaly, step);
        }
    }

    /// A holder that re-asserts itself right after a release was wiped by somebody else's: client-go
    /// since 0.34 may release a lease that another candidate has taken meanwhile.
    pub(super) fn check_stale_release(&mut self, holder: &Arc<str>, step: &mut Step<'_>) {
        let (Some(term), Some(ended), Some(duration)) = (&self.term, &self.ended, self.duration)
        else {
            return;
        };
        let wiped = self.reason == Some(Reason::Released) && ended.at - term.start < duration;
        let again = term.holder == *holder && term.start_seen;
        let acquire = self.seen.as_ref().and_then(|seen| seen.acquire);
        if wiped && again && acquire.is_some() && acquire == term.acquire {
            self.anomaly(Anomaly::StaleRelease { holder: Arc::clone(holder) }, step);
        }
    }
}
