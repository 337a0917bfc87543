//! What a snapshot says in the middle, or at the end, of a scenario.
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::float_cmp, reason = "sums of a few short decimals")]

mod advice;
mod numbers;
mod play;
