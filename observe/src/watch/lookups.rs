//! Pods looked up one by one, for those who may not or shall not watch them all.
//!
//! The fold says which ones. Each is asked for until there is an answer, and "there is none" is one. A storm of
//! failovers must not become a storm of requests, and a server that is sick is not asked for more.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use leadership::observation::{Fact, Kind, Object, Observation, PodRecord};
use leadership::snapshot::PodName;
use leadership::text::clean;
use leadership::time::{Delta, Time};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::backoff::Backoff;
use super::failure::{Failure, Remedy};
use super::{KindStats, LookUp, Patience, Target, WatchStats, request};
use crate::access::Cluster;
use crate::clock;
use crate::kinds::Row;
use crate::read::Said;

/// Requests at one time. As many may be lost before a failure is known.
const AT_ONCE: usize = 4;

/// Between two requests: 50 a second.
const PACE: Delta = Delta::from_millis(20);

/// Pods that wait. Whoever may write Leases can name others all the time: beyond that they are only counted.
const MOST: usize = 4096;

/// When there is nothing to do.
const IDLE: Duration = Duration::from_hours(1);

/// What is said once, of whichever pod it is true.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Complaint {
    Refused(StatusCode),
    Unanswered,
}

/// One pod's look-up, when it is over.
struct Looked {
    pod: PodName,
    generation: u64,
    answer: Result<String, Failure>,
}

/// Those who wait to be asked for, the first one first, each of them once.
#[derive(Default)]
struct Queue {
    order: VecDeque<PodName>,
    known: BTreeSet<PodName>,
}

impl Queue {
    /// False if there is no room.
    fn push(&mut self, pod: PodName) -> bool {
        if self.known.contains(&pod) {
            return true;
        }
        let room = self.order.len() < MOST;
        if room {
            self.known.insert(pod.clone());
            self.order.push_back(pod);
        }
        room
    }

    /// The first one of which no answer is under way.
    fn pop(&mut self, asked: &BTreeSet<PodName>) -> Option<PodName> {
        let place = self.order.iter().position(|pod| !asked.contains(pod))?;
        let pod = self.order.remove(place)?;
        self.known.remove(&pod);
        Some(pod)
    }
}

/// Looks pods up.
pub(crate) struct LookUps {
    cluster: Cluster,
    target: Target,
    patience: Patience,
    out: mpsc::Sender<Observation>,
    stats: Arc<WatchStats>,
    waiting: Queue,
    /// Those that we may not see. One of them is tried now and then, for all.
    forbidden: Queue,
    requests: JoinSet<Looked>,
    asked: BTreeSet<PodName>,
    /// When the next one may be asked for,
    next: Time,
    /// after a failure,
    rested: Time,
    /// and when the next one of those that we may not see.
    next_forbidden: Time,
    backoff: Backoff,
    /// What was last said to be wrong.
    complaint: Option<Complaint>,
    /// Whether the last answer was a failure.
    failing: bool,
}

impl LookUps {
    pub(crate) fn new(
        cluster: Cluster,
        patience: Patience,
        out: mpsc::Sender<Observation>,
        stats: Arc<WatchStats>,
    ) -> Self {
        let now = clock::now();
        Self {
            cluster,
            target: Target::single(Row::of(Kind::Pod)),
            out,
            stats,
            waiting: Queue::default(),
            forbidden: Queue::default(),
            requests: JoinSet::new(),
            asked: BTreeSet::new(),
            next: now,
            rested: now,
            next_forbidden: now,
            backoff: Backoff::new(&patience),
            complaint: None,
            failing: false,
            patience,
        }
    }

    /// Looks up until nobody wishes any more.
    pub(crate) async fn run(mut self, mut wishes: mpsc::UnboundedReceiver<PodName>) {
        loop {
            self.ask();
            let wait = self.wait();
            tokio::select! {
                wish = wishes.recv() => match wish {
                    Some(pod) => self.wish(pod),
                    None => return,
                },
                Some(looked) = self.requests.join_next() => {
                    if let Ok(looked) = looked {
                        self.answered(looked).await;
                    }
                }
                () = sleep(wait) => {}
            }
        }
    }

    fn stats(&self) -> &KindStats {
        self.stats.of(self.target.row.kind)
    }

    fn wish(&mut self, pod: PodName) {
        if !self.waiting.push(pod) {
            self.stats().looked_up(LookUp::Failed);
        }
    }

    /// A server that failed is asked by one request until it answers.
    fn full(&self) -> bool {
        self.requests.len() >= if self.failing { 1 } else { AT_ONCE }
    }

    fn wait(&self) -> Duration {
        let waiting = self.waiting.order.iter().any(|pod| !self.asked.contains(pod));
        let next = (waiting && !self.full()).then_some(self.next.max(self.rested));
        let forbidden = (!self.forbidden.order.is_empty()).then_some(self.next_forbidden);
        next.into_iter().chain(forbidden).min().map_or(IDLE, clock::until)
    }

    /// Asks for the next one, if it is time.
    fn ask(&mut self) {
        let now = clock::now();
        if self.next_forbidden <= now
            && let Some(pod) = self.forbidden.pop(&self.asked)
        {
            self.next_forbidden = now + delta(self.patience.refused);
            self.wish(pod);
        }
        if self.next.max(self.rested) > now || self.full() {
            return;
        }
        let Some(pod) = self.waiting.pop(&self.asked) else { return };
        self.next = now + PACE;
        self.asked.insert(pod.clone());
        let session = self.cluster.session();
        let (target, patience) = (self.target.clone(), self.patience.clone());
        let stats = Arc::clone(&self.stats);
        self.requests.spawn(async move {
            let asked = request::look_up(&session.client, &pod, &target, &patience, &stats);
            let late = || Failure::late("a look-up", patience.headers);
            let answer = timeout(patience.headers, asked).await;
            let answer = answer.unwrap_or_else(|_| Err(late()));
            Looked { pod, generation: session.generation, answer }
        });
    }

    async fn answered(&mut self, looked: Looked) {
        let Looked { pod, generation, answer } = looked;
        self.asked.remove(&pod);
        match answer {
            Ok(text) => match self.read(&pod, &text) {
                Some(record) => {
                    self.stats().looked_up(LookUp::Found);
                    self.tell(&pod, Fact::Found(record)).await;
                }
                None => self.stats().unreadable.add(1),
            },
            Err(failure) if failure.code == Some(StatusCode::NOT_FOUND) => {
                self.stats().looked_up(LookUp::NotFound);
                let fact = Fact::NotFound(pod.clone());
                self.tell(&pod, fact).await;
            }
            Err(failure) => self.failed(pod, generation, &failure).await,
        }
    }

    /// The pod, if that is what came.
    fn read(&self, pod: &PodName, text: &str) -> Option<PodRecord> {
        match (self.target.row.read)(text).ok()?.said {
            Said::Object(Object::Pod(it)) => {
                (it.namespace == pod.namespace && it.name == pod.name).then_some(it)
            }
            _ => None,
        }
    }

    /// There is an answer: what we may not see there we may perhaps see now.
    async fn tell(&mut self, pod: &PodName, fact: Fact) {
        if self.failing {
            self.failing = false;
            self.backoff = Backoff::new(&self.patience);
        }
        self.complaint = self.complaint.filter(|_| !self.forbidden.order.is_empty());
        let near = |it: &PodName| it.namespace == pod.namespace;
        while let Some(place) = self.forbidden.order.iter().position(near) {
            let Some(other) = self.forbidden.order.remove(place) else { break };
            self.forbidden.known.remove(&other);
            self.wish(other);
        }
        let _ = self.out.send(Observation { at: clock::now(), fact }).await;
    }

    /// There is no answer: this one is asked for again later, and if it is the server that failed, so is every other.
    async fn failed(&mut self, pod: PodName, generation: u64, failure: &Failure) {
        self.stats().looked_up(LookUp::Failed);
        self.lose(failure).await;
        if failure.remedy == Remedy::Renew
            && let Err(error) = self.cluster.renew(generation).await
        {
            tracing::warn!(%error, "new credentials could not be had");
        }
        let now = clock::now();
        if failure.code == Some(StatusCode::FORBIDDEN) {
            self.next_forbidden = self.next_forbidden.max(now + delta(self.patience.refused));
            self.forbidden.push(pod);
            return;
        }
        self.wish(pod);
        // Of those that were lost together the first one counts.
        if !self.failing || self.rested <= now {
            let longest = if failure.away {
                self.patience.longest_absence
            } else {
                self.patience.longest_pause
            };
            let pause = self.backoff.pause(1).min(longest).max(failure.wait);
            self.rested = now + delta(pause);
        }
        self.failing = true;
    }

    /// Says that we are blind, once for each reason.
    async fn lose(&mut self, failure: &Failure) {
        let complaint = Some(failure.code.map_or(Complaint::Unanswered, Complaint::Refused));
        if self.complaint == complaint {
            return;
        }
        self.complaint = complaint;
        let (kind, error) = (self.target.row.kind, clean(&failure.told_of(&self.target)));
        tracing::warn!(%error, "a pod could not be looked up");
        let fact = Fact::Lost { kind, error };
        let _ = self.out.send(Observation { at: clock::now(), fact }).await;
    }
}

fn delta(duration: Duration) -> Delta {
    Delta::from_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
