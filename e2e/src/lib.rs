//! Drives the shipped binaries against real things: a control plane of etcd and kube-apiserver,
//! client-go electors, Prometheus, Alertmanager.
//!
//! What an elector wrote into its own journal is the truth that the product is held against.

pub mod account;
pub mod candidate;
pub mod causes;
pub mod cost;
pub mod jwt;
pub mod kubelet;
pub mod operator;
pub mod pager;
pub mod plane;
pub mod process;
pub mod product;
pub mod prometheus;
pub mod release;
pub mod terminal;
pub mod tls;
pub mod truth;
