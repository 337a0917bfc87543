//! One election: the state machine of one lock.

mod attribution;
mod checks;
mod gap;
mod leader;
mod lookups;
mod renewals;
mod restarts;
mod settling;
mod term;
mod terms;
mod timers;
mod view;
mod writers;
mod writes;

use std::sync::Arc;

use crate::cadence::Cadence;
use crate::catalogue::{Class, Known};
use crate::event::{Failover, Phase, Reason, What};
use crate::identity::Reading;
use crate::inventory::Root;
use crate::leaderless::Leaderless;
use crate::ledger::Ledger;
use crate::lock::LockKey;
use crate::observation::{LockRecord, Owner};
use crate::snapshot::Election;
use crate::tally::{Histogram, Tally};
use crate::time::{Delta, Time};
use crate::world::Step;

use checks::Checks;
use leader::Company;
pub(crate) use leader::Interest;
use restarts::Lapse;
use term::{Ended, Pending, Reigning};
use writers::Writers;

/// fabric8's soft release keeps others out for the second that it leaves itself.
const SOFT_RELEASE: Delta = Delta::from_secs(1);

/// One lock and everything that is known of its election.
#[derive(Debug)]
pub(crate) struct Lock {
    key: LockKey,
    /// What the catalogue knew of it at its first sight.
    known: Option<Known>,
    /// The object as it was last seen; none while it is absent.
    seen: Option<LockRecord>,
    uid: Arc<str>,
    phase: Phase,
    reason: Option<Reason>,
    phase_since: Time,
    /// The present term, or the last one while nobody leads.
    term: Option<Reigning>,
    /// How the last term ended, once it has.
    ended: Option<Box<Ended>>,
    /// When the present claim runs out.
    expiry: Option<Time>,
    /// No claim is judged before this: a burst of late deliveries is still coming in.
    patient_until: Time,
    /// The last real duration.
    duration: Option<Delta>,
    cadence: Cadence,
    checks: Checks,
    writers: Writers,
    pending: Option<Box<Pending>>,
    /// A long gap between two renewals of one holder, of which the cause is sought.
    lapse: Option<Box<Lapse>>,
    /// When coordinated election last asked this term's holder to let go.
    asked: Option<Time>,
    /// The owner of the object.
    owner: Option<Arc<Owner>>,
    /// For how long a leader tries to renew before it gives up, once that was seen.
    renew_deadline: Option<Delta>,
    leaderless: Leaderless,
    overlap_until: Option<Time>,
    /// Renewal gaps as a share of the duration.
    gaps: Histogram<5>,
    tally: Arc<Tally>,
    ledger: Ledger,
    last_failover: Option<Arc<Failover>>,
    /// What its component is known to be like.
    reading: Option<Reading>,
    /// Who keeps the pods that compete for it.
    kin: Option<Arc<Root>>,
    /// Who competes, as it was drawn last.
    company: Option<Company>,
    view: Option<Arc<Election>>,
    /// The state of the nodes that the view shows.
    view_nodes: u64,
}

impl Lock {
    /// A lock that was never seen.
    pub(crate) fn new(key: LockKey, known: Option<Known>, at: Time) -> Self {
        let reading = known.as_ref().map(Known::reading);
        Self {
            key,
            known,
            seen: None,
            uid: "".into(),
            phase: Phase::Absent,
            reason: None,
            phase_since: at,
            term: None,
            ended: None,
            expiry: None,
            patient_until: at,
            duration: None,
            cadence: Cadence::default(),
            checks: Checks::default(),
            writers: Writers::default(),
            pending: None,
            lapse: None,
            asked: None,
            owner: None,
            renew_deadline: None,
            leaderless: Leaderless::default(),
            overlap_until: None,
            gaps: Histogram::default(),
            tally: Tally::blank(),
            ledger: Ledger::default(),
            last_failover: None,
            reading,
            kin: None,
            company: None,
            view: None,
            view_nodes: 0,
        }
    }

    /// What is counted, to be changed: readers keep what they have.
    fn count(&mut self) -> &mut Tally {
        Arc::make_mut(&mut self.tally)
    }

    /// The clock of a holder of this lock whose node is not known.
    fn clock_of(&self, holder: &str) -> Arc<str> {
        format!("{}/{holder}", self.key.namespace).into()
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn key(&self) -> &LockKey {
        &self.key
    }

    /// Whether the object exists.
    pub(crate) fn exists(&self) -> bool {
        self.seen.is_some()
    }

    /// Who holds the lock, or held it last.
    pub(crate) fn holder(&self) -> Option<&Arc<str>> {
        self.term.as_ref().map(|term| &term.holder)
    }

    /// The claim that stands, and for how long each renewal makes it stand; none without a duration.
    pub(crate) fn claim_of(&self) -> Option<(&Arc<str>, Delta)> {
        let held = self.phase == Phase::Held;
        self.holder().filter(|_| held).zip(self.duration)
    }

    /// We are blind from now on.
    pub(crate) fn freeze(&mut self, now: Time) {
        self.leaderless.freeze(now);
        self.view = None;
    }

    /// We see again.
    pub(crate) fn thaw(&mut self, now: Time) {
        self.leaderless.thaw(now);
        self.view = None;
    }

    /// Whether nobody need hold it: a lock for a short job rests between two of them.
    fn rests_empty(&self) -> bool {
        self.class() == Class::ElectionOneshot
    }

    /// Whether the last short job was over: then nobody fails over to anybody.
    fn rested(&self) -> bool {
        self.rests_empty() && self.ended.is_some()
    }

    fn class(&self) -> Class {
        self.known.as_ref().map(|known| known.entry.class).unwrap_or_default()
    }

    /// Changes the state, says so, and keeps account of leaderless time.
    fn enter(&mut self, phase: Phase, reason: Option<Reason>, since: Time, step: &mut Step<'_>) {
        let leaderless = match phase {
            Phase::Expired => true,
            Phase::Vacant => !self.rests_empty(),
            Phase::Absent => self.term.is_some() && !self.rests_empty(),
            Phase::Unknown | Phase::Held | Phase::Late => false,
        };
        if leaderless {
            self.leaderless.begin(since);
        } else {
            self.leaderless.end(since, step.at);
        }
        let before = (self.phase, self.reason);
        if before != (phase, reason) {
            (self.phase, self.reason, self.phase_since) = (phase, reason, since);
            match (phase, &self.term) {
                (Phase::Late | Phase::Expired, Some(term)) => {
                    step.world.stalls.begin(&self.key, term.process(), term.last.time);
                }
                _ => step.world.stalls.end(&self.key),
            }
            step.emit(&self.key, What::Phase { from: before.0, to: phase, reason });
        }
    }

    /// From the time of the last write that speaks for the holder, the claim runs this long.
    fn claim(&mut self, from: Time, step: &Step<'_>) {
        let duration = self.seen.as_ref().and_then(duration_of);
        self.expiry = duration.map(|duration| from + duration);
        self.patient_until = step.at + step.world.lateness.grace();
    }
}

/// The lease duration that an object claims; none if it is missing or makes no sense.
fn duration_of(record: &LockRecord) -> Option<Delta> {
    record
        .duration_seconds
        .filter(|seconds| *seconds > 0)
        .map(|seconds| Delta::from_secs(i64::from(seconds)))
}
