mod lookups;

use std::time::Duration;

use leadership::observation::{Fact, Observation};
use serde_json::json;
use simulator::{Resource, Scene, Simulation};
use tokio::time::timeout;

use super::*;
use crate::access::{Access, connect};

const LONG: Duration = Duration::from_secs(10);

async fn simulation() -> (Simulation, Cluster) {
    let sim = simulator::start(Scene::empty(), || crate::clock::now().into()).await.unwrap();
    let access = Access { url: Some(sim.url()), ..Access::default() };
    let cluster = connect(&access).await.unwrap();
    (sim, cluster)
}

fn renew(sim: &Simulation, holder: &str, transitions: i32) {
    write(sim, holder, transitions, &crate::clock::now().to_string());
}

fn write(sim: &Simulation, holder: &str, transitions: i32, acquired: &str) {
    let now = crate::clock::now().to_string();
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"namespace": "ns", "name": "a"},
        "spec": {
            "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": transitions,
            "acquireTime": acquired, "renewTime": now,
        },
    });
    sim.server().apply(lease).unwrap();
}

fn options(record: Option<&Path>) -> Options {
    Options {
        namespaces: Vec::new(),
        look_up_pods: false,
        kinds: vec![Kind::Pod],
        record: record.map(Path::to_owned),
        catalogue: crate::catalogue::built_in(),
    }
}

async fn until(live: &mut Live, wanted: impl FnMut(&Arc<Snapshot>) -> bool) -> Arc<Snapshot> {
    let found = timeout(LONG, live.snapshots.wait_for(wanted)).await;
    found.expect("a snapshot in time").unwrap().clone()
}

#[tokio::test]
async fn what_is_seen_is_folded_recorded_and_replayed() {
    let (sim, cluster) = simulation().await;
    renew(&sim, "one", 0);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("recording.jsonl");
    let mut live = start(cluster, options(Some(&path))).unwrap();
    let both = |snapshot: &Arc<Snapshot>| {
        [Kind::Lease, Kind::Pod]
            .iter()
            .all(|kind| snapshot.watch(*kind).is_some_and(|watch| watch.listed))
    };
    let snapshot = until(&mut live, both).await;
    assert_eq!(snapshot.elections.len(), 1);
    assert!(snapshot.watch(Kind::NodeLease).is_none());
    renew(&sim, "two", 1);
    let by_two = |snapshot: &Arc<Snapshot>| {
        let term = snapshot.elections.first().and_then(|election| election.term.as_ref());
        term.is_some_and(|term| &*term.holder == "two")
    };
    let last = until(&mut live, by_two).await;
    let mut told = Vec::new();
    while let Ok(event) = live.events.try_recv() {
        told.push(event.what.clone());
    }
    assert!(!told.is_empty());
    assert!(live.record_error.borrow().is_none());
    assert!(live.stats.of(Kind::Lease).opened.get() > 0);
    let so_far = std::fs::read(&path).unwrap();
    assert!(so_far.ends_with(b"\n"), "what was seen is written, in whole lines");
    drop(live);

    let closed = sim.server().until(Resource::Leases, |traffic| traffic.open_watches == 0);
    timeout(LONG, closed).await.expect("the watches end with the observation");
    let recording = std::fs::read(&path).unwrap();
    let mut replayed = Vec::new();
    let end = replay(&recording[..], |event| replayed.push(event.what.clone())).unwrap();
    assert_eq!(end.elections.len(), 1);
    assert_eq!(end.elections[0].term, last.elections[0].term);
    assert_eq!(replayed[..told.len()], told[..]);
}

/// Snapshots and events while this is written 2,000 times, and the seconds that it took.
async fn seen_of(written: impl Fn(&Simulation)) -> (f64, f64, f64) {
    let (sim, cluster) = simulation().await;
    let mut live = start(cluster, options(None)).unwrap();
    until(&mut live, |snapshot| snapshot.watch(Kind::Lease).is_some()).await;
    let begun = crate::clock::now();
    let (mut snapshots, mut events) = (0_u32, 0_u32);
    for renewal in 0..2000 {
        written(&sim);
        if renewal % 50 == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if live.snapshots.has_changed().unwrap() {
            live.snapshots.borrow_and_update();
            snapshots += 1;
        }
        while live.events.try_recv().is_ok() {
            events += 1;
        }
    }
    let seconds = crate::clock::since(begun).as_secs_f64();
    let all = |snapshot: &Arc<Snapshot>| {
        snapshot.watch(Kind::Lease).is_some_and(|watch| watch.applied == 2000)
    };
    until(&mut live, all).await;
    (f64::from(snapshots), f64::from(events), seconds)
}

#[tokio::test]
async fn snapshots_are_few_however_much_happens() {
    let (snapshots, events, seconds) = seen_of(|sim| renew(sim, "one", 0)).await;
    assert!(events > 100.0, "each write claims it anew: {events}");
    assert!(snapshots <= seconds * 100.0 + 2.0, "{snapshots} in {seconds} s");
}

#[tokio::test]
async fn renewals_alone_make_fewer_snapshots_than_what_happens() {
    let acquired = crate::clock::now().to_string();
    let (snapshots, events, seconds) = seen_of(|sim| write(sim, "one", 0, &acquired)).await;
    assert!(snapshots <= seconds * 2.0 + events + 3.0, "{snapshots} in {seconds} s, {events}");
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_told_before_anything_is_watched() {
    let (sim, cluster) = simulation().await;
    let path = Path::new("/no/such/directory/recording.jsonl");
    let error = start(cluster, options(Some(path))).err().unwrap().to_string();
    assert!(error.contains("/no/such/directory/recording.jsonl"), "{error}");
    assert_eq!(sim.server().traffic(Resource::Leases).lists, 0);
}

#[tokio::test]
async fn a_full_disk_stops_the_recording_and_nothing_else() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let (sim, cluster) = simulation().await;
    let mut live = start(cluster, options(Some(full))).unwrap();
    timeout(LONG, live.record_error.wait_for(Option::is_some))
        .await
        .expect("an error in time")
        .unwrap();
    renew(&sim, "one", 0);
    until(&mut live, |snapshot| snapshot.elections.len() == 1).await;
}

#[test]
fn a_replay_gives_out_what_was_before_a_bad_line() {
    let mut recording = Vec::new();
    let mut writer = Writer::new(&mut recording);
    let lock = |name: &str| {
        let key = leadership::lock::LockKey::lease("ns", name);
        let mut lock = leadership::observation::LockRecord::empty(key);
        lock.holder = Some("me".into());
        lock.transitions = Some(0);
        lock.duration_seconds = Some(15);
        lock
    };
    let objects = vec![leadership::observation::Object::Lock(lock("a"))];
    let fact = Fact::Listed { kind: Kind::Lease, objects };
    let at = leadership::time::Time::from_micros(1_000_000);
    writer.write(&Observation { at, fact }).unwrap();
    recording.extend_from_slice(b"nonsense\n");
    let mut events = 0;
    let error = replay(&recording[..], |_| events += 1).unwrap_err();
    assert!(error.to_string().starts_with("line 2 of the recording"), "{error}");
    assert!(events > 0);
}
