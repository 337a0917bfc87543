//! One stream, from its first event to its end.

use std::time::Duration;

use http_body_util::BodyExt;
use leadership::observation::{Fact, Object};
use leadership::time::Time;
use tokio::time::timeout;

use super::encoding::{Event, Raw};
use super::failure::Failure;
use super::frames::Frames;
use super::request::Answer;
use super::{Encoding, Watcher};
use crate::clock;
use crate::read::{self, Seen, Unreadable};

impl Watcher {
    /// Takes a stream's events until it ends, breaks, or is silent for too long.
    pub(super) async fn follow(&mut self, answer: Answer, lasts: Duration) -> Result<(), Failure> {
        let Answer { mut body, encoding } = answer;
        let mut frames = Frames::new(encoding, self.patience.frame);
        let longest = lasts + self.patience.overtime;
        self.pulse.start();
        loop {
            // A server may accept a version and say in the first event that it has forgotten it.
            let settling = self.blind;
            let wait =
                if settling { self.patience.settle } else { self.pulse.silence().min(longest) };
            let data = match timeout(wait, body.frame()).await {
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Ok(Some(Err(error))) => return Err(Failure::transport("the watch broke", &error)),
                Ok(None) => return Ok(()),
                Err(_) if settling => {
                    self.tell(clock::now(), Fact::Alive(self.target.row.kind)).await;
                    continue;
                }
                Err(_) => {
                    self.pulse.missed();
                    return Ok(());
                }
            };
            let at = clock::now();
            self.pulse.beat(at);
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
            if some && self.blind {
                // All of it was meant for others, but it came.
                self.tell(at, Fact::Alive(self.target.row.kind)).await;
            }
        }
    }

    async fn take_line(&mut self, line: &str, at: Time) -> Result<(), Failure> {
        if line.trim().is_empty() { Ok(()) } else { self.take(Event::in_json(line), at).await }
    }

    /// Takes one event. What cannot be read is counted and passed over.
    async fn take(
        &mut self,
        event: Result<Event<'_>, Unreadable>,
        at: Time,
    ) -> Result<(), Failure> {
        let Event { change, object } = match event {
            Ok(event) => event,
            Err(error) => {
                self.poisoned(&error.to_string());
                return Ok(());
            }
        };
        match change {
            "ERROR" => return Err(Failure::in_stream(object, &self.target, &self.patience)),
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
                self.advance(version);
                if let Some(flaw) = flaw {
                    self.poisoned(&flaw);
                }
                if self.target.admits(&said)
                    && let Some(fact) = self.locks.change(said, fact)
                {
                    self.tell(at, fact).await;
                }
            }
            Err(error) => {
                self.advance(raw.known().resource_version.0);
                self.poisoned(&error.to_string());
            }
        }
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
