//! Fields as bytes, and back.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::inventory::texts::Texts;
use crate::time::Time;

const MICROS: i64 = 1_000_000;
/// A time: none, whole seconds (in the two lowest bits of their number), or microseconds.
const NEVER: u64 = 0;
const SECONDS: u64 = 1;
const EXACT: u64 = 2;
/// A text as it is, or what it is written from.
const PLAIN: u64 = 0;
const BINARY: u64 = 1;
const BINARY_6: u64 = 2;

pub(super) struct Writer<'a> {
    bytes: Vec<u8>,
    texts: &'a mut Texts,
}

impl<'a> Writer<'a> {
    pub(super) fn new(texts: &'a mut Texts) -> Self {
        Self { bytes: Vec::with_capacity(128), texts }
    }

    pub(super) fn done(self) -> Box<[u8]> {
        self.bytes.into_boxed_slice()
    }

    /// Seven bits in each byte, the lowest first; the highest bit says that more follow.
    pub(super) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }

    pub(super) fn length(&mut self, length: usize) {
        self.number(u64::try_from(length).unwrap_or(u64::MAX));
    }

    /// Small numbers are short on both sides of zero.
    pub(super) fn signed(&mut self, number: i64) {
        self.number(folded(number));
    }

    pub(super) fn time(&mut self, time: Option<Time>) {
        match time.map(Time::as_micros) {
            None => self.number(NEVER),
            Some(micros) if micros % MICROS == 0 => {
                self.number(folded(micros / MICROS) << 2 | SECONDS);
            }
            Some(micros) => {
                self.number(EXACT);
                self.signed(micros);
            }
        }
    }

    /// A text that others share.
    pub(super) fn text(&mut self, text: &Arc<str>) {
        let id = self.texts.hold(text);
        self.number(id.into());
    }

    /// A text of its own.
    pub(super) fn own(&mut self, text: &Arc<str>) {
        self.length(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A text of its own that may begin like another.
    pub(super) fn after(&mut self, other: &str, text: &str) {
        let alike = text.chars().zip(other.chars()).take_while(|(a, b)| a == b);
        let alike = alike.map(|(a, _)| a.len_utf8()).sum();
        self.length(alike);
        let rest = text.get(alike..).unwrap_or_default();
        self.length(rest.len());
        self.bytes.extend_from_slice(rest.as_bytes());
    }

    pub(super) fn uid(&mut self, uid: &Arc<str>) {
        let hex: String = uid.chars().filter(|it| *it != '-').collect();
        let number = u128::from_str_radix(&hex, 16).ok();
        match number.filter(|number| uuid(*number) == **uid) {
            Some(number) => self.binary(BINARY, &number.to_be_bytes()),
            None => self.plain(uid),
        }
    }

    pub(super) fn address(&mut self, ip: &Arc<str>) {
        let four = ip.parse::<Ipv4Addr>().ok().filter(|it| it.to_string() == **ip);
        let six = ip.parse::<Ipv6Addr>().ok().filter(|it| it.to_string() == **ip);
        match (four, six) {
            (Some(four), _) => self.binary(BINARY, &four.octets()),
            (None, Some(six)) => self.binary(BINARY_6, &six.octets()),
            (None, None) => self.plain(ip),
        }
    }

    fn binary(&mut self, tag: u64, bytes: &[u8]) {
        self.number(tag);
        self.bytes.extend_from_slice(bytes);
    }

    fn plain(&mut self, text: &Arc<str>) {
        self.number(PLAIN);
        self.own(text);
    }

    pub(super) fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.number(value.is_some().into());
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(super) fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.length(values.len());
        for value in values {
            write(self, value);
        }
    }
}

/// Reads what a [`Writer`] wrote. Of bytes that end too early the rest is empty.
pub(super) struct Reader<'a, 'b> {
    bytes: &'a [u8],
    texts: &'b mut dyn FnMut(u32) -> Arc<str>,
}

impl<'a, 'b> Reader<'a, 'b> {
    pub(super) fn new(bytes: &'a [u8], texts: &'b mut dyn FnMut(u32) -> Arc<str>) -> Self {
        Self { bytes, texts }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap_or([0; N])
    }

    pub(super) fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        while let Some((byte, rest)) = self.bytes.split_first() {
            self.bytes = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        number
    }

    pub(super) fn length(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or(usize::MAX)
    }

    pub(super) fn signed(&mut self) -> i64 {
        unfolded(self.number())
    }

    pub(super) fn time(&mut self) -> Option<Time> {
        let number = self.number();
        match number & 3 {
            SECONDS => Some(unfolded(number >> 2).saturating_mul(MICROS)),
            EXACT => Some(self.signed()),
            _ => None,
        }
        .map(Time::from_micros)
    }

    pub(super) fn text(&mut self) -> Arc<str> {
        let id = u32::try_from(self.number()).unwrap_or(u32::MAX);
        (self.texts)(id)
    }

    fn str(&mut self) -> &'a str {
        let length = self.length();
        std::str::from_utf8(self.take(length)).unwrap_or_default()
    }

    pub(super) fn own(&mut self) -> Arc<str> {
        self.str().into()
    }

    pub(super) fn after(&mut self, other: &str) -> Arc<str> {
        let alike = self.length();
        let begin = other.get(..alike).unwrap_or_default();
        format!("{begin}{}", self.str()).into()
    }

    pub(super) fn uid(&mut self) -> Arc<str> {
        match self.number() {
            BINARY => uuid(u128::from_be_bytes(self.array())).into(),
            _ => self.own(),
        }
    }

    pub(super) fn address(&mut self) -> Arc<str> {
        match self.number() {
            BINARY => Ipv4Addr::from(self.array::<4>()).to_string().into(),
            BINARY_6 => Ipv6Addr::from(self.array::<16>()).to_string().into(),
            _ => self.own(),
        }
    }

    pub(super) fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.number() > 0).then(|| read(self))
    }

    pub(super) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.length().min(self.bytes.len());
        (0..count).map(|_| read(self)).collect()
    }
}

fn folded(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unfolded(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// As the API server writes an identity.
fn uuid(number: u128) -> String {
    let hex = format!("{number:032x}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}
