//! Values that may be of any type: what does not fit is nothing, and costs no second walk over the text.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use leadership::text::clean;
use leadership::time::Time;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::proto::{Bytes, Malformed, Stamp};

/// A type that a JSON scalar may stand for.
pub(crate) trait Scalar: Sized {
    fn from_text(_: &str) -> Option<Self> {
        None
    }
    fn from_number(_: i64) -> Option<Self> {
        None
    }
    fn from_truth(_: bool) -> Option<Self> {
        None
    }
    /// In protobuf text is bytes, and so is all that is no number.
    fn from_bytes(bytes: Bytes<'_>) -> Result<Option<Self>, Malformed> {
        Ok(Self::from_text(&bytes.text()))
    }
}

impl Scalar for Arc<str> {
    /// Safe to print; the empty string says nothing.
    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| clean(text))
    }
}

impl Scalar for String {
    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// One of some words of the API, which cost no memory; all others are nothing.
pub(crate) trait Word: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

impl<W: Word> Scalar for W {
    fn from_text(text: &str) -> Option<Self> {
        meant(text.as_bytes())
    }
    fn from_bytes(bytes: Bytes<'_>) -> Result<Option<Self>, Malformed> {
        Ok(meant(bytes.bytes()))
    }
}

fn meant<W: Word>(text: &[u8]) -> Option<W> {
    W::ALL.iter().find(|(word, _)| word.as_bytes() == text).map(|(_, meant)| *meant)
}

impl Scalar for i32 {
    fn from_number(number: i64) -> Option<Self> {
        Self::try_from(number).ok()
    }
}

impl Scalar for u32 {
    fn from_number(number: i64) -> Option<Self> {
        Self::try_from(number).ok()
    }
}

impl Scalar for bool {
    fn from_truth(truth: bool) -> Option<Self> {
        Some(truth)
    }
}

impl Scalar for Time {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().and_then(told)
    }
    fn from_bytes(bytes: Bytes<'_>) -> Result<Option<Self>, Malformed> {
        Ok(Stamp::of(bytes)?.and_then(told))
    }
}

/// Go writes a time that was never set as the first second of the year 1.
fn told(stamp: jiff::Timestamp) -> Option<Time> {
    const YEAR_TWO: i64 = -62_104_060_800_000_000;
    (stamp.as_microsecond() >= YEAR_TWO).then(|| stamp.into())
}

/// A scalar, if it is one of the right kind.
pub(crate) struct Loose<T>(pub(crate) Option<T>);

/// An object, or the default if it is none.
#[derive(Default)]
pub(crate) struct Nested<T>(pub(crate) T);

/// A list, or an empty one if it is none.
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<T> Default for Loose<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What becomes of each shape that JSON has.
trait Shape<'de>: Default {
    fn text(_: &str) -> Self {
        Self::default()
    }
    fn number(_: i64) -> Self {
        Self::default()
    }
    fn truth(_: bool) -> Self {
        Self::default()
    }
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl<T: Scalar> Shape<'_> for Loose<T> {
    fn text(text: &str) -> Self {
        Self(T::from_text(text))
    }
    fn number(number: i64) -> Self {
        Self(T::from_number(number))
    }
    fn truth(truth: bool) -> Self {
        Self(T::from_truth(truth))
    }
}

impl<'de, T: Default + Deserialize<'de>> Shape<'de> for Nested<T> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Self)
    }
}

impl<'de, T: Deserialize<'de>> Shape<'de> for Many<T> {
    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Self(items))
    }
}

struct AnyShape<S>(PhantomData<S>);

impl<'de, S: Shape<'de>> Visitor<'de> for AnyShape<S> {
    type Value = S;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E>(self, text: &str) -> Result<S, E> {
        Ok(S::text(text))
    }
    fn visit_i64<E>(self, number: i64) -> Result<S, E> {
        Ok(S::number(number))
    }
    fn visit_u64<E>(self, number: u64) -> Result<S, E> {
        Ok(i64::try_from(number).map_or_else(|_| S::default(), S::number))
    }
    fn visit_f64<E>(self, _: f64) -> Result<S, E> {
        Ok(S::default())
    }
    fn visit_bool<E>(self, truth: bool) -> Result<S, E> {
        Ok(S::truth(truth))
    }
    fn visit_unit<E>(self) -> Result<S, E> {
        Ok(S::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<S, A::Error> {
        S::map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<S, A::Error> {
        S::seq(seq)
    }
}

fn any_shape<'de, S: Shape<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<S, D::Error> {
    deserializer.deserialize_any(AnyShape(PhantomData))
}

impl<'de, T: Scalar> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_shape(deserializer)
    }
}

impl<'de, T: Default + Deserialize<'de>> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_shape(deserializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_shape(deserializer)
    }
}
