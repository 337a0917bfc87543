//! What was published, held against what happened.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use leadership::event::{Failover, Flag, Stage, What};
use leadership::observation::{Fact, LockRecord, Object};
use leadership::time::{Delta, Time};
use observe::drive;
use observe::recording::Reader;

use super::lane::Ending;
use super::windows::{Seen, Window};

/// A published failover is of a window if it names its two leaders and its first write is this near
/// to the journal's: by less than the time between two deletions, by more than a watch may be away.
const NEAR: Delta = Delta::from_secs(8);

/// All failovers that a recording shows, by lease.
#[derive(Debug, Default)]
pub struct Published(HashMap<Arc<str>, Vec<Told>>);

/// One failover as it was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// What was said at once.
    pub provisional: Arc<Failover>,
    /// What was said in the end, and is counted.
    pub settled: Arc<Failover>,
}

/// One window, and what was published of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// How the term ended.
    pub ending: &'static Ending,
    /// The skew of the holders' clocks, in milliseconds.
    pub skew: i64,
    /// What happened.
    pub window: Window,
    /// What was said of it.
    pub told: Told,
}

/// When the observer first saw each write.
///
/// # Errors
/// When the recording cannot be read.
pub fn seen(recording: &Path) -> Result<Seen> {
    let mut seen = Seen::new();
    for observation in Reader::new(BufReader::new(File::open(recording)?)) {
        let observation = observation?;
        let locks: Vec<&LockRecord> = match &observation.fact {
            Fact::Applied(Object::Lock(lock)) => vec![lock],
            Fact::Listed { objects, .. } => objects.iter().filter_map(lock_of).collect(),
            _ => Vec::new(),
        };
        for lock in locks {
            if let (Some(holder), Some(renew)) = (&lock.holder, lock.renew) {
                seen.entry((Arc::clone(holder), renew)).or_insert(observation.at);
            }
        }
    }
    Ok(seen)
}

fn lock_of(object: &Object) -> Option<&LockRecord> {
    match object {
        Object::Lock(lock) => Some(lock),
        _ => None,
    }
}

impl Published {
    /// Folds a recording.
    ///
    /// # Errors
    /// When the recording cannot be read.
    pub fn replay(recording: &Path) -> Result<Self> {
        let mut published = Self::default();
        let mut open = HashMap::new();
        drive::replay(BufReader::new(File::open(recording)?), |event| {
            let (What::Failover(failover), Some(lease)) = (&event.what, &event.lease) else {
                return;
            };
            let (lease, failover) = (Arc::clone(&lease.name), Arc::clone(failover));
            if failover.stage == Stage::Provisional {
                open.insert(lease, failover);
            } else if let Some(provisional) = open.remove(&lease) {
                let told = Told { provisional, settled: failover };
                published.0.entry(lease).or_default().push(told);
            }
        })?;
        Ok(published)
    }

    /// Takes out what was published of a window.
    pub fn take(&mut self, lease: &str, window: &Window) -> Option<Told> {
        let of_lease = self.0.get_mut(lease)?;
        let far = |it: &Told| (it.settled.first_write - window.first.before).abs();
        let fits = |it: &Told| {
            let names = (&it.settled.from, &it.settled.to);
            names == (&window.last.holder, &window.first.holder) && far(it) < NEAR
        };
        let fitting = of_lease.iter().enumerate().filter(|(_, it)| fits(it));
        let (place, _) = fitting.min_by_key(|(_, it)| far(it))?;
        Some(of_lease.swap_remove(place))
    }

    /// What is of no window.
    #[must_use]
    pub fn left(&self) -> Vec<Told> {
        self.0.values().flatten().cloned().collect()
    }
}

impl Case {
    /// What was published in the end, unless the observer was blind, and the window it had.
    #[must_use]
    pub fn seen(&self) -> Option<(&Failover, Delta)> {
        let settled = &self.told.settled;
        let length = settled.leaderless_seconds?;
        (!self.blind()).then_some((settled, length))
    }

    /// Whether the observer was blind when the term changed, and said so.
    #[must_use]
    pub fn blind(&self) -> bool {
        self.told.settled.has(Flag::ObserverGap)
    }

    /// By how much the published window is wrong: positive if too long.
    #[must_use]
    pub fn error(&self) -> Option<Delta> {
        self.seen().map(|(_, length)| length - self.window.length())
    }

    /// By how much it was wrong at first.
    #[must_use]
    pub fn provisional_error(&self) -> Option<Delta> {
        Some(self.told.provisional.leaderless_seconds? - self.window.length())
    }

    /// By how much `acquireTime − renewTime` is wrong.
    #[must_use]
    pub fn naive_error(&self) -> Option<Delta> {
        Some(self.window.naive()? - self.window.length())
    }

    /// Whether the published error covers the window from sending to sending.
    #[must_use]
    pub fn covered(&self) -> Option<bool> {
        let (settled, _) = self.seen()?;
        Some(self.error()?.abs() <= settled.error_seconds?)
    }

    /// Whether it covers a time that the window from commit to commit can have had.
    #[must_use]
    pub fn bracketed(&self) -> Option<bool> {
        let (settled, length) = self.seen()?;
        let (least, most) = self.window.bracket();
        let error = settled.error_seconds?;
        Some(length + error >= least && length - error <= most)
    }

    /// Whether the published bounds, and for the upper one its error, hold the window.
    #[must_use]
    pub fn bounded(&self) -> Option<bool> {
        let settled = &self.told.settled;
        let most = settled.leaderless_seconds? + settled.error_seconds?;
        Some(self.lower_holds()? && self.window.length() <= most)
    }

    /// Whether it was said how the term ended.
    #[must_use]
    pub fn named(&self) -> bool {
        self.told.settled.end == self.ending.end
    }

    /// Whether everything that is promised holds.
    #[must_use]
    pub fn sound(&self) -> bool {
        if self.blind() {
            return self.bounded() == Some(true);
        }
        self.named() && self.covered() == Some(true) && self.lower_holds() == Some(true)
    }

    /// Whether the lower bound, less the published error, is at most the window.
    #[must_use]
    pub fn lower_holds(&self) -> Option<bool> {
        let settled = &self.told.settled;
        let least = settled.lower_bound_seconds? - settled.error_seconds?;
        Some(least <= self.window.length())
    }

    /// What happened and what was published, in seconds after the old leader's last write was sent.
    #[must_use]
    pub fn describe(&self) -> String {
        let to = |time: Time| (time - self.window.last.before).as_secs_f64();
        let it = &self.told.settled;
        let error = it.error_seconds.map(Delta::as_secs_f64);
        let last = it.last_write.map(to);
        let first = to(it.first_write);
        format!(
            "{} {} → {}: last 0…{:.6} first {:.6}…{:.6}; published {:?} \
             last {last:?} first {first:.6} ± {error:?} {:?}",
            self.ending.name,
            self.window.last.holder,
            self.window.first.holder,
            to(self.window.last.after),
            to(self.window.first.before),
            to(self.window.first.after),
            it.end,
            it.flags
        )
    }
}
