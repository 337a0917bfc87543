//! One term ends, another begins: the handover and its numbers.

use std::sync::Arc;

use super::{Ended, Lock, Pending, Reigning, SOFT_RELEASE};
use crate::clocks::Mark;
use crate::event::{Cause, End, Failover, Flag, How, Phase, Stage, What};
use crate::failover::{Handover, Ready, Until, Verdict, same_host};
use crate::snapshot::Leader;
use crate::time::{Delta, Time};
use crate::world::Step;

/// The clocks have settled after so long, or after [`PROVEN`] renewals.
const SETTLED: Delta = Delta::from_secs(60);
/// A cause that only silence speaks for waits so long for evidence: the control plane takes up to
/// 50 s to give a node up.
const EVIDENCE: Delta = Delta::from_secs(90);
/// How long a candidate tries to get a write through, where no duration tells.
const PATIENCE: Delta = Delta::from_secs(10);
/// Renewals, delivered as they were made, after which the new holder's clock is known.
const PROVEN: u64 = 8;

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
        });
        (self.ended, self.wished) = (None, None);
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
            patience: self.duration.map_or(PATIENCE, |duration| duration.ratio(2, 3)),
            ready: self.readiness(to, step),
        })
    }

    fn last_write(&self, term: &Reigning) -> Option<Mark> {
        let release = self.ended.as_ref().and_then(|ended| ended.release.as_ref());
        release.or(term.last_proof()).cloned()
    }

    /// How the term ended, and until when its claim kept others out.
    fn ending(&self, term: &Reigning, first: &Mark, forced: bool) -> (End, Until) {
        match &self.ended {
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
        let ready = leader.pod_namespace.zip(leader.pod).is_some_and(|(namespace, name)| {
            step.world
                .inventory
                .pod_named(&namespace, &name)
                .is_some_and(|seen| seen.record.ready())
        });
        if ready { Ready::AtOnce } else { Ready::Unknown }
    }

    /// What is pending about a handover until it is final.
    fn pend(&self, handover: Handover, step: &mut Step<'_>) -> Option<Pending> {
        let scene = self.scene()?;
        if let Some(last) = handover.last.as_ref().filter(|_| handover.end == End::Silent) {
            let process = Arc::clone(&scene.process);
            step.world.stalls.note(&self.key, process, last.time, handover.first.time);
        }
        Some(Pending { handover, scene, began: step.at, due: step.at + SETTLED })
    }

    /// The numbers and the cause by what is known now, and whether the cause is settled.
    fn measure(
        &self,
        it: &Pending,
        stage: Stage,
        now: Time,
        step: &Step<'_>,
    ) -> (Failover, Verdict) {
        let verdict = self.attribute(it, now, step);
        (it.handover.measure(&step.world.clocks, stage, &verdict), verdict)
    }

    fn announce(
        &mut self,
        pending: Option<Pending>,
        failover: Option<Failover>,
        step: &mut Step<'_>,
    ) {
        let (Some(pending), Some(failover)) = (pending, failover) else {
            return;
        };
        self.overlap_until = self.overlap(&failover);
        self.publish(failover, step);
        self.pending = Some(Box::new(pending));
    }

    /// Until when the old leader may still work: a client-go leader that cannot renew stops after
    /// its interval and its renew deadline, which is assumed to be two thirds of the duration
    /// until it was seen.
    fn overlap(&self, failover: &Failover) -> Option<Time> {
        if !failover.has(Flag::OverlapPossible) {
            return None;
        }
        let deadline = self.renew_deadline.or(self.duration.map(|it| it.ratio(2, 3)))?;
        let until = failover.last_write? + self.cadence.interval().unwrap_or_default() + deadline;
        (until > failover.first_write).then_some(until)
    }

    pub(super) fn publish(&mut self, failover: Failover, step: &mut Step<'_>) {
        let failover = Arc::new(failover);
        self.ledger.annotate(&failover);
        self.last_failover = Some(Arc::clone(&failover));
        step.emit(&self.key, What::Failover(failover));
    }

    /// The failover becomes final, by what is known now, and is counted.
    pub(crate) fn settle(&mut self, step: &mut Step<'_>) {
        self.settle_at(step.at, step);
    }

    fn settle_at(&mut self, now: Time, step: &mut Step<'_>) {
        let Some(mut pending) = self.pending.take() else {
            return;
        };
        self.view = None;
        if pending.handover.ready == Ready::Unknown {
            pending.handover.ready = self.ready_since(step);
        }
        let (failover, verdict) = self.measure(&pending, Stage::Final, now, step);
        self.tally.failover(&failover);
        self.learn_deadline(&failover, &verdict, &pending.handover);
        self.publish(failover, step);
    }

    /// The failover becomes final if its cause is settled at `now`; else it waits for evidence.
    pub(super) fn settle_if_told(&mut self, now: Time, step: &mut Step<'_>) {
        let Some(pending) = &self.pending else { return };
        let waited = pending.began + EVIDENCE;
        if waited <= now || self.attribute(pending, now, step).settled {
            self.settle_at(now, step);
        } else if let Some(pending) = self.pending.as_mut().filter(|it| it.due <= now) {
            pending.due = waited;
        }
    }

    /// When the leader's pod became ready, by its node's clock where that is known.
    fn ready_since(&self, step: &Step<'_>) -> Ready {
        let since =
            self.term.as_ref().and_then(|term| {
                let leader = &term.leader;
                let (namespace, name) = leader.pod_namespace.as_ref().zip(leader.pod.as_ref())?;
                let pod = &step.world.inventory.pod_named(namespace, name)?.record;
                let since = pod.ready_since?;
                let node = pod.node.as_ref().filter(|node| step.world.clocks.warm(node));
                Some(node.map_or(since, |node| {
                    step.world.clocks.recall(node, step.at, Some(since)).time
                }))
            });
        since.map_or(Ready::Unknown, Ready::Since)
    }

    /// A process that ended because it could not renew tells how long it tries.
    fn learn_deadline(&mut self, failover: &Failover, verdict: &Verdict, it: &Handover) {
        if failover.cause == Cause::RenewStalledThenExit {
            let tried = verdict.death.map(|death| death - it.interval.unwrap_or_default());
            let tried = tried.filter(|tried| *tried > Delta::ZERO);
            // It may have taken its time to end: the shortest that was seen is the nearest.
            self.renew_deadline = tried.into_iter().chain(self.renew_deadline).min();
        }
    }

    pub(super) fn settle_if_proven(&mut self, step: &mut Step<'_>) {
        let proven = self.term.as_ref().is_some_and(|term| term.prompt >= PROVEN);
        if proven && self.pending.is_some() {
            self.settle_if_told(step.at, step);
        }
    }

    /// When the pending failover becomes final at the latest.
    pub(super) fn settles(&self) -> Option<Time> {
        self.pending.as_ref().map(|pending| pending.due)
    }
}
