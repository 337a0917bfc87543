//! Watches a cluster and turns what it sees into observations.

pub mod access;
mod ask;
pub mod catalogue;
#[cfg(test)]
mod chaos;
pub mod clock;
pub mod drive;
pub mod evict;
pub mod exporter;
pub mod kinds;
pub mod logs;
pub mod probe;
pub mod read;
pub mod recording;
pub mod review;
pub mod several;
pub mod watch;
