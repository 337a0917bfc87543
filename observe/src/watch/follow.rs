//! One stream, from its first event to its end.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use leadership::observation::{Fact, Object};
use leadership::time::Time;
use tokio::time::sleep;

use super::encoding::{Event, Raw};
use super::failure::Failure;
use super::frames::Frames;
use super::request::Answer;
use super::{Encoding, Watcher, stream};
use crate::clock;
use crate::read::{self, Seen, Unreadable};

/// What came of a stream; nothing at its end.
type Heard = Option<Result<Bytes, kube::Error>>;

/// Why nothing came.
enum Quiet {
    /// Not in time.
    Silent,
    /// We did not run. What came meanwhile, or did not, says nothing of when it was sent.
    Stopped,
}

use Quiet::{Silent, Stopped};

impl Watcher {
    /// Takes a stream's events until it ends, breaks, or is silent for too long.
    pub(super) async fn follow(
        &mut self,
        client: &Client,
        answer: Answer,
        lasts: Duration,
    ) -> Result<(), Failure> {
        let Answer { mut body, encoding, pace } = answer;
        let mut frames = Frames::new(encoding, self.patience.frame);
        let longest = lasts + self.patience.overtime;
        loop {
            pace.set_batches(self.listing.is_none());
            // A server may accept a version and say in the first event that it has forgotten it.
            let settling = self.blind && self.listing.is_none();
            let wait = self.wait(settling, longest);
            let data = match self.heard(client, &mut body, wait).await {
                Ok(Some(Ok(data))) => data,
                Ok(Some(Err(error))) => return Err(Failure::transport("the watch broke", &error)),
                Ok(None) if self.listing.is_some() => return Err(stream::unmarked()),
                Ok(None) => return Ok(()),
                Err(Silent) if self.listing.is_some() => {
                    return Err(Failure::late("the rest of a list", wait));
                }
                Err(Silent) if settling && !self.is_overdue() => {
                    self.tell(clock::now(), Fact::Alive(self.target.row.kind)).await;
                    continue;
                }
                Err(Silent) => {
                    self.pulse.missed();
                    return self.doubt(wait, settling);
                }
                Err(Stopped) => return self.look_anew().await,
            };
            let at = clock::now();
            if self.stops.has_changed().unwrap_or(false) {
                return self.look_anew().await;
            }
            if self.listing.is_none() {
                self.pulse.beat(at);
            }
            self.stats.of(self.target.row.kind).bytes.add(data.len());
            frames.push(&data);
            let mut some = false;
            while let Some(frame) = frames.next_frame()? {
                match encoding {
                    Encoding::Json => self.take_line(&read::text(frame), at).await?,
                    Encoding::Protobuf => self.take(Event::in_protobuf(frame), at).await?,
                }
                some = true;
            }
            if some && self.blind && self.listing.is_none() {
                // All of it was meant for others, but it came.
                self.tell(at, Fact::Alive(self.target.row.kind)).await;
            }
        }
    }

    /// How long a silence may be.
    fn wait(&self, settling: bool, longest: Duration) -> Duration {
        if self.listing.is_some() {
            self.patience.headers
        } else if settling {
            if self.is_overdue() { self.patience.silence } else { self.patience.settle }
        } else {
            self.pulse.silence().min(longest)
        }
    }

    /// Whether a stream that goes on should begin with what was written while we were blind. If it does not, that it was
    /// accepted is no sight.
    fn is_overdue(&self) -> bool {
        self.target.row.kind.elects() && self.pulse.is_overdue(clock::now())
    }

    /// A new stream may end a silence. If it does not, or if we are blind anyway, a list must tell whether the server knows
    /// what happens. For pods that would cost much, and they have no rhythm.
    fn doubt(&mut self, wait: Duration, blind: bool) -> Result<(), Failure> {
        if !self.target.row.kind.elects() || !(blind || self.pulse.in_vain()) {
            self.given_up = true;
            return Ok(());
        }
        self.doubt.begin(self.version.as_deref());
        Err(Failure::stale(wait))
    }

    /// We did not run for a while. What is left of the stream came at times that nobody knows, and may be its last: a new
    /// one begins where this one was, and shows whether the server is there.
    async fn look_anew(&mut self) -> Result<(), Failure> {
        let stop = *self.stops.borrow_and_update();
        self.pulse.broke();
        self.lose(&Failure::stopped(stop)).await;
        self.given_up = true;
        Ok(())
    }

    /// What comes next of a stream. Second looks are taken while it flows, and are no part of it.
    async fn heard(
        &mut self,
        client: &Client,
        body: &mut Body,
        wait: Duration,
    ) -> Result<Heard, Quiet> {
        let mut silence = pin!(sleep(wait));
        loop {
            if self.listing.is_none() {
                self.again.ask(client, &self.target, &self.patience, &self.stats);
            }
            tokio::select! {
                // What comes at the last moment came, and whatever comes at once comes in the same order each time.
                biased;
                Ok(()) = self.stops.changed() => return Err(Stopped),
                (name, answer) = self.again.answer() => self.look_again(&name, answer).await,
                heard = body.frame() => {
                    return Ok(heard.map(|it| it.map(|it| it.into_data().unwrap_or_default())));
                }
                () = &mut silence => return Err(Silent),
            }
        }
    }

    async fn take_line(&mut self, line: &str, at: Time) -> Result<(), Failure> {
        if line.trim().is_empty() { Ok(()) } else { self.take(Event::in_json(line), at).await }
    }

    /// Takes one event. What cannot be read is counted and passed over.
    pub(super) async fn take(
        &mut self,
        event: Result<Event<'_>, Unreadable>,
        at: Time,
    ) -> Result<(), Failure> {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                self.poisoned(&error.to_string());
                return Ok(());
            }
        };
        let Event { change, object } = event;
        match change {
            "ERROR" => return Err(Failure::in_stream(object, &self.target, &self.patience)),
            _ if self.listing.is_some() => self.take_in_list(event).await?,
            "BOOKMARK" => {
                self.advance(object.known().resource_version.0);
                self.tell(at, Fact::Alive(self.target.row.kind)).await;
            }
            "DELETED" => self.change(object, at, Fact::Deleted).await,
            _ => self.change(object, at, Fact::Applied).await,
        }
        Ok(())
    }

    async fn change(&mut self, raw: Raw<'_>, at: Time, fact: fn(Object) -> Fact) {
        match raw.read(self.target.row) {
            Ok(Seen { said, version, flaw }) => {
                if let Some(flaw) = flaw {
                    self.poisoned(&flaw);
                }
                let past =
                    said.as_object().is_some_and(|it| self.again.is_past(it, version.as_deref()));
                self.advance(version);
                if !past
                    && self.target.admits(&said)
                    && let Some(fact) = self.locks.change(said, fact)
                {
                    self.tell(at, fact).await;
                }
            }
            Err(error) => {
                self.advance(raw.known().resource_version.0);
                self.unreadable(raw, &error);
            }
        }
    }

    /// An object that cannot be read is passed over, and looked at once more by itself.
    pub(super) fn unreadable(&mut self, raw: Raw<'_>, error: &Unreadable) {
        self.poisoned(&error.to_string());
        self.again.note(raw.known());
    }

    fn advance(&mut self, version: Option<String>) {
        if version.is_some() {
            self.version = version;
        }
    }

    pub(super) fn poisoned(&self, error: &str) {
        let kind = self.target.row.kind;
        self.stats.of(kind).unreadable.add(1);
        tracing::warn!(
            watch = kind.label(),
            error,
            "an object could not be read and is passed over"
        );
    }
}
