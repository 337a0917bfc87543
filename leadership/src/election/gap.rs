//! What a list says: at first sight, and after a time during which we were blind.
//!
//! A list is never a renewal. It says who holds a lock now, and by its count how many terms
//! nobody saw; it does not say when, nor whether a claim lapsed between.

use std::sync::Arc;

use super::{Lock, Reigning};
use crate::classify::{Write, classify};
use crate::clocks::Mark;
use crate::event::{Anomaly, End, Flag, How, Phase, Reason, TermEnd, What};
use crate::observation::{LockRecord, kind_of};
use crate::snapshot::Leader;
use crate::time::{Delta, Time};
use crate::world::{Gap, Step};

/// A stamp that lies further ahead of our clock than this was not written by a clock like ours.
const AHEAD: Delta = Delta::from_secs(2);

impl Lock {
    /// The first sight of a lock in a list: a baseline, of which nothing is counted.
    pub(crate) fn first_sight(&mut self, record: LockRecord, step: &mut Step<'_>) {
        self.view = None;
        self.take_in(record, Write::Touch, step);
        let Some((holder, renew)) = self.holder_in_list() else {
            return self.enter(Phase::Vacant, None, step.at, step);
        };
        let leader = self.find(&holder, &step.world.inventory);
        self.open_unseen(holder, leader, How::First, Mark::arrival(step.at), None, step);
        self.presume(step);
        let reason = renew.map(|renew| self.presumption(step.at - renew));
        self.enter(Phase::Unknown, reason, step.at, step);
    }

    fn presumption(&self, age: Delta) -> Reason {
        match self.duration {
            _ if age < Delta::ZERO - AHEAD => Reason::PresumedFuture,
            Some(duration) if age >= duration => Reason::PresumedExpired,
            _ => Reason::PresumedHeld,
        }
    }

    fn holder_in_list(&self) -> Option<(Arc<str>, Option<Time>)> {
        let seen = self.seen.as_ref()?;
        Some((seen.holder.clone()?, seen.renew))
    }

    /// A term whose beginning nobody saw.
    fn open_unseen(
        &mut self,
        holder: Arc<str>,
        leader: Leader,
        how: How,
        last: Mark,
        carry: Option<Mark>,
        step: &Step<'_>,
    ) {
        self.ledger.open(&holder, last.time, false);
        let acquire = self.seen.as_ref().and_then(|seen| seen.acquire);
        let own_clock = self.clock_of(&holder);
        self.term = Some(Reigning {
            holder,
            leader,
            how,
            start: last.time,
            start_seen: false,
            acquire,
            last,
            proof: false,
            carry,
            renewals: 0,
            prompt: 0,
            own_clock,
            live: false,
            came: None,
        });
        self.ended = None;
        self.patient_until = step.at;
    }

    /// The lock is in a list that came after a gap.
    pub(crate) fn relist(&mut self, record: LockRecord, gap: Gap, step: &mut Step<'_>) {
        let Some(before) = self.seen.clone() else {
            return if self.term.is_some() {
                self.take_in(record, Write::Touch, step);
                self.successor_in_gap(step);
            } else {
                self.first_sight(record, step);
            };
        };
        if before == record {
            return;
        }
        self.view = None;
        if before.uid != record.uid {
            return self.recreated(record, gap, step);
        }
        let write = classify(Some(&before), &record);
        let risen = self.compare_counts(&before, &record, step);
        self.take_in(record, write, step);
        let same = self.seen.as_ref().is_some_and(|seen| seen.holder == before.holder);
        if same {
            self.miss(risen, gap, step);
            self.renewed_in_gap(&before, step);
            self.vacated_in_gap(&before, risen);
        } else if self.seen.as_ref().is_some_and(|seen| seen.holder.is_none()) {
            self.miss(risen, gap, step);
            self.emptied_in_gap(write, risen, step);
        } else {
            self.miss(risen.saturating_sub(1), gap, step);
            self.successor_in_gap(step);
        }
    }

    /// The lock is not in a list that came after a gap.
    pub(crate) fn gone(&mut self, gap: Gap, step: &mut Step<'_>) {
        if self.seen.is_none() {
            // While we were blind it may have come and gone again.
            if step.world.clarity(kind_of(&self.key)).resumed == step.at && gap.from < gap.to {
                self.doubt_the_end();
            }
            return;
        }
        self.view = None;
        step.emit(&self.key, What::DeletedInGap { from: gap.from, to: gap.to });
        self.end_in_gap(step);
        self.seen = None;
        self.expiry = None;
        self.enter(Phase::Absent, None, step.at, step);
    }

    fn end_in_gap(&mut self, step: &Step<'_>) {
        self.end_term(End::DeletedInGap, None, TermEnd::ObserverGap, step.at);
        self.doubt_the_end();
    }

    /// Others may have led since the last term that was seen: how long nobody did is not known.
    fn doubt_the_end(&mut self) {
        if let Some(ended) = &mut self.ended {
            ended.in_gap = true;
        }
    }

    fn recreated(&mut self, record: LockRecord, gap: Gap, step: &mut Step<'_>) {
        self.anomaly(Anomaly::RecreatedInGap { from: gap.from, to: gap.to }, step);
        self.end_in_gap(step);
        self.take_in(record, Write::Touch, step);
        self.successor_in_gap(step);
    }

    /// By how much `leaseTransitions` rose; an edit or a wrap may have made it fall.
    fn compare_counts(
        &mut self,
        before: &LockRecord,
        record: &LockRecord,
        step: &mut Step<'_>,
    ) -> u32 {
        let (from, to) = (before.transitions.unwrap_or(0), record.transitions.unwrap_or(0));
        if to < from {
            self.anomaly(Anomaly::TransitionsBackwards { from, to }, step);
        }
        u32::try_from(to.saturating_sub(from)).unwrap_or(0)
    }

    fn miss(&mut self, count: u32, gap: Gap, step: &mut Step<'_>) {
        if count > 0 {
            self.count().missed += u64::from(count);
            self.ledger.missed(count, gap.from, gap.to);
            step.emit(&self.key, What::MissedTransitions { count, from: gap.from, to: gap.to });
        }
    }

    /// The same holder: if it wrote meanwhile it held the lock at its last stamp.
    fn renewed_in_gap(&mut self, before: &LockRecord, step: &mut Step<'_>) {
        let Some(seen) = &self.seen else { return };
        let (moved, renew) = (seen.renew.is_some() && seen.renew != before.renew, seen.renew);
        let Some(term) = self.term.as_mut().filter(|_| moved && seen.holder.is_some()) else {
            return;
        };
        let mut mark = step.world.clocks.recall(&term.clock(), step.at, renew);
        mark.time = mark.time.max(term.last.time);
        let time = mark.time;
        let placed = mark.clock.is_some();
        (term.last, term.live, term.came) = (mark, false, Some(step.at));
        // When a stamp of a clock that is not known was written, nobody can say.
        term.proof = placed;
        self.ended = None;
        self.claim(time, step);
        // It lived after we went blind. Its clock may have been set since, so a live holder gets the time to say so.
        self.patient_until = step.at + self.overdue();
        self.enter(Phase::Held, None, time, step);
    }

    /// Nobody holds it, as before; but somebody may have held it and given it up between.
    fn vacated_in_gap(&mut self, before: &LockRecord, risen: u32) {
        let Some(seen) = &self.seen else { return };
        if seen.holder.is_none() && (risen > 0 || seen.renew != before.renew) {
            self.doubt_the_end();
        }
    }

    /// Nobody holds it any more: what is in it says whether its holder gave it up.
    /// If others may have held it between, it was not necessarily this holder, nor its clock.
    fn emptied_in_gap(&mut self, write: Write, risen: u32, step: &mut Step<'_>) {
        let counted = |seen: &&LockRecord| risen == 0 && seen.strategy.is_none();
        let renew = self.seen.as_ref().filter(counted).and_then(|seen| seen.renew);
        let clock = self.term.as_ref().map(Reigning::clock);
        let placed = clock
            .map(|clock| step.world.clocks.recall(&clock, step.at, renew))
            .filter(|mark| mark.clock.is_some() && write == Write::Release);
        if let Some(mark) = placed {
            return self.give_up(End::Release, mark, step);
        }
        let (reason, end) = if write == Write::Release {
            (Reason::Released, End::Release)
        } else {
            (Reason::Cleared, End::Cleared)
        };
        self.end_term(end, None, TermEnd::ObserverGap, step.at);
        self.expiry = None;
        self.enter(Phase::Vacant, Some(reason), step.at, step);
    }

    /// Somebody else holds it now, or it exists again.
    fn successor_in_gap(&mut self, step: &mut Step<'_>) {
        self.view = None;
        let Some((holder, renew)) = self.holder_in_list() else {
            self.doubt_the_end();
            return self.enter(Phase::Vacant, Some(Reason::NeverHeld), step.at, step);
        };
        let leader = self.find(&holder, &step.world.inventory);
        let clock = leader.node.clone().unwrap_or_else(|| self.clock_of(&holder));
        let acquire = self.seen.as_ref().and_then(|seen| seen.acquire).or(renew);
        let first = step.world.clocks.recall(&clock, step.at, acquire);
        let last = step.world.clocks.recall(&clock, step.at, renew);
        self.begin(holder, leader, How::Takeover, first, false, vec![Flag::ObserverGap], step);
        if let Some(term) = &mut self.term {
            (term.last, term.live, term.start_seen) = (last, false, false);
            term.came = Some(step.at);
            // It has written itself since, and when that was is not known.
            term.carry = None;
        }
        let from = self.term.as_ref().map_or(step.at, |term| term.last.time);
        self.claim(from, step);
        self.patient_until = step.at;
    }
}
