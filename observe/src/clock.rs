//! The only file that may read a clock.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use leadership::time::{Delta, Time};
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::watch;

/// The clock that never jumps, and goes on while the machine sleeps: a laptop that was closed is not back at once.
#[cfg(target_os = "linux")]
const STEADY: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const STEADY: ClockId = ClockId::Monotonic;

/// The wall clock's time at one instant of the steady clock.
struct Anchor {
    wall: Time,
    steady: Delta,
}

static ANCHOR: OnceLock<Anchor> = OnceLock::new();

/// Whoever observes reads the clock at least each second. If nobody has for so long, then this process did not run: it
/// was stopped, or its machine slept.
const STILL: Delta = Delta::from_secs(3);

/// When the clock was last read, in microseconds; zero if never.
static LAST: AtomicI64 = AtomicI64::new(0);

static STOPS: LazyLock<watch::Sender<Stop>> = LazyLock::new(watch::Sender::default);

/// A time in which this process did not run, and so saw nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// When the clock was last read before it.
    pub since: Time,
    /// How long it was not.
    pub lasted: Delta,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.lasted.as_secs_f64();
        write!(
            f,
            "this process did not run for {seconds:.1} s: it was stopped, or its machine slept"
        )
    }
}

/// The present, in microseconds since the Unix epoch.
///
/// Read from a steady clock and anchored to the wall clock once, when it is first asked: an
/// observer's own clock must not jump when somebody sets the machine's, or every lease would fall
/// late at once. It therefore drifts against the wall clock by what the wall clock is corrected.
#[must_use]
pub fn now() -> Time {
    #[cfg(test)]
    if let Some(passed) = turmoil::sim_elapsed() {
        return simulated(passed);
    }
    let anchor = ANCHOR.get_or_init(|| Anchor { wall: wall(), steady: steady() });
    let now = anchor.wall + (steady() - anchor.steady);
    let last = LAST.swap(now.as_micros(), Ordering::Relaxed);
    if let Some(stop) = stop_between(last, now) {
        STOPS.send_replace(stop);
    }
    now
}

/// Changes when this process is found not to have run for three seconds or more: with the first time that anybody is
/// given after that.
#[must_use]
pub fn stops() -> watch::Receiver<Stop> {
    #[cfg(test)]
    if turmoil::sim_elapsed().is_some() {
        return watch::Sender::default().subscribe();
    }
    // That nobody cared before is no stop.
    let _ = now();
    STOPS.subscribe()
}

fn stop_between(last: i64, now: Time) -> Option<Stop> {
    let since = Time::from_micros(last);
    let lasted = now - since;
    (last != 0 && lasted >= STILL).then_some(Stop { since, lasted })
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn wall() -> Time {
    jiff::Timestamp::now().into()
}

/// Since when does not matter.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn steady() -> Delta {
    let time = clock_gettime(STEADY);
    Delta::from_micros(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)
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

    #[test]
    fn a_time_in_which_nobody_read_the_clock_is_a_stop() {
        let at = |seconds: i64| Time::from_micros(seconds * 1_000_000);
        let stopped = |last: i64, now| stop_between(last * 1_000_000, at(now));
        assert_eq!(stopped(10, 12), None);
        let whole = Stop { since: at(10), lasted: Delta::from_secs(3) };
        assert_eq!(stopped(10, 13), Some(whole));
        assert_eq!(stopped(0, 13), None, "nobody had read it before");
        assert_eq!(stopped(13, 10), None, "another thread was faster");
    }
}
