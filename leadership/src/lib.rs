//! Who leads in Kubernetes, since when, and how long nobody did.
//!
//! A pure fold: [`Observation`](observation::Observation)s go in, [`Event`](event::Event)s come
//! out, and a [`Snapshot`](snapshot::Snapshot) can be read at any time. Nothing here reads a clock,
//! logs, waits or talks to anybody; every fact brings its time along.

mod cadence;
mod classify;
mod clocks;
mod common_mode;
mod election;
pub mod event;
mod failover;
mod lateness;
mod leaderless;
mod leadership;
mod ledger;
pub mod lock;
pub mod observation;
mod resolve;
pub mod snapshot;
pub mod tally;
pub mod text;
pub mod time;
mod watches;
mod world;

pub use crate::leadership::Leadership;
pub use crate::ledger::LEDGER_LENGTH;
