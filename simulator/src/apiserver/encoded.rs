//! Objects as they lie in an event, serialised once.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::change::ChangeKind;
use super::encoding::Encoding;
use super::protobuf;
use super::resource::Resource;
use super::stamp::{Stamp, Stamped};

/// An event of a watch in each encoding.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    written: Line,
    /// What the object says otherwise by now than in the written line; its frame says so already.
    stamped: Option<Arc<Stamped>>,
    frame: Option<Frame>,
}

/// An event in JSON, in which the object lies.
#[derive(Clone, Debug)]
pub(super) struct Line {
    bytes: Bytes,
    object: usize,
    /// Where the object's fields begin after `kind` and `apiVersion`, which lists leave out of their items.
    fields: usize,
}

/// The same event in protobuf, if there is one.
#[derive(Clone, Debug)]
struct Frame {
    bytes: Bytes,
    /// Where the object begins with all that is around it.
    extension: usize,
    /// Where the object itself begins.
    message: usize,
}

impl Line {
    /// Of an object without its kind and version.
    pub(super) fn new(kind: ChangeKind, resource: Resource, object: &Value) -> Self {
        let head = kind.head();
        let type_meta = resource.row().type_meta();
        let rest = object.to_string();
        let bytes = [&head, "{", &type_meta, &rest[1..], "}\n"].concat().into();
        let object = head.len();
        Self { bytes, object, fields: object + 1 + type_meta.len() }
    }

    fn object(&self) -> Bytes {
        self.bytes.slice(self.object..self.bytes.len() - 2)
    }

    fn item(&self) -> &[u8] {
        &self.bytes[self.fields..self.bytes.len() - 2]
    }

    fn event_as(&self, kind: ChangeKind) -> Bytes {
        [kind.head().as_bytes(), &self.bytes[self.object..]].concat().into()
    }

    pub(super) fn parse(&self) -> Value {
        serde_json::from_slice(&self.object()).unwrap_or_default()
    }
}

/// Without its kind and version, which follow from its resource.
pub(super) fn untyped(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|name, _| !["kind", "apiVersion"].contains(&name.as_str()));
    }
    object
}

impl Frame {
    fn new(kind: ChangeKind, resource: Resource, message: &[u8]) -> Self {
        let row = resource.row();
        let object = protobuf::enveloped(&row.api_version(), row.kind, message);
        let extension = protobuf::extension(&object);
        let bytes = Bytes::from(protobuf::event(kind.word(), &extension));
        let end = bytes.len() - protobuf::END.len();
        Self { extension: bytes.len() - extension.len(), message: end - message.len(), bytes }
    }

    fn stamped(&self, resource: Resource, stamps: &[Stamp]) -> Option<Self> {
        let fields = protobuf::fields(resource)?;
        let stamped = stamps.iter().fold(self.message().to_vec(), |message, (pointer, text)| {
            protobuf::stamped(fields, &message, pointer, text).unwrap_or(message)
        });
        Some(Self::new(ChangeKind::Modified, resource, &stamped))
    }

    fn message(&self) -> &[u8] {
        &self.bytes[self.message..self.bytes.len() - protobuf::END.len()]
    }

    fn event_as(&self, kind: ChangeKind) -> Bytes {
        protobuf::event(kind.word(), &self.bytes[self.extension..]).into()
    }
}

impl Encoded {
    pub(crate) fn new(kind: ChangeKind, resource: Resource, fields: Map<String, Value>) -> Self {
        let object = untyped(Value::Object(fields));
        let message = protobuf::fields(resource).map(|fields| protobuf::message(fields, &object));
        let frame = message.map(|message| Frame::new(kind, resource, &message));
        Self { written: Line::new(kind, resource, &object), stamped: None, frame }
    }

    /// The same object with these texts in it.
    pub(super) fn stamped(&self, resource: Resource, stamps: &[Stamp]) -> Self {
        let frame = self.frame.as_ref().and_then(|frame| frame.stamped(resource, stamps));
        let stamped = Stamped::new(resource, self.stamped.as_deref(), stamps);
        Self { written: self.written.clone(), stamped: Some(Arc::new(stamped)), frame }
    }

    fn line(&self) -> &Line {
        self.stamped.as_ref().map_or(&self.written, |stamped| stamped.line(&self.written))
    }

    /// A line which may be no event of an object. In protobuf it is the same event, or else the same bytes.
    pub(crate) fn raw(resource: Resource, line: Bytes) -> Self {
        let event: Option<Value> = serde_json::from_slice(&line).ok();
        let bytes = match event
            .as_ref()
            .and_then(|event| event["type"].as_str().zip(event.get("object")))
        {
            Some((word, object)) => Encoding::Protobuf.event(resource, word, object),
            None => protobuf::framed(&line).into(),
        };
        let frame = protobuf::fields(resource).map(|_| Frame { bytes, extension: 0, message: 0 });
        let written = Line { bytes: line, object: 0, fields: 0 };
        Self { written, stamped: None, frame }
    }

    pub(crate) fn object(&self) -> Bytes {
        self.line().object()
    }

    /// The object as a list's item: in JSON but for the opening brace.
    pub(crate) fn item(&self, encoding: Encoding) -> &[u8] {
        match (encoding, &self.frame) {
            (Encoding::Protobuf, Some(frame)) => frame.message(),
            _ => self.line().item(),
        }
    }

    /// The whole event.
    pub(crate) fn event(&self, encoding: Encoding) -> Bytes {
        match (encoding, &self.frame) {
            (Encoding::Protobuf, Some(frame)) => frame.bytes.clone(),
            _ => self.line().bytes.clone(),
        }
    }

    /// The same object under another type of event.
    pub(crate) fn event_as(&self, kind: ChangeKind, encoding: Encoding) -> Bytes {
        if let (Encoding::Protobuf, Some(frame)) = (encoding, &self.frame) {
            return frame.event_as(kind);
        }
        self.line().event_as(kind)
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
        let written = self.written.parse();
        match &self.stamped {
            Some(stamped) => stamped.put_on(written),
            None => written,
        }
    }
}
