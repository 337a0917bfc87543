//! One election, set up to be ended.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use leadership::time::Time;
use serde_json::{Value, json};

use super::cluster::{Cluster, SYSTEM};
use super::scenes::Scene;
use crate::kubelet::Running;
use crate::process::{eventually, now};
use crate::truth::tail::Tail;

/// The longest that anything takes. Where nothing is known of the old leader, a cause is final after
/// a minute and a half.
pub const PATIENCE: Duration = Duration::from_secs(150);
/// Renewals after which an observer has learned a lease's cadence.
const SETTLED: usize = 9;

/// What was said of a scene's lease after the strike.
pub type Played = Result<Vec<Value>>;

/// A lease with a leader that nothing is wrong with, and a standby.
pub struct Stage<'a> {
    /// Where it is.
    pub cluster: &'a Cluster,
    /// What happens.
    pub scene: &'static Scene,
    /// The namespace of the lease.
    pub namespace: &'static str,
    /// Who leads.
    pub leader: Running,
}

impl<'a> Stage<'a> {
    /// Deploys the candidates, and waits until one leads and all have settled.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn set(cluster: &'a Cluster, scene: &'static Scene) -> Result<Self> {
        cluster.namespace(scene.name)?;
        cluster.deploy(scene.name, scene, scene.flags, scene.replicas)?;
        let leader = eventually(PATIENCE, &format!("{} has settled", scene.name), || {
            let running = cluster.running(scene.name);
            let leader = cluster.leader(scene.name, scene.name)?;
            let Some(leader) = leader.filter(|_| running.len() == scene.replicas) else {
                return Ok(None);
            };
            let renewals = Tail::new(leader.journal.clone()).renewals()?;
            let mut standbys = running.iter().filter(|it| it.pod != leader.pod);
            let follows = |it: &Running| Tail::new(it.journal.clone()).follows(&leader.identity);
            let ready = standbys.try_fold(true, |all, it| anyhow::Ok(all && follows(it)?))?;
            Ok((ready && renewals >= SETTLED).then_some(leader))
        })?;
        Ok(Self { cluster, scene, namespace: scene.name, leader })
    }

    /// An election of the control plane itself; its pod is alone.
    ///
    /// # Errors
    /// When nobody leads.
    pub fn of_system(cluster: &'a Cluster, scene: &'static Scene) -> Result<Self> {
        let running = cluster.running(SYSTEM);
        let leader = running.into_iter().find(|it| it.pod.starts_with(scene.name));
        let leader = leader.with_context(|| format!("{} does not run", scene.name))?;
        // A host name and nothing else: the pod behind it has to be found by its node.
        let (pod, node) = (format!("pod=\"{}\"", leader.pod), format!("node=\"{}\"", leader.node));
        let labels = [format!("lease=\"{}\"", scene.name), pod, node];
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let resolved = cluster.exporter.sample("leadership_leader_info", &labels)?;
        ensure!(
            resolved.is_some(),
            "the leader of {} is not found to be {}",
            scene.name,
            leader.pod
        );
        Ok(Self { cluster, scene, namespace: SYSTEM, leader })
    }

    /// Ends the leader's term, and waits for what is said of that in the end.
    ///
    /// # Errors
    /// When nobody follows, or nothing is said.
    pub fn play(&self) -> Played {
        let since = now();
        (self.scene.strike)(self)?;
        self.cluster.events.finals(PATIENCE, self.namespace, self.scene.name, since)
    }

    /// Waits until another candidate has acquired after `since`.
    ///
    /// # Errors
    /// When none does.
    pub fn succeeded(&self, since: Time) -> Result<()> {
        eventually(PATIENCE, &format!("{} has a new leader", self.scene.name), || {
            let running = self.cluster.running(self.namespace);
            for rival in running.iter().filter(|it| it.identity != self.leader.identity) {
                if Tail::new(rival.journal.clone()).acquired(since)?.is_some() {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
    }
}

impl Cluster {
    /// Makes a Deployment of candidates for the scene's lease.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn deploy(&self, name: &str, scene: &Scene, flags: &[&str], replicas: usize) -> Result<()> {
        let lease = format!("--lease={}", scene.name);
        let timing = ["--lease-duration=5s", "--renew-deadline=3s", "--retry-period=1s", &lease];
        let args = [&timing[..], flags].concat();
        let spread = json!({
            "maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": name}},
        });
        self.create(
            &self.api::<Deployment>(scene.name),
            json!({
                "metadata": {"name": name},
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": {"app": name}},
                    "template": {
                        "metadata": {"labels": {"app": name}},
                        "spec": {
                            "terminationGracePeriodSeconds": 5,
                            "nodeSelector": {"for": scene.nodes},
                            "topologySpreadConstraints": [spread],
                            "containers": [{
                                "name": "elector", "image": "candidate",
                                "args": args,
                                "resources": {"requests": {"cpu": scene.cpus}},
                            }],
                        },
                    },
                },
            }),
        )
    }
}
