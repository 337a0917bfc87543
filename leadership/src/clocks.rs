//! Many clocks, one time axis.
//!
//! A write carries the writer's stamp `w` and reaches us at `a`. `d = a − w` is the delivery delay
//! less the writer's lead over us; the least `d` that a clock ever showed is the best guess of what
//! a prompt delivery shows, so `w + min d` places the write on our axis to within milliseconds,
//! however far the writer's clock is off and however late this one event came.

use std::sync::Arc;

use crate::hashed::Hashed;
use crate::time::{Delta, Time};

/// Half of the window over which the least delay is kept.
const BUCKET: Delta = Delta::from_secs(300);
/// Samples below which a clock says nothing.
const WARM: u32 = 3;
/// Delays that are remembered for the median.
const RECENT: usize = 15;
/// A clock that was silent for so long is forgotten.
const FORGOTTEN: Delta = Delta::from_secs(1_800);
/// So many live writes in a row that all come later than promptly, by more than [`SET`] and by the same to within
/// [`ALIKE`], are not late: their clock was set back while nobody looked.
const BEHIND: u32 = 5;
const SET: Delta = Delta::from_secs(1);
const ALIKE: Delta = Delta::from_millis(500);
/// A stamp may go back by so much without being called a step: clocks are slewed.
const SLEW: Delta = Delta::from_millis(5);

/// One write, placed in time.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// The clock that stamped it; none if it carries no stamp of its writer's.
    pub(crate) clock: Option<Arc<str>>,
    /// The writer's stamp.
    pub(crate) written: Option<Time>,
    /// When it reached us.
    pub(crate) arrived: Time,
    /// Which life of the clock it belongs to: a step begins another.
    epoch: u32,
    /// Where it was placed on our axis when it arrived.
    pub(crate) time: Time,
    /// How long it may have been kept from us: we were blind when it was written.
    pub(crate) behind: Delta,
}

impl Mark {
    /// A write that is known by its arrival only.
    pub(crate) fn arrival(at: Time) -> Self {
        let behind = Delta::ZERO;
        Self { clock: None, written: None, arrived: at, epoch: 0, time: at, behind }
    }
}

/// What is known of one writer's clock.
#[derive(Debug)]
struct Clock {
    current: Option<Delta>,
    previous: Option<Delta>,
    rotated: Time,
    samples: u32,
    epoch: u32,
    recent: Vec<Delta>,
    next: usize,
    /// The delay of the last write, if it came late, and how many came so late in a row.
    late: Option<(Delta, u32)>,
    seen: Time,
}

/// All clocks that stamp what we see: nodes by name, holders without a known node by namespace and
/// identity, for the same identity in two namespaces is two processes.
#[derive(Debug, Default)]
pub(crate) struct Clocks {
    clocks: Hashed<Arc<str>, Clock>,
    swept: Time,
}

impl Clocks {
    /// Places a live write by `clock`, stamped `written`, on our axis, and learns from it.
    pub(crate) fn mark(&mut self, name: &Arc<str>, arrived: Time, written: Option<Time>) -> Mark {
        let Some(written) = written else {
            return Mark::arrival(arrived);
        };
        self.sweep(arrived);
        let clock = self.clocks.get_or_insert_with(Arc::clone(name), || Clock::new(arrived));
        clock.learn(arrived, arrived - written);
        Mark {
            clock: Some(Arc::clone(name)),
            written: Some(written),
            arrived,
            epoch: clock.epoch,
            time: clock.place(written).unwrap_or(arrived).min(arrived),
            behind: Delta::ZERO,
        }
    }

    /// Places a write that comes with all that was missed while we were blind, up to `behind` after it was made. It
    /// teaches nothing; what its clock shows later places it.
    pub(crate) fn catch_up(
        &mut self,
        name: &Arc<str>,
        arrived: Time,
        written: Option<Time>,
        behind: Delta,
    ) -> Mark {
        let Some(written) = written else {
            return Mark { behind, ..Mark::arrival(arrived) };
        };
        let clock = self.clocks.get_or_insert_with(Arc::clone(name), || Clock::new(arrived));
        Mark {
            clock: Some(Arc::clone(name)),
            written: Some(written),
            arrived,
            epoch: clock.epoch,
            time: clock.place(written).unwrap_or(arrived).min(arrived),
            behind,
        }
    }

    /// Whether nobody can say when the write was made, but that it was while we were blind.
    pub(crate) fn unplaced(&self, mark: &Mark) -> bool {
        let placed = || self.clock_of(mark).is_some_and(|clock| clock.samples >= WARM);
        mark.behind > Delta::ZERO && !placed()
    }

    /// Places a write that was not seen live: a stamp read in a list teaches nothing, and when the
    /// list arrived says nothing of the write.
    pub(crate) fn recall(&self, name: &Arc<str>, arrived: Time, written: Option<Time>) -> Mark {
        let placed = self
            .clocks
            .get(name)
            .zip(written)
            .and_then(|(clock, w)| clock.place(w).map(|time| (clock.epoch, time.min(arrived))));
        match placed {
            Some((epoch, time)) => {
                let clock = Some(Arc::clone(name));
                Mark { clock, written, arrived: time, epoch, time, behind: Delta::ZERO }
            }
            None => Mark { written, ..Mark::arrival(arrived) },
        }
    }

    /// Where the write lies by what is known of its clock today.
    pub(crate) fn settle(&self, mark: &Mark) -> Time {
        self.clock_of(mark)
            .zip(mark.written)
            .and_then(|(clock, written)| clock.place(written))
            .map_or(mark.time, |time| time.min(mark.arrived))
    }

    /// By how much the placing of the write may be wrong; `None` if its clock is not known.
    ///
    /// A stamp is taken before the write is sent, and what lies between them (a slow read before an
    /// acquisition, a write that is tried again) looks just like a late delivery. The write lies
    /// somewhere between where its stamp is placed and its arrival, so the lateness counts, but no
    /// more of it than `patience`: after that a client gives a request up.
    pub(crate) fn error(&self, mark: &Mark, patience: Delta) -> Option<Delta> {
        let clock = self.clock_of(mark).filter(|clock| clock.samples >= WARM)?;
        let usual = (clock.median()? - clock.least()?).at_least_zero();
        let late = (mark.arrived - self.settle(mark)).at_least_zero();
        Some(usual + late.min(patience))
    }

    /// Whether the clock of this name is known well enough to place a write.
    pub(crate) fn warm(&self, name: &str) -> bool {
        self.clocks.get(name).is_some_and(|clock| clock.samples >= WARM)
    }

    /// How much later than its clock's promptest delivery a write came.
    pub(crate) fn lateness(&self, mark: &Mark) -> Option<Delta> {
        let clock = self.clock_of(mark).filter(|clock| clock.samples >= WARM)?;
        Some((mark.arrived - mark.written?) - clock.least()?)
    }

    /// How far the clock is ahead of ours, less the promptest delivery that any clock shows.
    pub(crate) fn offset(&self, name: &str) -> Option<Delta> {
        let clock = self.clocks.get(name).filter(|clock| clock.samples >= WARM)?;
        clock.least().map(|least| Delta::ZERO - least)
    }

    /// Forgets what is known of a clock that stepped back.
    pub(crate) fn reset(&mut self, name: &str) {
        if let Some(clock) = self.clocks.get_mut(name) {
            clock.reset();
        }
    }

    /// Whether the stamps `before` and `after` of one writer say that its clock went back.
    pub(crate) fn stepped_back(before: Time, after: Time) -> bool {
        after < before - SLEW
    }

    fn clock_of(&self, mark: &Mark) -> Option<&Clock> {
        let clock = self.clocks.get(mark.clock.as_deref()?)?;
        (clock.epoch == mark.epoch).then_some(clock)
    }

    fn sweep(&mut self, now: Time) {
        if now - self.swept > FORGOTTEN {
            self.swept = now;
            self.clocks.retain(|clock| now - clock.seen <= FORGOTTEN);
        }
    }
}

impl Clock {
    fn new(now: Time) -> Self {
        Self {
            current: None,
            previous: None,
            rotated: now,
            samples: 0,
            epoch: 0,
            recent: Vec::new(),
            next: 0,
            late: None,
            seen: now,
        }
    }

    fn learn(&mut self, now: Time, delay: Delta) {
        self.rotate(now);
        self.seen = now;
        if self.set_back(delay) {
            self.reset();
            // They were prompt, as many as there were.
            self.samples = BEHIND - 1;
        }
        self.samples = self.samples.saturating_add(1);
        self.current = Some(self.current.map_or(delay, |least| least.min(delay)));
        if self.recent.len() < RECENT {
            self.recent.push(delay);
        } else {
            self.recent[self.next] = delay;
        }
        self.next = (self.next + 1) % RECENT;
    }

    /// Whether a write with this delay proves that the clock was set back.
    fn set_back(&mut self, delay: Delta) -> bool {
        let late = self.least().is_some_and(|least| delay - least > SET);
        let before = self.late.filter(|(last, _)| (delay - *last).abs() <= ALIKE);
        self.late = late.then(|| (delay, before.map_or(1, |(_, count)| count + 1)));
        self.late.is_some_and(|(_, count)| count >= BEHIND)
    }

    fn rotate(&mut self, now: Time) {
        if now - self.rotated < BUCKET {
            return;
        }
        self.previous = if now - self.rotated < BUCKET + BUCKET { self.current } else { None };
        self.current = None;
        self.rotated = now;
        if self.previous.is_none() {
            self.samples = 0;
        }
    }

    fn reset(&mut self) {
        self.current = None;
        self.previous = None;
        self.samples = 0;
        self.recent.clear();
        self.next = 0;
        self.late = None;
        self.epoch = self.epoch.wrapping_add(1);
    }

    fn least(&self) -> Option<Delta> {
        match (self.current, self.previous) {
            (Some(current), Some(previous)) => Some(current.min(previous)),
            (current, previous) => current.or(previous),
        }
    }

    fn median(&self) -> Option<Delta> {
        let mut sorted = self.recent.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    fn place(&self, written: Time) -> Option<Time> {
        if self.samples < WARM {
            return None;
        }
        self.least().map(|least| written + least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1_000)
    }

    /// Writes every two seconds by a clock that is `ahead` ms ahead, delivered in 20 ms.
    fn warmed(ahead: i64) -> (Clocks, Arc<str>) {
        let (mut clocks, name) = (Clocks::default(), Arc::from("node"));
        for i in 0..5 {
            clocks.mark(&name, at(i * 2_000 + 20), Some(at(i * 2_000 + ahead)));
        }
        (clocks, name)
    }

    #[test]
    fn a_clock_that_was_set_back_unseen_is_learned_anew() {
        let (mut clocks, name) = warmed(0);
        for write in 0..5 {
            let at = |offset: i64| at(100_000 + write * 2_000 + offset);
            let mark = clocks.mark(&name, at(20), Some(at(-14_000)));
            let placed = if write < 4 { at(-13_980) } else { at(20) };
            assert_eq!(mark.time, placed, "{write}");
        }
    }

    #[test]
    fn who_is_late_by_a_second_was_not_set_back() {
        for (late, kept) in [(1_000_i64, true), (1_001, false)] {
            let (mut clocks, name) = warmed(0);
            let mark =
                |write: i64| (at(100_020 + write * 2_000), at(100_000 + write * 2_000 - late));
            let placed = (0_i64..5).map(|write| {
                let (arrived, written) = mark(write);
                clocks.mark(&name, arrived, Some(written)).time == written + Delta::from_millis(20)
            });
            assert_eq!(placed.last(), Some(kept), "{late}");
        }
    }

    #[test]
    fn a_burst_of_late_deliveries_sets_no_clock_back() {
        let (mut clocks, name) = warmed(0);
        for write in 0..9 {
            let mark = clocks.mark(&name, at(120_020), Some(at(100_000 + write * 2_000)));
            assert_eq!(mark.time, at(100_020 + write * 2_000), "{write}");
        }
    }

    #[test]
    fn a_late_delivery_is_placed_where_it_was_written() {
        for ahead in [-30_000, 0, 5_000] {
            let (mut clocks, name) = warmed(ahead);
            let late = clocks.mark(&name, at(10_900), Some(at(10_000 + ahead)));
            assert_eq!(late.time, at(10_020), "{ahead}");
            assert_eq!(clocks.lateness(&late), Some(Delta::from_millis(880)));
        }
    }

    #[test]
    fn lateness_is_part_of_the_error_up_to_a_bound() {
        let (mut clocks, name) = warmed(0);
        let late = clocks.mark(&name, at(10_900), Some(at(10_000)));
        let error = |patience| clocks.error(&late, Delta::from_millis(patience));
        assert_eq!(error(10_000), Some(Delta::from_millis(880)));
        assert_eq!(error(500), Some(Delta::from_millis(500)));
    }

    #[test]
    fn two_samples_are_not_enough() {
        let (mut clocks, name) = (Clocks::default(), Arc::from("node"));
        for (millis, delay) in [(0, 700), (2_000, 900)] {
            let mark = clocks.mark(&name, at(millis + delay), Some(at(millis)));
            assert_eq!(mark.time, at(millis + delay));
            assert_eq!(clocks.error(&mark, Delta::from_secs(10)), None);
        }
        assert!(!clocks.warm("node"));
        let third = clocks.mark(&name, at(4_800), Some(at(4_000)));
        assert_eq!(third.time, at(4_700));
        assert!(clocks.warm("node"));
    }

    #[test]
    fn what_was_placed_coarsely_is_placed_well_once_the_clock_is_known() {
        let (mut clocks, name) = (Clocks::default(), Arc::from("node"));
        let first = clocks.mark(&name, at(600), Some(at(0)));
        assert_eq!(first.time, at(600));
        for i in 1..4 {
            clocks.mark(&name, at(i * 2_000 + 15), Some(at(i * 2_000)));
        }
        assert_eq!(clocks.settle(&first), at(15));
    }

    #[test]
    fn a_step_ends_the_old_marks_clock() {
        let (mut clocks, name) = warmed(0);
        let before = clocks.mark(&name, at(10_020), Some(at(10_000)));
        clocks.reset(&name);
        for i in 6..10 {
            clocks.mark(&name, at(i * 2_000 + 20), Some(at(i * 2_000 - 10_000)));
        }
        assert_eq!(clocks.settle(&before), at(10_020));
    }

    #[test]
    fn the_least_delay_is_forgotten_after_two_buckets() {
        let (mut clocks, name) = warmed(0);
        for i in 0..4 {
            clocks.mark(&name, at(400_000 + i * 2_000 + 50), Some(at(400_000 + i * 2_000)));
        }
        assert_eq!(clocks.offset("node"), Some(Delta::from_millis(-20)));
        for i in 0..4 {
            clocks.mark(&name, at(800_000 + i * 2_000 + 50), Some(at(800_000 + i * 2_000)));
        }
        assert_eq!(clocks.offset("node"), Some(Delta::from_millis(-50)));
    }

    #[test]
    fn a_list_teaches_nothing() {
        let (clocks, name) = warmed(0);
        let read = clocks.recall(&name, at(60_000), Some(at(50_000)));
        assert_eq!(read.time, at(50_020));
        let unknown = clocks.recall(&Arc::from("other"), at(60_000), Some(at(50_000)));
        assert_eq!(unknown.time, at(60_000));
        assert_eq!(unknown.written, Some(at(50_000)));
    }

    #[test]
    fn a_clock_may_be_slewed_by_five_milliseconds() {
        let before = at(10_000);
        for (after, back) in [(10_000, false), (9_996, false), (9_995, false), (9_994, true)] {
            assert_eq!(Clocks::stepped_back(before, at(after)), back, "{after}");
        }
    }

    /// By how much prompt writes are placed wrong if these were the delays, in milliseconds.
    fn usual_error(delays: impl IntoIterator<Item = i64>) -> Option<Delta> {
        let (mut clocks, name) = (Clocks::default(), Arc::from("node"));
        let mut last = Mark::arrival(at(0));
        for (i, delay) in (0..).zip(delays) {
            last = clocks.mark(&name, at(i * 2_000 + delay), Some(at(i * 2_000)));
        }
        last.time = last.arrived;
        clocks.error(&last, Delta::ZERO)
    }

    #[test]
    fn the_usual_error_is_the_median_of_fifteen() {
        let millis = |millis| Some(Delta::from_millis(millis));
        assert_eq!(usual_error([20, 20, 90, 20, 90, 90, 90]), millis(70));
        let last = |zeros: usize| [vec![20; zeros], vec![90; 15 - zeros]].concat();
        // The sixteen before are forgotten.
        assert_eq!(usual_error([[90; 16].to_vec(), last(8)].concat()), millis(0));
        assert_eq!(usual_error([[20; 16].to_vec(), last(7)].concat()), millis(70));
    }

    #[test]
    fn the_least_delay_is_kept_for_one_to_two_buckets() {
        // Delays of 20 ms until second 8, of 50 ms from `then` on, and what is published by then.
        for (then, offset) in [(299, -20), (300, -20), (599, -20), (600, -50), (700, -50)] {
            let (mut clocks, name) = warmed(0);
            for i in 0..3 {
                let written = then * 1_000 + i - 50 + 20;
                clocks.mark(&name, at(written + 50), Some(at(written)));
            }
            assert_eq!(clocks.offset("node"), Some(Delta::from_millis(offset)), "{then}");
        }
        // The first bucket ends with its three hundredth second, not after it.
        let (mut clocks, name) = warmed(0);
        clocks.mark(&name, at(300_020), Some(at(299_970)));
        clocks.mark(&name, at(600_020), Some(at(599_970)));
        assert_eq!(clocks.offset("node"), Some(Delta::from_millis(-50)));
    }

    #[test]
    fn silent_clocks_are_forgotten() {
        let (mut clocks, _) = warmed(0);
        clocks.mark(&Arc::from("other"), at(4_000_000), Some(at(4_000_000)));
        assert!(!clocks.warm("node"));
    }
}
