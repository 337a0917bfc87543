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
pub(crate) mod proto;
mod workload;

use std::borrow::Cow;
use std::sync::Arc;

use leadership::lock::LockKey;
use leadership::observation::Object;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use annotation::{config_map, endpoints};
pub use candidate::candidate;
pub use workload::{deployment, stateful_set};

use lease::Lease;
use loose::{Loose, Nested};
use metadata::RawLabels;
use node::Node;
use pod::Pod;
use proto::{Malformed, Message, Value};

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
    /// The same, to look at.
    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::NoLock(_) => None,
        }
    }

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

/// What is read of an object, on its way to a record. JSON and protobuf fill the same fields.
trait Fields: Default + DeserializeOwned + Message {
    fn seen(self) -> Result<Seen, Unreadable>;
}

fn from_json<F: Fields>(json: &str) -> Result<Seen, Unreadable> {
    serde_json::from_str::<F>(json)?.seen()
}

fn from_protobuf<F: Fields>(message: &[u8]) -> Result<Seen, Unreadable> {
    let (fields, bad_text) = proto::read::<F>(message)?;
    let flaw = bad_text.then(|| "text in it is not UTF-8".to_owned());
    Ok(Seen { flaw, ..fields.seen()? })
}

/// Reads a Lease.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn lease(json: &str) -> Result<Seen, Unreadable> {
    from_json::<Lease>(json)
}

/// Reads a Lease in protobuf, without its envelope.
///
/// # Errors
/// When it is malformed or has no name.
pub fn lease_in_protobuf(message: &[u8]) -> Result<Seen, Unreadable> {
    from_protobuf::<Lease>(message)
}

/// Reads a Pod.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn pod(json: &str) -> Result<Seen, Unreadable> {
    from_json::<Pod>(json)
}

/// Reads a Pod in protobuf, without its envelope.
///
/// # Errors
/// When it is malformed or has no name.
pub fn pod_in_protobuf(message: &[u8]) -> Result<Seen, Unreadable> {
    from_protobuf::<Pod>(message)
}

/// Reads a Node.
///
/// # Errors
/// When it is not JSON or has no name.
pub fn node(json: &str) -> Result<Seen, Unreadable> {
    from_json::<Node>(json)
}

/// Reads a Node in protobuf, without its envelope.
///
/// # Errors
/// When it is malformed or has no name.
pub fn node_in_protobuf(message: &[u8]) -> Result<Seen, Unreadable> {
    from_protobuf::<Node>(message)
}

/// Why an object cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not JSON.
    #[error("the object is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is no protobuf.
    #[error("the object is no protobuf: {0}")]
    Protobuf(#[from] Malformed),
    /// Nothing says which object it is.
    #[error("the object has no metadata.name")]
    Nameless,
}

/// What tells an object from others. A bookmark has only the version.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Known {
    pub(crate) namespace: Loose<Arc<str>>,
    pub(crate) name: Loose<Arc<str>>,
    pub(crate) resource_version: Loose<String>,
    annotations: RawLabels,
}

/// The annotation of the bookmark that ends a list.
const LIST_ENDS: &str = "k8s.io/initial-events-end";

impl Known {
    /// Whether it is the bookmark that ends the list which a stream begins with.
    pub(crate) fn ends_list(&self) -> bool {
        let mark = self.annotations.0.get(LIST_ENDS);
        mark.is_some_and(|mark| mark.0.as_deref() == Some("true"))
    }
}

/// Any object.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Any {
    metadata: Nested<Known>,
}

impl Message for Any {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        if number == 1 { value.put(&mut self.metadata) } else { Ok(()) }
    }
}

impl Message for Known {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            3 => value.put(&mut self.namespace),
            6 => value.put(&mut self.resource_version),
            12 => value.put(&mut self.annotations),
            _ => Ok(()),
        }
    }
}

/// What any object says of itself, even if the rest of it cannot be read.
pub(crate) fn known(json: &str) -> Known {
    serde_json::from_str::<Any>(json).unwrap_or_default().metadata.0
}

/// The same in protobuf; as far as it can be read.
pub(crate) fn known_in_protobuf(message: &[u8]) -> Known {
    proto::read_beginning::<Any>(message).metadata.0
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
