//! Changes as watches see them.

use std::sync::Arc;

use bytes::Bytes;

use super::encoded::Encoded;
use super::encoding::Encoding;
use super::selector::{Facets, Selector};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Added,
    Modified,
    Deleted,
    /// A line a test wrote, which goes to every watch as it is.
    Raw,
}

impl ChangeKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified | Self::Raw => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }

    /// What stands in a line before the object.
    pub(super) fn head(self) -> String {
        ["{\"type\":\"", self.word(), "\",\"object\":"].concat()
    }
}

#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) kind: ChangeKind,
    pub(crate) encoded: Encoded,
    pub(crate) facets: Arc<Facets>,
    pub(crate) before: Option<Arc<Facets>>,
}

impl Change {
    /// What a watch under `selector` sees: an object that comes to match is added, one that ceases to is deleted.
    pub(crate) fn seen_through(&self, selector: &Selector, encoding: Encoding) -> Option<Bytes> {
        if self.kind == ChangeKind::Raw {
            return Some(self.encoded.event(encoding));
        }
        let is = self.kind != ChangeKind::Deleted && selector.admits(&self.facets);
        let was = self.before.as_ref().is_some_and(|f| selector.admits(f));
        let kind = match (was, is) {
            (false, true) => ChangeKind::Added,
            (true, true) => ChangeKind::Modified,
            (true, false) => ChangeKind::Deleted,
            (false, false) => return None,
        };
        Some(if kind == self.kind {
            self.encoded.event(encoding)
        } else {
            self.encoded.event_as(kind, encoding)
        })
    }
}
