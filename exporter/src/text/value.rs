//! The numbers of samples.

use leadership::time::{Delta, Time};

use super::put;

/// The number of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number of things.
    Whole(u64),
    /// Millionths: times and lengths of time are written without going through a float.
    Micros(i64),
    /// Anything else.
    Float(f64),
}

impl Value {
    pub(super) fn write(self, out: &mut String) {
        match self {
            // Most numbers of a page are one of these.
            Self::Whole(0) => out.push('0'),
            Self::Whole(1) => out.push('1'),
            Self::Whole(number) => put(out, format_args!("{number}")),
            Self::Micros(micros) => write_micros(out, micros),
            Self::Float(number) if number.is_infinite() => {
                out.push_str(if number > 0.0 { "+Inf" } else { "-Inf" });
            }
            Self::Float(number) => put(out, format_args!("{number}")),
        }
    }
}

/// `1.5` for 1,500,000: without zeros that say nothing.
fn write_micros(out: &mut String, micros: i64) {
    let (whole, fraction) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    if micros < 0 {
        out.push('-');
    }
    put(out, format_args!("{whole}"));
    if fraction != 0 {
        put(out, format_args!(".{fraction:06}"));
        out.truncate(out.trim_end_matches('0').len());
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Whole(number as u64)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Float(number.into())
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Whole(is.into())
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Micros(time.as_micros())
    }
}

impl From<Delta> for Value {
    fn from(length: Delta) -> Self {
        Self::Micros(length.as_micros())
    }
}
