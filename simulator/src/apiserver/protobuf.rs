//! Kubernetes' protobuf, made of the JSON of objects: one table for each message, one row for each field.
//!
//! As the API server's own code does, a field that is no pointer there is written even where it is empty. Fields that no
//! row names are left out, as a server leaves out what it does not know.

mod container;
mod lease;
mod meta;
mod node;
mod pod;
mod stamp;
mod volume;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::resource::Resource;

pub(super) use stamp::stamped;

/// A message's fields by their numbers.
pub(super) type Fields = &'static [Field];

/// One field of a message.
#[derive(Debug)]
pub(super) struct Field {
    /// In JSON.
    name: &'static str,
    number: u8,
    shape: Shape,
    /// Whether it is written when there is none.
    always: bool,
}

/// What becomes of a JSON value. A list is a repeated field of any of these; scalars go by what they are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Text,
    /// Or a truth value, which is 0 or 1.
    Number,
    /// RFC 3339 in JSON, seconds and nanoseconds here.
    Time,
    /// Text in a message of its own.
    Quantity,
    /// A message that says which of both it has.
    IntOrString,
    /// JSON even here, in a message of its own.
    Json,
    Map(&'static Shape),
    Message(Fields),
    /// A message whose fields stand in JSON among those around it.
    Inline(Fields),
}

const fn always(name: &'static str, number: u8, shape: Shape) -> Field {
    Field { name, number, shape, always: true }
}

const fn maybe(name: &'static str, number: u8, shape: Shape) -> Field {
    Field { name, number, shape, always: false }
}

/// What comes before every object that does not come in a list.
const MAGIC: &[u8] = b"k8s\0";

/// After an object in its envelope: no encoding of the content, nor a type of it.
pub(super) const END: &[u8] = &[3 << 3 | BYTES, 0, 4 << 3 | BYTES, 0];

/// A field of a list in which an item is.
const ITEM: u8 = 2;

/// Ways to write a value.
const VARINT: u8 = 0;
const BYTES: u8 = 2;

/// The fields of this resource's objects, if it is served in protobuf.
pub(super) fn fields(resource: Resource) -> Option<Fields> {
    match resource {
        Resource::Leases => Some(lease::LEASE),
        Resource::Pods => Some(pod::POD),
        Resource::Nodes => Some(node::NODE),
        _ => None,
    }
}

/// An object without an envelope.
pub(super) fn message(fields: Fields, json: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        field.put(json, &mut out);
    }
    out
}

/// An error in its envelope.
pub(super) fn status(json: &Value) -> Vec<u8> {
    enveloped("v1", "Status", &message(meta::STATUS, json))
}

/// An object in its envelope.
pub(super) fn enveloped(api_version: &str, kind: &str, message: &[u8]) -> Vec<u8> {
    [&opened(api_version, kind, message.len()), message, END].concat()
}

/// An envelope up to the object of so many bytes; [`END`] follows that.
fn opened(api_version: &str, kind: &str, length: usize) -> Vec<u8> {
    let mut type_meta = Vec::new();
    put_bytes(1, api_version.as_bytes(), &mut type_meta);
    put_bytes(2, kind.as_bytes(), &mut type_meta);
    let mut out = MAGIC.to_vec();
    put_bytes(1, &type_meta, &mut out);
    put_head(2, length, &mut out);
    out
}

/// A list up to its items, in its envelope.
pub(super) fn list_head<'a>(
    api_version: &str,
    kind: &str,
    metadata: &Value,
    items: impl Iterator<Item = &'a [u8]>,
) -> Vec<u8> {
    let mut head = Vec::new();
    put_bytes(1, &message(meta::LIST_META, metadata), &mut head);
    let items: usize = items.map(|item| item_head(item).len() + item.len()).sum();
    [opened(api_version, kind, head.len() + items), head].concat()
}

/// What comes before an item of a list.
pub(super) fn item_head(item: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    put_head(ITEM, item.len(), &mut head);
    head
}

/// The part of an event that follows its type: the object in its envelope, in an extension.
pub(super) fn extension(object: &[u8]) -> Vec<u8> {
    let mut raw = Vec::new();
    put_bytes(1, object, &mut raw);
    let mut out = Vec::new();
    put_bytes(2, &raw, &mut out);
    out
}

/// A whole frame of a watch: an event with its length before it.
pub(super) fn event(word: &str, extension: &[u8]) -> Vec<u8> {
    let mut change = Vec::new();
    put_bytes(1, word.as_bytes(), &mut change);
    framed(&[&change, extension].concat())
}

/// Bytes with their length before them.
pub(super) fn framed(bytes: &[u8]) -> Vec<u8> {
    // Nothing here is as long as four gigabytes.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

impl Field {
    /// Writes the field of an object.
    fn put(&self, object: &Value, out: &mut Vec<u8>) {
        let value = match self.shape {
            Shape::Inline(_) => object,
            _ => &object[self.name],
        };
        match (self.shape, value) {
            (Shape::Map(shape), Value::Object(entries)) => self.put_map(*shape, entries, out),
            (shape, Value::Array(values)) => {
                for value in values {
                    put(self.number, shape, value, out);
                }
            }
            (_, Value::Null) if !self.always => {}
            (shape, value) => put(self.number, shape, value, out),
        }
    }

    fn put_map(&self, shape: Shape, entries: &Map<String, Value>, out: &mut Vec<u8>) {
        for (key, value) in entries {
            let mut entry = Vec::new();
            put_bytes(1, key.as_bytes(), &mut entry);
            put(2, shape, value, &mut entry);
            put_bytes(self.number, &entry, out);
        }
    }
}

/// Writes one value. What has another type than it should goes as what it is, so that a client has to bear that here, too.
fn put(number: u8, shape: Shape, value: &Value, out: &mut Vec<u8>) {
    match (shape, value) {
        (Shape::Message(fields) | Shape::Inline(fields), Value::Object(_) | Value::Null) => {
            put_bytes(number, &message(fields, value), out);
        }
        (Shape::Time, value) => put_bytes(number, &time(value), out),
        (Shape::Quantity, value) => put_bytes(number, &alone(1, value), out),
        (Shape::IntOrString, value) => put_bytes(number, &int_or_string(value), out),
        (Shape::Json, value) => put_bytes(number, &alone(1, &value.to_string().into()), out),
        (Shape::Number, Value::Null) => put_number(number, 0, out),
        (_, value) => put_scalar(number, value, out),
    }
}

fn put_scalar(number: u8, value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Bool(truth) => put_number(number, i64::from(*truth), out),
        Value::Number(of) => put_number(number, of.as_i64().unwrap_or_default(), out),
        Value::String(text) => put_bytes(number, text.as_bytes(), out),
        Value::Null => put_bytes(number, &[], out),
        Value::Array(_) | Value::Object(_) => put_bytes(number, value.to_string().as_bytes(), out),
    }
}

/// A message of one field.
fn alone(number: u8, value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    put_scalar(number, value, &mut out);
    out
}

/// Nothing, if it is none. Go counts nanoseconds upwards at all times.
fn time(value: &Value) -> Vec<u8> {
    let Some(time) = value.as_str().and_then(|text| text.parse::<Timestamp>().ok()) else {
        return Vec::new();
    };
    let nanos = time.as_nanosecond().rem_euclid(1_000_000_000);
    let seconds = time.as_nanosecond().div_euclid(1_000_000_000);
    let mut out = Vec::new();
    put_number(1, i64::try_from(seconds).unwrap_or_default(), &mut out);
    put_number(2, i64::try_from(nanos).unwrap_or_default(), &mut out);
    out
}

fn int_or_string(value: &Value) -> Vec<u8> {
    let text = value.as_str();
    let mut out = Vec::new();
    put_number(1, i64::from(text.is_some()), &mut out);
    put_number(2, value.as_i64().unwrap_or_default(), &mut out);
    put_bytes(3, text.unwrap_or_default().as_bytes(), &mut out);
    out
}

fn put_number(number: u8, value: i64, out: &mut Vec<u8>) {
    put_key(number, VARINT, out);
    // What is negative takes ten bytes.
    put_varint(value.cast_unsigned(), out);
}

fn put_bytes(number: u8, bytes: &[u8], out: &mut Vec<u8>) {
    put_head(number, bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn put_head(number: u8, length: usize, out: &mut Vec<u8>) {
    put_key(number, BYTES, out);
    put_varint(length as u64, out);
}

fn put_key(number: u8, way: u8, out: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3 | u64::from(way), out);
}

fn put_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests;
