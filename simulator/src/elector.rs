//! One candidate that behaves as client-go's leader election does: its tries, its clock, its writes and its giving up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::apiserver::{ApiServer, Resource};
use crate::objects::lease::{self, Record};

/// client-go's `JitterFactor`: a candidate rests for `retry × [1, 2.2)` between two tries.
const JITTER: f64 = 1.2;

/// The three durations of an elector, with `lease > renew_deadline > 1.2 × retry`, as client-go demands.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long others wait after a renewal; whole seconds.
    pub lease: Duration,
    /// How long a leader tries to renew.
    pub renew_deadline: Duration,
    /// The time between two tries.
    pub retry: Duration,
}

impl Timing {
    /// In whole seconds, in the order of the flags.
    #[must_use]
    pub const fn seconds(lease: u64, renew_deadline: u64, retry: u64) -> Self {
        Self {
            lease: Duration::from_secs(lease),
            renew_deadline: Duration::from_secs(renew_deadline),
            retry: Duration::from_secs(retry),
        }
    }
}

/// Who stands for which lease, and how.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The lease's namespace.
    pub namespace: &'static str,
    /// Its name.
    pub lease: &'static str,
    /// What it writes as the holder.
    pub identity: String,
    /// Its durations.
    pub timing: Timing,
    /// client-go's `ReleaseOnCancel`.
    pub releases: bool,
    /// The field manager of its writes.
    pub manager: &'static str,
    /// How far its node's clock is ahead.
    pub clock_offset: SignedDuration,
}

/// What one can do to a running elector from outside.
#[derive(Clone, Debug)]
pub struct Strings {
    stop: Arc<watch::Sender<bool>>,
    failing: Arc<AtomicU32>,
}

impl Default for Strings {
    fn default() -> Self {
        Self { stop: Arc::new(watch::Sender::new(false)), failing: Arc::default() }
    }
}

impl Strings {
    /// Cancels its context: it releases if it does that, and ends.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Its next `tries` do not reach the server.
    pub fn fail(&self, tries: u32) {
        self.failing.store(tries, Ordering::Relaxed);
    }

    fn fails_now(&self) -> bool {
        let spend = |left: u32| left.checked_sub(1);
        self.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }
}

/// How an elector ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was told to stop.
    Stopped,
    /// It led and could not renew for `renew_deadline`: the process must exit.
    Lost,
}

/// Lets a candidate of its own stand, beside those of the scene, until the election ends for it. The same seed makes the
/// same pauses.
pub async fn elect(server: ApiServer, candidate: Candidate, strings: Strings, seed: u64) -> End {
    let rng = SmallRng::seed_from_u64(seed);
    Elector::new(candidate, server, strings, rng).run(Duration::ZERO).await
}

/// The last record it saw, and when it saw it change.
#[derive(Debug)]
struct Seen {
    object: Value,
    record: Record,
    at: Timestamp,
}

/// A candidate at work.
#[derive(Debug)]
pub(crate) struct Elector {
    candidate: Candidate,
    server: ApiServer,
    strings: Strings,
    rng: SmallRng,
    seen: Option<Seen>,
    out: Option<Out>,
}

/// Where an elector prints: a container's output.
#[derive(Clone, Debug)]
pub(crate) struct Out {
    pub(crate) namespace: &'static str,
    pub(crate) pod: String,
    pub(crate) container: &'static str,
}

impl Elector {
    pub(crate) fn new(
        candidate: Candidate,
        server: ApiServer,
        strings: Strings,
        rng: SmallRng,
    ) -> Self {
        Self { candidate, server, strings, rng, seen: None, out: None }
    }

    /// Lets it tell what it does.
    pub(crate) fn printing(mut self, out: Out) -> Self {
        self.out = Some(out);
        self
    }

    fn say(&self, what: &str) {
        let Some(Out { namespace, pod, container }) = &self.out else { return };
        let Candidate { namespace: of, lease, identity, .. } = &self.candidate;
        let line = format!("msg=\"{what}\" lease={of}/{lease} id={identity}");
        self.server.print(namespace, pod, container, &line);
    }

    /// Tries after `delay`, leads when it can, and ends when it must.
    pub(crate) async fn run(mut self, delay: Duration) -> End {
        if self.rest(delay).await {
            return End::Stopped;
        }
        self.say("stands for the lease");
        while !self.acquires_or_renews() {
            let stretch = 1.0 + JITTER * self.rng.random::<f64>();
            if self.rest(self.candidate.timing.retry.mul_f64(stretch)).await {
                return End::Stopped;
            }
        }
        self.lead().await
    }

    /// Renews at once, then every `retry`, until it cannot or is told to stop.
    async fn lead(&mut self) -> End {
        let Timing { renew_deadline, retry, .. } = self.candidate.timing;
        self.say("leads");
        loop {
            let renewed = timeout(renew_deadline, async {
                while !self.acquires_or_renews() {
                    if self.rest(retry).await {
                        break;
                    }
                }
            });
            if renewed.await.is_err() {
                self.say("could not renew in time, lost the lease");
                return End::Lost;
            }
            self.say("did a round of work as the leader");
            if self.rest(retry).await {
                if self.candidate.releases {
                    self.release();
                    self.say("released the lease");
                }
                return End::Stopped;
            }
        }
    }

    /// Sleeps; true if it was told to stop.
    async fn rest(&self, duration: Duration) -> bool {
        let mut stop = self.strings.stop.subscribe();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => true,
            () = sleep(duration) => false,
        }
    }

    fn clock(&self) -> Timestamp {
        let now = self.server.now();
        now.saturating_add(self.candidate.clock_offset).unwrap_or(now)
    }

    fn leads(&self) -> bool {
        let seen = self.seen.as_ref();
        seen.is_some_and(|seen| seen.record.holder == self.candidate.identity)
    }

    /// By our own clock since we saw the record change; the holder's stamps do not matter.
    fn is_valid(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| {
            let until = SignedDuration::from_secs(seen.record.duration);
            seen.at.saturating_add(until).unwrap_or(seen.at) > self.server.now()
        })
    }

    fn acquires_or_renews(&mut self) -> bool {
        if self.strings.fails_now() {
            return false;
        }
        let now = self.clock();
        let mut ours = Record {
            holder: self.candidate.identity.clone(),
            duration: self.candidate.timing.lease.as_secs().cast_signed(),
            acquire: Some(now),
            renew: Some(now),
            transitions: 0,
        };
        if self.leads() && self.is_valid() && self.renews_from_memory(&mut ours) {
            return true;
        }
        let Candidate { namespace, lease: name, .. } = self.candidate;
        let Some(object) = self.server.get(Resource::Leases, namespace, name) else {
            return self.write(lease::new(namespace, name), ours);
        };
        self.see(&object);
        if !self.leads() && self.is_valid() && self.is_held() {
            return false;
        }
        self.inherit(&mut ours);
        self.write(object, ours)
    }

    /// The fast path: from the last object seen, without reading it again. `ours` keeps what it sets, even if the write
    /// fails and a create follows, as in client-go.
    fn renews_from_memory(&mut self, ours: &mut Record) -> bool {
        self.inherit(ours);
        let Some(object) = self.seen.as_ref().map(|seen| seen.object.clone()) else {
            return false;
        };
        self.write(object, ours.clone())
    }

    /// The leader keeps its term's beginning and number; anybody else begins the next.
    fn inherit(&self, ours: &mut Record) {
        let Some(seen) = &self.seen else { return };
        if self.leads() {
            ours.acquire = seen.record.acquire;
            ours.transitions = seen.record.transitions;
        } else {
            ours.transitions = seen.record.transitions + 1;
        }
    }

    fn is_held(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| !seen.record.holder.is_empty())
    }

    /// Takes note of the server's object; the clock starts again only if the record changed.
    fn see(&mut self, object: &Value) {
        let record = Record::read(&object["spec"]);
        let at = match &self.seen {
            Some(seen) if seen.record.same_to_client_go(&record) => seen.at,
            _ => self.server.now(),
        };
        let object = object.clone();
        self.seen = Some(Seen { object, record, at });
    }

    /// Replaces the record of `object`, whose version must still be the stored one.
    fn write(&mut self, mut object: Value, record: Record) -> bool {
        let server_time = self.server.now();
        lease::set(&mut object, &record, self.candidate.manager, server_time);
        let Ok(version) = self.server.apply(object.clone()) else {
            return false;
        };
        object["metadata"]["resourceVersion"] = version.to_string().into();
        self.seen = Some(Seen { object, record, at: server_time });
        true
    }

    /// Empties the record, as whoever reads it afresh and believes to lead.
    fn release(&mut self) {
        let Candidate { namespace, lease: name, .. } = self.candidate;
        if !self.leads() || self.strings.fails_now() {
            return;
        }
        let transitions = self.seen.as_ref().map_or(0, |seen| seen.record.transitions);
        if let Some(object) = self.server.get(Resource::Leases, namespace, name) {
            let now = self.clock();
            let released = Record {
                holder: String::new(),
                duration: 1,
                acquire: Some(now),
                renew: Some(now),
                transitions,
            };
            self.write(object, released);
        }
    }
}

#[cfg(test)]
mod tests;
