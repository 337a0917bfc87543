//! Pods that are looked up and not watched.

use leadership::snapshot::Leader;
use simulator::Faults;
use tokio::time::sleep;

use super::*;
use crate::watch::LookUp;

fn lookups(record: Option<&Path>) -> Options {
    Options { kinds: Vec::new(), look_up_pods: true, ..options(record) }
}

/// Lease `ns/lock-<n>`, held by `pod-<n>`.
fn hold(sim: &Simulation, n: usize, holder: &str, transitions: i32) {
    let now = crate::clock::now().to_string();
    let spec = json!({
        "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": transitions,
        "acquireTime": "2026-01-01T00:00:00.000000Z", "renewTime": now,
    });
    let metadata = json!({"namespace": "ns", "name": format!("lock-{n:03}")});
    let api = "coordination.k8s.io/v1";
    let lease = json!({"apiVersion": api, "kind": "Lease", "metadata": metadata, "spec": spec});
    sim.server().apply(lease).unwrap();
}

fn run_pod(sim: &Simulation, name: &str) {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "ns", "name": name},
        "spec": {"nodeName": "n1", "containers": [{"name": "c"}]}, "status": {"phase": "Running"},
    });
    sim.server().apply(pod).unwrap();
}

fn leaders(snapshot: &Snapshot) -> impl Iterator<Item = &Leader> {
    snapshot.elections.iter().filter_map(|election| Some(&election.term.as_ref()?.leader))
}

fn all_found(snapshot: &Arc<Snapshot>) -> bool {
    snapshot.elections.len() > 1 && leaders(snapshot).all(|leader| leader.node.is_some())
}

/// A cluster with so many leaders, and pods for them and for `next`.
async fn cluster_of(count: usize) -> (Simulation, Cluster) {
    let (sim, cluster) = simulation().await;
    for n in 0..count {
        hold(&sim, n, &format!("pod-{n:03}a"), 0);
        run_pod(&sim, &format!("pod-{n:03}a"));
    }
    run_pod(&sim, "next");
    (sim, cluster)
}

#[tokio::test]
async fn a_leader_costs_one_request_and_a_failover_two() {
    let (sim, cluster) = cluster_of(5).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("recording.jsonl");
    let mut live = start(cluster, lookups(Some(&path))).unwrap();
    let snapshot = until(&mut live, all_found).await;
    assert!(snapshot.watch(Kind::Pod).is_some_and(|it| it.up && it.looked_up && !it.listed));
    assert!(snapshot.elections.iter().all(|election| election.candidates.is_none()));
    assert_eq!(sim.server().traffic(Resource::Pods).reads, 5);

    for _ in 0..20 {
        for n in 0..5 {
            hold(&sim, n, &format!("pod-{n:03}a"), 0);
        }
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_millis(200)).await;
    assert_eq!(sim.server().traffic(Resource::Pods).reads, 5, "renewals call for nothing");

    hold(&sim, 3, "next", 1);
    let next = |leader: &Leader| leader.pod.as_deref() == Some("next") && leader.node.is_some();
    let last = until(&mut live, |snapshot| leaders(snapshot).any(next)).await;
    sleep(Duration::from_millis(200)).await;
    let traffic = sim.server().traffic(Resource::Pods);
    assert_eq!((traffic.reads, traffic.lists, traffic.watches), (7, 0, 0));
    let stats = live.stats.of(Kind::Pod);
    assert_eq!(LookUp::ALL.map(|ended| stats.look_ups(ended)), [7, 0, 0]);
    drop(live);

    let closed = sim.server().until(Resource::Leases, |traffic| traffic.open_watches == 0);
    timeout(LONG, closed).await.expect("the watches end with the observation");
    let recording = std::fs::read(&path).unwrap();
    let replayed = replay(&recording[..], |_| {}).unwrap();
    let of = |snapshot: &Snapshot| leaders(snapshot).cloned().collect::<Vec<_>>();
    assert_eq!(of(&replayed), of(&last));
}

#[tokio::test]
async fn a_pod_that_is_gone_is_an_answer() {
    let (sim, cluster) = cluster_of(2).await;
    sim.server().delete(Resource::Pods, "ns", "pod-001a").unwrap();
    let mut live = start(cluster, lookups(None)).unwrap();
    until(&mut live, |snapshot| leaders(snapshot).any(|leader| leader.node.is_some())).await;
    sleep(Duration::from_millis(200)).await;
    let stats = live.stats.of(Kind::Pod);
    assert_eq!(LookUp::ALL.map(|ended| stats.look_ups(ended)), [1, 1, 0]);
    assert!(live.snapshots.borrow().watch(Kind::Pod).is_some_and(|watch| watch.up));
}

#[tokio::test]
async fn who_may_not_look_is_told_once_and_tries_again() {
    let (sim, cluster) = cluster_of(3).await;
    sim.server().faults(|faults| {
        faults.forbidden.insert(Resource::Pods);
    });
    let patience = Patience { refused: Duration::from_millis(500), ..Patience::default() };
    let mut live = start_with(&cluster, &lookups(None), &patience).unwrap();
    let forbidden = |snapshot: &Arc<Snapshot>| {
        snapshot.watch(Kind::Pod).is_some_and(|watch| !watch.up && watch.last_error.is_some())
    };
    let error = until(&mut live, forbidden).await.watch(Kind::Pod).unwrap().last_error.clone();
    let error = error.unwrap_or_default();
    assert!(error.contains("allow the account to get pods"), "{error}");
    sleep(Duration::from_millis(1_300)).await;
    let reads = sim.server().traffic(Resource::Pods).reads;
    assert!((4..=6).contains(&reads), "three, and then one every half second: {reads}");
    assert_eq!(live.snapshots.borrow().watch(Kind::Pod).unwrap().losses, 1);
    sim.server().faults(|faults| *faults = Faults::default());
    until(&mut live, all_found).await;
}

#[tokio::test]
async fn a_sick_server_is_asked_less_and_less() {
    let (sim, cluster) = cluster_of(40).await;
    let mut live = start(cluster, lookups(None)).unwrap();
    until(&mut live, |snapshot| snapshot.elections.len() == 40).await;
    sim.server().faults(|faults| *faults = Faults { busy: Some(1), ..Faults::default() });
    sleep(Duration::from_secs(3)).await;
    let failed = live.stats.of(Kind::Pod).look_ups(LookUp::Failed);
    assert!((1..=8).contains(&failed), "{failed}");
    sim.server().faults(|faults| *faults = Faults::default());
    until(&mut live, all_found).await;
}

#[tokio::test]
async fn a_storm_of_failovers_is_no_storm_of_requests() {
    let (_sim, cluster) = cluster_of(100).await;
    let begun = crate::clock::now();
    let mut live = start(cluster, lookups(None)).unwrap();
    let all = |snapshot: &Arc<Snapshot>| snapshot.elections.len() == 100 && all_found(snapshot);
    until(&mut live, all).await;
    let took = crate::clock::since(begun);
    assert!(took >= Duration::from_millis(1_900), "a hundred in {took:?}");
}
