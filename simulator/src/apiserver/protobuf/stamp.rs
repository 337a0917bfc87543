//! A field of a message set to another value, without the JSON that the message was made of.

use std::iter::successors;
use std::ops::Range;

use serde_json::Value;

use super::{BYTES, Fields, Shape, VARINT, put, put_bytes};

/// The message with another text, or time, in the field that a JSON pointer names. None if the message has no such field.
pub(in super::super) fn stamped(
    fields: Fields,
    message: &[u8],
    pointer: &str,
    text: &str,
) -> Option<Vec<u8>> {
    let path: Vec<&str> = pointer.split('/').skip(1).collect();
    replaced(fields, message, &path, &text.into())
}

fn replaced(fields: Fields, message: &[u8], path: &[&str], value: &Value) -> Option<Vec<u8>> {
    let (name, rest) = path.split_first()?;
    let index = rest.first().and_then(|step| step.parse().ok());
    let rest = &rest[usize::from(index.is_some())..];
    let field = fields.iter().find(|field| field.name == *name)?;
    let named = parts(message).filter(|part| part.number == u64::from(field.number));
    let part = { named }.nth(index.unwrap_or_default())?;
    let mut out = message[..part.whole.start].to_vec();
    match field.shape {
        Shape::Message(fields) => {
            put_bytes(field.number, &replaced(fields, &message[part.body], rest, value)?, &mut out);
        }
        shape => put(field.number, shape, value, &mut out),
    }
    out.extend_from_slice(&message[part.whole.end..]);
    Some(out)
}

/// One field as it lies in a message.
struct Part {
    number: u64,
    whole: Range<usize>,
    /// Of what is no number.
    body: Range<usize>,
}

/// All fields, up to the first that we would not have written.
fn parts(message: &[u8]) -> impl Iterator<Item = Part> {
    successors(part(message, 0), |before| part(message, before.whole.end))
}

fn part(message: &[u8], start: usize) -> Option<Part> {
    let (key, after) = varint(message, start)?;
    let (number, after) = varint(message, after)?;
    let length = match key & 7 {
        way if way == u64::from(BYTES) => usize::try_from(number).ok()?,
        way if way == u64::from(VARINT) => 0,
        _ => return None,
    };
    let end = after.checked_add(length).filter(|end| *end <= message.len())?;
    Some(Part { number: key >> 3, whole: start..end, body: after..end })
}

/// A number, and where it ends.
fn varint(bytes: &[u8], start: usize) -> Option<(u64, usize)> {
    let length = bytes.get(start..)?.iter().position(|byte| *byte < 0x80)? + 1;
    let digits = bytes[start..start + length].iter().rev();
    let number = digits.fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f));
    Some((number, start + length))
}
