//! One pod as it is remembered: its newest record, and what newer records no longer tell.

use std::sync::Arc;

use super::Root;
use crate::observation::{PodRecord, Termination};
use crate::time::Time;

/// The most ends of containers that are remembered of one pod.
const MOST_TERMINATIONS: usize = 8;

/// A pod that lives, or was deleted not long ago.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_field_names, reason = "when a deletion was seen is what it is")]
pub(crate) struct Seen {
    /// Its newest record. It keeps the ends of containers that earlier ones told of: a status tells of
    /// two for each container, and a crash loop would overwrite the evidence.
    pub(crate) record: PodRecord,
    /// Who keeps it running.
    pub(crate) root: Arc<Root>,
    /// When we first saw that its deletion was requested.
    pub(crate) deletion_seen: Option<Time>,
    /// When we first saw that its containers had ended for good.
    pub(crate) finished_seen: Option<Time>,
    /// When we saw that it was gone; none while it lives.
    pub(crate) gone: Option<Time>,
}

impl Seen {
    pub(super) fn new(record: PodRecord, root: Arc<Root>, at: Time) -> Self {
        let deletion_seen = record.deleting().then_some(at);
        let finished_seen = record.finished().then_some(at);
        let mut seen = Self { record, root, deletion_seen, finished_seen, gone: None };
        seen.cap();
        seen
    }

    /// Goes on from what was known of the same pod.
    pub(super) fn after(mut self, before: &Self) -> Self {
        if self.deletion_seen.is_some() {
            self.deletion_seen = before.deletion_seen.or(self.deletion_seen);
        }
        if self.finished_seen.is_some() {
            self.finished_seen = before.finished_seen.or(self.finished_seen);
        }
        for end in &before.record.terminations {
            if !self.record.terminations.iter().any(|known| same(known, end)) {
                self.record.terminations.push(end.clone());
            }
        }
        self.cap();
        self
    }

    /// The newest ends stay; they are kept in the order in which they happened.
    fn cap(&mut self) {
        let ends = &mut self.record.terminations;
        ends.sort_by(|a, b| (a.finished, &a.container).cmp(&(b.finished, &b.container)));
        let over = ends.len().saturating_sub(MOST_TERMINATIONS);
        ends.drain(..over);
    }

    /// Whether a record is of this very pod, and not of another that came under its name. One without
    /// an identity is taken for it.
    pub(super) fn is(&self, record: &PodRecord) -> bool {
        let (own, other) = (&self.record.uid, &record.uid);
        own == other || own.is_empty() || other.is_empty()
    }
}

fn same(a: &Termination, b: &Termination) -> bool {
    a.container == b.container && a.finished == b.finished
}
