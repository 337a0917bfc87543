//! From the death of a leader to the page that wakes somebody: real control plane, electors, exporter,
//! Prometheus with the rules as they are delivered, Alertmanager.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::candidate::{Candidate, USUAL};
use e2e::pager::{self, Page, Pager};
use e2e::plane::ControlPlane;
use e2e::process::{folder, now};
use e2e::product::Exporter;
use e2e::prometheus::{self, Prometheus};
use leadership::time::Delta;

const PATIENCE: Duration = Duration::from_secs(30);
/// The rules remember a day at each full minute: until they know the lock, two of them may pass.
const KNOWN: Duration = Duration::from_secs(150);
/// 15 s until the claim ends, 15 s more for a candidate, a minute of `for`, two evaluations of 30 s.
const PROMISED: Duration = Duration::from_secs(155);
/// For a second page that should not be.
const QUIET: Duration = Duration::from_secs(5);

#[test]
#[ignore = "needs Go: run e2e/run"]
fn a_leader_dies_without_a_standby_and_somebody_is_woken_once() -> Result<()> {
    let Some(alertmanager) = pager::installed().filter(|_| prometheus::installed()) else {
        println!("SKIPPED: prometheus and prometheus-alertmanager are not both installed");
        return Ok(());
    };
    let plane = ControlPlane::start()?;
    plane.create_pod("cand-a", "node-1")?;
    let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &[])?;
    let pager = Pager::start(alertmanager, &plane.dir(), &inhibitions()?)?;
    let prometheus = Prometheus::with_alerts(&plane.dir(), exporter.port, pager.port)?;
    // A bystander, which nobody may be woken for.
    let bystander = Candidate::start(&plane, "bystander", "cand-b", &USUAL, &[])?;
    let leader = Candidate::start(&plane, "guarded", "cand-a", &USUAL, &[])?;
    leader.acquired(PATIENCE)?;
    bystander.acquired(PATIENCE)?;
    let known = "lease:leadership_leaderless:min1d{lease=\"guarded\"} == 0";
    prometheus.until(KNOWN, known, |_| true)?;
    let early = pager.page(Duration::ZERO)?;
    ensure!(early.is_none(), "nothing had happened: {early:?}");

    let death = now();
    leader.process.signal("KILL")?;
    let page = critical(&pager, PROMISED)?.context("nobody was woken")?;
    let (alert, lease) = (page.label("alertname"), page.label("lease"));
    println!("from the death to the page: {:.1} s", (page.at - death).as_secs_f64());
    ensure!(alert == "LeadershipLeaderless" && lease == "guarded", "{page:?}");
    let summary = page.annotation("summary");
    ensure!(summary.contains("default/guarded") && summary.contains("cand-a"), "{summary}");
    ensure!(page.annotation("runbook_url").ends_with("LeadershipLeaderless.md"), "{page:?}");
    ensure!(page.at - death > Delta::from_secs(80), "before the rule's own patience");
    let second = critical(&pager, QUIET)?;
    ensure!(second.is_none(), "one death, one page: {second:?}");
    Ok(())
}

/// The next page that wakes people; what is for the day is let pass.
fn critical(pager: &Pager, patience: Duration) -> Result<Option<Page>> {
    let mut arrived = std::iter::from_fn(|| pager.page(patience).transpose());
    arrived
        .find(|page| page.as_ref().map_or(true, |page| page.label("severity") == "critical"))
        .transpose()
}

/// The rules that docs/alerts.md gives for what need not be sent.
fn inhibitions() -> Result<String> {
    let page = std::fs::read_to_string(folder().join("../docs/alerts.md"))?;
    let block = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    Ok(block.context("docs/alerts.md has no inhibit_rules")?.to_owned())
}
