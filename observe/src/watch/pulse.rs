//! The rhythm of a stream: renewals are a heartbeat.

use std::time::Duration;

use leadership::time::{Delta, Time};

use super::Patience;

/// How many beats are averaged.
const MEMORY: i64 = 32;

/// A silence of so many average gaps does not happen by chance once in 10^8 gaps, even if beats come at random.
const GAPS: i32 = 20;

/// The widest gap shrinks by this part with each beat, so that it is forgotten by and by.
const LONG_MEMORY: i64 = 512;

/// Learns how often bytes come, and says which silence is suspicious.
pub(super) struct Pulse {
    /// The shortest silence that is suspicious,
    shortest: Duration,
    /// and the longest that is not, unless there have been others like it.
    longest: Duration,
    last: Option<Time>,
    /// When bytes last came, whatever became of the stream.
    heard: Option<Time>,
    /// The usual gap.
    gap: Delta,
    /// The longest of late: many electors that began together write together.
    widest: Delta,
    beats: i64,
    /// The silence that would be suspicious to go by a list, as long as no rhythm is known.
    expected: Option<Duration>,
    /// Streams in a row that were given up for their silence.
    missed: u32,
}

impl Pulse {
    pub(super) fn new(patience: &Patience) -> Self {
        Self {
            shortest: patience.silence,
            longest: patience.long_silence,
            last: None,
            heard: None,
            gap: Delta::ZERO,
            widest: Delta::ZERO,
            beats: 0,
            expected: None,
            missed: 0,
        }
    }

    /// The stream broke: the time without one is no gap. After one that was only given up it may be.
    pub(super) fn broke(&mut self) {
        self.last = None;
    }

    /// Bytes came.
    pub(super) fn beat(&mut self, at: Time) {
        self.missed = 0;
        self.heard = Some(at);
        if let Some(last) = self.last.replace(at) {
            self.beats = (self.beats + 1).min(MEMORY);
            let gap = at - last;
            self.gap = self.gap + (gap - self.gap).ratio(1, self.beats);
            self.widest = gap.max(self.widest - self.widest.ratio(1, LONG_MEMORY));
        }
    }

    /// A list says that something should come so often; nothing if it is zero.
    pub(super) fn expect(&mut self, per_second: f64) {
        let silence = Duration::try_from_secs_f64(f64::from(GAPS) / per_second).ok();
        let telling = silence.filter(|silence| *silence <= self.longest);
        self.expected = telling.map(|silence| silence.max(self.shortest));
    }

    /// The stream was given up.
    pub(super) fn missed(&mut self) {
        self.missed += 1;
    }

    /// Whether the stream after a silent one was silent, too.
    pub(super) fn in_vain(&self) -> bool {
        self.missed > 1
    }

    /// Whether nothing came for so long that what was written meanwhile should come as soon as a stream goes on.
    pub(super) fn is_overdue(&self, now: Time) -> bool {
        let passed = |heard| length(now - heard);
        self.heard.is_some_and(|heard| passed(heard) >= self.suspicious())
    }

    /// How long a silence may be. Twice as long after each stream in vain: elections may really stand still.
    pub(super) fn silence(&self) -> Duration {
        self.suspicious().saturating_mul(1 << self.missed.min(16))
    }

    fn suspicious(&self) -> Duration {
        if self.beats < MEMORY {
            return self.expected.unwrap_or(Duration::MAX);
        }
        let by_chance = length(self.gap.ratio(GAPS.into(), 1)).min(self.longest);
        by_chance.max(length(self.widest.ratio(3, 2))).max(self.shortest)
    }
}

fn length(delta: Delta) -> Duration {
    Duration::from_micros(delta.at_least_zero().as_micros().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beating(every_millis: i64, times: i64) -> Pulse {
        let mut pulse = Pulse::new(&Patience::default());
        for beat in 0..times {
            pulse.beat(Time::from_micros(beat * every_millis * 1000));
        }
        pulse
    }

    #[test]
    fn a_rhythm_must_be_known_before_its_end_is_suspicious() {
        assert_eq!(beating(100, 20).silence(), Duration::MAX);
        assert_eq!(beating(100, 40).silence(), Duration::from_secs(3));
    }

    #[test]
    fn until_it_is_known_a_list_says_what_to_expect() {
        let mut pulse = beating(100, 20);
        for (per_second, silence) in [
            (1000.0, Duration::from_secs(3)),
            (4.0, Duration::from_secs(5)),
            (2.0, Duration::from_secs(10)),
            // One lease of 15 s alone may be silent for long.
            (0.5, Duration::MAX),
            (0.0, Duration::MAX),
        ] {
            pulse.expect(per_second);
            assert_eq!(pulse.silence(), silence, "{per_second}");
        }
        pulse.expect(1000.0);
        (20..40).for_each(|beat| pulse.beat(Time::from_micros(beat * 500_000)));
        assert!(pulse.silence() > Duration::from_secs(3), "what is known counts more");
    }

    #[test]
    fn a_slow_rhythm_may_pause_longer_but_not_for_ever() {
        assert_eq!(beating(500, 40).silence(), Duration::from_secs(10));
        assert_eq!(beating(2000, 40).silence(), Duration::from_secs(13));
        assert_eq!(beating(60_000, 40).silence(), Duration::from_secs(90));
    }

    #[test]
    fn a_silence_that_a_new_stream_does_not_end_is_doubted_less() {
        let mut pulse = beating(100, 40);
        pulse.missed();
        assert_eq!(pulse.silence(), Duration::from_secs(6));
        pulse.broke();
        pulse.beat(Time::from_micros(i64::from(u32::MAX)));
        assert_eq!(pulse.silence(), Duration::from_secs(3));
    }

    #[test]
    fn a_break_does_not_make_one_forget_when_something_came() {
        let mut pulse = beating(100, 40);
        pulse.broke();
        assert!(!pulse.is_overdue(Time::from_micros(6_000_000)));
        assert!(pulse.is_overdue(Time::from_micros(7_000_000)));
        assert!(!beating(100, 20).is_overdue(Time::from_micros(i64::MAX / 2)));
    }

    #[test]
    fn who_renews_all_at_once_is_learned_from_one_silence_in_vain() {
        let mut pulse = beating(1, 50);
        assert_eq!(pulse.silence(), Duration::from_secs(3));
        pulse.missed();
        for round in 1..9 {
            for beat in 0..50 {
                pulse.beat(Time::from_micros(round * 5_000_000 + beat * 1000));
            }
            assert!(pulse.silence() > Duration::from_secs(5), "{:?}", pulse.silence());
        }
    }

    #[test]
    fn an_old_gap_is_forgotten() {
        let mut pulse = beating(100, 40);
        pulse.beat(Time::from_micros(64_000_000));
        assert!(pulse.silence() > Duration::from_secs(80));
        for beat in 1..3000 {
            pulse.beat(Time::from_micros(64_000_000 + beat * 100_000));
        }
        assert_eq!(pulse.silence(), Duration::from_secs(3));
    }
}
