//! Tests' clock: it goes with tokio's, paused or not.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};

#[expect(clippy::disallowed_methods, reason = "tests own their clock")]
static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

#[expect(clippy::disallowed_methods, reason = "tests own their clock")]
pub(crate) fn now() -> Timestamp {
    let start = *START;
    let passed = tokio::time::Instant::now().into_std().duration_since(start);
    let start = Timestamp::constant(1_800_000_000, 0);
    start + SignedDuration::try_from(passed).unwrap()
}
