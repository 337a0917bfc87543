//! One stream, from its first line to its end.

use std::time::Duration;

use http_body_util::BodyExt;
use kube::client::Body;
use leadership::observation::{Fact, Object};
use leadership::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::Watcher;
use super::failure::Failure;
use super::frames::Frames;
use crate::clock;
use crate::read::{self, Seen};

/// One line of a watch.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    change: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

impl Watcher {
    /// Takes a stream's lines until it ends, breaks, or is silent for too long.
    pub(super) async fn follow(&mut self, mut body: Body, lasts: Duration) -> Result<(), Failure> {
        let mut frames = Frames::new(self.patience.frame);
        let longest = lasts + self.patience.overtime;
        self.pulse.start();
        loop {
            // A server may accept a version and say in the first line that it has forgotten it.
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
            frames.push(&data)?;
            let mut some = false;
            while let Some(line) = frames.next_line() {
                self.take(line, at).await?;
                some = true;
            }
            if some && self.blind {
                // All of it was meant for others, but it came.
                self.tell(at, Fact::Alive(self.target.row.kind)).await;
            }
        }
    }

    /// Takes one line. What cannot be read is counted and passed over.
    async fn take(&mut self, line: &[u8], at: Time) -> Result<(), Failure> {
        let line = read::text(line);
        if line.trim().is_empty() {
            return Ok(());
        }
        let frame: Frame = match serde_json::from_str(&line) {
            Ok(frame) => frame,
            Err(error) => {
                self.poisoned(&error.to_string());
                return Ok(());
            }
        };
        let object = frame.object.get();
        let kind = self.target.row.kind;
        match frame.change {
            "ERROR" => return Err(Failure::in_stream(object, &self.target, &self.patience)),
            "BOOKMARK" => {
                self.advance(read::version(object));
                self.tell(at, Fact::Alive(kind)).await;
            }
            "DELETED" => self.change(object, at, Fact::Deleted).await,
            _ => self.change(object, at, Fact::Applied).await,
        }
        Ok(())
    }

    async fn change(&mut self, json: &str, at: Time, fact: fn(Object) -> Fact) {
        match (self.target.row.read)(json) {
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
                self.advance(read::version(json));
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
