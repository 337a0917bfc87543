//! Changes as watches see them, serialised once.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::resource::Resource;
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
    fn word(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified | Self::Raw => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }

    /// What stands in a line before the object.
    fn head(self) -> String {
        ["{\"type\":\"", self.word(), "\",\"object\":"].concat()
    }
}

/// One line of a watch, in which the object's JSON lies.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    line: Bytes,
    object: usize,
    /// Where the object's fields begin after `kind` and `apiVersion`, which lists leave out of their items.
    fields: usize,
}

impl Encoded {
    pub(crate) fn new(
        kind: ChangeKind,
        resource: Resource,
        mut fields: Map<String, Value>,
    ) -> Self {
        for typed in ["kind", "apiVersion"] {
            fields.remove(typed);
        }
        let head = kind.head();
        let type_meta = resource.row().type_meta();
        let rest = Value::Object(fields).to_string();
        let line = [&head, "{", &type_meta, &rest[1..], "}\n"].concat();
        let object = head.len();
        let fields = object + 1 + type_meta.len();
        Self { line: line.into(), object, fields }
    }

    pub(crate) fn object(&self) -> Bytes {
        self.line.slice(self.object..self.line.len() - 2)
    }

    /// The object as a list's item, but for the opening brace.
    pub(crate) fn item_after_brace(&self) -> &[u8] {
        &self.line[self.fields..self.line.len() - 2]
    }

    /// The same object under another type of event.
    pub(crate) fn line_as(&self, kind: ChangeKind) -> Bytes {
        let mut line = kind.head().into_bytes();
        line.extend_from_slice(&self.line[self.object..]);
        line.into()
    }

    /// The same object with nothing but its metadata, as a list's item.
    pub(crate) fn metadata_only(&self, resource: Resource) -> Self {
        let metadata = self.parse()["metadata"].take();
        let fields = Map::from_iter([("metadata".to_owned(), metadata)]);
        Self::new(ChangeKind::Added, resource, fields)
    }

    /// The line of a watch that asked for metadata only. What is no event of an object stays as it is.
    pub(crate) fn metadata_line(line: &Bytes) -> Bytes {
        let Ok(mut event) = serde_json::from_slice::<Value>(line) else {
            return line.clone();
        };
        let object = &mut event["object"];
        if object["kind"] == "Status" || object.get("metadata").is_none() {
            return line.clone();
        }
        object["kind"] = json!("PartialObjectMetadata");
        object["apiVersion"] = json!("meta.k8s.io/v1");
        if let Some(fields) = object.as_object_mut() {
            fields.retain(|name, _| ["kind", "apiVersion", "metadata"].contains(&name.as_str()));
        }
        format!("{event}\n").into()
    }

    pub(crate) fn parse(&self) -> Value {
        serde_json::from_slice(&self.line[self.object..self.line.len() - 2]).unwrap_or_default()
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
    pub(crate) fn seen_through(&self, selector: &Selector) -> Option<Bytes> {
        if self.kind == ChangeKind::Raw {
            return Some(self.encoded.line.clone());
        }
        let is = self.kind != ChangeKind::Deleted && selector.admits(&self.facets);
        let was = self.before.as_ref().is_some_and(|f| selector.admits(f));
        let kind = match (was, is) {
            (false, true) => ChangeKind::Added,
            (true, true) => ChangeKind::Modified,
            (true, false) => ChangeKind::Deleted,
            (false, false) => return None,
        };
        Some(if kind == self.kind { self.encoded.line.clone() } else { self.encoded.line_as(kind) })
    }
}

impl Encoded {
    /// A line which is no event of an object.
    pub(crate) fn raw(line: Bytes) -> Self {
        Self { line, object: 0, fields: 0 }
    }
}
