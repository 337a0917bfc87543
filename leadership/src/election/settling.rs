//! From a failover as it is told at once to its final form.

use std::sync::Arc;

use super::{Lock, Pending};
use crate::event::{Cause, End, Failover, Flag, Stage, What};
use crate::failover::{Handover, Ready, Verdict};
use crate::time::{Delta, Time};
use crate::world::Step;

/// The clocks have settled after so long, or after [`PROVEN`] renewals.
const SETTLED: Delta = Delta::from_secs(60);
/// A cause that only silence speaks for waits so long for evidence: the control plane takes up to
/// 50 s to give a node up.
const EVIDENCE: Delta = Delta::from_secs(90);
/// Renewals, delivered as they were made, after which the new holder's clock is known.
const PROVEN: u64 = 8;

impl Lock {
    /// What is pending about a handover until it is final.
    pub(super) fn pend(&self, handover: Handover, step: &mut Step<'_>) -> Option<Pending> {
        let scene = self.scene()?;
        if let Some(last) = handover.last.as_ref().filter(|_| handover.end == End::Silent) {
            let process = Arc::clone(&scene.process);
            step.world.stalls.note(&self.key, process, last.time, handover.first.time);
        }
        let (began, due) = (step.at, step.at + SETTLED);
        Some(Pending { handover, scene, began, due, measured: false })
    }

    /// The numbers and the cause by what is known now, and whether the cause is settled.
    pub(super) fn measure(
        &self,
        it: &Pending,
        stage: Stage,
        now: Time,
        step: &Step<'_>,
    ) -> (Failover, Verdict) {
        let verdict = self.attribute(it, now, step);
        (it.handover.measure(&step.world.clocks, stage, &verdict), verdict)
    }

    pub(super) fn announce(
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

    fn publish(&mut self, failover: Failover, step: &mut Step<'_>) {
        let failover = Arc::new(failover);
        self.recall(Arc::clone(&failover));
        step.emit(&self.key, What::Failover(failover));
    }

    /// Readers see the failover so from now on.
    fn recall(&mut self, failover: Arc<Failover>) {
        self.ledger.annotate(&failover);
        self.last_failover = Some(failover);
        self.view = None;
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
        if !pending.measured {
            self.count().window(&failover);
        }
        self.count().cause(&failover);
        self.learn_deadline(&failover, &verdict, &pending.handover);
        self.publish(failover, step);
    }

    /// The clocks have settled: the window is counted. The failover becomes final if its cause is
    /// settled at `now`, too; else it waits for evidence.
    pub(super) fn settle_if_told(&mut self, now: Time, step: &mut Step<'_>) {
        let Some(pending) = &self.pending else { return };
        let (waited, due, measured) = (pending.began + EVIDENCE, pending.due, pending.measured);
        let (failover, verdict) = self.measure(pending, Stage::Provisional, now, step);
        if waited <= now || verdict.settled {
            return self.settle_at(now, step);
        }
        if !measured {
            self.count().window(&failover);
            self.recall(Arc::new(failover));
        }
        if let Some(pending) = &mut self.pending {
            pending.measured = true;
            pending.due = if due <= now { waited } else { due };
        }
    }

    /// When the leader's pod became ready, by its node's clock where that is known.
    fn ready_since(&self, step: &Step<'_>) -> Ready {
        let since =
            self.term.as_ref().and_then(|term| {
                let leader = &term.leader;
                let (namespace, name) = leader.pod_namespace.as_ref().zip(leader.pod.as_ref())?;
                let inventory = &step.world.inventory;
                let pod = inventory.pod_named(namespace, name)?.record;
                let since = pod.ready_since.filter(|_| inventory.fresh(&pod, term.start))?;
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
