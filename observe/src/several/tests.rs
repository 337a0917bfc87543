use std::time::Duration;

use leadership::event::What;
use serde_json::json;
use simulator::{Scene, Simulation};
use tokio::time::timeout;

use super::*;
use crate::access::{self, Access};
use crate::drive::{self, Options};

const LONG: Duration = Duration::from_secs(10);

async fn simulation() -> (Simulation, Live) {
    let sim = simulator::start(Scene::empty(), || crate::clock::now().into()).await.unwrap();
    let access = Access { url: Some(sim.url()), ..Access::default() };
    let cluster = access::connect(&access).await.unwrap();
    let options = Options {
        namespaces: Vec::new(),
        look_up_pods: false,
        kinds: Vec::new(),
        record: None,
        catalogue: crate::catalogue::built_in(),
    };
    (sim, drive::start(cluster, options).unwrap())
}

fn write(sim: &Simulation, name: &str, holder: &str, app: &str) {
    let now = leadership::time::Time::to_string(&crate::clock::now());
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"namespace": "ns", "name": name, "labels": {"app": app}},
        "spec": {
            "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": 1,
            "acquireTime": now, "renewTime": now,
        },
    });
    sim.server().apply(lease).unwrap();
}

async fn until(live: &mut Live, wanted: impl FnMut(&Arc<Snapshot>) -> bool) -> Arc<Snapshot> {
    let found = timeout(LONG, live.snapshots.wait_for(wanted)).await;
    found.expect("a snapshot in time").unwrap().clone()
}

fn keys(snapshot: &Snapshot) -> Vec<String> {
    snapshot.elections.iter().map(|election| election.key.to_string()).collect()
}

#[tokio::test]
async fn two_clusters_and_one_that_is_away_are_one_picture() {
    let (first, one) = simulation().await;
    let (second, two) = simulation().await;
    for (sim, holder) in [(&first, "x_1"), (&second, "y_1")] {
        write(sim, "same", holder, "a");
    }
    let part = |name: &str, live| Part { name: Some(name.into()), live };
    let parts = vec![part("one", one), part("two", two), part("three", broken("no way"))];
    let all: Admits = Arc::new(|_: &str, _: Option<&Labels>| true);
    let mut live = join(parts, &all);
    let picture = until(&mut live, |it| it.elections.len() == 2).await;
    assert_eq!(keys(&picture), ["one/ns/same", "two/ns/same"]);
    let worst = picture.watch(Kind::Lease).unwrap();
    assert_eq!((worst.listed, worst.last_error.as_deref()), (false, Some("three: no way")));
    write(&second, "same", "z_1", "a");
    let told = async {
        loop {
            let event = live.events.recv().await.unwrap();
            if matches!(&event.what, What::Term { holder, .. } if &**holder == "z_1") {
                return event.lease.as_ref().unwrap().to_string();
            }
        }
    };
    assert_eq!(timeout(LONG, told).await.unwrap(), "two/ns/same");
    assert_eq!(split("two/ns"), (Some("two"), "ns"));
    assert_eq!(split("ns"), (None, "ns"));
}

#[tokio::test]
async fn one_is_narrowed_with_its_events_and_keeps_its_keys() {
    let (sim, live) = simulation().await;
    write(&sim, "meant", "x_1", "a");
    write(&sim, "other", "x_1", "b");
    let meant: Admits = Arc::new(|namespace: &str, labels: Option<&Labels>| {
        namespace == "ns" && labels.is_some_and(|it| it.get("app").is_some_and(|app| &**app == "a"))
    });
    let mut live = join(vec![Part { name: None, live }], &meant);
    let picture = until(&mut live, |it| !it.elections.is_empty()).await;
    assert_eq!(keys(&picture), ["ns/meant"]);
    write(&sim, "other", "y_1", "b");
    write(&sim, "meant", "y_1", "a");
    let told = async {
        loop {
            let event = live.events.recv().await.unwrap();
            let name = event.lease.as_ref().unwrap().name.to_string();
            assert_eq!(name, "meant", "{event:?}");
            if matches!(&event.what, What::Term { holder, .. } if &**holder == "y_1") {
                return;
            }
        }
    };
    timeout(LONG, told).await.unwrap();
}

/// So many that telling their events takes a while.
const MANY: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_sees_a_picture_finds_its_events() {
    let (sim, live) = simulation().await;
    for place in 0..MANY {
        write(&sim, &format!("lock-{place}"), "x_1", "a");
    }
    let all: Admits = Arc::new(|_: &str, _: Option<&Labels>| true);
    let mut live = join(vec![Part { name: Some("one".into()), live }], &all);
    let begun = crate::clock::now();
    // Looks all the time: whoever is woken comes too late to see what is missing.
    while live.snapshots.borrow().elections.len() < MANY {
        assert!(crate::clock::since(begun) < LONG, "a picture in time");
        std::hint::spin_loop();
    }
    let mut told = std::collections::BTreeSet::new();
    while let Ok(event) = live.events.try_recv() {
        told.extend(event.lease.clone());
    }
    assert_eq!(told.len(), MANY);
}
