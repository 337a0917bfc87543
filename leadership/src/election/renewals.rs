//! What a renewal proves, and what its distance from the one before teaches.

use super::Lock;
use crate::clocks::Mark;
use crate::event::{How, Phase, What};
use crate::failover::Ready;
use crate::observation::kind_of;
use crate::time::{Delta, Time};
use crate::world::Step;

/// A holder that renews for the first time sooner than this after acquiring only confirms it.
const CONFIRMATION: Delta = Delta::from_secs(1);

impl Lock {
    pub(super) fn renewed(&mut self, step: &mut Step<'_>) {
        if matches!(self.phase, Phase::Vacant | Phase::Absent) {
            return self.acquired(How::Reacquire, step);
        }
        let written = self.fine(self.seen.as_ref().and_then(|seen| seen.renew));
        self.check_stamp(written, step);
        let Some(term) = &mut self.term else { return };
        let mut mark = step.mark(&term.clock(), written);
        mark.time = mark.time.max(term.last.time);
        self.measure_gap(&mark, step);
        self.prove_life(mark, step);
    }

    /// The holder's own write: its claim runs anew.
    fn prove_life(&mut self, mark: Mark, step: &mut Step<'_>) {
        let Some(term) = &mut self.term else { return };
        let (before, time) = (term.last.time, mark.time);
        let (last, first) = (term.last.clone(), mark.clone());
        let (proven, live, process) = (term.proof, term.live, term.process());
        if !term.proof {
            self.first_own_write(time);
        }
        let Some(term) = &mut self.term else { return };
        (term.last, term.live, term.carry) = (mark, true, None);
        term.came = Some(step.at);
        let unproven = !std::mem::replace(&mut term.proof, true);
        term.renewals += 1;
        term.prompt += u64::from(step.at >= step.world.clarity(kind_of(&self.key)).caught_up);
        let known_expiry = self.expiry.filter(|_| self.phase == Phase::Expired && !unproven);
        if let Some(expiry) = known_expiry {
            self.resume(expiry, before, time, step);
        }
        if proven && live && time - before > self.late_after() {
            step.world.stalls.note(&self.key, process, before, time);
            self.lapsed(last, first, step);
        }
        self.claim(time, step);
        self.enter(Phase::Held, None, time, step);
        self.settle_if_proven(step);
    }

    /// For an appointed holder the term is real from its first own write.
    fn first_own_write(&mut self, time: Time) {
        let appointed = self.term.as_ref().is_some_and(|term| term.how == How::Assign);
        if let Some(pending) = self.pending.as_mut().filter(|_| appointed) {
            pending.handover.ready = Ready::Since(time);
        }
    }

    fn resume(&mut self, expiry: Time, before: Time, time: Time, step: &mut Step<'_>) {
        let what = if time <= expiry {
            What::ExpiredRetracted
        } else {
            What::Resumed { lapse_seconds: time - expiry, unrenewed_seconds: time - before }
        };
        step.emit(&self.key, what);
    }

    /// Learns the cadence from a gap between two renewals that were both seen.
    fn measure_gap(&mut self, mark: &Mark, step: &Step<'_>) {
        let Some(term) = &self.term else { return };
        let seen_live =
            term.live && term.last.arrived >= step.world.clarity(kind_of(&self.key)).resumed;
        let stamped = mark.written.zip(term.last.written).map(|(now, before)| now - before);
        let arrived = mark.arrived - term.last.time;
        let gap = stamped.map_or(arrived, |stamped| stamped.min(arrived));
        let confirmation = term.renewals == 0 && gap < CONFIRMATION;
        if !term.proof || !seen_live || confirmation || gap <= Delta::ZERO {
            return;
        }
        if let Some(duration) = self.duration {
            let ratio = gap.as_secs_f64() / duration.as_secs_f64();
            self.gaps.observe(&crate::tally::GAP_BUCKETS, ratio);
        }
        if self.duration.is_none_or(|duration| gap <= duration) {
            self.cadence.learn(gap);
        }
    }
}
