//! Many elections that fall late together are one event: the control plane is silent.

use std::collections::VecDeque;

use crate::time::{Delta, Time};

/// Elections that fall late within this time fall late together.
const TOGETHER: Delta = Delta::from_secs(5);
/// So many have to.
const AT_LEAST: usize = 3;
/// And so many of a hundred that were held.
const SHARE: usize = 80;

/// Whether the control plane is silent.
#[derive(Debug, Default)]
pub(crate) struct CommonMode {
    late: VecDeque<Time>,
    since: Option<Time>,
}

/// What one more late election means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is late by itself.
    Alone,
    /// The control plane just fell silent: this many are late, of so many.
    Silent(usize, usize),
    /// It was silent before: nothing new.
    Known,
}

impl CommonMode {
    /// An election fell late at `at`; `held` others are still held.
    pub(crate) fn late(&mut self, at: Time, held: usize) -> Verdict {
        while self.late.front().is_some_and(|first| at - *first > TOGETHER) {
            self.late.pop_front();
        }
        self.late.push_back(at);
        if self.since.is_some() {
            return Verdict::Known;
        }
        let (late, active) = (self.late.len(), self.late.len() + held);
        if late >= AT_LEAST && late * 100 >= active * SHARE {
            self.since = self.late.front().copied();
            return Verdict::Silent(late, active);
        }
        Verdict::Alone
    }

    /// An election was renewed in time; `late` are not, `held` are.
    pub(crate) fn held(&mut self, late: usize, held: usize) {
        if held > late {
            self.since = None;
        }
    }

    /// Since when the control plane has been silent.
    pub(crate) fn since(&self) -> Option<Time> {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn two_late_elections_are_two_late_elections() {
        let mut mode = CommonMode::default();
        assert_eq!(mode.late(at(1), 1), Verdict::Alone);
        assert_eq!(mode.late(at(2), 0), Verdict::Alone);
    }

    #[test]
    fn most_of_them_together_are_the_control_plane_said_once() {
        let mut mode = CommonMode::default();
        assert_eq!(mode.late(at(1), 4), Verdict::Alone);
        assert_eq!(mode.late(at(1), 3), Verdict::Alone);
        assert_eq!(mode.late(at(2), 2), Verdict::Alone);
        assert_eq!(mode.late(at(3), 1), Verdict::Silent(4, 5));
        assert_eq!(mode.late(at(3), 0), Verdict::Known);
        assert_eq!(mode.since(), Some(at(1)));
        for (late, held) in [(4, 1), (2, 2)] {
            mode.held(late, held);
            assert_eq!(mode.since(), Some(at(1)));
        }
        mode.held(2, 3);
        assert_eq!(mode.since(), None);
    }

    #[test]
    fn five_seconds_are_together() {
        let mut mode = CommonMode::default();
        assert_eq!(mode.late(at(0), 0), Verdict::Alone);
        assert_eq!(mode.late(at(2), 0), Verdict::Alone);
        assert_eq!(mode.late(at(5), 0), Verdict::Silent(3, 3));
    }

    #[test]
    fn a_slow_trickle_is_not_together() {
        let mut mode = CommonMode::default();
        for second in [0, 6, 12, 18] {
            assert_eq!(mode.late(at(second), 0), Verdict::Alone);
        }
    }
}
