//! Elections of which everything is known: who wrote what when.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use leadership::time::{Delta, Time};
use serde_json::{Value, json};
use simulator::{ApiServer, Resource};
use tokio::time::sleep;

use crate::clock;

/// One write of one lock.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) at: Time,
    pub(super) lock: usize,
    /// Whose write it is.
    pub(super) holder: String,
    pub(super) deed: Deed,
}

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Acquire,
    Renew,
    Release,
    Delete,
    /// None: the holder's clock is set.
    Step,
}

/// What the world and the weather share.
#[derive(Clone)]
pub(super) struct World {
    pub(super) server: ApiServer,
    /// All writes, in the order of time.
    pub(super) writes: Arc<Mutex<Vec<Write>>>,
    pub(super) sky: Arc<Mutex<Sky>>,
}

/// How things stand for all locks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sky {
    /// Nobody can write.
    pub(super) down: bool,
    /// Holders do nothing but renew.
    pub(super) quiet: bool,
    /// Everything ends.
    pub(super) over: bool,
}

pub(super) fn name(lock: usize) -> String {
    format!("lock-{lock:02}")
}

/// The claim's duration and the time between two renewals, as Fleet's agent, controller-runtime and gitjob have them.
pub(super) fn timing(lock: usize) -> (Duration, Duration) {
    match lock % 4 {
        3 => (Duration::from_secs(6), Duration::from_secs(1)),
        2 => (Duration::from_secs(30), Duration::from_secs(5)),
        _ => (Duration::from_secs(15), Duration::from_secs(2)),
    }
}

impl World {
    pub(super) fn new(server: ApiServer) -> Self {
        Self { server, writes: Arc::default(), sky: Arc::default() }
    }

    pub(super) fn sky(&self) -> Sky {
        *self.sky.lock().unwrap()
    }

    pub(super) fn change(&self, edit: impl FnOnce(&mut Sky)) {
        edit(&mut self.sky.lock().unwrap());
    }

    /// Plays the election over one lock until all is over.
    pub(super) async fn elect(self, lock: usize, seed: u64) {
        let (duration, period) = timing(lock);
        let rng = Rng::with_seed(seed ^ (lock as u64) << 32);
        let mut election = Election {
            world: self,
            lock,
            duration,
            period,
            rng,
            holder: 0,
            skew: Delta::ZERO,
            transitions: -1,
            acquired: None,
        };
        sleep(election.part(period)).await;
        election.acquire().await;
        while !election.world.sky().over {
            election.term().await;
        }
    }
}

struct Election {
    world: World,
    lock: usize,
    duration: Duration,
    period: Duration,
    rng: Rng,
    /// Which process leads, or led last.
    holder: u32,
    /// How far its clock is ahead.
    skew: Delta,
    transitions: i32,
    acquired: Option<Time>,
}

impl Election {
    fn part(&mut self, whole: Duration) -> Duration {
        whole.mul_f64(self.rng.f64())
    }

    fn identity(&self) -> String {
        format!("{}-{}_{}", name(self.lock), self.holder % 3, self.holder)
    }

    async fn term(&mut self) {
        for _ in 0..self.rng.u32(5..60) {
            sleep(self.period).await;
            if self.world.sky().over {
                return;
            }
            self.renew().await;
        }
        if self.world.sky().quiet {
            return;
        }
        match self.rng.u8(0..10) {
            0..4 => self.crash().await,
            4..7 => self.release().await,
            7 => self.delete().await,
            8 => self.step(),
            _ => sleep(self.duration.mul_f64(0.3 + self.rng.f64())).await,
        }
    }

    /// The holder falls silent; another takes over when the claim has run out.
    async fn crash(&mut self) {
        let takeover = self.part(self.period * 4);
        sleep(self.duration + takeover).await;
        self.succeed().await;
    }

    async fn release(&mut self) {
        let pause = self.part(self.period);
        sleep(pause).await;
        self.write(Deed::Release).await;
        let takeover = self.part(self.period * 2);
        sleep(takeover).await;
        self.succeed().await;
    }

    async fn delete(&mut self) {
        let pause = self.part(self.period);
        sleep(pause).await;
        self.write(Deed::Delete).await;
        let pause = self.part(self.period * 2);
        sleep(pause).await;
        self.transitions = -1;
        self.succeed().await;
    }

    fn step(&mut self) {
        self.skew = Delta::from_millis(self.rng.i64(-30_000..30_000));
        self.note(clock::now(), Deed::Step);
    }

    fn note(&self, at: Time, deed: Deed) {
        let (lock, holder) = (self.lock, self.identity());
        self.world.writes.lock().unwrap().push(Write { at, lock, holder, deed });
    }

    async fn succeed(&mut self) {
        self.holder += 1;
        self.skew = Delta::from_millis(self.rng.i64(-2_000..2_000));
        self.acquire().await;
    }

    async fn acquire(&mut self) {
        self.acquired = None;
        self.transitions += 1;
        self.write(Deed::Acquire).await;
    }

    /// A holder who comes too late may find that another was faster.
    async fn renew(&mut self) {
        let before = clock::now();
        self.until_up().await;
        if clock::since(before) > self.duration && self.rng.bool() {
            self.succeed().await;
        } else {
            self.write(Deed::Renew).await;
        }
    }

    async fn until_up(&mut self) {
        while self.world.sky().down {
            let pause = self.period.mul_f64(0.5) + self.part(self.period);
            sleep(pause).await;
        }
    }

    async fn write(&mut self, deed: Deed) {
        self.until_up().await;
        let at = clock::now();
        if deed == Deed::Delete {
            self.world.server.delete(Resource::Leases, "ns", &name(self.lock)).unwrap();
        } else {
            let lease = self.lease(at, deed);
            self.world.server.apply(lease).unwrap();
        }
        self.note(at, deed);
    }

    fn lease(&mut self, at: Time, deed: Deed) -> Value {
        let stamp = at + self.skew;
        let released = deed == Deed::Release;
        let first = if released { stamp } else { *self.acquired.get_or_insert(stamp) };
        json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"namespace": "ns", "name": name(self.lock)},
            "spec": {
                "holderIdentity": if released { String::new() } else { self.identity() },
                "leaseDurationSeconds": if released { 1 } else { self.duration.as_secs() },
                "leaseTransitions": self.transitions.max(0),
                "acquireTime": first.to_string(), "renewTime": stamp.to_string(),
            },
        })
    }
}
