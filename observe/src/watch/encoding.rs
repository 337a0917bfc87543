//! The two encodings of answers, told apart by what the API server says it sends. Everything beyond is the same for both.

use http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::failure::Status;
use super::frames::Frames;
use crate::kinds::Row;
use crate::read::proto::{Malformed, bytes_of, unwrapped};
use crate::read::{self, Known, Seen, Unreadable};

/// The media type that Kubernetes gives its protobuf.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// How the API server writes its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Every kind can be had in it.
    Json,
    /// A fraction of the work for both sides, for the kinds that Kubernetes itself defines.
    Protobuf,
}

/// An object as it came.
#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Json(&'a str),
    /// Without its envelope.
    Protobuf(&'a [u8]),
}

/// One event of a watch.
pub(super) struct Event<'a> {
    pub(super) change: &'a str,
    pub(super) object: Raw<'a>,
}

/// The same in JSON.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type", borrow)]
    change: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

impl Encoding {
    /// What an answer is written in.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match said {
            Some(said) if said.starts_with(PROTOBUF) => Self::Protobuf,
            _ => Self::Json,
        }
    }

    /// As labels say it: `json` or `protobuf`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Protobuf => "protobuf",
        }
    }

    /// An error in a body that is no success.
    pub(super) fn status(self, body: &[u8]) -> Status {
        match self {
            Self::Json => serde_json::from_slice(body).unwrap_or_default(),
            Self::Protobuf => unwrapped(body).map(Status::in_protobuf).unwrap_or_default(),
        }
    }
}

impl<'a> Event<'a> {
    pub(super) fn in_json(line: &'a str) -> Result<Self, Unreadable> {
        let Line { change, object } = serde_json::from_str(line)?;
        Ok(Self { change, object: Raw::Json(object.get()) })
    }

    /// A `WatchEvent`: its type, and a `RawExtension` with the object in its envelope.
    pub(super) fn in_protobuf(message: &'a [u8]) -> Result<Self, Unreadable> {
        let change = str::from_utf8(bytes_of(message, 1)?).map_err(|_| Malformed)?;
        let object = unwrapped(bytes_of(bytes_of(message, 2)?, 1)?)?;
        Ok(Self { change, object: Raw::Protobuf(object) })
    }
}

impl Raw<'_> {
    pub(super) fn read(self, row: &Row) -> Result<Seen, Unreadable> {
        match (self, row.read_protobuf) {
            (Self::Json(json), _) => (row.read)(json),
            (Self::Protobuf(message), Some(read)) => read(message),
            // Nobody asked for it.
            (Self::Protobuf(_), None) => Err(Malformed.into()),
        }
    }

    /// What it says of itself, even if the rest of it cannot be read.
    pub(super) fn known(self) -> Known {
        match self {
            Self::Json(json) => read::known(json),
            Self::Protobuf(message) => read::known_in_protobuf(message),
        }
    }

    /// It as an error.
    pub(super) fn status(self) -> Status {
        match self {
            Self::Json(json) => serde_json::from_str(json).unwrap_or_default(),
            Self::Protobuf(message) => Status::in_protobuf(message),
        }
    }
}

/// Reads all whole events of a stream that comes in these pieces, as a watch does, and hands each over. For benches and
/// fuzzers.
///
/// # Errors
/// When a frame is longer than `limit` bytes, with a text for people.
pub fn objects<'a>(
    row: &Row,
    encoding: Encoding,
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    mut take: impl FnMut(Result<Seen, Unreadable>),
) -> Result<(), String> {
    let mut frames = Frames::new(encoding, limit);
    for piece in pieces {
        frames.push(piece);
        while let Some(frame) = frames.next_frame().map_err(|failure| failure.text)? {
            take(match encoding {
                Encoding::Json => {
                    Event::in_json(&read::text(frame)).and_then(|event| event.object.read(row))
                }
                Encoding::Protobuf => {
                    Event::in_protobuf(frame).and_then(|event| event.object.read(row))
                }
            });
        }
    }
    Ok(())
}
