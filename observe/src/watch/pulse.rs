//! The rhythm of a stream: renewals are a heartbeat.

use std::time::Duration;

use leadership::time::{Delta, Time};

/// How many beats are averaged.
const MEMORY: i64 = 32;

/// A silence of so many average gaps does not happen by chance once in 10^8 gaps, even if beats come at random.
const GAPS: i64 = 20;

/// Learns how often bytes come, and says which silence is suspicious.
pub(super) struct Pulse {
    shortest: Duration,
    last: Option<Time>,
    gap: Delta,
    beats: i64,
    /// Streams in a row that were given up for their silence.
    missed: u32,
}

impl Pulse {
    pub(super) fn new(shortest: Duration) -> Self {
        Self { shortest, last: None, gap: Delta::ZERO, beats: 0, missed: 0 }
    }

    /// A new stream: the time without one is no gap.
    pub(super) fn start(&mut self) {
        self.last = None;
    }

    /// Bytes came.
    pub(super) fn beat(&mut self, at: Time) {
        self.missed = 0;
        if let Some(last) = self.last.replace(at) {
            self.beats = (self.beats + 1).min(MEMORY);
            let surprise = (at - last) - self.gap;
            self.gap = self.gap + surprise.ratio(1, self.beats);
        }
    }

    /// The stream was given up.
    pub(super) fn missed(&mut self) {
        self.missed += 1;
    }

    /// How long a silence may be. Twice as long after each stream in vain: elections may really stand still.
    pub(super) fn silence(&self) -> Duration {
        if self.beats < MEMORY {
            return Duration::MAX;
        }
        let usual = self.gap.ratio(GAPS, 1).at_least_zero().as_micros();
        let usual = Duration::from_micros(usual.unsigned_abs());
        usual.max(self.shortest).saturating_mul(1 << self.missed.min(16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beating(every_millis: i64, times: i64) -> Pulse {
        let mut pulse = Pulse::new(Duration::from_secs(5));
        pulse.start();
        for beat in 0..times {
            pulse.beat(Time::from_micros(beat * every_millis * 1000));
        }
        pulse
    }

    #[test]
    fn a_rhythm_must_be_known_before_its_end_is_suspicious() {
        assert_eq!(beating(100, 20).silence(), Duration::MAX);
        assert_eq!(beating(100, 40).silence(), Duration::from_secs(5));
    }

    #[test]
    fn a_slow_rhythm_may_pause_longer() {
        assert_eq!(beating(2000, 40).silence(), Duration::from_secs(40));
    }

    #[test]
    fn a_silence_that_a_new_stream_does_not_end_is_doubted_less() {
        let mut pulse = beating(100, 40);
        pulse.missed();
        assert_eq!(pulse.silence(), Duration::from_secs(10));
        pulse.start();
        pulse.beat(Time::from_micros(i64::from(u32::MAX)));
        assert_eq!(pulse.silence(), Duration::from_secs(5));
    }
}
