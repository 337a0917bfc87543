//! Deployments, and a `ReplicaSet` for each of their templates.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Owner, seconds};

/// A deployment as it is written the first time.
#[derive(Clone, Debug)]
pub(crate) struct Workload<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) labels: &'a Map<String, Value>,
    pub(crate) containers: &'a [&'a str],
    pub(crate) replicas: usize,
    pub(crate) created: Timestamp,
}

impl Workload<'_> {
    pub(crate) fn deployment(&self, revision: u64) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {
                "namespace": self.namespace, "name": self.name, "labels": self.labels, "generation": revision,
                "creationTimestamp": seconds(self.created),
                "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
            },
            "spec": {
                "replicas": self.replicas, "selector": {"matchLabels": self.labels}, "template": self.template(None),
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            },
            "status": {
                "observedGeneration": revision, "replicas": self.replicas, "updatedReplicas": self.replicas,
                "readyReplicas": self.replicas, "availableReplicas": self.replicas,
            },
        })
    }

    /// The ReplicaSet of one template, named by its hash.
    pub(crate) fn replica_set(
        &self,
        hash: &str,
        owner: &Owner,
        revision: u64,
        replicas: usize,
    ) -> Value {
        let mut labels = self.labels.clone();
        labels.insert("pod-template-hash".to_owned(), json!(hash));
        json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "namespace": self.namespace, "name": format!("{}-{hash}", self.name), "labels": labels,
                "creationTimestamp": seconds(self.created), "ownerReferences": owner.references(),
                "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
            },
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": self.template(Some(hash))},
            "status": {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas},
        })
    }

    fn template(&self, hash: Option<&str>) -> Value {
        let mut labels = self.labels.clone();
        if let Some(hash) = hash {
            labels.insert("pod-template-hash".to_owned(), json!(hash));
        }
        let containers: Vec<Value> =
            self.containers.iter().map(|name| json!({"name": name})).collect();
        json!({"metadata": {"labels": labels}, "spec": {"containers": containers}})
    }
}
