//! The history of one lock: its past terms, a bounded number of them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::event::{End, Failover, TermEnd};
use crate::snapshot::{Chapter, Reign};
use crate::time::Time;

/// Terms and gaps that are remembered for each lock.
pub const LEDGER_LENGTH: usize = 16;

/// The ledger of one lock, oldest entry first.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    chapters: VecDeque<Chapter>,
    shared: Option<Arc<[Chapter]>>,
}

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
    pub(crate) fn chapters(&mut self) -> Arc<[Chapter]> {
        let chapters = &self.chapters;
        Arc::clone(self.shared.get_or_insert_with(|| chapters.iter().cloned().collect()))
    }

    /// The terms, newest first. Whoever asks for them changes them.
    fn reigns(&mut self) -> impl Iterator<Item = &mut Reign> {
        self.shared = None;
        self.chapters.iter_mut().rev().filter_map(|chapter| match chapter {
            Chapter::Reign(reign) => Some(reign),
            Chapter::Missed { .. } => None,
        })
    }

    fn push(&mut self, chapter: Chapter) {
        self.shared = None;
        if self.chapters.len() == LEDGER_LENGTH {
            self.chapters.pop_front();
        }
        self.chapters.push_back(chapter);
    }
}
