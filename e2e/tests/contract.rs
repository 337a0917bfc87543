//! The simulator's scripted electors leave the traces that real ones leave: the same kinds of
//! events, in the same order, for each way in which a leader ends.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::candidate::QUICK;
use e2e::plane::ControlPlane;
use e2e::process::eventually;
use e2e::product::Exporter;
use e2e::truth::lane::{ENDINGS, Lane};
use leadership::event::{End, Event, Phase, Stage, What};
use observe::drive;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What is said of one failover, by the end of the old term.
type Traces = BTreeMap<&'static str, BTreeSet<Vec<String>>>;

/// What is said of one lock since it was last held.
#[derive(Default)]
struct Trace(Vec<String>);

impl Trace {
    /// Takes an event in; a provisional failover ends the trace.
    fn take(&mut self, event: &Event) -> Option<(&'static str, Vec<String>)> {
        let held = self.0.last().is_some_and(|word| word == "held");
        let ends = matches!(&event.what, What::Failover(it) if it.stage == Stage::Provisional);
        if held && !ends {
            self.0.clear();
        }
        self.0.extend(word(&event.what));
        match &event.what {
            What::Failover(it) if ends => Some((end(it.end)?, std::mem::take(&mut self.0))),
            _ => None,
        }
    }
}

fn end(end: End) -> Option<&'static str> {
    match end {
        End::Silent => Some("silent"),
        End::Release => Some("release"),
        _ => None,
    }
}

/// An expiry is left out: who takes over within its grace is faster than its declaration. So are
/// flags: they tell of names, and of cadences under a second, in which the two worlds differ.
fn word(what: &What) -> Option<String> {
    match what {
        What::Phase { to: Phase::Expired, .. } | What::Expired { .. } => None,
        What::Phase { to, reason, .. } => Some(
            reason.map_or_else(|| to.label().to_owned(), |it| format!("{}: {it:?}", to.label())),
        ),
        What::Term { how, .. } => Some(format!("term: {how:?}")),
        What::Late { .. } => Some("overdue".to_owned()),
        What::Released { soft, .. } => Some(format!("released: {soft}")),
        What::Failover(it) if it.stage == Stage::Provisional => {
            Some(format!("failover: {:?}", it.end))
        }
        What::Failover(_) | What::ControlPlaneSilent { .. } => None,
        other => Some(format!("{other:?}")),
    }
}

fn traces(recording: &Path) -> Result<Traces> {
    let mut open: BTreeMap<_, Trace> = BTreeMap::new();
    let mut traces = Traces::new();
    drive::replay(BufReader::new(File::open(recording)?), |event| {
        let Some(lease) = &event.lease else { return };
        if let Some((end, trace)) = open.entry(lease.clone()).or_default().take(event) {
            traces.entry(end).or_default().insert(trace);
        }
    })?;
    Ok(traces)
}

/// A crash and a release of real electors.
fn real() -> Result<Traces> {
    let plane = ControlPlane::start()?;
    let runtime = Runtime::new()?;
    let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &[])?;
    for ending in ENDINGS.iter().take(2) {
        let mut lane = Lane::start(&plane, runtime.handle(), ending, 0, &QUICK)?;
        lane.fail_over(&plane)?;
        lane.settle()?;
    }
    eventually(Duration::from_secs(10), "both are recorded", || {
        let traces = traces(&exporter.recording)?;
        Ok((traces.len() == 2).then_some(traces))
    })
}

/// The same of the simulator's, in the demo.
fn simulated() -> Result<Traces> {
    let dir = TempDir::new()?;
    let exporter = Exporter::demo(dir.path())?;
    eventually(Duration::from_mins(2), "a crash and a release were simulated", || {
        // Two seconds, not two dozen milliseconds: the recording grows, and is read whole.
        std::thread::sleep(Duration::from_secs(2));
        let traces = traces(&exporter.recording).unwrap_or_default();
        Ok((traces.len() == 2).then_some(traces))
    })
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn simulated_electors_leave_the_traces_of_real_ones() -> Result<()> {
    let (real, simulated) = (real().context("real")?, simulated().context("simulated")?);
    println!("real: {real:#?}\nsimulated: {simulated:#?}");
    for (end, traces) in &simulated {
        ensure!(real.get(end) == Some(traces), "{end}: {real:#?} is not {simulated:#?}");
    }
    Ok(())
}
