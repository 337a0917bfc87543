//! What is known of one user of locks.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::identity::Format;
use crate::lock::LockKind;
use crate::time::Delta;

/// One user of locks, as the data file tells of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entry {
    /// Its name in metrics and lists; no two entries share one.
    pub id: Arc<str>,
    /// What it is, for people. Its id stands in for an empty one.
    pub title: Arc<str>,
    /// What its locks are for.
    pub class: Class,
    /// The exact names of its locks.
    pub leases: Vec<Arc<str>>,
    /// A regular expression for whole names of its locks. The group `shard` names the part of a
    /// component that is split into several.
    pub pattern: Option<Arc<str>>,
    /// A regular expression for whole names of namespaces; any namespace without it.
    pub namespaces: Option<Arc<str>>,
    /// Where its locks are found mostly. Nothing depends on it.
    pub usual_namespaces: Vec<Arc<str>>,
    /// The kinds of its locks; any kind if empty.
    pub kinds: Vec<LockKind>,
    /// The kind of the lock's first owner, which must have the lock's own name.
    pub owner: Option<Arc<str>>,
    /// Whether many components look like this: its locks are then not named after it.
    pub generic: bool,
    /// How its holders name themselves.
    pub identity: Option<Format>,
    /// Another way in which they do, in other versions or installations.
    pub identity_otherwise: Option<Format>,
    /// What writes its locks.
    pub library: Option<Arc<str>>,
    /// The timing that it is configured with by default.
    pub timing: Option<Timing>,
    /// Whether it gives its lock up when it is stopped; `None` where that is not known.
    pub releases: Option<bool>,
    /// What runs it.
    pub workload: Option<Workload>,
    /// Whether its holders run outside of the cluster: no pod and no node bears their names.
    pub external: bool,
    /// Whether it runs in the network of its node, and so under the node's host name.
    pub host_network: bool,
    /// What somebody should know who looks at its election.
    pub hint: Option<Arc<str>>,
    /// How this is known; `None` of what a user adds.
    pub evidence: Option<Evidence>,
    /// Where this was read.
    pub sources: Vec<Arc<str>>,
    /// Locks of it, each as `namespace/name`.
    pub samples: Vec<Arc<str>>,
}

/// What a lock is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// One holder among replicas.
    #[default]
    Election,
    /// One of several locks that split the work of one component: each may have another holder.
    ElectionBucket,
    /// Taken for a short job and given back: an empty holder is its rest, and no outage.
    ElectionOneshot,
    /// The holder is the primary of a data plane: a database, a volume.
    Primary,
    /// One lock for an address that is announced; the holder is a node.
    Announcer,
    /// A node says that it lives. Not an election.
    HeartbeatNode,
    /// A process says that it lives. Not an election.
    HeartbeatIdentity,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Election,
        Self::ElectionBucket,
        Self::ElectionOneshot,
        Self::Primary,
        Self::Announcer,
        Self::HeartbeatNode,
        Self::HeartbeatIdentity,
    ];

    /// The value of the metric label `class`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::ElectionBucket => "election_bucket",
            Self::ElectionOneshot => "election_oneshot",
            Self::Primary => "primary",
            Self::Announcer => "announcer",
            Self::HeartbeatNode => "heartbeat_node",
            Self::HeartbeatIdentity => "heartbeat_identity",
        }
    }

    /// Whether it only says that somebody lives.
    #[must_use]
    pub const fn heartbeat(self) -> bool {
        matches!(self, Self::HeartbeatNode | Self::HeartbeatIdentity)
    }
}

/// How something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Read in the component's source.
    Source,
    /// Seen in what people published of their clusters.
    Observed,
    /// Told by somebody else than its authors.
    Secondary,
    /// Told from memory: not checked.
    Recalled,
}

/// The timing of an election, as the catalogue expects it. The lock itself says only the duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// How long a claim lasts.
    #[serde(deserialize_with = "seconds")]
    pub duration: Delta,
    /// How long a holder tries to renew before it gives up.
    #[serde(default, deserialize_with = "maybe_seconds", skip_serializing_if = "Option::is_none")]
    pub renew_deadline: Option<Delta>,
    /// The time between two renewals.
    #[serde(default, deserialize_with = "maybe_seconds", skip_serializing_if = "Option::is_none")]
    pub retry: Option<Delta>,
}

impl Timing {
    /// Every elector insists on this order, or never leads.
    pub(super) fn check(self) -> Result<(), String> {
        let steps = [Some(self.duration), self.renew_deadline, self.retry];
        let falls = steps.iter().flatten().is_sorted_by(|a, b| a > b);
        let told =
            "timing: the duration must be longer than renew_deadline, and that longer than retry";
        if falls { Ok(()) } else { Err(told.to_owned()) }
    }
}

/// What runs a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workload {
    /// A regular expression for the whole name of its Deployment. The group `shard` is as in the
    /// pattern of the lock.
    pub deployment: Option<Arc<str>>,
    /// The container that holds the lock.
    pub container: Option<Arc<str>>,
    /// The lock that such a Deployment must have in its namespace. What stands in brackets is left
    /// out where there is no shard, and `{shard}` stands for it.
    pub expects: Option<Arc<str>>,
}

/// The longest timing that is believed, in seconds: a year.
const LONGEST: f64 = 31_536_000.0;

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Delta, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    if seconds > 0.0 && seconds <= LONGEST {
        #[expect(clippy::cast_possible_truncation, reason = "it is at most a year")]
        return Ok(Delta::from_micros((seconds * 1e6).round() as i64));
    }
    let message = format!("{seconds} is no time in seconds: more than 0, and a year at most");
    Err(serde::de::Error::custom(message))
}

fn maybe_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Delta>, D::Error> {
    seconds(deserializer).map(Some)
}
