//! The order in which pods went, so that the oldest can be forgotten first.

use std::collections::VecDeque;

use crate::time::{Delta, Time};

/// The most deleted pods that are remembered.
pub(super) const MOST: usize = 4_096;
/// How long a deleted pod is remembered: longer than any failover of the field takes.
pub(super) const MEMORY: Delta = Delta::from_secs(20 * 60);

/// Deleted pods, the oldest first. One that came back leaves its place here; it is skipped then.
#[derive(Debug, Default)]
pub(super) struct Departed {
    queue: VecDeque<(u32, Time)>,
}

impl Departed {
    pub(super) fn push(&mut self, id: u32, at: Time) {
        self.queue.push_back((id, at));
    }

    /// The oldest, if it is to be forgotten at `now`.
    pub(super) fn pop(&mut self, now: Time) -> Option<u32> {
        let (_, at) = *self.queue.front()?;
        let due = self.queue.len() > MOST || now - at > MEMORY;
        if due { self.queue.pop_front().map(|(id, _)| id) } else { None }
    }
}
