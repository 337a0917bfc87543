//! What is told beside the output, on the standard error.

use std::fmt::Arguments;
use std::io::{Write, stderr};

/// Writes it as it is. Nobody may read it any more, as after `2>&1 | head`: no reason to end, least
/// of all while a drill measures what it did.
pub(crate) fn part(text: Arguments<'_>) {
    let _nobody_reads = stderr().lock().write_all(text.to_string().as_bytes());
}

/// Tells one line, formatted as by `format!`.
macro_rules! tell {
    ($($words:tt)*) => { $crate::tell::part(format_args!("{}\n", format_args!($($words)*))) };
}
