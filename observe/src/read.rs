//! Objects as the API server writes them, turned into records.
//!
//! Readers are total: a field that is missing, null, of another type or out of range is `None`. Only an object
//! without a name cannot be read. Live watches and recordings share them.

mod lease;
pub(crate) mod loose;
mod owner;
mod pod;

use std::borrow::Cow;
use std::sync::Arc;

use leadership::observation::Object;
use serde::Deserialize;

pub use lease::lease;
pub use pod::pod;

use loose::{Loose, Nested};

/// An object that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What it says.
    pub object: Object,
    /// Its `resourceVersion`, if it carries one.
    pub version: Option<String>,
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
