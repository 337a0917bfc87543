//! A process that is stopped sees nothing, and must not take that for an end of leadership.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use leadership::event::{Event, What};
use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use observe::clock;
use simulator::{Candidate, Scene, Simulation, Strings, Timing, elect};
use tokio::time::sleep;

/// Leases of five seconds, renewed each second.
const TIMING: Timing = Timing::seconds(5, 3, 1);
const LEASES: [&str; 3] = ["one", "two", "three"];

/// Long enough to learn how often leases are renewed.
const AWAKE: Duration = Duration::from_secs(5);
/// Longer than a lease, and than the patience with one that has run out.
const STOPPED: Duration = Duration::from_secs(12);

/// Killed when the test gives up on it.
struct Exporter(Child);

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Exporter {
    fn start(server: &str, recording: &Path) -> Self {
        let kubeconfig = recording.with_extension("yaml");
        let config = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: s\n\
             clusters: [{{name: s, cluster: {{server: '{server}'}}}}]\n\
             users: [{{name: s, user: {{}}}}]\n\
             contexts: [{{name: s, context: {{cluster: s, user: s}}}}]\n"
        );
        std::fs::write(&kubeconfig, config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_leadership-exporter"));
        command.arg("--kubeconfig").arg(kubeconfig).arg("--record").arg(recording);
        command.arg("--web.listen-address=127.0.0.1:0").stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

fn stand(simulation: &Simulation, lease: &'static str) {
    let candidate = Candidate {
        namespace: "ns",
        lease,
        identity: format!("{lease}-1"),
        timing: TIMING,
        releases: false,
        manager: "candidate",
        clock_offset: SignedDuration::ZERO,
    };
    let seed = lease.len() as u64;
    tokio::spawn(elect(simulation.server().clone(), candidate, Strings::default(), seed));
}

/// What the recording says of locks that ran out, and the picture at its end.
fn told(recording: &Path) -> (Vec<Event>, Arc<Snapshot>) {
    let recording = std::fs::read(recording).unwrap();
    let mut expired = Vec::new();
    let end = observe::drive::replay(&*recording, |event| {
        if let What::Expired { .. } = event.what {
            expired.push(event.clone());
        }
    });
    (expired, end.unwrap())
}

#[tokio::test]
async fn no_lease_runs_out_because_we_were_stopped() {
    let simulation = simulator::start(Scene::empty(), || clock::now().into()).await.unwrap();
    for lease in LEASES {
        stand(&simulation, lease);
    }
    let dir = tempfile::tempdir().unwrap();
    let recording = dir.path().join("recording.jsonl");
    let exporter = Exporter::start(&simulation.url(), &recording);
    sleep(AWAKE).await;
    exporter.signal("-STOP");
    sleep(STOPPED).await;
    exporter.signal("-CONT");
    sleep(AWAKE).await;
    drop(exporter);
    let (expired, end) = told(&recording);
    assert!(expired.is_empty(), "{expired:#?}");
    let leases = end.watch(Kind::Lease).unwrap();
    assert!(leases.up && leases.blind.as_secs_f64() > 11.0, "{leases:?}");
}
