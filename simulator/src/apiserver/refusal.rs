//! Why the store refuses.

use thiserror::Error;

use super::resource::Resource;

/// Why the server did not do a write.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// The object's `apiVersion` and `kind` are none of [`Resource`].
    #[error(
        "the server does not know kind {kind:?} of {api_version:?}; see Resource for those it has"
    )]
    UnknownKind {
        /// As the object says it.
        api_version: String,
        /// As the object says it.
        kind: String,
    },
    /// `metadata.name` is missing or empty.
    #[error("name is required: the object of kind {0:?} has no metadata.name")]
    Nameless(String),
    /// `metadata.resourceVersion` is not that of the stored object.
    #[error(
        "Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your changes to the latest version and try again"
    )]
    Conflict {
        /// What was written.
        resource: Resource,
        /// The object's name.
        name: String,
    },
    /// A create found the name taken.
    #[error("{resource} \"{name}\" already exists")]
    AlreadyExists {
        /// What was written.
        resource: Resource,
        /// The object's name.
        name: String,
    },
    /// There is no such object.
    #[error("{resource} \"{name}\" not found")]
    NotFound {
        /// What was looked for.
        resource: Resource,
        /// The object's name.
        name: String,
    },
}

/// The version asked for is older than what is kept.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("too old resource version: {asked} ({oldest})")]
pub(crate) struct Gone {
    pub(crate) asked: u64,
    pub(crate) oldest: u64,
}
