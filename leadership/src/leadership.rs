//! The fold: observations in, events out, a snapshot to read.

use std::sync::Arc;

use crate::event::Event;
use crate::observation::Observation;
use crate::snapshot::Snapshot;
use crate::time::Time;

/// Everything that is known about all elections of one cluster.
#[derive(Debug, Default)]
pub struct Leadership {}

impl Leadership {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets time pass to the observation's stamp, then takes the observation in.
    ///
    /// A stamp before the newest one counts as simultaneous with it.
    pub fn observe(&mut self, _observation: Observation) -> Vec<Event> {
        Vec::new()
    }

    /// Lets time pass to `now`.
    pub fn advance(&mut self, _now: Time) -> Vec<Event> {
        Vec::new()
    }

    /// When [`Self::advance`] has something to say next, if nothing is observed before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        None
    }

    /// Ends the observation: what is still provisional becomes final with what is known by now.
    pub fn finish(&mut self) -> Vec<Event> {
        Vec::new()
    }

    /// The picture at the time of the newest observation or [`Self::advance`].
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        Arc::new(Snapshot::default())
    }
}
