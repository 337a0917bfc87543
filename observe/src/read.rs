//! Objects as the API server writes them, turned into records.
//!
//! Readers are total: a field that is missing, null, of another type or out of range is `None`. Only an object
//! without a name cannot be read, and an object that is no lock is told apart from one. Live watches and recordings share them.

mod annotation;
mod candidate;
mod lease;
pub(crate) mod loose;
mod metadata;
mod node;
mod owner;
mod pod;
mod workload;

use std::borrow::Cow;
use std::sync::Arc;

use leadership::lock::LockKey;
use leadership::observation::Object;
use serde::Deserialize;

pub use annotation::{config_map, endpoints};
pub use candidate::candidate;
pub use lease::lease;
pub use node::node;
pub use pod::pod;
pub use workload::{deployment, stateful_set};

use loose::{Loose, Nested};

/// An object that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What it says.
    pub said: Said,
    /// Its `resourceVersion`, if it carries one.
    pub version: Option<String>,
    /// What in it could not be read, if that is worth counting.
    pub flaw: Option<String>,
}

/// What an object says.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "it lives for one line, and a box would cost more")]
pub enum Said {
    /// It is one of those that are watched.
    Object(Object),
    /// It could be this lock, but carries no record: it is none, or none any more.
    NoLock(LockKey),
}

impl Said {
    /// The object, if it is one of those that are watched.
    pub(crate) fn object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::NoLock(_) => None,
        }
    }
}

impl Seen {
    fn object(object: Object, version: Option<String>) -> Self {
        Self { said: Said::Object(object), version, flaw: None }
    }
}

/// Why an object cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not JSON.
    #[error("the object is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Nothing says which object it is.
    #[error("the object has no metadata.name")]
    Nameless,
}

/// The part of the metadata that every reader needs.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Versioned {
    metadata: Nested<Version>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Version {
    resource_version: Loose<String>,
}

/// The `resourceVersion` of any object; of a bookmark nothing else can be read.
pub(crate) fn version(json: &str) -> Option<String> {
    let object: Versioned = serde_json::from_str(json).ok()?;
    object.metadata.0.resource_version.0
}

/// Bytes as text, with a mark for each that is none. Kubernetes does not check what is written in protobuf.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    // Ten times as fast as looking for bad bytes at once.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn or_empty(text: Loose<Arc<str>>) -> Arc<str> {
    text.0.unwrap_or_else(|| "".into())
}

#[cfg(test)]
mod tests;
