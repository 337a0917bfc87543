//! Locks that a running Deployment should have, and that do not exist.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalogue::{Catalogue, Expected};
use crate::inventory::Root;
use crate::observation::PodRecord;
use crate::snapshot::Missing;
use crate::time::{Delta, Time};

/// A pod that has been ready for so long has had the time to make its lock.
const SETTLED: Delta = Delta::from_secs(60);

type PodName = (Arc<str>, Arc<str>);

/// What the running pods of known components should have.
#[derive(Debug, Default)]
pub(crate) struct Lookout {
    wanted: BTreeMap<(Arc<str>, Expected), BTreeMap<Arc<str>, Time>>,
    /// Which of them each pod is the reason for, by namespace and name.
    by_pod: BTreeMap<PodName, Vec<Expected>>,
}

impl Lookout {
    /// Takes a pod in, or its new state.
    pub(crate) fn apply(&mut self, catalogue: &Catalogue, pod: &PodRecord, now: Time) {
        let since = pod.ready_since.filter(|_| !pod.deleting() && !pod.finished());
        let root = since.map(|_| Root::of_pod(pod)).filter(|root| &*root.kind == "Deployment");
        let expected = root.map(|root| {
            let runs = |it: &Expected| match &it.container {
                Some(container) => pod.containers.iter().any(|one| one.name == *container),
                None => true,
            };
            catalogue.expected(&root.name).filter(runs).collect::<Vec<_>>()
        });
        self.remove(&pod.namespace, &pod.name);
        let (Some(since), Some(expected)) = (since, expected.filter(|it| !it.is_empty())) else {
            return;
        };
        for one in &expected {
            let key = (Arc::clone(&pod.namespace), one.clone());
            let pods = self.wanted.entry(key).or_default();
            pods.insert(Arc::clone(&pod.name), since.min(now));
        }
        self.by_pod.insert((Arc::clone(&pod.namespace), Arc::clone(&pod.name)), expected);
    }

    /// Forgets a pod.
    pub(crate) fn remove(&mut self, namespace: &Arc<str>, name: &Arc<str>) {
        let pod = (Arc::clone(namespace), Arc::clone(name));
        for expected in self.by_pod.remove(&pod).into_iter().flatten() {
            let key = (Arc::clone(namespace), expected);
            let empty = self.wanted.get_mut(&key).is_some_and(|pods| {
                pods.remove(name);
                pods.is_empty()
            });
            if empty {
                self.wanted.remove(&key);
            }
        }
    }

    /// Forgets the pods that are not there any more.
    pub(crate) fn keep(&mut self, exists: impl Fn(&Arc<str>, &Arc<str>) -> bool) {
        let gone = self.by_pod.keys().filter(|(namespace, name)| !exists(namespace, name));
        for (namespace, name) in gone.cloned().collect::<Vec<_>>() {
            self.remove(&namespace, &name);
        }
    }

    /// What is missing at `now`, where `exists` tells of locks by namespace and name.
    pub(crate) fn missing(&self, now: Time, exists: impl Fn(&str, &str) -> bool) -> Vec<Missing> {
        let mut missing = BTreeSet::new();
        for ((namespace, expected), pods) in &self.wanted {
            let Some(since) = pods.values().min().filter(|since| now - **since >= SETTLED) else {
                continue;
            };
            if !exists(namespace, &expected.lease) {
                missing.insert(Missing {
                    namespace: Arc::clone(namespace),
                    lease: Arc::clone(&expected.lease),
                    component: Arc::clone(&expected.component),
                    since: *since,
                });
            }
        }
        missing.into_iter().collect()
    }
}
