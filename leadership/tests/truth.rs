//! Elections of which everything is known, watched by somebody who is blind now and then: what is
//! published of them must be true within its own bounds.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;

use leadership::Leadership;
use leadership::event::{Failover, Flag, Stage, What};
use leadership::lock::LockKey;
use leadership::observation::{Fact, Kind, LockRecord, Object, Observation};
use leadership::time::{Delta, Time};
use proptest::prelude::*;

const DURATION: i32 = 15;
const INTERVAL: Delta = Delta::from_secs(2);
/// From a write to its arrival.
const DELIVERY: Delta = Delta::from_millis(20);
/// Candidates, and by how many seconds their clocks are ahead.
const CANDIDATES: [(&str, i64); 3] = [("a", 5), ("b", -3), ("c", 0)];

#[derive(Clone, Debug)]
enum Act {
    /// The holder renews so many times.
    Renew(u8),
    /// A candidate acquires after so many milliseconds; if the lock is held, its holder is dead and
    /// the claim runs out first.
    Acquire(usize, i64),
    /// The holder releases.
    Release,
    /// The object is deleted.
    Delete,
    Lose,
    Relist,
}

fn act() -> impl Strategy<Value = Act> {
    let after = prop_oneof![3 => 1_i64..5_000, 1 => 5_000_i64..40_000];
    prop_oneof![
        4 => (1_u8..12).prop_map(Act::Renew),
        4 => (0..CANDIDATES.len(), after).prop_map(|(next, after)| Act::Acquire(next, after)),
        2 => Just(Act::Release),
        1 => Just(Act::Delete),
        2 => Just(Act::Lose),
        3 => Just(Act::Relist),
    ]
}

/// The API server, the candidates, and what the observer has made of them.
struct World {
    now: Time,
    lock: Option<LockRecord>,
    holder: usize,
    made: u32,
    sees: bool,
    fold: Leadership,
    finals: Vec<Arc<Failover>>,
    /// All own writes: when, whose, and whether a term began with it.
    writes: Vec<(Time, &'static str, bool)>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            now: Time::from_micros(1_800_000_000_000_000),
            lock: None,
            holder: 0,
            made: 0,
            sees: true,
            fold: Leadership::new(),
            finals: Vec::new(),
            writes: Vec::new(),
        };
        world.relist();
        world.acquire(0);
        world
    }

    fn tell(&mut self, at: Time, fact: Fact) {
        for event in self.fold.observe(Observation { at, fact }) {
            self.keep(event.what);
        }
    }

    fn keep(&mut self, what: What) {
        if let What::Failover(failover) = what
            && failover.stage == Stage::Final
        {
            self.finals.push(failover);
        }
    }

    fn pass(&mut self, delta: Delta) {
        self.now = self.now + delta;
    }

    fn stamp(&self) -> Time {
        self.now + Delta::from_secs(CANDIDATES[self.holder].1)
    }

    fn write(&mut self, first: bool, change: impl FnOnce(&mut LockRecord, Time)) {
        let stamp = self.stamp();
        let made = &mut self.made;
        let lock = self.lock.get_or_insert_with(|| {
            *made += 1;
            let key = LockKey::lease("ns", "x");
            LockRecord { uid: format!("u{made}").into(), ..LockRecord::empty(key) }
        });
        change(lock, stamp);
        let applied = Fact::Applied(Object::Lock(lock.clone()));
        self.writes.push((self.now, CANDIDATES[self.holder].0, first));
        if self.sees {
            self.tell(self.now + DELIVERY, applied);
        }
        self.pass(DELIVERY);
    }

    fn acquire(&mut self, next: usize) {
        self.holder = next;
        let created = self.lock.is_none();
        self.write(true, |lock, stamp| {
            lock.holder = Some(CANDIDATES[next].0.into());
            (lock.acquire, lock.renew, lock.duration_seconds) =
                (Some(stamp), Some(stamp), Some(DURATION));
            let count = lock.transitions.map_or(0, |count| count + 1);
            lock.transitions = Some(if created { 0 } else { count });
        });
    }

    fn renew(&mut self) {
        self.pass(INTERVAL - DELIVERY);
        self.write(false, |lock, stamp| lock.renew = Some(stamp));
    }

    fn release(&mut self) {
        self.pass(Delta::from_millis(700));
        self.write(false, |lock, stamp| {
            lock.holder = None;
            (lock.acquire, lock.renew, lock.duration_seconds) = (Some(stamp), Some(stamp), Some(1));
        });
    }

    fn delete(&mut self) {
        self.pass(Delta::from_millis(500));
        if let Some(lock) = self.lock.take().filter(|_| self.sees) {
            self.tell(self.now, Fact::Deleted(Object::Lock(lock)));
        }
    }

    fn relist(&mut self) {
        let objects = self.lock.iter().cloned().map(Object::Lock).collect();
        self.sees = true;
        self.tell(self.now, Fact::Listed { kind: Kind::Lease, objects });
    }

    fn held(&self) -> bool {
        self.lock.as_ref().is_some_and(|lock| lock.holder.is_some())
    }

    fn play(&mut self, act: &Act) {
        match act {
            Act::Renew(times) if self.held() => (0..*times).for_each(|_| self.renew()),
            Act::Release if self.held() => self.release(),
            Act::Renew(_) | Act::Release => {}
            Act::Acquire(next, after) => self.succeed(*next, *after),
            Act::Delete => self.delete(),
            Act::Lose => {
                self.sees = false;
                self.tell(self.now, Fact::Lost { kind: Kind::Lease, error: "reset".into() });
            }
            Act::Relist => self.relist(),
        }
    }

    fn succeed(&mut self, next: usize, after: i64) {
        let mut next = next;
        if self.held() {
            self.pass(Delta::from_secs(i64::from(DURATION)));
            // Its own successor is a new process: its identity would be another one.
            next = if next == self.holder { (next + 1) % CANDIDATES.len() } else { next };
        }
        self.pass(Delta::from_millis(after));
        self.acquire(next);
    }

    /// The true beginning of the term that a failover led to, and the last own write before it.
    fn truth(&self, failover: &Failover) -> (Time, Time, &'static str) {
        let apart = |time: Time| (time + DELIVERY - failover.first_write).abs();
        let firsts = self.writes.iter().enumerate().skip(1).filter(|(_, write)| write.2);
        let (place, first) = firsts.min_by_key(|(_, write)| apart(write.0)).unwrap();
        let before = &self.writes[place - 1];
        (before.0, first.0, before.1)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_published_is_true_within_its_bounds(acts in prop::collection::vec(act(), 1..40)) {
        let mut world = World::new();
        for act in &acts {
            world.play(act);
        }
        let rest = world.fold.finish();
        for event in rest {
            world.keep(event.what);
        }
        for failover in &world.finals {
            if failover.has(Flag::ObserverGap) {
                prop_assert!(failover.lower_bound_seconds.unwrap_or_default() == Delta::ZERO);
                continue;
            }
            let (last, first, from) = world.truth(failover);
            let Some(window) = failover.leaderless_seconds else { continue };
            let error = failover.error_seconds.unwrap() + Delta::from_millis(1);
            prop_assert_eq!(&*failover.from, from, "{:#?}", failover);
            prop_assert!((window - (first - last)).abs() <= error, "{:#?}", failover);
            prop_assert!(failover.lower_bound_seconds.unwrap() <= first - last + error);
        }
    }
}
