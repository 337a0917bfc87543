//! Pods that nobody watches, but that were looked up one by one: what is known of them is as old as that look.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::departed::MEMORY;
use super::{Inventory, Seen};
use crate::observation::PodRecord;
use crate::snapshot::PodName;
use crate::time::Time;

/// So many pods are kept before it is asked for the first time who still needs them.
const FEW: usize = 64;

/// When each pod was looked at last.
#[derive(Debug, Default)]
pub(super) struct Looked {
    at: BTreeMap<PodName, Time>,
    /// How many were needed when it was last asked.
    needed: usize,
}

impl Inventory {
    /// A pod is looked up now. Where all are watched, that tells nothing of what else is known of it.
    pub(crate) fn look(&mut self, name: PodName, at: Time) {
        if !self.pods_listed() {
            self.looked.at.insert(name, at);
        }
    }

    /// When this pod was last looked up; none if it is watched.
    pub(crate) fn looked_at(&self, pod: &PodRecord) -> Option<Time> {
        if self.pods_listed() || self.looked.at.is_empty() {
            return None;
        }
        self.looked.at.get(&name_of(pod)).copied()
    }

    /// Whether this is what the pod was like at this time or after it.
    pub(crate) fn fresh(&self, pod: &PodRecord, since: Time) -> bool {
        self.looked_at(pod).is_none_or(|at| at >= since)
    }

    /// Whether a pod that is not known is none: pods are watched, not looked up.
    pub(crate) fn pods_known(&self) -> bool {
        self.pods_listed() || self.looked.at.is_empty()
    }

    /// Whether so many pods were looked up that those that nobody needs are to be forgotten.
    pub(crate) fn looked_at_many(&self) -> bool {
        self.looked.at.len() > FEW.max(2 * self.looked.needed)
    }

    /// Those that were looked up longer ago than any failover takes, and may be forgotten if nobody needs them.
    pub(crate) fn looked_at_long_ago(&self, now: Time) -> Vec<(PodName, Option<Seen>)> {
        let old = self.looked.at.iter().filter(|(_, at)| now - **at > MEMORY);
        old.map(|(name, _)| (name.clone(), self.pod_named(&name.namespace, &name.name))).collect()
    }

    /// Forgets pods that were looked up.
    pub(crate) fn forget_looked(&mut self, names: &[PodName]) {
        for name in names {
            self.looked.at.remove(name);
            self.pods.forget_one(&name.namespace, &name.name);
        }
        self.looked.needed = self.looked.at.len();
    }
}

fn name_of(pod: &PodRecord) -> PodName {
    PodName { namespace: Arc::clone(&pod.namespace), name: Arc::clone(&pod.name) }
}
