//! What the service says while its leader changes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use leadership::time::{Delta, Time};
use observe::access::Cluster;
use observe::clock;
use observe::probe::Probe;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// One answer, or the lack of one.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// When it was asked for.
    pub(super) at: Time,
    /// When it came, or was given up.
    pub(super) done: Time,
    pub(super) error: Option<String>,
}

/// What one target said in one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Availability {
    pub(super) target: String,
    /// Whether every answer was good.
    pub(super) available: bool,
    pub(super) asked: usize,
    pub(super) failed: usize,
    /// From the first bad answer to the next good one, the longest time; up to the end of the run if none came.
    pub(super) longest_outage_seconds: Delta,
    pub(super) first_error: Option<String>,
}

/// Probes that go on until they are dropped.
pub(super) struct Probes {
    targets: Vec<(String, Arc<Mutex<Vec<Sample>>>)>,
    _tasks: JoinSet<()>,
}

/// Opens the targets of the command line.
pub(super) async fn open(cluster: &Cluster, targets: &[String]) -> anyhow::Result<Vec<Arc<Probe>>> {
    let mut probes = Vec::new();
    for target in targets {
        let probe = match target.strip_prefix("service/") {
            Some(service) => {
                let (namespace, name) = service.split_once('/').with_context(|| {
                    format!("\"{target}\" is no target; write service/NAMESPACE/NAME")
                })?;
                Probe::service(cluster, namespace, name)
            }
            None => Probe::url(target)
                .await
                .with_context(|| format!("\"{target}\" cannot be probed"))?,
        };
        probes.push(Arc::new(probe));
    }
    Ok(probes)
}

/// Starts to ask.
pub(super) fn start(probes: &[Arc<Probe>], every: Duration) -> Probes {
    let mut tasks = JoinSet::new();
    let targets = probes.iter().map(|probe| {
        let samples = Arc::default();
        tasks.spawn(run(Arc::clone(probe), every, Arc::clone(&samples)));
        (probe.name.clone(), samples)
    });
    let targets = targets.collect();
    Probes { targets, _tasks: tasks }
}

async fn run(probe: Arc<Probe>, every: Duration, samples: Arc<Mutex<Vec<Sample>>>) {
    let mut ticks = interval(every.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let at = clock::now();
        let error = probe.ask().await.err();
        let sample = Sample { at, done: clock::now(), error };
        samples.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
    }
}

impl Probes {
    /// What they have said so far.
    pub(super) fn told(&self, now: Time) -> Vec<Availability> {
        let told = self.targets.iter().map(|(target, samples)| {
            let samples = samples.lock().unwrap_or_else(PoisonError::into_inner);
            availability(target, &samples, now)
        });
        told.collect()
    }
}

pub(super) fn availability(target: &str, samples: &[Sample], now: Time) -> Availability {
    let failed = samples.iter().filter(|sample| sample.error.is_some()).count();
    let mut longest = Delta::ZERO;
    let mut since = None;
    for sample in samples {
        if sample.error.is_some() {
            since.get_or_insert(sample.at);
        } else if let Some(since) = since.take() {
            longest = longest.max(sample.done - since);
        }
    }
    if let Some(since) = since {
        longest = longest.max(now - since);
    }
    Availability {
        target: target.to_owned(),
        available: failed == 0 && !samples.is_empty(),
        asked: samples.len(),
        failed,
        longest_outage_seconds: longest,
        first_error: samples.iter().find_map(|sample| sample.error.clone()),
    }
}
