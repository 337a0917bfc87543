//! Watches a cluster and turns what it sees into observations.

pub mod access;
pub mod catalogue;
pub mod clock;
pub mod drive;
pub mod kinds;
pub mod read;
pub mod recording;
pub mod watch;
