//! Prometheus scrapes the page, and what is forbidden is missed and said.

#![expect(clippy::float_cmp, reason = "counts and states are whole numbers")]

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::candidate::{CALM, Candidate};
use e2e::plane::{ControlPlane, NAMESPACE, STRANGER};
use e2e::process::eventually;
use e2e::product::{Exporter, fleet_top};
use e2e::prometheus::{Prometheus, programs, text_only};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Api, PostParams};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
#[ignore = "needs Go: run e2e/run"]
fn prometheus_sees_a_killed_leader_in_both_formats() -> Result<()> {
    let programs = programs();
    if programs.is_empty() {
        println!("SKIPPED: prometheus is not installed");
        return Ok(());
    }
    let plane = ControlPlane::start()?;
    plane.create_pod("cand-a", "node-1")?;
    plane.create_pod("cand-bb", "node-2")?;
    hold_by_a_stranger(&plane)?;
    let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &[])?;
    let text = text_only(exporter.port)?;
    let started = programs.iter().flat_map(|it| [(it, exporter.port), (it, text)]);
    let started: Vec<Prometheus> = started
        .map(|(program, port)| Prometheus::start(program, &plane.dir(), port))
        .collect::<Result<_>>()?;
    let first = Candidate::start(&plane, "scraped", "cand-a", &CALM, &[])?;
    first.acquired(PATIENCE)?;
    let second = Candidate::start(&plane, "scraped", "cand-bb", &CALM, &[])?;
    exporter.until(PATIENCE, "leadership_renew_interval_seconds", &["scraped"], |it| it > 0.0)?;
    first.process.signal("KILL")?;
    second.acquired(PATIENCE)?;
    for prometheus in &started {
        prometheus.until(PATIENCE, "up", |up| up == 1.0)?;
        let leader = "leadership_leader_info{lease=\"scraped\",pod=\"cand-bb\"}";
        prometheus.until(PATIENCE, leader, |one| one == 1.0)?;
        let count = "leadership_failover_duration_seconds_count{lease=\"scraped\"}";
        prometheus.until(PATIENCE, count, |count| count == 1.0)?;
        let ended = "leadership_transitions_total{lease=\"scraped\",end=\"expired\"}";
        prometheus.until(PATIENCE, ended, |count| count == 1.0)?;
        let stranger = "leadership_leader_info{lease=\"hostile\",holder=~\".*# EOF.*\"}";
        prometheus.until(PATIENCE, stranger, |one| one == 1.0)?;
        stored_whole(prometheus, &exporter)?;
    }
    Ok(())
}

/// A lease whose holder would end a page, or a line of it, if it could.
fn hold_by_a_stranger(plane: &ControlPlane) -> Result<()> {
    let now = observe::clock::now().to_string();
    let spec = json!({
        "holderIdentity": "x\\\"} 1\nleadership_leaderless 1\n# EOF\n\u{202e}", "leaseDurationSeconds": 3600,
        "acquireTime": now, "renewTime": now, "leaseTransitions": 0,
    });
    let lease = serde_json::from_value(json!({"metadata": {"name": "hostile"}, "spec": spec}))?;
    let leases: Api<Lease> = Api::namespaced(plane.client(), NAMESPACE);
    plane.runtime().block_on(leases.create(&PostParams::default(), &lease))?;
    Ok(())
}

/// Waits until there is a series for each line of the page, and none more.
fn stored_whole(prometheus: &Prometheus, exporter: &Exporter) -> Result<()> {
    let stored = "count({job=\"leadership\",__name__!~\"up|scrape_.*\"})";
    eventually(PATIENCE, "every series of the page is stored", || {
        let (_, page) = exporter.get("/metrics")?;
        let lines = page.lines().filter(|line| !line.starts_with('#')).count();
        ensure!(lines > 150, "a page of {lines} series");
        let lines = f64::from(u32::try_from(lines)?);
        Ok(prometheus.query(stored)?.filter(|stored| *stored == lines).map(drop))
    })
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn leases_without_the_right_to_read_pods() -> Result<()> {
    let plane = ControlPlane::start()?;
    plane.let_stranger_watch(&["leases"])?;
    let candidate = Candidate::start(&plane, "half-seen", "cand-a", &CALM, &[])?;
    candidate.acquired(PATIENCE)?;
    let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &["--context", STRANGER])?;
    let held = ["half-seen", "state=\"held\""];
    exporter.until(PATIENCE, "leadership_lease_state", &held, |held| held == 1.0)?;
    exporter.until(PATIENCE, "leadership_watch_up", &["pods"], |up| up == 0.0)?;
    let kubeconfig = plane.kubeconfig();
    let path = kubeconfig.to_str().context("a path that is not text")?;
    let output = fleet_top(&["list", "--kubeconfig", path, "--context", STRANGER])?;
    let (out, err) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    ensure!(out.contains("half-seen"), "{out}\n{err}");
    ensure!(err.contains("pods") && err.contains("forbidden"), "what is missing is said: {err}");
    Ok(())
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn nothing_allowed_and_nobody_there() -> Result<()> {
    let mut plane = ControlPlane::start()?;
    let kubeconfig = plane.kubeconfig();
    let path = kubeconfig.to_str().context("a path that is not text")?;
    let refused = |args: &[&str], word: &str| -> Result<()> {
        let output = fleet_top(args)?;
        let err = String::from_utf8(output.stderr)?;
        ensure!(output.status.code() == Some(1), "exit code {:?}: {err}", output.status.code());
        ensure!(err.contains(word) && !err.contains("panicked"), "{word} is not in: {err}");
        Ok(())
    };
    let wait = ["--request-timeout", "4s"];
    refused(
        &[&["list", "--kubeconfig", path, "--context", STRANGER], &wait[..]].concat(),
        "forbidden",
    )?;
    refused(&["list", "--kubeconfig", path, "--context", "nowhere"], "nowhere")?;
    refused(&["list", "--kubeconfig", "/does/not/exist"], "/does/not/exist")?;
    plane.stop_apiserver();
    refused(&[&["list", "--kubeconfig", path], &wait[..]].concat(), "127.0.0.1")?;
    let exporter = Exporter::start(&kubeconfig, &plane.dir(), &[])?;
    exporter.until(PATIENCE, "leadership_watch_up", &["resource=\"leases\""], |up| up == 0.0)?;
    ensure!(exporter.get("/readyz")?.0 == 503, "not ready before the first list");
    plane.start_apiserver()?;
    eventually(PATIENCE, "it is ready", || Ok((exporter.get("/readyz")?.0 == 200).then_some(())))
}
