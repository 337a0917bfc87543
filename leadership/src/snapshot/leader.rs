//! Who is behind a holder's name, how that was found, and how sure it is.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The pod and node behind a holder's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leader {
    /// The pod's name; none where more than one pod may be meant.
    pub pod: Option<Arc<str>>,
    /// The pod's namespace.
    pub pod_namespace: Option<Arc<str>>,
    /// The pod's identity: a `StatefulSet`'s pod comes back under its name with another.
    pub uid: Option<Arc<str>>,
    /// The node.
    pub node: Option<Arc<str>>,
    /// How it was found.
    pub method: Method,
    /// How sure that is, in thousandths: of the pod where one is named, else of the node. 1000 for an
    /// identity that only one process has, 300 for the common node of several pods, 0 for nobody.
    pub confidence: u16,
    /// The pods that may be meant, where that is more than one.
    pub also: Arc<[PodName]>,
    /// What else is to be said, each at most once.
    pub notes: Vec<Note>,
}

impl Leader {
    /// Whether this is said of it.
    #[must_use]
    pub fn has(&self, note: Note) -> bool {
        self.notes.contains(&note)
    }

    /// Says this of it, once.
    pub(crate) fn note(&mut self, note: Note) {
        if !self.has(note) {
            self.notes.push(note);
        }
    }
}

/// A pod by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PodName {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl fmt::Display for PodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// How a holder was resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The name is a pod's.
    PodName,
    /// The name is the host name that a pod's containers see.
    Hostname,
    /// The name is such a host name as CSI sidecars write it.
    Sanitized,
    /// The name is a node's.
    Node,
    /// The address beside the name is a pod's.
    Ip,
    /// The name is a pod's identity.
    Uid,
    /// The pod is gone; this is what the name meant while it lived.
    Cached,
    /// The name is of a machine or a pod outside the cluster.
    External,
    /// It was not.
    #[default]
    None,
}

/// A method and what it is called in metrics.
const LABELS: [(Method, &str); 9] = [
    (Method::PodName, "pod_name"),
    (Method::Hostname, "hostname"),
    (Method::Sanitized, "sanitized"),
    (Method::Node, "node"),
    (Method::Ip, "ip"),
    (Method::Uid, "uid"),
    (Method::Cached, "cached"),
    (Method::External, "external"),
    (Method::None, "none"),
];

impl Method {
    /// The value of the metric label `method`.
    #[must_use]
    pub fn label(self) -> &'static str {
        LABELS.iter().find(|(method, _)| *method == self).map_or("none", |(_, label)| label)
    }
}

/// What else is to be said of a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// More than one pod or node may be meant.
    Ambiguous,
    /// The pod is younger than the claim: it has the name, and with it the lease, of one that is gone.
    ReusedIdentity,
    /// The process that took the lease is dead, and the lease does not know: nobody leads, and nobody
    /// may take over until the claim runs out. The earliest warning of a failover.
    Orphaned,
    /// The container was restarted and leads on under the old claim: a gap that the lease never showed.
    Restarted,
    /// The deletion of its pod was requested.
    Terminating,
    /// The control plane has given its node up, or the node says that it cannot work.
    NodeLost,
    /// Its pod is gone.
    Gone,
    /// It is outside this cluster: that no pod is known does not mean that it is dead.
    External,
    /// Pods were never seen: which one it is cannot be told.
    PodsUnseen,
}

impl Note {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Ambiguous,
        Self::ReusedIdentity,
        Self::Orphaned,
        Self::Restarted,
        Self::Terminating,
        Self::NodeLost,
        Self::Gone,
        Self::External,
        Self::PodsUnseen,
    ];

    /// The note in a word, as in metrics and JSON.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous",
            Self::ReusedIdentity => "reused_identity",
            Self::Orphaned => "orphaned",
            Self::Restarted => "restarted",
            Self::Terminating => "terminating",
            Self::NodeLost => "node_lost",
            Self::Gone => "gone",
            Self::External => "external",
            Self::PodsUnseen => "pods_unseen",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_json() {
        for note in Note::ALL {
            assert_eq!(serde_json::to_value(note).unwrap(), note.label());
        }
        for (method, label) in LABELS {
            assert_eq!(serde_json::to_value(method).unwrap(), label);
            assert_eq!(method.label(), label);
        }
    }
}
