//! Objects as they lie in an event, serialised once.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::change::ChangeKind;
use super::encoding::Encoding;
use super::protobuf;
use super::resource::Resource;

/// An event of a watch in each encoding, in which the object lies.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    line: Bytes,
    object: usize,
    /// Where the object's fields begin after `kind` and `apiVersion`, which lists leave out of their items.
    fields: usize,
    frame: Option<Frame>,
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

impl Frame {
    fn new(kind: ChangeKind, resource: Resource, object: &Value) -> Option<Self> {
        let message = protobuf::message(protobuf::fields(resource)?, object);
        let row = resource.row();
        let object = protobuf::enveloped(&row.api_version(), row.kind, &message);
        let extension = protobuf::extension(&object);
        let bytes = Bytes::from(protobuf::event(kind.word(), &extension));
        let end = bytes.len() - protobuf::END.len();
        Some(Self { extension: bytes.len() - extension.len(), message: end - message.len(), bytes })
    }

    fn message(&self) -> &[u8] {
        &self.bytes[self.message..self.bytes.len() - protobuf::END.len()]
    }

    fn event_as(&self, kind: ChangeKind) -> Bytes {
        protobuf::event(kind.word(), &self.bytes[self.extension..]).into()
    }
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
        let object = Value::Object(fields);
        let rest = object.to_string();
        let line = [&head, "{", &type_meta, &rest[1..], "}\n"].concat();
        let frame = Frame::new(kind, resource, &object);
        let object = head.len();
        let fields = object + 1 + type_meta.len();
        Self { line: line.into(), object, fields, frame }
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
        Self { line, object: 0, fields: 0, frame }
    }

    pub(crate) fn object(&self) -> Bytes {
        self.line.slice(self.object..self.line.len() - 2)
    }

    /// The object as a list's item: in JSON but for the opening brace.
    pub(crate) fn item(&self, encoding: Encoding) -> &[u8] {
        match (encoding, &self.frame) {
            (Encoding::Protobuf, Some(frame)) => frame.message(),
            _ => &self.line[self.fields..self.line.len() - 2],
        }
    }

    /// The whole event.
    pub(crate) fn event(&self, encoding: Encoding) -> Bytes {
        match (encoding, &self.frame) {
            (Encoding::Protobuf, Some(frame)) => frame.bytes.clone(),
            _ => self.line.clone(),
        }
    }

    /// The same object under another type of event.
    pub(crate) fn event_as(&self, kind: ChangeKind, encoding: Encoding) -> Bytes {
        if let (Encoding::Protobuf, Some(frame)) = (encoding, &self.frame) {
            return frame.event_as(kind);
        }
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
