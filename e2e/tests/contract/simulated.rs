//! The simulator, and its electors.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Result;
use e2e::plane::NAMESPACE;
use e2e::product::Exporter;
use jiff::{SignedDuration, Timestamp};
use observe::clock;
use serde_json::json;
use simulator::{Candidate, Resource, Scene, Simulation, Strings, Timing, elect};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

use crate::stage::{Act, Player, World};

/// The same as [`e2e::candidate::CALM`].
const CALM: Timing = Timing::seconds(5, 3, 1);

pub(crate) struct Simulated {
    exporter: Exporter,
    simulation: Simulation,
    runtime: Runtime,
    _dir: TempDir,
}

struct Elector {
    strings: Strings,
    task: AbortHandle,
}

fn now() -> Timestamp {
    clock::now().into()
}

impl Simulated {
    pub(crate) fn start() -> Result<Self> {
        let (dir, runtime) = (TempDir::new()?, Runtime::new()?);
        let simulation = runtime.block_on(simulator::start(Scene::empty(), now))?;
        let kubeconfig = dir.path().join("kubeconfig");
        let text = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "simulated",
            "clusters": [{"name": "simulated", "cluster": {"server": simulation.url()}}],
            "contexts": [{"name": "simulated", "context": {"cluster": "simulated", "user": ""}}],
        });
        std::fs::write(&kubeconfig, text.to_string())?;
        let exporter = Exporter::start(&kubeconfig, dir.path(), &[])?;
        Ok(Self { exporter, simulation, runtime, _dir: dir })
    }
}

impl World for Simulated {
    fn exporter(&self) -> &Exporter {
        &self.exporter
    }

    fn stand(&self, act: &'static Act, number: u32) -> Result<Box<dyn Player>> {
        let identity = format!("{}-{number}", act.name);
        let mut seed = DefaultHasher::new();
        identity.hash(&mut seed);
        let candidate = Candidate {
            namespace: NAMESPACE,
            lease: act.name,
            identity,
            timing: CALM,
            releases: act.releases,
            manager: "candidate",
            clock_offset: SignedDuration::ZERO,
        };
        let strings = Strings::default();
        let server = self.simulation.server().clone();
        let elector = elect(server, candidate, strings.clone(), seed.finish());
        let task = self.runtime.spawn(elector).abort_handle();
        Ok(Box::new(Elector { strings, task }))
    }

    fn delete(&self, lease: &str) -> Result<()> {
        self.simulation.server().delete(Resource::Leases, NAMESPACE, lease)?;
        Ok(())
    }

    fn clear(&self, lease: &str) -> Result<()> {
        let writer = json!({
            "manager": "kubectl-edit", "operation": "Update", "time": format!("{:.0}", now()),
            "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:holderIdentity": {}}},
        });
        self.simulation.server().change(Resource::Leases, NAMESPACE, lease, |lease| {
            lease["spec"]["holderIdentity"] = json!("");
            lease["metadata"]["managedFields"] = json!([writer]);
        })?;
        Ok(())
    }
}

impl Player for Elector {
    fn kill(&mut self) -> Result<()> {
        self.task.abort();
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        self.strings.stop();
        Ok(())
    }

    fn cut_off(&mut self) -> Result<()> {
        self.strings.fail(u32::MAX);
        Ok(())
    }
}

impl Drop for Elector {
    fn drop(&mut self) {
        self.task.abort();
    }
}
