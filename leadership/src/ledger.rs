//! The history of one lock: its past terms, a bounded number of them.

use std::iter::once;
use std::sync::Arc;

use crate::event::{End, Failover, TermEnd};
use crate::snapshot::{Chapter, Reign};
use crate::time::Time;

/// Terms and gaps that are remembered for each lock.
pub const LEDGER_LENGTH: usize = 16;

/// The ledger of one lock, oldest entry first. Readers share it; whoever changes it makes a copy, which
/// happens once a term.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Arc<[Chapter]>);

impl Ledger {
    /// A term begins, or is first seen.
    pub(crate) fn open(&mut self, holder: &Arc<str>, from: Time, from_seen: bool) {
        self.push(Chapter::Reign(Reign {
            holder: Arc::clone(holder),
            from,
            from_seen,
            to: None,
            ended: None,
            end: None,
            failover: None,
        }));
    }

    /// The newest term ended, with its holder's last own write at `to`.
    pub(crate) fn close(&mut self, to: Time, end: End, ended: TermEnd) {
        if let Some(reign) = self.reigns().next() {
            reign.to = Some(to.max(reign.from));
            reign.end = Some(end);
            reign.ended = Some(ended);
        }
    }

    /// Terms that nobody saw.
    pub(crate) fn missed(&mut self, count: u32, from: Time, to: Time) {
        self.push(Chapter::Missed { count, from, to });
    }

    /// The failover that ended the last term but `behind`; its final form replaces the provisional one.
    pub(crate) fn annotate(&mut self, failover: &Arc<Failover>) {
        let first_write = failover.first_write;
        let ended =
            self.reigns().skip(1).find(|reign| reign.to.is_some() && reign.holder == failover.from);
        if let Some(reign) = ended.filter(|reign| reign.from <= first_write) {
            reign.failover = Some(Arc::clone(failover));
        }
    }

    /// The entries, oldest first.
    pub(crate) fn chapters(&self) -> Arc<[Chapter]> {
        Arc::clone(&self.0)
    }

    /// The terms, newest first. Whoever asks for them changes them.
    fn reigns(&mut self) -> impl Iterator<Item = &mut Reign> {
        Arc::make_mut(&mut self.0).iter_mut().rev().filter_map(|chapter| match chapter {
            Chapter::Reign(reign) => Some(reign),
            Chapter::Missed { .. } => None,
        })
    }

    fn push(&mut self, chapter: Chapter) {
        let full = usize::from(self.0.len() == LEDGER_LENGTH);
        self.0 = self.0.iter().skip(full).cloned().chain(once(chapter)).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clocks::{Clocks, Mark};
    use crate::event::{Stage, TermEnd};
    use crate::failover::{Handover, Ready, Until, Verdict};
    use crate::time::Delta;

    fn at(second: i64) -> Time {
        Time::from_micros(second * 1_000_000)
    }

    /// Terms of ten seconds each, the last of which goes on.
    fn ledger(holders: &[&str]) -> Ledger {
        let mut ledger = Ledger::default();
        for (place, holder) in (1..).zip(holders) {
            ledger.close(at(10 * place - 1), End::Silent, TermEnd::Expired);
            ledger.open(&Arc::from(*holder), at(10 * place), true);
        }
        ledger
    }

    fn holders(ledger: &Ledger, suits: impl Fn(&Reign) -> bool) -> Vec<Arc<str>> {
        let chapters = ledger.chapters();
        let reigns = chapters.iter().filter_map(|chapter| match chapter {
            Chapter::Reign(reign) => Some(reign),
            Chapter::Missed { .. } => None,
        });
        reigns.filter(|reign| suits(reign)).map(|reign| Arc::clone(&reign.holder)).collect()
    }

    #[test]
    fn the_oldest_of_too_many_is_forgotten() {
        let names: Vec<String> = (0..20).map(|n| format!("h{n}")).collect();
        let mut long = ledger(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let kept = holders(&long, |_| true);
        assert_eq!((kept.len(), &*kept[0], &*kept[15]), (LEDGER_LENGTH, "h4", "h19"));
        long.missed(3, at(0), at(1));
        assert_eq!(long.chapters().len(), LEDGER_LENGTH);
    }

    #[test]
    fn a_failover_is_noted_where_its_old_holder_ended() {
        let handover = Handover {
            from: "a".into(),
            to: "b".into(),
            end: End::Silent,
            last: None,
            first: Mark::arrival(at(20)),
            until: Until::Unknown,
            interval: None,
            flags: Vec::new(),
            grace: Delta::ZERO,
            patience: Delta::ZERO,
            ready: Ready::Unknown,
        };
        let failover =
            Arc::new(handover.measure(&Clocks::default(), Stage::Final, &Verdict::unknown()));
        let noted = |names: &[&str]| {
            let mut ledger = ledger(names);
            ledger.annotate(&failover);
            holders(&ledger, |reign| reign.failover.is_some())
        };
        assert_eq!(noted(&["a", "b"]), ["a".into()]);
        assert_eq!(noted(&["a", "b", "c"]), ["a".into()]);
        // It began after the failover: it is another term of the same holder.
        assert_eq!(noted(&["x", "y", "a", "b"]), []);
    }
}
