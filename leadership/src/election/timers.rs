//! What happens to an election when nothing happens.

use super::{Lock, duration_of};
use crate::event::{Phase, What};
use crate::time::{Delta, Time};
use crate::world::Step;

/// A lock that was deleted after a term is kept so long, to say who led and for how long nobody has.
const ABSENT_KEPT: Delta = Delta::from_secs(600);

impl Lock {
    /// When its claim has to be judged next. Does not come while we are blind.
    pub(crate) fn claim_deadline(&self, grace: Delta) -> Option<Time> {
        let due = match self.phase {
            Phase::Held => Some(self.term.as_ref()?.last.time + self.late_after()),
            Phase::Late | Phase::Unknown => {
                let due = self.expiry.map(|expiry| expiry + grace);
                due.map(|due| self.silent_enough().map_or(due, |silent| due.max(silent)))
            }
            Phase::Absent | Phase::Vacant | Phase::Expired => None,
        };
        due.map(|due| due.max(self.patient_until))
    }

    /// When the claim is over whatever its stamps say: it was not written later than it came. A holder whose clock was
    /// set back while nobody looked seems to write long ago.
    fn silent_enough(&self) -> Option<Time> {
        Some(self.term.as_ref()?.came? + self.duration?)
    }

    /// How long a live holder may be silent, at most its whole claim.
    pub(super) fn overdue(&self) -> Delta {
        let late = self.late_after();
        self.duration.map_or(late, |duration| late.min(duration))
    }

    /// When something else is due: a failover becomes final, or the lock is forgotten.
    pub(crate) fn chore_deadline(&self) -> Option<Time> {
        let forgotten = self.forgotten_at();
        let restart = self.lapse.as_ref().map(|lapse| lapse.due);
        self.settles().into_iter().chain(forgotten).chain(restart).min()
    }

    /// Whether the lock is to be forgotten at `now`.
    pub(crate) fn forgotten(&self, now: Time) -> bool {
        self.forgotten_at().is_some_and(|at| at <= now)
    }

    fn forgotten_at(&self) -> Option<Time> {
        let kept = if self.term.is_some() { ABSENT_KEPT } else { Delta::ZERO };
        (self.phase == Phase::Absent && self.seen.is_none()).then(|| self.phase_since + kept)
    }

    /// The age from which a renewal is overdue.
    pub(super) fn late_after(&self) -> Delta {
        self.cadence.late_after(self.duration)
    }

    /// Judges the claim at a time at or after its deadline: one step from held to late, or to expired.
    pub(crate) fn judge(&mut self, step: &mut Step<'_>) {
        self.view = None;
        match self.phase {
            Phase::Held => self.become_late(step),
            Phase::Late => self.expire(self.expiry, step),
            Phase::Unknown => self.expire(None, step),
            Phase::Absent | Phase::Vacant | Phase::Expired => {}
        }
    }

    fn become_late(&mut self, step: &mut Step<'_>) {
        let Some(term) = &self.term else { return };
        let (last, threshold_seconds) = (term.last.time, self.late_after());
        let age_seconds = step.at - last;
        step.emit(&self.key, What::Late { age_seconds, threshold_seconds });
        self.enter(Phase::Late, None, last + threshold_seconds, step);
    }

    /// Nobody has to respect the claim any more. The time of a claim that was never seen renewed is
    /// what a client-go candidate concludes that starts when we did.
    fn expire(&mut self, since: Option<Time>, step: &mut Step<'_>) {
        step.emit(&self.key, What::Expired { since });
        let from = since.or(self.expiry).unwrap_or(step.at);
        if since.is_none() {
            self.expiry = None;
        }
        self.enter(Phase::Expired, None, from, step);
    }

    /// Does what is due at `due` or before, as of then: it must not matter who woke us, and when.
    pub(crate) fn do_chores(&mut self, due: Time, step: &mut Step<'_>) {
        if let Some(settles) = self.settles().filter(|at| *at <= due) {
            self.settle_if_told(settles, step);
        }
        self.check_restart(due, step);
    }

    /// For a holder whose renewal was never seen: expired if nothing comes for a whole duration.
    pub(super) fn presume(&mut self, step: &Step<'_>) {
        let duration = self.seen.as_ref().and_then(duration_of);
        self.expiry = duration.map(|duration| step.at + duration);
    }
}
