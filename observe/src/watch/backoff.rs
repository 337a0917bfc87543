//! How long to wait before the next try.

use std::time::Duration;

use super::Patience;

/// Doubles from try to try, and starts anew only after a long time of health: a server that accepts every stream
/// and breaks it at once must not be asked faster and faster.
pub(super) struct Backoff {
    next: Duration,
    first: Duration,
    longest: Duration,
    healthy: Duration,
}

impl Backoff {
    pub(super) fn new(patience: &Patience) -> Self {
        Self {
            next: patience.first_pause,
            first: patience.first_pause,
            longest: patience.longest_pause,
            healthy: patience.healthy,
        }
    }

    /// A stream lived for `lived`.
    pub(super) fn lived(&mut self, lived: Duration) {
        if lived >= self.healthy {
            self.next = self.first;
        }
    }

    /// The next wait: a quarter more or less than the plan says. A try that costs more requests than one is repeated
    /// less often.
    pub(super) fn pause(&mut self, requests: u32) -> Duration {
        let planned = self.next;
        self.next = (planned * 2 * requests).min(self.longest);
        planned.mul_f64(0.75 + fastrand::f64() / 2.0).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_to_its_end_and_starts_anew_only_after_health() {
        let mut backoff = Backoff::new(&Patience::default());
        let mut before = Duration::ZERO;
        for planned in [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0] {
            backoff.lived(Duration::from_secs(119));
            let pause = backoff.pause(1).as_secs_f64();
            assert!((planned * 0.75..=planned * 1.25).contains(&pause), "{pause} of {planned}");
            assert!(pause <= 30.0);
            before += Duration::from_secs_f64(pause);
        }
        assert!(before > Duration::from_mins(1));
        backoff.lived(Duration::from_mins(2));
        assert!(backoff.pause(1) <= Duration::from_secs(1));
    }

    #[test]
    fn a_minute_of_failure_costs_twelve_requests_at_most() {
        let minute = Duration::from_mins(1);
        let patience = Patience::default();
        // A server that is away is asked once in each round, one that forgets every version twice.
        for (requests, longest) in [(1, patience.longest_absence), (2, patience.longest_pause)] {
            for seed in 0..200 {
                fastrand::seed(seed);
                let mut backoff = Backoff::new(&patience);
                let (mut at, mut asked) = (Duration::ZERO, 0);
                while at < minute {
                    asked += requests;
                    at += backoff.pause(requests).min(longest);
                }
                assert!(asked <= 12, "{asked} with seed {seed}");
            }
        }
    }
}
