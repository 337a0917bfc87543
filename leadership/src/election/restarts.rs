//! A process that comes back under its old name: the lock shows nothing but a long gap.

use std::sync::Arc;

use super::Lock;
use super::attribution::{OVERDUE, Scene, only_of, pod_of};
use crate::cause::{CUT, attribute, of_restart};
use crate::clocks::Mark;
use crate::event::{End, Failover, Flag, Phase, Stage, What};
use crate::failover::{Handover, Ready, Until, Verdict};
use crate::identity::parse_as;
use crate::inventory::{Index, Seen};
use crate::snapshot::Leader;
use crate::time::{Delta, Time};
use crate::world::Step;

/// A kubelet tells of a container that it started again within this time, mostly.
const FIRST_LOOK: Delta = Delta::from_secs(5);
/// After this it will not.
const LAST_LOOK: Delta = Delta::from_secs(90);

/// How sure it is that a name was its pod's while that lived, in thousandths.
const NAMED: u16 = 900;

/// A gap between two renewals of one holder that was longer than its cadence allows.
#[derive(Debug)]
pub(super) struct Lapse {
    last: Mark,
    first: Mark,
    pub(super) leader: Leader,
    /// Who it was: another may hold the lock by the time that the kubelet tells.
    pub(super) holder: Arc<str>,
    process: Arc<str>,
    began: Time,
    /// When its pod is looked at next.
    pub(super) due: Time,
}

impl Lock {
    /// The holder renewed after its renewal had been overdue.
    pub(super) fn lapsed(&mut self, last: Mark, first: Mark, step: &mut Step<'_>) {
        if !matches!(self.phase, Phase::Late | Phase::Expired) {
            return;
        }
        let Some(term) = &self.term else { return };
        // Whoever comes back under a name that only one process has never went.
        let told = self.reading.as_ref().and_then(|reading| reading.identity);
        if term.leader.pod.is_none() || parse_as(&term.holder, told).format.unique() {
            return;
        }
        self.lapse = Some(Box::new(Lapse {
            last,
            first,
            leader: term.leader.clone(),
            holder: Arc::clone(&term.holder),
            process: term.process(),
            began: step.at,
            due: step.at + FIRST_LOOK,
        }));
    }

    /// Looks whether the holder's container had ended in the gap.
    pub(super) fn check_restart(&mut self, due: Time, step: &mut Step<'_>) {
        let Some(mut lapse) = self.lapse.take_if(|lapse| lapse.due <= due) else {
            return;
        };
        if let Some(verdict) = self.restart(&lapse, step).or_else(|| self.replaced(&lapse, step)) {
            return self.restarted(&lapse, &verdict, step);
        }
        lapse.due = lapse.due + (lapse.due - lapse.began);
        if lapse.due <= lapse.began + LAST_LOOK {
            self.lapse = Some(lapse);
        }
    }

    /// From the holder to itself.
    fn to_itself(&self, lapse: &Lapse, step: &Step<'_>) -> Handover {
        Handover {
            from: Arc::clone(&lapse.holder),
            to: Arc::clone(&lapse.holder),
            end: End::ProcessRestart,
            last: Some(lapse.last.clone()),
            first: lapse.first.clone(),
            until: self.duration.map_or(Until::Unknown, Until::After),
            interval: self.cadence.interval(),
            flags: vec![Flag::SameHolder],
            grace: step.world.lateness.grace(),
            patience: self.patience(),
            ready: Ready::Unknown,
        }
    }

    fn restarted(&mut self, lapse: &Lapse, verdict: &Verdict, step: &mut Step<'_>) {
        let handover = self.to_itself(lapse, step);
        let failover = Arc::new(handover.measure(&step.world.clocks, Stage::Final, verdict));
        self.view = None;
        self.count().restarts += 1;
        self.count().window(&failover);
        self.count().cause(&failover);
        // It ended no term, so history does not change; and another may have led since.
        let newer = |last: &Arc<Failover>| last.first_write > failover.first_write;
        if !self.last_failover.as_ref().is_some_and(newer) {
            self.last_failover = Some(Arc::clone(&failover));
        }
        step.emit(&self.key, What::Failover(failover));
    }

    /// That one of the pod's containers ended between the two renewals: both and the end are stamped
    /// by the clock of one node.
    fn restart(&self, lapse: &Lapse, step: &Step<'_>) -> Option<Verdict> {
        let world = &*step.world;
        let mut pod = pod_of(&lapse.leader, &world.inventory)?;
        only_of(self.container(), &mut pod.record);
        let (last, first) = (lapse.last.written?, lapse.first.written?);
        let within = |end: Time| end > last - CUT && end <= first;
        let end = pod.record.terminations.iter().find(|end| end.finished.is_some_and(within))?;
        let death = end.finished? - last;
        let interval = self.cadence.interval().unwrap_or_default();
        let overdue = world.clocks.settle(&lapse.last) + interval + OVERDUE;
        let back = world.clocks.settle(&lapse.first);
        let others = world.active.saturating_sub(1);
        let common = world.stalls.common(&self.key, &lapse.process, overdue, back, others);
        let finding = of_restart(end, death, interval, common);
        Some(Verdict { finding, settled: true, death: Some(death) })
    }

    /// That the pod went in the gap and another one came under its name, as a `StatefulSet`'s does.
    fn replaced(&self, lapse: &Lapse, step: &Step<'_>) -> Option<Verdict> {
        let clocks = &step.world.clocks;
        let (last, first) = (clocks.settle(&lapse.last), clocks.settle(&lapse.first));
        let within = |seen: &Seen| seen.gone.is_some_and(|at| at > last - CUT && at < first + CUT);
        let Leader { pod, pod_namespace, .. } = &lapse.leader;
        let pod = pod.as_ref()?;
        let next = step.world.inventory.pod_named(pod_namespace.as_ref()?, pod)?;
        let named = step.world.inventory.find_gone(Index::Name, pod);
        let mut named = named.into_iter().filter(|_| next.gone.is_none());
        let near = |seen: &Seen| Some(&seen.record.namespace) == pod_namespace.as_ref();
        let old = named.find(|seen| near(seen) && within(seen))?.record;
        let leader = Leader {
            uid: Some(old.uid),
            node: old.node,
            confidence: NAMED,
            ..lapse.leader.clone()
        };
        let process = Arc::clone(&lapse.process);
        let scene = Scene { leader, process, asked: None, manager: None, owner: None };
        let handover = self.to_itself(lapse, step);
        let case = self.case(&handover, &scene, step.at, step);
        let death = case.death_by(handover.span(clocks));
        let (finding, settled) = attribute(&case);
        Some(Verdict { finding, settled, death })
    }
}
