//! Who leads, since when, and how long nobody did.
pub mod event;
mod leadership;
pub mod lock;
pub mod observation;
pub mod snapshot;
pub mod tally;
pub mod text;
pub mod time;

pub use crate::leadership::Leadership;
