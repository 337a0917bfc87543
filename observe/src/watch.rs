//! One kind's watch: list, then follow, for ever. What comes out is stamped facts.
//!
//! An observer's product is time, so a watch must never hang without saying so: every answer has a deadline, and
//! a stream that should beat and does not is opened anew. What a break loses is asked for from the last version
//! on; only a version that the server has forgotten costs a new list.

mod again;
mod backoff;
mod doubt;
mod encoding;
mod end;
mod failure;
mod follow;
mod frames;
mod items;
mod list;
mod listing;
mod locks;
mod lookups;
mod patience;
mod pulse;
mod request;
mod stats;
mod stream;
mod union;

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use leadership::observation::{Fact, Observation, Part};
use leadership::time::Time;
use tokio::sync::watch::Receiver;
use tokio::time::{sleep, timeout};

pub use encoding::{Encoding, objects};
pub use stats::{KindStats, ListedBy, LookUp, WatchStats};

pub(crate) use failure::causes;
pub(crate) use lookups::LookUps;
pub(crate) use patience::Patience;
pub(crate) use request::{Target, encoded};
pub(crate) use union::Outlet;

use crate::access::Cluster;
use crate::clock::{self, Stop};
use again::Again;
use backoff::Backoff;
use doubt::Doubt;
use end::Rest;
use failure::Failure;
use listing::Listing;
use locks::Locks;
use pulse::Pulse;
use request::Answer;

/// The watch of one kind.
pub(crate) struct Watcher {
    cluster: Cluster,
    target: Target,
    patience: Patience,
    out: Outlet,
    stats: Arc<WatchStats>,
    /// Where to go on; none before the first list and when the server has forgotten it.
    version: Option<String>,
    /// The list that is on its way.
    listing: Option<Listing>,
    /// When a list last did not come as a stream.
    unstreamed: Option<Time>,
    /// The credentials of the present round.
    generation: u64,
    /// Whether the fold has been told nothing, or that we are blind.
    blind: bool,
    /// What was last said to be wrong.
    complaint: Option<Arc<str>>,
    /// When the present stream was accepted.
    accepted: Option<Time>,
    /// Whether it was we who ended the present stream, for its silence.
    given_up: bool,
    /// When the last complete list came.
    listed: Option<Time>,
    /// Whether the fold has been told anything.
    spoke: bool,
    locks: Locks,
    again: Again,
    doubt: Doubt,
    /// Pauses while the server is there,
    backoff: Backoff,
    /// and while it is not: when it comes back it has yet to be burdened.
    absence: Backoff,
    pulse: Pulse,
    /// Times in which we did not run.
    stops: Receiver<Stop>,
}

impl Watcher {
    pub(crate) fn new(
        cluster: Cluster,
        target: Target,
        patience: Patience,
        out: Outlet,
        stats: Arc<WatchStats>,
    ) -> Self {
        Self {
            cluster,
            target,
            out,
            stats,
            version: None,
            listing: None,
            unstreamed: None,
            generation: 0,
            blind: true,
            complaint: None,
            accepted: None,
            given_up: false,
            listed: None,
            spoke: false,
            locks: Locks::default(),
            again: Again::default(),
            doubt: Doubt::default(),
            backoff: Backoff::new(&patience),
            absence: Backoff::new(&patience),
            pulse: Pulse::new(&patience),
            stops: clock::stops(),
            patience,
        }
    }

    /// Watches until nobody listens any more.
    pub(crate) async fn run(mut self) {
        while !self.out.is_closed() {
            let ended = self.round().await;
            if let Some(rest) = self.judge(ended).await {
                self.rest(rest).await;
            }
        }
    }

    /// Waits. A server that was away is back for all watches as soon as one of them has found it.
    async fn rest(&self, rest: Rest) {
        if !rest.away {
            return sleep(rest.pause).await;
        }
        tokio::select! {
            biased;
            () = sleep(rest.pause) => {}
            () = self.cluster.until_reached() => {
                sleep(self.patience.stagger.mul_f64(fastrand::f64())).await;
            }
        }
    }

    /// Lists if there is no version to go on from, then follows one stream to its end. Mostly both are one request.
    async fn round(&mut self) -> Result<(), Failure> {
        let session = self.cluster.session();
        self.generation = session.generation;
        let client = &session.client;
        if self.version.is_none()
            && self.streams()
            && let Some(ended) = self.stream(client).await
        {
            return ended;
        }
        let version = match self.version.clone() {
            Some(version) => version,
            None => self.list(client).await?,
        };
        self.watch(client, Some(&version)).await
    }

    /// Follows one stream to its end, from a version on or from a list on.
    async fn watch(&mut self, client: &Client, version: Option<&str>) -> Result<(), Failure> {
        let seconds = fastrand::u64(self.patience.watch_seconds.clone());
        let answer = self.open(client, version, seconds).await?;
        self.accepted = Some(clock::now());
        self.cluster.reached();
        let stats = self.stats.of(self.target.row.kind);
        stats.opened.add(1);
        stats.speaks(answer.encoding);
        self.follow(client, answer, Duration::from_secs(seconds)).await
    }

    /// Hands a fact on. If nobody listens any more, [`Self::run`] will see it.
    async fn tell(&mut self, at: Time, fact: Fact) {
        let blind =
            matches!(fact, Fact::Lost { .. } | Fact::Page { part: Part::First | Part::Next, .. });
        if !blind {
            self.blind = false;
            self.complaint = None;
        }
        self.spoke = true;
        self.out.send(Observation { at, fact }).await;
    }

    async fn open(
        &mut self,
        client: &Client,
        version: Option<&str>,
        seconds: u64,
    ) -> Result<Answer, Failure> {
        let (what, patience) = match version {
            None => ("a list", self.patience.headers),
            Some(_) if self.blind => ("the start of a watch", self.patience.headers),
            // Who is not known to be blind must learn soon that he is.
            Some(_) => ("the start of a watch", self.patience.probe),
        };
        let request = self.target.watch(version, seconds)?;
        let asked = request::send(client, request, &self.target, &self.patience, &self.stats);
        match timeout(patience, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::late(what, patience)),
        }
    }
}

#[cfg(test)]
mod tests;
