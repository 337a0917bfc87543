//! What happened since the UI was opened, as far as it is kept.

use std::collections::VecDeque;
use std::sync::Arc;

use leadership::event::{Event, Phase, Stage, What};
use leadership::snapshot::Election;

use super::{App, Pane};
use crate::wording;

/// Events that are kept; the oldest go first.
const KEPT: usize = 2_000;

/// Events, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The events.
    pub lines: VecDeque<Line>,
    /// How many came faster than they could be taken.
    pub lost: u64,
}

/// One event.
#[derive(Clone, Debug)]
pub struct Line {
    /// The event.
    pub event: Arc<Event>,
    /// What happened, in all words: filters look at these.
    text: String,
}

/// Whether `later` is the same failover, told better.
fn replaces(later: &Event, earlier: &Event) -> bool {
    match (&later.what, &earlier.what) {
        (What::Failover(later_one), What::Failover(earlier_one)) => {
            later.lease == earlier.lease
                && earlier_one.stage == Stage::Provisional
                && (&later_one.from, &later_one.to) == (&earlier_one.from, &earlier_one.to)
        }
        _ => false,
    }
}

impl App {
    /// Keeps an event. A log that was scrolled stands still.
    pub(super) fn note(&mut self, event: Arc<Event>) {
        if wording::told_otherwise(&event) || self.was_not_doubted(&event) {
            return;
        }
        let text = wording::what(&event);
        let line = Line { event, text };
        let shown = self.pane == Pane::Events && self.frozen.is_none() && !self.help;
        if shown && self.admits(&line, &mut String::new()) {
            let cursor = if self.opened.is_some() { &mut self.left } else { &mut self.scroll };
            // The newest stays the newest.
            *cursor += usize::from(*cursor > 0);
        }
        let log = &mut self.log.lines;
        let before = log.iter().rposition(|known| replaces(&line.event, &known.event));
        if let Some(before) = before.filter(|_| self.frozen.is_none()) {
            log.remove(before);
        }
        if log.len() >= KEPT {
            log.pop_front();
        }
        log.push_back(line);
    }

    /// Whether a claim is proven that nothing was told of: it looked sound when we came.
    fn was_not_doubted(&self, event: &Event) -> bool {
        let proof = matches!(event.what, What::Phase { from: Phase::Unknown, to: Phase::Held, .. });
        proof && !self.log.lines.iter().any(|line| line.event.lease == event.lease)
    }

    /// The events that are shown, the newest first: those that had happened when the picture was
    /// frozen, and that the filter admits.
    pub fn events(&self) -> impl Iterator<Item = &Line> {
        let mut scratch = String::new();
        self.log.lines.iter().rev().filter(move |line| self.admits(line, &mut scratch))
    }

    /// The election that an event concerns, while it exists.
    #[must_use]
    pub fn concerned(&self, line: &Line) -> Option<&Arc<Election>> {
        self.snapshot.election(line.event.lease.as_ref()?)
    }

    fn admits(&self, line: &Line, scratch: &mut String) -> bool {
        let in_time = self.frozen.is_none_or(|since| line.event.at <= since);
        let lease = line.event.lease.as_ref();
        let covered = lease.is_none_or(|key| self.covers(&key.namespace));
        in_time && covered && {
            let election = self.concerned(line).map(|election| &**election);
            let name = match (lease, election) {
                (Some(key), None) => format!("{}\n{key}", line.text),
                _ => line.text.clone(),
            };
            self.filter.is_empty() || self.filter.admits_line(&name, election, scratch)
        }
    }
}
