//! Protobuf, as far as it is read here: the fields that a record is made of are picked out of the bytes, and all others
//! are stepped over unread.
//!
//! A message is a run of fields. Each begins with a varint (seven bits in each byte, the lowest first, the eighth says
//! that more follow) which holds the field's number and, in its lowest three bits, the shape of the value: 0 is one more
//! varint, 2 a length and so many bytes, which are text or a message again; 1 and 5 are eight and four bytes, of
//! which nothing is read here. The numbers are those of `generated.proto` in Kubernetes' API, where they never change.
//!
//! What is picked fills the same structs that the JSON readers fill, so that both make the same records. Text is taken as
//! bytes: Kubernetes does not check what is written in protobuf, so any of it may be no UTF-8.

#![expect(
    clippy::inline_always,
    reason = "a field is a few instructions: it costs a pod a fifth more to call for each"
)]

use std::borrow::Cow;
use std::cell::Cell;

use super::loose::{Loose, Many, Nested, Scalar};

/// What every message in storage and on the wire begins with.
const MAGIC: &[u8] = b"k8s\0";

/// The bytes are no such message.
#[derive(Debug, thiserror::Error)]
#[error("the message is cut short or malformed")]
pub struct Malformed;

/// Bytes of a message, and whether any text in it was found to be no UTF-8.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a> {
    bytes: &'a [u8],
    bad_text: &'a Cell<bool>,
}

/// The value of a field.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Number(u64),
    /// Text, or a message.
    Bytes(Bytes<'a>),
    /// A number of fixed length. None is read.
    Fixed,
}

/// A struct that some fields of a message fill.
pub(crate) trait Message {
    /// Takes one field. Those that are not known are none of our business.
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed>;

    /// Takes all fields of a message. Of a value that comes twice the last counts.
    fn fill(&mut self, mut message: Bytes<'_>) -> Result<(), Malformed> {
        while let Some((number, value)) = message.next_field()? {
            self.field(number, value)?;
        }
        Ok(())
    }
}

/// Fills a struct from a message; says also whether any text in it was no UTF-8.
pub(crate) fn read<M: Message + Default>(message: &[u8]) -> Result<(M, bool), Malformed> {
    let bad_text = Cell::new(false);
    let mut filled = M::default();
    filled.fill(Bytes { bytes: message, bad_text: &bad_text })?;
    Ok((filled, bad_text.get()))
}

/// What can be filled before a message breaks off, if it does.
pub(crate) fn read_beginning<M: Message + Default>(message: &[u8]) -> M {
    let mut filled = M::default();
    let _ = filled.fill(Bytes { bytes: message, bad_text: &Cell::new(false) });
    filled
}

/// The object in an envelope, which is a message of type `Unknown`.
pub(crate) fn unwrapped(envelope: &[u8]) -> Result<&[u8], Malformed> {
    bytes_of(in_envelope(envelope)?.ok_or(Malformed)?, 2)
}

/// The message of type `Unknown`, as far as it has come; none if not even its mark has.
pub(crate) fn in_envelope(bytes: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    match bytes.strip_prefix(MAGIC) {
        None if MAGIC.starts_with(bytes) => Ok(None),
        inner => inner.map(Some).ok_or(Malformed),
    }
}

/// The text or message in one field; empty if there is none.
pub(crate) fn bytes_of(message: &[u8], wanted: u64) -> Result<&[u8], Malformed> {
    let mut found: &[u8] = &[];
    let mut rest = message;
    while let Some((number, value)) = next_field(&mut rest)? {
        if let (true, Raw::Bytes(bytes)) = (number == wanted, value) {
            found = bytes;
        }
    }
    Ok(found)
}

/// A value as it stands there.
pub(crate) enum Raw<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// Takes the next field off the front; none at the end.
#[inline(always)]
pub(crate) fn next_field<'a>(rest: &mut &'a [u8]) -> Result<Option<(u64, Raw<'a>)>, Malformed> {
    if rest.is_empty() {
        return Ok(None);
    }
    let tag = varint(rest)?;
    Ok(Some((tag >> 3, next_value(tag, rest)?)))
}

/// Takes the value after this tag off the front.
#[inline(always)]
pub(crate) fn next_value<'a>(tag: u64, rest: &mut &'a [u8]) -> Result<Raw<'a>, Malformed> {
    match tag & 7 {
        0 => varint(rest).map(Raw::Number),
        1 => taken(rest, 8).map(|_| Raw::Fixed),
        2 => {
            let length = varint(rest)?;
            taken(rest, length).map(Raw::Bytes)
        }
        3 => skip_group(tag >> 3, rest, DEEPEST).map(|()| Raw::Fixed),
        5 => taken(rest, 4).map(|_| Raw::Fixed),
        _ => Err(Malformed),
    }
}

/// Groups within groups are followed so far.
const DEEPEST: usize = 100;

/// What proto2 wrote for a message within a message, up to its end. Kubernetes has none, but whoever does not know a
/// field passes over it, whatever it is.
#[cold]
fn skip_group(number: u64, rest: &mut &[u8], depth: usize) -> Result<(), Malformed> {
    let deeper = depth.checked_sub(1).ok_or(Malformed)?;
    loop {
        let tag = varint(rest)?;
        match tag & 7 {
            3 => skip_group(tag >> 3, rest, deeper)?,
            4 if tag >> 3 == number => return Ok(()),
            _ => {
                next_value(tag, rest)?;
            }
        }
    }
}

#[inline(always)]
fn taken<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], Malformed> {
    let length = usize::try_from(length).map_err(|_| Malformed)?;
    let (bytes, after) = rest.split_at_checked(length).ok_or(Malformed)?;
    *rest = after;
    Ok(bytes)
}

/// Takes a number off the front. Nearly all have one byte.
#[inline(always)]
pub(crate) fn varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    match rest.split_first() {
        Some((byte, after)) if *byte < 0x80 => {
            *rest = after;
            Ok(u64::from(*byte))
        }
        _ => long_varint(rest),
    }
}

fn long_varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    let mut number = 0;
    for place in 0..10 {
        let (byte, after) = rest.split_first().ok_or(Malformed)?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if *byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Malformed)
}

impl<'a> Bytes<'a> {
    #[inline(always)]
    fn next_field(&mut self) -> Result<Option<(u64, Value<'a>)>, Malformed> {
        let bad_text = self.bad_text;
        let field = next_field(&mut self.bytes)?;
        Ok(field.map(|(number, raw)| {
            let value = match raw {
                Raw::Number(number) => Value::Number(number),
                Raw::Bytes(bytes) => Value::Bytes(Bytes { bytes, bad_text }),
                Raw::Fixed => Value::Fixed,
            };
            (number, value)
        }))
    }

    /// As text. A byte that belongs to no character becomes a mark, as it does where the API server writes JSON.
    pub(crate) fn text(self) -> Cow<'a, str> {
        str::from_utf8(self.bytes).map_or_else(|_| Cow::Owned(self.marked()), Cow::Borrowed)
    }

    fn marked(self) -> String {
        self.bad_text.set(true);
        let mut text = String::with_capacity(self.bytes.len());
        for chunk in self.bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
        }
        text
    }

    /// As an entry of a map, whose keys are text. A missing key is the empty one, a missing value has no bytes.
    pub(crate) fn entry(mut self) -> Result<(Self, Value<'a>), Malformed> {
        let mut key = Self { bytes: &[], ..self };
        let mut content = Value::Bytes(key);
        while let Some((number, value)) = self.next_field()? {
            match (number, value) {
                (1, Value::Bytes(bytes)) => key = bytes,
                (2, value) => content = value,
                _ => {}
            }
        }
        Ok((key, content))
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.bytes
    }
}

impl Value<'_> {
    /// Puts the value where it belongs.
    pub(crate) fn put(self, slot: &mut impl Slot) -> Result<(), Malformed> {
        slot.put(self)
    }
}

/// Where a value can be put. As in JSON, one of the wrong shape is nothing.
pub(crate) trait Slot {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed>;
}

impl<T: Scalar> Slot for Loose<T> {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        self.0 = match value {
            // What is negative is written in ten bytes.
            Value::Number(number) => {
                T::from_number(number.cast_signed()).or_else(|| T::from_truth(number != 0))
            }
            Value::Bytes(bytes) => T::from_bytes(bytes)?,
            Value::Fixed => None,
        };
        Ok(())
    }
}

impl<M: Message> Slot for Nested<M> {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        match value {
            Value::Bytes(message) => self.0.fill(message),
            Value::Number(_) | Value::Fixed => Ok(()),
        }
    }
}

impl<M: Message + Default> Slot for Option<Nested<M>> {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        self.get_or_insert_default().put(value)
    }
}

impl<M: Message + Default> Slot for Many<Nested<M>> {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        let mut one = Nested::default();
        one.put(value)?;
        self.0.push(one);
        Ok(())
    }
}

/// Seconds since 1970, and nanoseconds, of which only whole microseconds are ever told.
#[derive(Default)]
pub(super) struct Stamp {
    seconds: i64,
    nanos: i32,
}

impl Message for Stamp {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match (number, value) {
            (1, Value::Number(seconds)) => self.seconds = seconds.cast_signed(),
            // What is negative has ten bytes; the upper ones are not looked at, as by every reader of an int32.
            (2, Value::Number(nanos)) => {
                let low = u32::try_from(nanos & u64::from(u32::MAX)).unwrap_or_default();
                self.nanos = low.cast_signed();
            }
            _ => {}
        }
        Ok(())
    }
}

impl Stamp {
    /// A time that was never set has no bytes.
    pub(super) fn of(message: Bytes<'_>) -> Result<Option<jiff::Timestamp>, Malformed> {
        if message.bytes.is_empty() {
            return Ok(None);
        }
        let mut stamp = Self::default();
        stamp.fill(message)?;
        Ok(jiff::Timestamp::new(stamp.seconds, stamp.nanos / 1000 * 1000).ok())
    }
}

#[cfg(test)]
mod tests;
