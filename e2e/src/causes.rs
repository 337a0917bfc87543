//! Whether the causes of failovers are told right: real leaders of real workloads are ended in
//! every way that an election can end, and what was done is held against what is said of it.

pub mod cluster;
pub mod events;
pub mod report;
pub mod scenes;
pub mod stage;
mod strike;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{eventually, now, signal, together};
use cluster::Cluster;
use report::{Outcome, Report};
use scenes::{BARE, CONTROL_PLANE, OUTAGE, SCENES, STALL, Scene};
use stage::{PATIENCE, Played, Stage};

/// The API server does not answer for so long: longer than a leader tries to renew.
const STALLED: Duration = Duration::from_secs(8);
/// Strikes come one after the other: leaders that fall silent together are another story.
const BETWEEN: Duration = Duration::from_millis(700);
/// After so long all else has happened, and is waited for to become final.
const LAST: Duration = Duration::from_secs(75);

/// Plays all scenes, and keeps the recording of them in the folder `keep`.
///
/// # Errors
/// When something does not start, or an observer ends.
pub fn run(keep: &Path) -> Result<Report> {
    let mut cluster = Cluster::start()?;
    let played = play(&mut cluster);
    cluster.keep(keep)?;
    Ok(Report { outcomes: played?, disagreements: cluster.disagreements()? })
}

fn play(cluster: &mut Cluster) -> Result<Vec<Outcome>> {
    let scenes: Vec<(u32, &Scene)> = (0..).zip(SCENES.iter().chain(&CONTROL_PLANE)).collect();
    let mut outcomes = together(scenes, |(number, scene)| {
        Ok(Outcome::of(scene, scene.name, play_one(cluster, scene, number)))
    })?;
    outcomes.extend(together_silent(cluster, &STALL, stall)?);
    outcomes.extend(together_silent(cluster, &OUTAGE, outage)?);
    Ok(outcomes)
}

fn play_one(cluster: &Cluster, scene: &'static Scene, number: u32) -> Played {
    if CONTROL_PLANE.iter().any(|it| it.name == scene.name) {
        // The others need these components until then.
        std::thread::sleep(LAST);
        return Stage::of_system(cluster, scene)?.play();
    }
    let stage = Stage::set(cluster, scene)?;
    std::thread::sleep(BETWEEN * number);
    stage.play()
}

/// Ends the terms of all healthy leaders at once.
fn together_silent(
    cluster: &mut Cluster,
    scene: &'static Scene,
    strike: fn(&mut Cluster) -> Result<()>,
) -> Result<Vec<Outcome>> {
    // Who comes back under his old name leads on as if nothing had been.
    let leases = SCENES.iter().filter(|it| it.flags != BARE).map(|it| it.name);
    let healthy = |name: &&str| cluster.leader(name, name).is_ok_and(|it| it.is_some());
    let leases: Vec<&str> = leases.filter(healthy).collect();
    let since = now();
    strike(cluster)?;
    let cluster = &*cluster;
    together(leases, |lease| {
        let name = format!("{}: {lease}", scene.name);
        Ok(Outcome::of(scene, &name, cluster.events.finals(PATIENCE, lease, lease, since)))
    })
}

/// etcd stands still: whoever asks the API server waits, and its watches say nothing.
fn stall(cluster: &mut Cluster) -> Result<()> {
    let etcd = cluster.plane.etcd().id();
    signal(etcd, "STOP")?;
    std::thread::sleep(STALLED);
    signal(etcd, "CONT")
}

/// The API server is away for as long.
fn outage(cluster: &mut Cluster) -> Result<()> {
    cluster.plane.stop_apiserver();
    std::thread::sleep(STALLED);
    cluster.plane.start_apiserver()?;
    let exporter = &cluster.exporter;
    eventually(PATIENCE, "the exporter sees again", || {
        let up = exporter.sample("leadership_watch_up", &["resource=\"leases\""])?;
        Ok(up.filter(|up| *up > 0.0).map(|_| ()))
    })
    .context("after an outage")
}
