//! One term ends, another begins: the handover and its numbers.

use std::sync::Arc;

use super::{Ended, Lock, Reigning, SOFT_RELEASE};
use crate::clocks::Mark;
use crate::event::{End, Flag, How, Phase, Stage, What};
use crate::failover::{Handover, Ready, Until, same_host};
use crate::snapshot::Leader;
use crate::time::Delta;
use crate::world::Step;

/// How long a candidate tries to get a write through, where no duration tells.
const PATIENCE: Delta = Delta::from_secs(10);

impl Lock {
    /// A term begins with the write `first`; the one before it, if any, is closed.
    #[expect(clippy::too_many_arguments, reason = "a term has as many independent properties")]
    pub(super) fn begin(
        &mut self,
        holder: Arc<str>,
        leader: Leader,
        how: How,
        first: Mark,
        proof: bool,
        flags: Vec<Flag>,
        step: &mut Step<'_>,
    ) {
        self.settle(step);
        let forced = how == How::Forced;
        let handover = self.handover(&holder, &first, forced, flags, step);
        let pending = handover.and_then(|it| self.pend(it, step));
        let failover =
            pending.as_ref().map(|it| self.measure(it, Stage::Provisional, step.at, step).0);
        if let Some(failover) = &failover {
            self.end_term(failover.end, None, failover.term_end(), first.time);
        }
        let how = if self.term.is_some() { how } else { How::First };
        let time = first.time;
        self.check_alternation(&holder, time, step);
        self.ledger.open(&holder, time, true);
        step.emit(&self.key, What::Term { holder: Arc::clone(&holder), how });
        let carry =
            if proof { None } else { pending.as_ref().and_then(|it| it.handover.last.clone()) };
        let acquire = self.seen.as_ref().and_then(|seen| seen.acquire);
        let own_clock = self.clock_of(&holder);
        self.term = Some(Reigning {
            holder,
            leader,
            how,
            start: time,
            start_seen: true,
            acquire,
            last: first,
            proof,
            carry,
            renewals: 0,
            prompt: 0,
            own_clock,
            live: true,
            came: Some(step.at),
        });
        (self.ended, self.asked) = (None, None);
        self.claim(time, step);
        self.enter(Phase::Held, None, time, step);
        self.announce(pending, failover, step);
    }

    /// What is known of the change from the present term to one of `to`.
    pub(super) fn handover(
        &self,
        to: &Arc<str>,
        first: &Mark,
        forced: bool,
        mut flags: Vec<Flag>,
        step: &Step<'_>,
    ) -> Option<Handover> {
        let term = self.term.as_ref().filter(|_| !self.rested())?;
        let last = self.last_write(term);
        let marks = [
            (last.is_none(), Flag::UnknownStart),
            (last.is_some() && !term.proof && self.ended.is_none(), Flag::ViaUnproven),
            (term.holder == *to, Flag::SameHolder),
            (same_host(&term.holder, to), Flag::SameHost),
        ];
        flags.extend(marks.iter().filter(|(holds, _)| *holds).map(|(_, flag)| *flag));
        if self.ended.as_ref().is_some_and(|ended| ended.in_gap) {
            flags.push(Flag::ObserverGap);
        }
        let (end, until) = self.ending(term, first, forced);
        Some(Handover {
            from: Arc::clone(&term.holder),
            to: Arc::clone(to),
            end,
            last,
            first: first.clone(),
            until,
            interval: self.cadence.interval().or(self.duration.map(|it| it.ratio(1, 3))),
            flags,
            grace: step.world.lateness.grace(),
            patience: self.patience(),
            ready: self.readiness(to, step),
        })
    }

    /// How long a candidate tries to get a write through.
    pub(super) fn patience(&self) -> Delta {
        self.duration.map_or(PATIENCE, |duration| duration.ratio(2, 3))
    }

    fn last_write(&self, term: &Reigning) -> Option<Mark> {
        let release = self.ended.as_ref().and_then(|ended| ended.release.as_ref());
        release.or(term.last_proof()).cloned()
    }

    /// How the term ended, and until when its claim kept others out.
    fn ending(&self, term: &Reigning, first: &Mark, forced: bool) -> (End, Until) {
        match self.ended.as_deref() {
            Some(Ended { end: End::Release, .. }) => (End::Release, Until::After(Delta::ZERO)),
            Some(Ended { end: End::SoftRelease, .. }) => {
                (End::SoftRelease, Until::After(SOFT_RELEASE))
            }
            Some(Ended { end, at, .. }) => (*end, Until::At(*at)),
            None if forced => (End::Cleared, Until::At(first.time)),
            None => (End::Silent, self.ran_out(term)),
        }
    }

    fn ran_out(&self, term: &Reigning) -> Until {
        match self.expiry {
            Some(expiry) if term.proof => Until::After(expiry - term.last.time),
            Some(expiry) => Until::At(expiry),
            None => Until::Unknown,
        }
    }

    /// Whether the new holder's pod is known to be ready by now.
    fn readiness(&self, holder: &str, step: &Step<'_>) -> Ready {
        let leader = self.find(holder, &step.world.inventory);
        let inventory = &step.world.inventory;
        let ready = leader.pod_namespace.zip(leader.pod).is_some_and(|(namespace, name)| {
            let pod = inventory.pod_named(&namespace, &name).map(|seen| seen.record);
            pod.is_some_and(|pod| pod.ready() && inventory.fresh(&pod, step.at))
        });
        if ready { Ready::AtOnce } else { Ready::Unknown }
    }
}
