//! One election held over two locks: a Lease and an older lock of the same name.
//!
//! Electors that move from one to the other write both, the one right after the other. Where some of them were left
//! behind, each half elects its own leader, and no lock alone shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Leadership;
use crate::event::{Anomaly, Event};
use crate::lock::{LockKey, LockKind};
use crate::observation::Kind;
use crate::time::Time;

/// The Leases whose twins name another holder, and since when.
#[derive(Debug, Default)]
pub(super) struct Twins(BTreeMap<LockKey, Disagreement>);

#[derive(Debug)]
struct Disagreement {
    since: Time,
    announced: bool,
}

impl Twins {
    /// What was not seen proves nothing: every disagreement is as old as our sight.
    pub(super) fn restart(&mut self, now: Time) {
        for disagreement in self.0.values_mut() {
            disagreement.since = now;
        }
    }

    pub(super) fn forget(&mut self, key: &LockKey) {
        self.0.remove(key);
    }
}

impl Leadership {
    /// Whether a lock can have a twin at all.
    pub(super) fn twinned(&self) -> bool {
        LEGACY.iter().any(|(kind, _)| self.watches.listed(*kind))
    }

    /// After a write to one of them: whether the twins have named two holders for so long that each was renewed
    /// beside the other. Whoever writes both names itself in both well within its claim.
    pub(super) fn compare_twins(&mut self, key: &LockKey, out: &mut Vec<Event>) {
        for (kind, lock) in LEGACY {
            let twin = LockKey { kind: lock, ..key.clone() };
            if key.kind == LockKind::Lease || key.kind == lock {
                self.compare(&twin, kind, out);
            }
        }
    }

    fn compare(&mut self, twin: &LockKey, kind: Kind, out: &mut Vec<Event>) {
        let blind = self.blind(Kind::Lease) || self.blind(kind);
        let Some((id, anomaly, patience)) = self.differ(twin).filter(|_| !blind) else {
            return self.twins.forget(twin);
        };
        let now = self.now;
        let fresh = || Disagreement { since: now, announced: false };
        let disagreement = self.twins.0.entry(twin.clone()).or_insert_with(fresh);
        if now - disagreement.since > patience && !disagreement.announced {
            disagreement.announced = true;
            self.with(id, out, |lock, step| lock.accuse(anomaly, step));
        }
    }

    /// The Lease, what is to be said, and after how long, if both locks are held, and not by the same holder.
    fn differ(&self, twin: &LockKey) -> Option<(u32, Anomaly, crate::time::Delta)> {
        let lease = LockKey { kind: LockKind::Lease, ..twin.clone() };
        let id = self.ids.get(&lease)?;
        let (holder, duration) = self.locks.get(&id)?.claim_of()?;
        let (other_holder, other_duration) = self.locks.get(&self.ids.get(twin)?)?.claim_of()?;
        let anomaly = Anomaly::LocksDisagree {
            holder: Arc::clone(holder),
            other: twin.kind,
            other_holder: Arc::clone(other_holder),
        };
        (holder != other_holder).then_some((id, anomaly, duration.max(other_duration)))
    }
}

/// The kinds of locks that a Lease may have for a twin.
const LEGACY: [(Kind, LockKind); 2] =
    [(Kind::ConfigMap, LockKind::ConfigMap), (Kind::Endpoints, LockKind::Endpoints)];
