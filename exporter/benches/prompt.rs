//! How long it takes from a takeover in the API server until it stands on a page, beside leases that are renewed every
//! two seconds. API server, exporter and reader share one process. Prints a table; asserts nothing.

use std::io;
use std::time::Duration;

use leadership::snapshot::Snapshot;
use leadership_exporter::metrics;
use leadership_exporter::text::Format;
use observe::access::{Access, connect};
use observe::clock;
use observe::drive::{Live, Options, start};
use serde_json::{Value, json};
use simulator::{Scene, Simulation, Size};
use tokio::time::sleep;

#[path = "../tests/fixture/picture.rs"]
mod picture;

/// Leases and pods.
const CASES: [(usize, usize); 3] = [(8, 24), (500, 10_000), (5_000, 20_000)];
const RENEWED_EVERY: Duration = Duration::from_secs(2);
const SETTLED: Duration = Duration::from_secs(10);
const TAKEOVERS: u32 = 300;

fn main() -> io::Result<()> {
    println!("| leases | pods | median | p99 | slowest |\n| ---: | ---: | ---: | ---: | ---: |");
    let runtime = tokio::runtime::Runtime::new()?;
    CASES.into_iter().try_for_each(|(leases, pods)| runtime.block_on(run(leases, pods)))
}

async fn run(leases: usize, pods: usize) -> io::Result<()> {
    let nodes = (leases / 5).max(3);
    let scene =
        Scene::load(Size { leases, pods, nodes, renew_every: RENEWED_EVERY, ..Size::default() });
    let simulation = simulator::start(scene, || clock::now().into()).await?;
    let mut live = watch(&simulation).await.map_err(io::Error::other)?;
    sleep(SETTLED).await;
    let mut took = Vec::new();
    for term in 0..TAKEOVERS {
        // Nothing of the rhythm of renewals shall show.
        sleep(Duration::from_millis(u64::from(term) * 37 % 101)).await;
        let begun = clock::now();
        simulation.server().apply(taken(term)).map_err(|_| io::Error::other("not written"))?;
        let seen = live.snapshots.wait_for(|snapshot| held(snapshot, term)).await;
        let snapshot = seen.map_err(io::Error::other)?.clone();
        let mut page = Vec::new();
        metrics::write(&picture::picture(&snapshot), Format::Text, &mut page)?;
        took.push((clock::now() - begun).as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    let at = |part: usize| took.get((took.len() * part / 100).min(took.len() - 1));
    let [median, p99, slowest] = [50, 99, 100].map(|part| at(part).copied().unwrap_or_default());
    println!("| {leases} | {pods} | {median:.1} ms | {p99:.1} ms | {slowest:.1} ms |");
    Ok(())
}

async fn watch(simulation: &Simulation) -> Result<Live, Box<dyn std::error::Error + Send + Sync>> {
    let cluster = connect(&Access { url: Some(simulation.url()), ..Access::default() }).await?;
    let catalogue = observe::catalogue::built_in();
    let kinds = vec![leadership::observation::Kind::Pod];
    let namespaces = Vec::new();
    let options = Options { namespaces, kinds, look_up_pods: false, record: None, catalogue };
    Ok(start(cluster, options)?)
}

fn taken(term: u32) -> Value {
    let now = clock::now().to_string();
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"namespace": "bench", "name": "taken"},
        "spec": {
            "holderIdentity": format!("pod-{term}"), "leaseDurationSeconds": 15,
            "leaseTransitions": term, "acquireTime": now, "renewTime": now,
        },
    })
}

fn held(snapshot: &Snapshot, term: u32) -> bool {
    let key = leadership::lock::LockKey::lease("bench", "taken");
    let term_of = snapshot.election(&key).and_then(|election| election.term.as_ref());
    term_of.is_some_and(|it| *it.holder == *format!("pod-{term}"))
}
