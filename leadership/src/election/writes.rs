//! What each class of write does to an election.

use std::sync::Arc;

use super::{Ended, Lock, Reigning, SOFT_RELEASE, duration_of};
use crate::classify::{Write, classify};
use crate::clocks::{Clocks, Mark};
use crate::event::{Anomaly, End, Flag, How, Phase, Reason, TermEnd, What};
use crate::lock::LockKind;
use crate::observation::LockRecord;
use crate::time::{Delta, Time};
use crate::world::Step;

impl Lock {
    /// The object was created or changed, and the watch delivered it.
    pub(crate) fn write(&mut self, record: LockRecord, step: &mut Step<'_>) {
        // Delivered out of order. Only a list may turn time back: a restored cluster begins with one.
        if self.seen.as_ref().is_some_and(|seen| record.older_than(seen)) {
            return;
        }
        self.view = None;
        if self.seen.as_ref().is_some_and(|seen| seen.uid != record.uid) {
            let uid = Arc::clone(&self.uid);
            self.anomaly(Anomaly::MissedDelete { uid }, step);
            self.vanish(step);
        }
        let write = classify(self.seen.as_ref(), &record);
        self.check_transitions(&record, write, step);
        self.take_in(record, write, step);
        match write {
            Write::Touch => self.touched(step),
            Write::Acquire => self.acquired(How::Acquire, step),
            Write::Takeover => self.acquired(How::Takeover, step),
            Write::Reacquire => self.acquired(How::Reacquire, step),
            Write::Assign => self.appointed(How::Assign, step),
            Write::Forced => self.appointed(How::Forced, step),
            Write::Renew => self.renewed(step),
            Write::Release => self.released(End::Release, step),
            Write::SoftRelease => self.released(End::SoftRelease, step),
            Write::Clear => self.cleared(step),
        }
    }

    /// The object was deleted, and the watch said so.
    pub(crate) fn delete(&mut self, step: &mut Step<'_>) {
        self.view = None;
        if self.seen.is_some() {
            let holder = self.seen.as_ref().and_then(|seen| seen.holder.clone());
            step.emit(&self.key, What::LeaseDeleted { holder });
            self.vanish(step);
        }
    }

    fn vanish(&mut self, step: &mut Step<'_>) {
        self.end_term(End::Deleted, None, TermEnd::Deleted, step.at);
        self.seen = None;
        self.expiry = None;
        self.enter(Phase::Absent, None, step.at, step);
    }

    /// Keeps the object and says what changed besides the holder.
    pub(super) fn take_in(&mut self, record: LockRecord, write: Write, step: &mut Step<'_>) {
        let record = self.share(record);
        let before = self.seen.replace(record);
        let Some(now) = &self.seen else { return };
        self.uid = Arc::clone(&now.uid);
        if self.owner != now.owner {
            self.owner.clone_from(&now.owner);
        }
        let preferred = now.preferred_holder.clone();
        let wished = before.as_ref().and_then(|before| before.preferred_holder.clone());
        let real = !matches!(write, Write::Release | Write::SoftRelease) && now.holder.is_some();
        let (held, duration) = (now.holder.is_some(), duration_of(now));
        let nameless = held && duration.is_none();
        let had = before.as_ref().filter(|before| before.holder.is_some());
        if nameless && had.is_none_or(|before| duration_of(before).is_some()) {
            self.anomaly(Anomaly::NoDuration, step);
        }
        if real {
            self.note_duration(duration, step);
        }
        if let Some(to) = preferred.filter(|to| wished.as_ref() != Some(to)) {
            // Where nobody holds it, nobody is asked to let go.
            self.asked = held.then_some(step.at);
            step.emit(&self.key, What::PreemptRequested { to });
        }
    }

    /// Every renewal brings the same names again: one copy of them is enough.
    fn share(&self, mut record: LockRecord) -> LockRecord {
        record.key = self.key.clone();
        if record.uid == self.uid {
            record.uid = Arc::clone(&self.uid);
        }
        if self.holder().is_some_and(|holder| Some(holder) == record.holder.as_ref()) {
            record.holder = self.holder().cloned();
        }
        if let Some(seen) = &self.seen
            && seen.labels == record.labels
        {
            record.labels.clone_from(&seen.labels);
        }
        record
    }

    fn note_duration(&mut self, duration: Option<Delta>, step: &mut Step<'_>) {
        let seconds =
            |delta: Delta| i32::try_from(delta.as_micros() / 1_000_000).unwrap_or(i32::MAX);
        if let (Some(from), Some(to)) = (self.duration, duration)
            && from != to
        {
            let (from_seconds, to_seconds) = (seconds(from), seconds(to));
            step.emit(&self.key, What::DurationChanged { from_seconds, to_seconds });
        }
        self.duration = duration;
    }

    fn touched(&mut self, step: &mut Step<'_>) {
        let empty = self.seen.as_ref().is_some_and(|seen| seen.holder.is_none());
        if self.phase == Phase::Absent && empty {
            self.enter(Phase::Vacant, Some(Reason::NeverHeld), step.at, step);
        }
    }

    /// A candidate wrote itself in.
    pub(super) fn acquired(&mut self, how: How, step: &mut Step<'_>) {
        let Some((holder, written)) = self.claimant() else {
            return;
        };
        self.check_stale_release(&holder, step);
        let leader = self.find(&holder, &step.world.inventory);
        let clock = leader.node.clone().unwrap_or_else(|| self.clock_of(&holder));
        let backwards = self.own_stamp(&holder).zip(written);
        if backwards.is_some_and(|(before, after)| Clocks::stepped_back(before, after)) {
            step.world.clocks.reset(&clock);
        }
        let mark = step.mark(&clock, self.fine(written));
        self.begin(holder, leader, how, mark, true, Vec::new(), step);
    }

    /// Somebody else wrote a holder in: the controller of coordinated election, or a person.
    fn appointed(&mut self, how: How, step: &mut Step<'_>) {
        let Some((holder, _)) = self.claimant() else {
            return;
        };
        let leader = self.find(&holder, &step.world.inventory);
        let flag = if how == How::Forced { Flag::ForcedEdit } else { Flag::AssignedByCle };
        let mark = Mark::arrival(step.at);
        self.begin(holder, leader, how, mark, false, vec![flag], step);
    }

    fn claimant(&self) -> Option<(Arc<str>, Option<Time>)> {
        let seen = self.seen.as_ref()?;
        Some((seen.holder.clone()?, seen.renew))
    }

    /// A stamp, if it places a write better than its arrival does: those in annotations are mostly cut to seconds.
    pub(super) fn fine(&self, stamp: Option<Time>) -> Option<Time> {
        let whole = |at: &Time| at.as_micros() % 1_000_000 == 0;
        stamp.filter(|at| self.key.kind == LockKind::Lease || !whole(at))
    }

    /// The last stamp that this holder itself wrote here.
    fn own_stamp(&self, holder: &Arc<str>) -> Option<Time> {
        self.term.as_ref().filter(|term| term.holder == *holder).and_then(|term| term.last.written)
    }

    fn released(&mut self, end: End, step: &mut Step<'_>) {
        let written = self.fine(self.seen.as_ref().and_then(|seen| seen.renew));
        let mark = match self.term.as_ref().map(Reigning::clock) {
            Some(clock) => step.mark(&clock, written),
            None => Mark::arrival(step.at),
        };
        self.give_up(end, mark, step);
    }

    /// The holder gave the lock up, by this write.
    pub(super) fn give_up(&mut self, end: End, mut mark: Mark, step: &mut Step<'_>) {
        let Some(term) = &self.term else {
            return self.enter(Phase::Vacant, Some(Reason::Released), step.at, step);
        };
        let holder = Arc::clone(&term.holder);
        mark.time = mark.time.max(term.last.time);
        let time = mark.time;
        self.end_term(end, Some(mark), TermEnd::Released, time);
        let soft = end == End::SoftRelease;
        self.expiry = Some(if soft { time + SOFT_RELEASE } else { time });
        step.emit(&self.key, What::Released { holder, soft });
        self.enter(Phase::Vacant, Some(Reason::Released), time, step);
    }

    /// Somebody else emptied the lock: its leader may still work.
    fn cleared(&mut self, step: &mut Step<'_>) {
        let manager = self.seen.as_ref().and_then(|seen| seen.manager.clone());
        self.anomaly(Anomaly::HolderCleared { manager }, step);
        self.end_term(End::Cleared, None, TermEnd::Cleared, step.at);
        self.expiry = Some(step.at);
        self.enter(Phase::Vacant, Some(Reason::Cleared), step.at, step);
    }

    /// Notes how the present term ended, once.
    pub(super) fn end_term(&mut self, end: End, release: Option<Mark>, ended: TermEnd, at: Time) {
        if self.ended.is_some() {
            return;
        }
        let Some(term) = &self.term else { return };
        let last = release.as_ref().or(term.last_proof()).map_or(term.last.time, |mark| mark.time);
        self.count().end(ended);
        self.ledger.close(last, end, ended);
        let by = self.seen.as_ref().and_then(|seen| seen.manager.clone());
        let in_gap = ended == TermEnd::ObserverGap;
        let by = by.filter(|_| end == End::Cleared);
        let owner = self.owner.clone().filter(|_| end == End::Deleted);
        self.ended = Some(Box::new(Ended { end, release, at, in_gap, by, owner }));
    }
}
