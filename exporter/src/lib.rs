//! Publishes who leads in Kubernetes, since when, and how long nobody did, for Prometheus.
//!
//! A page is a function of one immutable [`Snapshot`](leadership::snapshot::Snapshot): nothing is
//! counted here, so a relist or a restart of the watch cannot be counted twice.

pub mod args;
pub mod build;
pub mod door;
pub mod feed;
pub mod http;
pub mod log;
pub mod metrics;
pub mod probe;
pub mod process;
pub mod run;
pub mod selection;
pub mod source;
pub mod text;
