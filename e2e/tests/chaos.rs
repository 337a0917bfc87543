//! What breaks between the exporter and its cluster, on a real control plane: no failover is made up, none is lost, and
//! who is blind says so.

#![expect(clippy::float_cmp, reason = "states are whole numbers")]

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::candidate::{Candidate, USUAL};
use e2e::plane::ControlPlane;
use e2e::process::{Process, eventually, now};
use e2e::product::{Exporter, recorded};
use e2e::truth::relay::{CLEAR, Relay};
use leadership::event::{Failover, Flag, Stage, What};
use leadership::time::{Delta, Time};

const PATIENCE: Duration = Duration::from_secs(40);
const LEASES: [&str; 4] = ["one", "two", "three", "four"];
/// By how much a window may lie beyond its own error: journals are written after the answer.
const TOLERANCE: Delta = Delta::from_millis(20);

/// Two candidates for each lease, and an exporter whose wire can break.
struct Bench {
    pairs: Vec<[Candidate; 2]>,
    exporter: Exporter,
    relay: Relay,
    plane: ControlPlane,
}

impl Bench {
    fn start() -> Result<Self> {
        let plane = ControlPlane::start()?;
        let relay = Relay::start(plane.runtime(), &plane, &CLEAR)?;
        let exporter = Exporter::start(&relay.kubeconfig(&plane)?, &plane.dir(), &[])?;
        let mut pairs = Vec::new();
        for lease in LEASES {
            let first = Candidate::start(&plane, lease, "cand-a", &USUAL, &[])?;
            first.acquired(PATIENCE)?;
            pairs.push([first, Candidate::start(&plane, lease, "cand-bb", &USUAL, &[])?]);
        }
        let bench = Self { pairs, exporter, relay, plane };
        for lease in LEASES {
            let label = format!("lease=\"{lease}\"");
            let name = "leadership_renew_interval_seconds";
            bench.exporter.until(PATIENCE, name, &[&label], |interval| interval > 0.0)?;
        }
        // The rhythm of the stream must be known.
        sleep(Duration::from_secs(10));
        Ok(bench)
    }

    fn watch(&self, suits: fn(f64) -> bool) -> Result<f64> {
        let labels = ["resource=\"leases\""];
        self.exporter.until(PATIENCE, "leadership_watch_up", &labels, suits)
    }

    fn blind(&self) -> Result<f64> {
        let labels = ["resource=\"leases\""];
        let blind = self.exporter.sample("leadership_watch_blind_seconds_total", &labels)?;
        blind.context("no blind time")
    }

    /// Something stands still for so long; returns how long after its end all leases were seen renewed again.
    fn pause(&self, process: &Process, length: Duration) -> Result<Duration> {
        stand_still(process, length)?;
        self.recovery(now())
    }

    /// How long after `since` all leases were seen held and renewed again.
    fn recovery(&self, since: Time) -> Result<Duration> {
        self.watch(|up| up == 1.0)?;
        for lease in LEASES {
            let labels = [&*format!("lease=\"{lease}\""), "state=\"held\""];
            self.exporter.until(PATIENCE, "leadership_lease_state", &labels, |held| held == 1.0)?;
            let renewed = "leadership_last_renew_timestamp_seconds";
            self.exporter.until(PATIENCE, renewed, &labels[..1], |at| at > since.as_secs_f64())?;
        }
        Ok(observe::clock::since(since))
    }

    /// Who led, by the journals: the holder of each term with its first write and its last.
    fn terms(pair: &[Candidate; 2]) -> Result<Vec<(String, Time, Time)>> {
        let mut writes = Vec::new();
        for candidate in pair {
            for entry in candidate.journal()? {
                let Some(at) = entry.after.filter(|_| !entry.refused) else { continue };
                if ["acquire", "renew", "release"].contains(&&*entry.event) {
                    writes.push((at, candidate.identity.clone()));
                }
            }
        }
        writes.sort();
        let mut terms: Vec<(String, Time, Time)> = Vec::new();
        for (at, holder) in writes {
            match terms.last_mut().filter(|term| term.0 == holder) {
                Some(term) => term.2 = at,
                None => terms.push((holder, at, at)),
            }
        }
        Ok(terms)
    }

    fn told(&self) -> Result<Vec<(String, std::sync::Arc<Failover>)>> {
        let mut told = Vec::new();
        observe::drive::replay(&*recorded(&self.exporter.recording)?, |event| {
            if let (What::Failover(failover), Some(key)) = (&event.what, &event.lease)
                && failover.stage == Stage::Final
            {
                told.push((key.name.to_string(), failover.clone()));
            }
        })?;
        Ok(told)
    }

    /// The failovers of the recording are those of the journals, and their windows hold.
    fn agree(&self) -> Result<usize> {
        let told = self.told()?;
        let mut happened = 0;
        for (lease, pair) in LEASES.iter().zip(&self.pairs) {
            let terms = Self::terms(pair)?;
            let told: Vec<_> = told.iter().filter(|(name, _)| name == lease).collect();
            let names = |terms: &[(String, Time, Time)]| format!("{terms:?}");
            ensure!(told.len() + 1 == terms.len(), "{lease}: {told:#?}\nof {}", names(&terms));
            for ((_, failover), turn) in told.iter().zip(terms.windows(2)) {
                let [(from, _, last), (to, first, _)] = turn else { continue };
                ensure!((&*failover.from, &*failover.to) == (from, to), "{failover:#?}: {turn:?}");
                let truth = *first - *last;
                let error = failover.error_seconds.unwrap_or_default() + TOLERANCE;
                let window = failover.leaderless_seconds.context("no window")?;
                let gap = failover.has(Flag::ObserverGap);
                let holds = window + error >= truth && (gap || window <= truth + error);
                ensure!(holds, "in truth {truth:?}: {failover:#?}");
                println!("{lease}: {window:?} ± {error:?}, in truth {truth:?}");
            }
            happened += told.len();
        }
        Ok(happened)
    }
}

fn stand_still(process: &Process, length: Duration) -> Result<()> {
    process.signal("STOP")?;
    sleep(length);
    process.signal("CONT")
}

#[test]
#[ignore = "needs Go: run e2e/chaos"]
fn whatever_breaks_nothing_is_made_up_and_nothing_lost() -> Result<()> {
    let mut bench = Bench::start()?;

    // The wire swallows everything and tells nobody.
    bench.relay.cut();
    let begun = now();
    bench.watch(|up| up == 0.0)?;
    let noticed = observe::clock::since(begun);
    ensure!(noticed < Duration::from_secs(15), "a dead wire was noticed after {noticed:?}");
    // A leader dies while nobody looks.
    bench.pairs[0][0].process.signal("KILL")?;
    bench.pairs[0][1].acquired(PATIENCE)?;
    ensure!(bench.blind()? > 10.0, "the time without a wire counts as blind");
    bench.relay.mend();
    println!(
        "a dead wire: noticed after {noticed:?}, seen again {:?} after",
        bench.recovery(now())?
    );

    bench.relay.reset();
    println!("a reset: seen again after {:?}", bench.recovery(now())?);

    let apiserver = bench.plane.apiserver().context("no API server")?;
    let recovery = bench.pause(apiserver, Duration::from_secs(7))?;
    println!("the API server stood still: seen again {recovery:?} after");
    ensure!(bench.agree()? == 1, "an API server that stands still for 7 s makes no failover");

    let recovery = bench.pause(bench.plane.etcd(), Duration::from_secs(7))?;
    println!("etcd stood still: seen again {recovery:?} after");
    ensure!(bench.agree()? == 1, "nor does an etcd that stands still for 7 s");

    // Longer than a lease.
    let blind = bench.blind()?;
    let recovery = bench.pause(&bench.exporter.process, Duration::from_secs(20))?;
    println!("the exporter itself stood still: seen again {recovery:?} after");
    ensure!(bench.blind()? > blind + 19.0, "the time in which it did not run counts as blind");
    ensure!(bench.agree()? == 1, "nor does an exporter that does");

    bench.plane.stop_apiserver();
    bench.watch(|up| up == 0.0)?;
    // Each start has a new certificate.
    bench.plane.start_apiserver()?;
    println!(
        "the API server lost its cache and its certificate: seen again {:?} after",
        bench.recovery(now())?
    );
    bench.agree()?;

    // All leaders give up; the first lease has no other candidate left.
    stand_still(bench.plane.etcd(), Duration::from_secs(20))?;
    eventually(PATIENCE, "three leases have other leaders", || {
        let acquired =
            |pair: &[Candidate; 2]| pair[1].writes(&["acquire"]).map(|it| !it.is_empty());
        let all: Vec<bool> = bench.pairs[1..].iter().map(acquired).collect::<Result<_>>()?;
        Ok(all.into_iter().all(|acquired| acquired).then_some(()))
    })?;
    sleep(Duration::from_secs(3));
    println!("{} failovers, all of them true", bench.agree()?);
    Ok(())
}
