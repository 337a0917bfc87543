//! Who else could lead.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Everybody who competes for a lock, the leader included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// What told us.
    pub source: Source,
    /// The candidates, the leader first, then those that could take over; at most 64 of them.
    pub list: Vec<Candidate>,
    /// How many there are, also beyond the end of the list.
    pub count: u32,
    /// How many of them are ready.
    pub ready: u32,
    /// How many are not ready, not on a node yet, or on a node that is lost.
    pub not_ready: u32,
    /// How many are being deleted.
    pub terminating: u32,
    /// How many ready ones may be lost before nobody can lead.
    pub tolerance: u32,
    /// On how many nodes the ready ones are.
    pub nodes: u32,
    /// In how many zones the ready ones are; zero where no zone is known.
    pub zones: u32,
    /// How many there should be, where the workload says so.
    pub desired: Option<u32>,
    /// How many ready standbys would be lost together with the leader's node. `None` where that node is
    /// not known.
    pub shares_node_with_leader: Option<u32>,
}

/// What told us of the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Pods of the same root owner as the leader's.
    Pods,
    /// The candidates that coordinated leader election knows.
    LeaseCandidates,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The pod; the identity of a candidate whose pod is not known.
    pub pod: Arc<str>,
    /// The pod's namespace.
    pub namespace: Arc<str>,
    /// The node.
    pub node: Option<Arc<str>>,
    /// The node's zone.
    pub zone: Option<Arc<str>>,
    /// Whether it could lead.
    pub condition: Condition,
    /// Whether it leads.
    pub leads: bool,
    /// The version of its binary, which coordinated election asks for.
    pub binary_version: Option<Arc<str>>,
    /// The version that it behaves as: in coordinated election the oldest wins.
    pub emulation_version: Option<Arc<str>>,
}

/// Whether a candidate could lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It could. Without a readiness probe that says no more than that it runs.
    Ready,
    /// It could not: not ready, not on a node yet, or on a node that is lost.
    NotReady,
    /// It is being deleted.
    Terminating,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ready, Self::NotReady, Self::Terminating];

    /// The value of the metric label `condition`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not_ready",
            Self::Terminating => "terminating",
        }
    }
}
