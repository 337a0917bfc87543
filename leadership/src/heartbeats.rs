//! Which nodes live: kubelets renew a Lease of their own every ten seconds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::time::{Delta, Time};

/// A kubelet renews four times in the duration of its Lease.
const RENEWALS: i64 = 4;
/// The duration that kubelets use where the Lease does not say.
const DURATION: i32 = 40;
/// Of the other nodes so many in a hundred are silent when it is not the node's fault.
const SHARE: usize = 80;

/// The heartbeats of all nodes, on our clock.
#[derive(Debug, Default)]
pub(crate) struct Heartbeats {
    nodes: BTreeMap<Arc<str>, Pulse>,
    /// Since when our watch of them has been live.
    seeing: Option<Time>,
}

#[derive(Debug)]
struct Pulse {
    last: Time,
    /// From here on it is silent: twice its period, and some.
    limit: Delta,
    /// The last silence that ended.
    silence: Option<(Time, Time)>,
}

impl Heartbeats {
    /// A node wrote a heartbeat at this time; `seconds` is what its Lease claims.
    pub(crate) fn beat(&mut self, node: &Arc<str>, at: Time, seconds: Option<i32>) {
        match self.nodes.get_mut(node) {
            Some(pulse) => pulse.beat(at, limit(seconds)),
            None => self.listed(node, at, seconds),
        }
    }

    /// A list says that its last heartbeat was at this time: whether it was silent before is not known.
    pub(crate) fn listed(&mut self, node: &Arc<str>, at: Time, seconds: Option<i32>) {
        let pulse = Pulse { last: at, limit: limit(seconds), silence: None };
        self.nodes.insert(Arc::clone(node), pulse);
    }

    /// The node is gone.
    pub(crate) fn forget(&mut self, node: &str) {
        self.nodes.remove(node);
    }

    /// Whether our watch of heartbeats sees.
    pub(crate) fn see(&mut self, now: Time, live: bool) {
        self.seeing = if live { self.seeing.or(Some(now)) } else { None };
    }

    /// For how long the node was silent from a time not after `began_by` on, if that is longer than
    /// a living node's heartbeat takes, and if most others were not; and whether there are others.
    pub(crate) fn silence(&self, node: &str, began_by: Time, now: Time) -> Option<(Delta, bool)> {
        let pulse = self.nodes.get(node)?;
        let silent = pulse.silent(began_by, now, self.seeing)?;
        let others = self.nodes.iter().filter(|(name, _)| &***name != node);
        let (mut count, mut silent_too) = (0, 0);
        for (_, other) in others {
            count += 1;
            silent_too += usize::from(other.silent(began_by, now, self.seeing).is_some());
        }
        (count == 0 || silent_too * 100 < count * SHARE).then_some((silent, count > 0))
    }

    /// Whether the node's heartbeat is known and comes in time.
    pub(crate) fn alive(&self, node: &str, now: Time) -> bool {
        self.nodes.get(node).is_some_and(|pulse| now - pulse.last <= pulse.limit)
    }
}

impl Pulse {
    fn beat(&mut self, at: Time, limit: Delta) {
        if at - self.last > self.limit {
            self.silence = Some((self.last, at));
        }
        (self.last, self.limit) = (self.last.max(at), limit);
    }

    fn silent(&self, began_by: Time, now: Time, seeing: Option<Time>) -> Option<Delta> {
        // A watch that was just blind has yet to deliver what it missed.
        let seen = seeing.is_some_and(|since| now - since > self.limit);
        if seen && self.last <= began_by && now - self.last > self.limit {
            return Some(now - self.last);
        }
        let (from, to) = self.silence.filter(|(from, to)| *from <= began_by && *to > began_by)?;
        Some(to - from)
    }
}

/// 2.2 periods and two seconds: 24 s for a kubelet's usual 40 s.
fn limit(seconds: Option<i32>) -> Delta {
    let seconds = seconds.filter(|seconds| *seconds > 0).unwrap_or(DURATION);
    Delta::from_secs(i64::from(seconds)).ratio(22, 10 * RENEWALS) + Delta::from_secs(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    fn beats(nodes: &[(&str, i64)]) -> Heartbeats {
        let mut beats = Heartbeats::default();
        beats.see(at(0), true);
        for (node, until) in nodes {
            for beat in 0..=*until / 10 {
                beats.beat(&(*node).into(), at(beat * 10), Some(40));
            }
        }
        beats
    }

    #[test]
    fn a_node_is_silent_after_two_missed_heartbeats() {
        let beats = beats(&[("a", 100), ("b", 130), ("c", 130)]);
        assert_eq!(beats.silence("a", at(105), at(124)), None);
        assert_eq!(beats.silence("a", at(105), at(125)), Some((Delta::from_secs(25), true)));
        assert_eq!(beats.silence("b", at(105), at(131)), None);
        assert_eq!(beats.silence("nobody", at(105), at(500)), None);
        assert!(!beats.alive("a", at(125)));
        assert!(beats.alive("b", at(131)));
    }

    #[test]
    fn a_silence_that_began_after_the_leader_fell_silent_is_not_its_cause() {
        let beats = beats(&[("a", 100), ("b", 130), ("c", 130)]);
        assert_eq!(beats.silence("a", at(90), at(130)), None);
    }

    #[test]
    fn a_node_that_came_back_was_silent() {
        let mut beats = beats(&[("a", 100), ("b", 150), ("c", 150)]);
        beats.beat(&"a".into(), at(150), Some(40));
        assert_eq!(beats.silence("a", at(105), at(151)), Some((Delta::from_secs(50), true)));
        assert_eq!(beats.silence("a", at(150), at(151)), None);
    }

    #[test]
    fn when_all_are_silent_it_is_not_the_node() {
        let beats = beats(&[("a", 100), ("b", 100), ("c", 100)]);
        assert_eq!(beats.silence("a", at(105), at(130)), None);
    }

    #[test]
    fn a_blind_watch_makes_no_node_silent() {
        let mut beats = beats(&[("a", 100), ("b", 130), ("c", 130)]);
        beats.see(at(110), false);
        assert_eq!(beats.silence("a", at(105), at(200)), None);
        beats.see(at(200), true);
        assert_eq!(beats.silence("a", at(105), at(210)), None);
        for node in ["b", "c"] {
            beats.listed(&node.into(), at(205), Some(40));
        }
        assert_eq!(beats.silence("a", at(105), at(225)), Some((Delta::from_secs(125), true)));
    }

    #[test]
    fn a_short_lease_is_silent_sooner() {
        assert_eq!(limit(Some(40)), Delta::from_secs(24));
        assert_eq!(limit(Some(4)), Delta::from_millis(4_200));
        assert_eq!(limit(None), Delta::from_secs(24));
        assert_eq!(limit(Some(-1)), Delta::from_secs(24));
    }
}
