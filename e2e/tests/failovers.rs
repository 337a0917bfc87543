//! What the candidates' own journals say, `/metrics`, `fleet-top` and a recording must say too.

#![expect(clippy::float_cmp, reason = "counts and states are whole numbers")]

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::candidate::{CALM, Candidate, Timing, USUAL, window};
use e2e::plane::ControlPlane;
use e2e::process::eventually;
use e2e::product::{Exporter, fleet_top, replay};
use leadership::time::Delta;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);
/// By how much a window may differ from the journals'.
const TOLERANCE: Delta = Delta::from_millis(20);

/// A control plane, an exporter that has learned the cadence, and two candidates with pods.
struct Bench {
    first: Candidate,
    second: Candidate,
    exporter: Exporter,
    plane: ControlPlane,
    lease: &'static str,
}

impl Bench {
    fn start(lease: &'static str, timing: &Timing, extra: &[&str]) -> Result<Self> {
        let plane = ControlPlane::start()?;
        plane.create_pod("cand-a", "node-1")?;
        plane.create_pod("cand-bb", "node-2")?;
        let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &[])?;
        let first = Candidate::start(&plane, lease, "cand-a", timing, extra)?;
        first.acquired(PATIENCE)?;
        let second = Candidate::start(&plane, lease, "cand-bb", timing, extra)?;
        let bench = Self { first, second, exporter, plane, lease };
        bench.until("leadership_renew_interval_seconds", &[], |interval| interval > 0.0)?;
        Ok(bench)
    }

    fn until(&self, name: &str, labels: &[&str], suits: impl Fn(f64) -> bool) -> Result<f64> {
        let lease = format!("lease=\"{}\"", self.lease);
        let labels: Vec<&str> = labels.iter().copied().chain([lease.as_str()]).collect();
        self.exporter.until(PATIENCE, name, &labels, suits)
    }

    /// After the second candidate took over: every reader says what the journals say.
    fn agree(&self, end: &str, metric_end: &str) -> Result<()> {
        self.second.acquired(PATIENCE)?;
        self.until("leadership_failover_duration_seconds_count", &[], |count| count >= 1.0)?;
        let truth = window(&self.first, &self.second)?.as_secs_f64();
        let page = self.until("leadership_last_failover_duration_seconds", &[], |_| true)?;
        println!("{end}: the journals say {truth:.6} s, the page says {page:.6} s");
        close(page, truth)?;
        let label = format!("end=\"{metric_end}\"");
        self.until("leadership_transitions_total", &[&label], |count| count == 1.0)?;
        self.until("leadership_leader_info", &["pod=\"cand-bb\"", "node=\"node-2\""], |_| true)?;
        self.recording_agrees(end, truth)?;
        self.screen_agrees()
    }

    fn recording_agrees(&self, end: &str, truth: f64) -> Result<()> {
        let finals = self.final_failovers()?;
        ensure!(finals.len() == 1, "one failover, not {finals:#?}");
        let failover = &finals[0];
        ensure!(failover["end"] == end, "{failover:#}");
        ensure!(failover["from"] == *self.first.identity, "{failover:#}");
        ensure!(failover["to"] == *self.second.identity, "{failover:#}");
        let seconds = |field: &str| failover[field].as_f64().context(field.to_owned());
        close(seconds("leaderless_seconds")?, truth)?;
        ensure!(seconds("lower_bound_seconds")? <= truth + 0.02, "{failover:#}");
        let error = (seconds("leaderless_seconds")? - truth).abs();
        ensure!(error <= seconds("error_seconds")? + 0.005, "the error bound holds: {failover:#}");
        Ok(())
    }

    fn final_failovers(&self) -> Result<Vec<Value>> {
        let events = replay(&self.exporter.recording)?;
        let wanted = |event: &Value| {
            event["event"] == "failover"
                && event["stage"] == "final"
                && event["lease"]["name"] == self.lease
        };
        Ok(events.into_iter().filter(wanted).collect())
    }

    fn screen_agrees(&self) -> Result<()> {
        let kubeconfig = self.plane.kubeconfig();
        let path = kubeconfig.to_str().context("a path that is not text")?;
        let output = fleet_top(&["list", "--kubeconfig", path, "-o", "json"])?;
        let text = String::from_utf8(output.stdout)?;
        let list: Value = serde_json::from_str(&text)
            .with_context(|| format!("{text}\n{}", String::from_utf8_lossy(&output.stderr)))?;
        ensure!(text.contains(&self.second.identity), "{list:#}");
        ensure!(text.contains("node-2"), "{list:#}");
        Ok(())
    }

    fn no_transition(&self) -> Result<()> {
        let lease = format!("lease=\"{}\"", self.lease);
        for end in ["released", "expired", "preempted", "cleared", "deleted", "observer_gap"] {
            let end = format!("end=\"{end}\"");
            let count = self.exporter.sample("leadership_transitions_total", &[&lease, &end])?;
            ensure!(count == Some(0.0), "a false transition: {end} {count:?}");
        }
        let missed = self.exporter.sample("leadership_missed_transitions_total", &[&lease])?;
        ensure!(missed == Some(0.0), "a false missed transition: {missed:?}");
        ensure!(self.final_failovers()?.is_empty(), "a false failover in the recording");
        Ok(())
    }
}

fn close(got: f64, truth: f64) -> Result<()> {
    let tolerance = TOLERANCE.as_secs_f64();
    ensure!((got - truth).abs() <= tolerance, "{got} is not within {tolerance} s of {truth}");
    Ok(())
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn a_killed_leader() -> Result<()> {
    let bench = Bench::start("killed", &CALM, &[])?;
    bench.first.process.signal("KILL")?;
    bench.agree("silent", "expired")
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn a_released_lease() -> Result<()> {
    let mut bench = Bench::start("released", &CALM, &["--release-on-cancel"])?;
    bench.first.process.signal("TERM")?;
    ensure!(bench.first.process.wait(PATIENCE)? == Some(0), "a released candidate exits 0");
    bench.agree("release", "released")
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn clocks_that_disagree_by_a_minute() -> Result<()> {
    let plane = ControlPlane::start()?;
    let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &[])?;
    let first = Candidate::start(&plane, "skewed", "cand-a", &CALM, &["--clock-skew", "30s"])?;
    first.acquired(PATIENCE)?;
    let second = Candidate::start(&plane, "skewed", "cand-bb", &CALM, &["--clock-skew=-30s"])?;
    let bench = Bench { first, second, exporter, plane, lease: "skewed" };
    bench.until("leadership_renew_interval_seconds", &[], |interval| interval > 0.0)?;
    bench.first.process.signal("KILL")?;
    bench.second.acquired(PATIENCE)?;
    bench.until("leadership_failover_duration_seconds_count", &[], |count| count >= 1.0)?;
    let truth = window(&bench.first, &bench.second)?.as_secs_f64();
    bench.recording_agrees("silent", truth)
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn a_deleted_lease() -> Result<()> {
    let bench = Bench::start("deleted", &CALM, &[])?;
    bench.plane.delete_lease(bench.lease)?;
    bench.until("leadership_transitions_total", &["end=\"deleted\""], |count| count == 1.0)?;
    bench.until("leadership_failover_duration_seconds_count", &[], |count| count == 1.0)?;
    let finals = bench.final_failovers()?;
    ensure!(finals.len() == 1 && finals[0]["end"] == "deleted", "{finals:#?}");
    Ok(())
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn an_api_server_that_stops_and_starts() -> Result<()> {
    let mut bench = Bench::start("survives", &USUAL, &[])?;
    for round in 1..=2 {
        bench.plane.stop_apiserver();
        bench
            .exporter
            .until(PATIENCE, "leadership_watch_up", &["resource=\"leases\""], |up| up == 0.0)?;
        let (code, _) = bench.exporter.get("/metrics")?;
        ensure!(code == 200, "the page is served while the API server is away");
        bench.plane.start_apiserver()?;
        bench
            .exporter
            .until(PATIENCE, "leadership_watch_up", &["resource=\"leases\""], |up| up == 1.0)?;
        let renewals = bench.first.writes(&["renew"])?.len();
        eventually(PATIENCE, "the leader renews again", || {
            Ok((bench.first.writes(&["renew"])?.len() > renewals + 1).then_some(()))
        })?;
        bench.no_transition().with_context(|| format!("after restart {round}"))?;
    }
    bench.until("leadership_lease_state", &["state=\"held\""], |held| held == 1.0)?;
    ensure!(bench.second.writes(&["acquire"])?.is_empty(), "the leader survived");
    Ok(())
}
