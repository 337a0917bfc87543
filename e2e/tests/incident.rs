//! Leaders of real workloads are ended by drills: the report says what the electors' journals say,
//! and whoever looks at the screen is told who leads now and why.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::candidate::Entry;
use e2e::causes::cluster::Cluster;
use e2e::causes::scenes::Scene;
use e2e::causes::stage::Stage;
use e2e::product::fleet_top;
use e2e::terminal::Terminal;
use e2e::truth::tail::Tail;
use leadership::time::{Delta, Time};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(1);
/// The published error is what the stamps tell; the journals' own clock is read a little earlier.
const SLACK: f64 = 0.01;

const RELEASING: Scene = Scene {
    name: "releasing",
    deed: "a drill",
    replicas: 2,
    flags: &["--release-on-cancel"],
    nodes: "all",
    cpus: "50m",
    strike: |_| Ok(()),
    cause: "pod_deleted",
    confidence: "high",
    evidence: &[],
};
const SILENT: Scene =
    Scene { name: "silent", flags: &[], cause: "pod_deleted_no_release", ..RELEASING };

#[test]
#[ignore = "needs Go: run e2e/run"]
fn a_drill_and_the_screen_say_what_the_journals_say() -> Result<()> {
    let cluster = Cluster::start()?;
    let mut terminal = Terminal::open(&cluster.plane.kubeconfig())?;
    for scene in [&RELEASING, &SILENT] {
        let stage = Stage::set(&cluster, scene)?;
        terminal.until(PATIENCE, &["held", &stage.leader.pod])?;
        let report = drill(&cluster, scene.name)?;
        let run = report["runs"].get(0).context("a drill without a run")?;
        agrees(&cluster, &stage, run).with_context(|| format!("{run:#}"))?;
        println!("{}: {}", scene.name, run["told"]);
        told(&mut terminal, &stage, run)?;
    }
    terminal.press("q")?;
    ensure!(terminal.end(PATIENCE)? == 0, "the screen failed");
    Ok(())
}

fn drill(cluster: &Cluster, lease: &str) -> Result<Value> {
    let kubeconfig = cluster.plane.kubeconfig();
    let path = kubeconfig.to_str().context("a path that is not text")?;
    let lease = format!("{lease}/{lease}");
    let flags = ["--yes", "--settle", "20s", "--timeout", "150s", "-o", "json"];
    let args = [&["drill", &lease, "--kubeconfig", path], &flags[..]].concat();
    let output = fleet_top(&args)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(0), "the drill failed: {said}");
    serde_json::from_slice(&output.stdout).with_context(|| said.into_owned())
}

/// Whether a run tells what the electors did.
fn agrees(cluster: &Cluster, stage: &Stage<'_>, run: &Value) -> Result<()> {
    let (old, failover) = (&stage.leader, &run["failover"]);
    ensure!(run["pod"] == format!("{}/{}", stage.namespace, old.pod), "another pod was ended");
    ensure!(run["from"] == *old.identity, "another leader was ended");
    ensure!(run["verdict"] == "as_promised", "it took longer than its timing promises");
    ensure!(failover["cause"] == stage.scene.cause, "the cause");
    let running = cluster.running(stage.namespace);
    let new = running.into_iter().find(|it| failover["to"] == *it.identity);
    let new = new.context("nobody of that name runs")?;
    let last = sent(Tail::new(old.journal.clone()).read()?, &["acquire", "renew", "release"]);
    let last = last.into_iter().max().context("the old leader never wrote")?;
    let first = sent(Tail::new(new.journal.clone()).read()?, &["acquire"]);
    let first = first.into_iter().find(|at| *at > last).context("the new leader never wrote")?;
    let number = |name: &str| failover[name].as_f64().with_context(|| name.to_owned());
    let (told, error) = (number("leaderless_seconds")?, number("error_seconds")?);
    let truth = Delta::as_secs_f64(first - last);
    ensure!((told - truth).abs() <= error + SLACK, "the journals say {truth}");
    ensure!(number("lower_bound_seconds")? <= truth + SLACK, "the journals say {truth}");
    Ok(())
}

/// When its writes of this sort were sent.
fn sent(entries: &[Entry], sorts: &[&str]) -> Vec<Time> {
    let wanted = entries.iter().filter(|entry| sorts.contains(&entry.event.as_str()));
    wanted.filter_map(|entry| entry.before).collect()
}

/// Whether the screen names the new leader and the cause, in its list and behind `enter`.
fn told(terminal: &mut Terminal, stage: &Stage<'_>, run: &Value) -> Result<()> {
    let lease = format!("{}/{}", stage.namespace, stage.scene.name);
    let to = run["failover"]["to"].as_str().unwrap_or_default();
    let (pod, _) = to.split_once('_').context("an identity without a pod")?;
    terminal.press(&format!("/{lease}\r"))?;
    // The list cuts long causes.
    terminal.until(PATIENCE, &[&lease, "held", "pod_delete"])?;
    terminal.press("\r")?;
    terminal.until(PATIENCE, &["leader", pod])?;
    terminal.until(PATIENCE, &["cause", stage.scene.cause])?;
    terminal.until(PATIENCE, &["evidence", "deletion", &stage.leader.pod])?;
    // Back to the list, and away with the filter.
    terminal.press("\u{1b}")?;
    terminal.until(PATIENCE, &["STATE", "LEASE"])?;
    terminal.press("\u{1b}")
}
