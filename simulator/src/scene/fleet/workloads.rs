//! Deployments: their templates, their rollouts, what they say of themselves.

use std::time::Duration;

use serde_json::json;

use super::parts::{Kind, NODES, PARTS, Part, REPLICAS};
use super::pods::{PodRun, containers, labels};
use super::{Step, World, before};
use crate::apiserver::Resource;
use crate::objects::Owner;
use crate::objects::workload::Workload;

/// A rollout waits so long for a new pod, then as long for the old one to go.
const ROLL: Duration = Duration::from_millis(2500);
/// The template a deployment has now.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) hash: String,
    revision: u64,
    pub(super) replica_set: Owner,
}

impl World {
    /// All workloads and their pods, which have been there for days.
    pub(super) fn settle_workloads(&mut self) {
        for part in &PARTS {
            match part.kind {
                Kind::Deployment => {
                    self.write_template(part, 1);
                    for _ in 0..REPLICAS {
                        self.create_replica(part, true);
                    }
                }
                Kind::StaticPod => {
                    for node in (0..NODES.len()).filter(|node| NODES[*node].control_plane) {
                        self.create_static(part, node, true);
                    }
                }
            }
        }
    }

    /// A deployment at `revision`, and the ReplicaSet of its template.
    fn write_template(&mut self, part: &'static Part, revision: u64) {
        let (labels, containers) = (labels(part), containers(part));
        let now = self.server.now();
        let workload = Workload {
            namespace: part.namespace,
            name: part.name,
            labels: &labels,
            containers: &containers,
            replicas: REPLICAS,
            created: if revision == 1 { before(now) } else { now },
        };
        self.write(workload.deployment(revision));
        let deployment =
            self.owner(Resource::Deployments, "apps/v1", "Deployment", part.namespace, part.name);
        let hash = self.suffix(10);
        self.write(workload.replica_set(&hash, &deployment, revision, REPLICAS));
        let name = format!("{}-{hash}", part.name);
        let replica_set =
            self.owner(Resource::ReplicaSets, "apps/v1", "ReplicaSet", part.namespace, &name);
        self.templates.insert(part.name, Template { hash, revision, replica_set });
    }

    pub(super) fn owner(
        &self,
        resource: Resource,
        api_version: &'static str,
        kind: &'static str,
        namespace: &str,
        name: &str,
    ) -> Owner {
        let object = self.server.get(resource, namespace, name).unwrap_or_default();
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        let name = name.to_owned();
        Owner { api_version, kind, name, uid }
    }

    /// What the deployment says of its replicas; it does not say that a container restarts.
    pub(super) fn count_ready(&self, part: &Part) {
        let ready = self.pods_of(part).filter(|(_, run)| run.started && !run.going).count();
        // Static pods have no deployment.
        drop(self.server.change(Resource::Deployments, part.namespace, part.name, |deployment| {
            deployment["status"]["readyReplicas"] = json!(ready);
            deployment["status"]["availableReplicas"] = json!(ready);
        }));
    }

    /// `kubectl rollout restart` of the pod's deployment.
    pub(super) fn restart_deployment(&mut self, pod: &str) {
        let Some(part) = self.pods.get(pod).map(|run| run.part) else { return };
        let Some(old) = self.templates.get(part.name).cloned() else { return };
        self.write_template(part, old.revision + 1);
        let name = &old.replica_set.name;
        let emptied = self.server.change(Resource::ReplicaSets, part.namespace, name, |set| {
            set["spec"]["replicas"] = json!(0);
            set["status"] = json!({"replicas": 0});
        });
        if emptied.is_ok() {
            self.roll(part);
        }
    }

    /// One new pod, if there is an old one left to replace.
    pub(super) fn roll(&mut self, part: &'static Part) {
        if self.outdated(part).is_some() {
            self.create_replica(part, false);
            self.later(ROLL, Step::RollOut(part));
        }
    }

    /// One old pod less.
    pub(super) fn roll_out(&mut self, part: &'static Part) {
        if let Some(name) = self.outdated(part) {
            self.delete_pod(&name, None);
            self.later(ROLL, Step::Roll(part));
        }
    }

    fn outdated(&self, part: &Part) -> Option<String> {
        let hash = self.templates.get(part.name).map(|template| &template.hash);
        let old = |run: &PodRun| !run.going && hash.is_some_and(|hash| *hash != run.hash);
        self.pods_of(part).find(|(_, run)| old(run)).map(|(name, _)| name.clone())
    }
}
