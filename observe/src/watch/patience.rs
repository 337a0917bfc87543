//! How long a watch waits for what.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Deadlines and pauses. Tests shorten them.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    /// For one page of a list, body included.
    pub(crate) list_page: Duration,
    /// For the answer to a watch request while we are blind anyway; its events come later.
    pub(crate) headers: Duration,
    /// The same, as long as nobody has been told that we may be blind. Well below a lease's 15 s, for a claim must
    /// not run out in our eyes only.
    pub(crate) probe: Duration,
    /// The shortest silence that is suspicious in a stream that beats all the time. With the time to ask again it is
    /// five seconds until a dead watch is told of.
    pub(crate) silence: Duration,
    /// A silence that is suspicious in any stream that never was silent for so long.
    pub(crate) long_silence: Duration,
    /// How long a resumed stream may take to say that it cannot go on.
    pub(crate) settle: Duration,
    /// How much longer than asked for a stream may live without a byte.
    pub(crate) overtime: Duration,
    /// A stream that lived so long and ended well is followed by the next one at once.
    pub(crate) settled: Duration,
    /// The pause after the first failure.
    pub(crate) first_pause: Duration,
    /// The longest pause.
    pub(crate) longest_pause: Duration,
    /// The longest pause while the server is not there to be burdened: some ten requests a minute.
    pub(crate) longest_absence: Duration,
    /// When one watch finds the server again, the others follow within this time, and not all at once.
    pub(crate) stagger: Duration,
    /// After so long a life a failure counts as the first one again.
    pub(crate) healthy: Duration,
    /// The pause where only a person can help: a missing permission, an unknown resource.
    pub(crate) refused: Duration,
    /// The pause where an API that need not be served is not: an upgrade may bring it.
    pub(crate) unserved: Duration,
    /// How long a stream is asked to last, in seconds. Load balancers drop quiet connections after 240 s.
    pub(crate) watch_seconds: RangeInclusive<u64>,
    /// The longest line of a stream, in bytes.
    pub(crate) frame: usize,
    /// Objects in a page.
    pub(crate) page: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            list_page: Duration::from_secs(30),
            headers: Duration::from_secs(15),
            probe: Duration::from_secs(2),
            silence: Duration::from_secs(3),
            long_silence: Duration::from_secs(13),
            settle: Duration::from_millis(500),
            overtime: Duration::from_secs(10),
            settled: Duration::from_secs(5),
            first_pause: Duration::from_millis(800),
            longest_pause: Duration::from_secs(30),
            longest_absence: Duration::from_secs(8),
            stagger: Duration::from_millis(250),
            healthy: Duration::from_mins(2),
            refused: Duration::from_secs(30),
            unserved: Duration::from_mins(10),
            watch_seconds: 120..=200,
            frame: 8 << 20,
            page: 500,
        }
    }
}
