//! Watches a cluster and turns what it sees into observations.

pub mod access;
pub mod clock;
pub mod drive;
