//! The fold: observations in, events out, a snapshot to read.

mod deadlines;
mod facts;
mod ids;
mod inventory;
mod lookups;
mod picture;
mod twins;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::common_mode::{CommonMode, Verdict};
use crate::election::Lock;
use crate::event::{Event, Phase, What};
use crate::lock::LockKey;
use crate::missing::Lookout;
use crate::observation::{Kind, Observation, kind_of};
use crate::snapshot::PodName;
use crate::time::{Delta, Time};
use crate::watches::{Sight, Watches};
use crate::world::{Clarity, Step, World};

use deadlines::Deadlines;
use ids::Ids;
use twins::Twins;
use wanted::Wanted;

/// After a broken watch goes on where it was, what it missed comes in a burst: claims are judged
/// only after this.
const RESUME_GRACE: Delta = Delta::from_secs(1);

/// Everything that is known about all elections of one cluster.
///
/// Total: any sequence of observations is a history, and none of them panics or fails.
#[derive(Debug, Default)]
pub struct Leadership {
    now: Time,
    catalogue: Arc<Catalogue>,
    /// Boxed: half of a tree's room is empty, and a lock is large.
    locks: BTreeMap<u32, Box<Lock>>,
    ids: Ids,
    next_id: u32,
    heartbeats: BTreeMap<LockKey, Option<Time>>,
    world: World,
    watches: Watches,
    deadlines: Deadlines,
    twins: Twins,
    common: CommonMode,
    /// How many locks are in each state.
    phases: BTreeMap<Phase, usize>,
    wanted: Wanted,
    lookout: Lookout,
    /// The pods that are to be looked up, where somebody does that.
    wishes: Option<BTreeSet<PodName>>,
}

impl Leadership {
    /// Nothing is known yet, not even what locks are for: each is an election.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing is known yet but what locks are for.
    #[must_use]
    pub fn with_catalogue(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, ..Self::default() }
    }

    /// Lets time pass to the observation's stamp, then takes the observation in.
    ///
    /// A stamp before the newest one counts as simultaneous with it.
    pub fn observe(&mut self, observation: Observation) -> Vec<Event> {
        let mut out = self.advance(observation.at.max(self.now));
        let Some(kind) = observation.fact.kind() else {
            return out;
        };
        let last = self.watches.last_fact(kind);
        let relist = self.watches.listed(kind);
        let sight = self.watches.note(kind, &observation.fact, self.now);
        if kind.elects() {
            self.change_sight(kind, sight, last);
        }
        if kind == Kind::NodeLease {
            let live = self.watches.blind_since(kind).is_none();
            self.world.heartbeats.see(self.now, live);
        }
        let gap = match sight {
            Sight::Regained(since) => since,
            Sight::Same | Sight::Lost => last.unwrap_or(self.now),
        };
        self.take_in(observation.fact, relist.then_some(gap), &mut out);
        self.pass(&mut out);
        out
    }

    /// Lets time pass to `now`; a time before the newest one changes nothing.
    pub fn advance(&mut self, now: Time) -> Vec<Event> {
        let mut out = Vec::new();
        if now >= self.now {
            self.now = now;
            self.pass(&mut out);
        }
        out
    }

    /// When [`Self::advance`] has something to say next, if nothing is observed before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        let claims = Kind::ALL.into_iter().filter_map(|kind| self.next_claim(kind));
        claims.map(|(due, _)| due).chain(self.deadlines.next_chore()).min()
    }

    /// Ends the observation: what is still provisional becomes final with what is known by now.
    pub fn finish(&mut self) -> Vec<Event> {
        let mut out = Vec::new();
        let ids: Vec<u32> = self.ids.iter().map(|(_, id)| id).collect();
        for id in ids {
            self.with(id, &mut out, Lock::settle);
        }
        out
    }

    fn blind(&self, kind: Kind) -> bool {
        self.watches.blind_since(kind).is_some()
    }

    /// The first claim on a lock of this kind that can be judged: when, and whose. None while we are blind for it.
    fn next_claim(&self, kind: Kind) -> Option<(Time, u32)> {
        let (due, id) = self.deadlines.next_claim(kind).filter(|_| !self.blind(kind))?;
        Some((due.max(self.world.clarity(kind).caught_up), id))
    }

    /// A blind watch freezes its own locks, and no others.
    fn change_sight(&mut self, kind: Kind, sight: Sight, last: Option<Time>) {
        let now = self.now;
        let own = self.locks.values_mut().filter(|lock| kind_of(lock.key()) == kind);
        match sight {
            Sight::Same => return,
            Sight::Lost => own.for_each(|lock| lock.freeze(now)),
            Sight::Regained(since) => {
                own.for_each(|lock| lock.thaw(now));
                let before = last.unwrap_or(since);
                let clarity = Clarity { before, resumed: now, caught_up: now + RESUME_GRACE };
                self.world.sights.insert(kind, clarity);
            }
        }
        self.twins.restart(now);
    }

    /// Does everything that is due, in the order in which it fell due.
    fn pass(&mut self, out: &mut Vec<Event>) {
        while let Some(due) = self.next_deadline().filter(|due| *due <= self.now) {
            match self.deadlines.due_chore(due) {
                Some(id) => self.do_chores(id, due, out),
                None => self.judge_claim(due, out),
            }
        }
    }

    fn do_chores(&mut self, id: u32, due: Time, out: &mut Vec<Event>) {
        self.with(id, out, |lock, step| lock.do_chores(due, step));
        if self.locks.get(&id).is_some_and(|lock| lock.forgotten(self.now)) {
            self.forget(id, out);
        }
    }

    fn judge_claim(&mut self, due: Time, out: &mut Vec<Event>) {
        let claims = Kind::ALL.into_iter().filter_map(|kind| self.next_claim(kind));
        let Some((_, id)) = claims.min().filter(|(at, _)| *at <= due) else {
            return;
        };
        let before = out.len();
        self.with(id, out, Lock::judge);
        if self.locks.get(&id).is_some_and(|lock| lock.phase() == Phase::Late) {
            self.judge_together(due, before, out);
        }
    }

    /// Says once that the control plane is silent, instead of one late election after the other.
    fn judge_together(&mut self, due: Time, before: usize, out: &mut Vec<Event>) {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let verdict = self.common.late(due, self.count(Phase::Held));
        if verdict == Verdict::Alone {
            return;
        }
        let mut place = 0;
        out.retain(|event| {
            place += 1;
            place <= before || !matches!(event.what, What::Late { .. })
        });
        if let Verdict::Silent(late, active) = verdict {
            let (late, active) = (count(late), count(active));
            let what = What::ControlPlaneSilent { late, active };
            out.push(Event { at: self.now, lease: None, what });
        }
    }

    fn count(&self, phase: Phase) -> usize {
        self.phases.get(&phase).copied().unwrap_or(0)
    }

    /// Lets one lock do something, and keeps the indexes true.
    fn with(
        &mut self,
        id: u32,
        out: &mut Vec<Event>,
        action: impl FnOnce(&mut Lock, &mut Step<'_>),
    ) {
        let Some(lock) = self.locks.get_mut(&id) else {
            return;
        };
        let phase = lock.phase();
        let before = (lock.holder().cloned(), lock.place().cloned());
        let moment = self.wishes.as_ref().map(|_| lock.moment());
        let behind = self.world.behind(kind_of(lock.key()), self.now);
        let mut step = Step { at: self.now, behind, world: &mut self.world, out };
        action(lock, &mut step);
        let grace = self.world.lateness.grace();
        let kind = kind_of(lock.key());
        self.deadlines.set(id, kind, lock.claim_deadline(grace), lock.chore_deadline());
        let entered = lock.phase();
        if (lock.holder(), lock.place()) != (before.0.as_ref(), before.1.as_ref()) {
            lock.resolve(&self.world.inventory);
            self.wanted.set(id, lock.interest());
        }
        if let Some((wishes, moment)) = self.wishes.as_mut().zip(moment) {
            wishes.extend(lock.wishes(&moment));
        }
        if entered != phase {
            self.recount(phase, entered);
        }
    }

    fn recount(&mut self, from: Phase, to: Phase) {
        if let Some(count) = self.phases.get_mut(&from) {
            *count = count.saturating_sub(1);
        }
        *self.phases.entry(to).or_default() += 1;
        self.world.active =
            [Phase::Held, Phase::Late, Phase::Expired].map(|it| self.count(it)).iter().sum();
        if to == Phase::Held {
            let late = self.count(Phase::Late) + self.count(Phase::Expired);
            self.common.held(late, self.count(Phase::Held));
        }
    }

    fn forget(&mut self, id: u32, out: &mut Vec<Event>) {
        self.with(id, out, Lock::settle);
        let Some(lock) = self.locks.remove(&id) else {
            return;
        };
        self.deadlines.set(id, kind_of(lock.key()), None, None);
        self.twins.forget(lock.key());
        self.ids.remove(lock.key());
        self.world.stalls.forget(lock.key());
        self.wanted.remove(id);
        if let Some(count) = self.phases.get_mut(&lock.phase()) {
            *count = count.saturating_sub(1);
        }
    }
}
