//! The real thing: kube-apiserver, and client-go's electors.

use anyhow::{Context, Result};
use e2e::candidate::{CALM, Candidate};
use e2e::plane::ControlPlane;
use e2e::product::Exporter;
use e2e::truth::relay::{CLEAR, Relay};
use tokio::runtime::Runtime;

use crate::stage::{Act, Player, World};

pub(crate) struct Real {
    exporter: Exporter,
    runtime: Runtime,
    plane: ControlPlane,
}

struct Process {
    candidate: Candidate,
    relay: Relay,
}

impl Real {
    pub(crate) fn start() -> Result<Self> {
        let plane = ControlPlane::start()?;
        let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &[])?;
        Ok(Self { exporter, runtime: Runtime::new()?, plane })
    }
}

impl World for Real {
    fn exporter(&self) -> &Exporter {
        &self.exporter
    }

    fn stand(&self, act: &'static Act, number: u32) -> Result<Box<dyn Player>> {
        let relay = Relay::start(self.runtime.handle(), &self.plane, &CLEAR)?;
        let kubeconfig = relay.kubeconfig(&self.plane)?;
        let mut flags = vec!["--kubeconfig", kubeconfig.to_str().context("not text")?];
        flags.extend(act.releases.then_some("--release-on-cancel"));
        let pod = format!("{}-{number}", act.name);
        let candidate = Candidate::start(&self.plane, act.name, &pod, &CALM, &flags)?;
        Ok(Box::new(Process { candidate, relay }))
    }

    fn delete(&self, lease: &str) -> Result<()> {
        self.plane.delete_lease(lease)
    }

    fn clear(&self, lease: &str) -> Result<()> {
        self.plane.clear_lease(lease)
    }
}

impl Player for Process {
    fn kill(&mut self) -> Result<()> {
        self.candidate.process.signal("KILL")
    }

    fn stop(&mut self) -> Result<()> {
        self.candidate.process.signal("TERM")
    }

    fn cut_off(&mut self) -> Result<()> {
        self.relay.cut();
        Ok(())
    }
}
