//! The only file that may read a clock.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use leadership::time::{Delta, Time};

/// The wall clock's time at one instant of the monotonic clock.
struct Anchor {
    wall: Time,
    instant: Instant,
}

static ANCHOR: OnceLock<Anchor> = OnceLock::new();

/// The present, in microseconds since the Unix epoch.
///
/// Read from the monotonic clock and anchored to the wall clock once, when it is first asked: an
/// observer's own clock must not jump when somebody sets the machine's, or every lease would fall
/// late at once. It therefore drifts against the wall clock by what the wall clock is corrected.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Time {
    #[cfg(test)]
    if let Some(passed) = turmoil::sim_elapsed() {
        return simulated(passed);
    }
    let anchor = ANCHOR
        .get_or_init(|| Anchor { wall: jiff::Timestamp::now().into(), instant: Instant::now() });
    let passed = i64::try_from(anchor.instant.elapsed().as_micros()).unwrap_or(i64::MAX);
    anchor.wall + Delta::from_micros(passed)
}

/// The present of a simulation that has gone on for so long.
#[cfg(test)]
fn simulated(passed: Duration) -> Time {
    let passed = i64::try_from(passed.as_micros()).unwrap_or(i64::MAX);
    Time::from_micros(1_800_000_000_000_000) + Delta::from_micros(passed)
}

/// How long until `deadline`; zero if it has passed.
#[must_use]
pub fn until(deadline: Time) -> Duration {
    let left = (deadline - now()).at_least_zero().as_micros();
    Duration::from_micros(u64::try_from(left).unwrap_or(0))
}

/// How long ago `past` was; zero if it is yet to come.
#[must_use]
pub fn since(past: Time) -> Duration {
    let passed = (now() - past).at_least_zero().as_micros();
    Duration::from_micros(u64::try_from(passed).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back() {
        let first = now();
        assert!(now() >= first);
        assert_eq!(until(first), Duration::ZERO);
    }
}
