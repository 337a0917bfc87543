//! What the catalogue changes in a picture.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use leadership::Leadership;
use leadership::catalogue::Class;
use leadership::event::{Event, Phase, What};
use leadership::lock::LockKey;
use leadership::observation::{
    ContainerRecord, Fact, Kind, LockRecord, Object, Observation, Owner, PodRecord,
};
use leadership::snapshot::Snapshot;
use leadership::time::{Delta, Time};
use observe::catalogue::built_in;

fn at(seconds: i64) -> Time {
    Time::from_micros(seconds * 1_000_000)
}

fn lock(namespace: &str, name: &str, holder: &str) -> LockRecord {
    let mut lock = LockRecord::empty(LockKey::lease(namespace, name));
    lock.uid = "u".into();
    lock.holder = Some(holder.into());
    lock.duration_seconds = Some(30);
    (lock.acquire, lock.renew, lock.transitions) = (Some(at(0)), Some(at(0)), Some(0));
    lock
}

fn first_sight(locks: Vec<LockRecord>) -> Arc<Snapshot> {
    let mut fold = Leadership::with_catalogue(built_in());
    let objects = locks.into_iter().map(Object::Lock).collect();
    fold.observe(Observation { at: at(1), fact: Fact::Listed { kind: Kind::Lease, objects } });
    fold.snapshot()
}

#[test]
fn an_election_is_told_with_what_is_known_of_it() {
    let name = "fleet-gitops-leader-election-shard-eu";
    let snapshot = first_sight(vec![lock("cattle-fleet-system", name, "gitjob-1_u")]);
    let election = &snapshot.elections[0];
    assert_eq!(election.component.as_deref(), Some("fleet-gitops"));
    assert_eq!(election.shard.as_deref(), Some("eu"));
    assert_eq!(election.library.as_deref(), Some("controller-runtime"));
    assert_eq!((election.class, election.releases), (Class::Election, Some(false)));
    let expected = election.expected.unwrap();
    assert_eq!(expected.duration, Delta::from_secs(30));
    assert_eq!(expected.renew_deadline, Some(Delta::from_secs(25)));
    assert_eq!(expected.retry, Some(Delta::from_secs(10)));
    assert!(election.hint.is_some());
}

#[test]
fn what_nobody_knows_is_an_election_and_nothing_is_made_up() {
    let names = ["my-own", "my-own-leader", "ecaf1259.my.domain"];
    let snapshot = first_sight(names.iter().map(|name| lock("n", name, "h")).collect());
    assert_eq!(snapshot.elections.len(), names.len());
    for election in &snapshot.elections {
        assert_eq!((&election.component, election.class), (&None, Class::Election));
    }
}

#[test]
fn heartbeats_that_look_like_elections_are_none() {
    let snapshot = first_sight(vec![
        lock("cluster1", "managed-cluster-lease", "managed-cluster-lease"),
        lock("kube-system", "apiserver-apb4cp4hnblpcjsgshanwtmkya", "apiserver_u"),
        lock("kube-system", "kube-scheduler", "cp-1_u"),
    ]);
    assert_eq!(snapshot.elections.len(), 1);
    assert_eq!(snapshot.heartbeats, 2);
}

#[test]
fn a_lease_with_a_holder_and_nothing_of_an_election_is_a_heartbeat() {
    let mut bare = lock("n", "nobody-knows-it", "h");
    (bare.acquire, bare.transitions) = (None, None);
    let snapshot = first_sight(vec![bare]);
    assert_eq!((snapshot.elections.len(), snapshot.heartbeats), (0, 1));
}

#[test]
fn a_lock_for_a_short_job_is_not_leaderless_while_it_rests() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/oneshot-at-rest.jsonl");
    let mut failovers = 0;
    let count = |event: &Event| failovers += u32::from(matches!(event.what, What::Failover(_)));
    let snapshot =
        observe::drive::replay(BufReader::new(File::open(path).unwrap()), count).unwrap();
    let election = &snapshot.elections[0];
    assert_eq!((election.class, election.phase), (Class::ElectionOneshot, Phase::Vacant));
    assert_eq!(election.leaderless, Some(false));
    assert_eq!(election.leaderless_total, Delta::ZERO);
    assert_eq!(failovers, 0);
    assert_eq!(election.tally.transitions(), 2);
}

#[test]
fn a_short_job_that_dies_on_the_way_is_leaderless() {
    let mut fold = Leadership::with_catalogue(built_in());
    let record = lock("longhorn-system", "longhorn-manager-upgrade-lock", "node-1");
    fold.observe(Observation { at: at(0), fact: Fact::Applied(Object::Lock(record)) });
    fold.advance(at(60));
    let snapshot = fold.snapshot();
    let election = &snapshot.elections[0];
    assert_eq!((election.phase, election.leaderless), (Phase::Expired, Some(true)));
}

/// A pod of the Deployment `fleet-controller`, ready since second 10.
fn pod(deployment: &str, containers: &[&str]) -> PodRecord {
    let container = |name: &&str| ContainerRecord { name: (*name).into(), ..Default::default() };
    let set = format!("{deployment}-6c9d5f7b4");
    PodRecord {
        namespace: "cattle-fleet-system".into(),
        name: format!("{set}-q8zzt").into(),
        phase: "Running".into(),
        ready_since: Some(at(10)),
        owner: Some(Owner { kind: "ReplicaSet".into(), name: set.into(), uid: "r".into() }),
        template: Some("6c9d5f7b4".into()),
        containers: containers.iter().map(container).collect(),
        ..PodRecord::default()
    }
}

fn missing(fold: &mut Leadership) -> Vec<String> {
    fold.snapshot().missing.iter().map(|it| format!("{} {}", it.component, it.lease)).collect()
}

fn list(fold: &mut Leadership, at: Time, locks: Vec<LockRecord>) {
    let objects = locks.into_iter().map(Object::Lock).collect();
    fold.observe(Observation { at, fact: Fact::Listed { kind: Kind::Lease, objects } });
}

#[test]
fn a_lock_that_a_running_deployment_should_have_is_missed() {
    let mut fold = Leadership::with_catalogue(built_in());
    let pod = pod("fleet-controller", &["fleet-controller", "fleet-cleanup"]);
    fold.observe(Observation { at: at(20), fact: Fact::Applied(Object::Pod(pod.clone())) });
    fold.advance(at(100));
    assert!(missing(&mut fold).is_empty(), "no lock was looked for yet");

    let cleanup = lock("cattle-fleet-system", "fleet-cleanup-lock", "p");
    list(&mut fold, at(101), vec![cleanup]);
    let name = "fleet-controller-leader-election-shard";
    assert_eq!(missing(&mut fold), [format!("fleet-controller {name}")]);
    assert_eq!(fold.snapshot().missing[0].since, at(10));

    let lost = Fact::Lost { kind: Kind::Lease, error: "reset".into() };
    fold.observe(Observation { at: at(102), fact: lost });
    assert!(missing(&mut fold).is_empty(), "who is blind misses nothing");

    list(&mut fold, at(103), vec![lock("cattle-fleet-system", name, "p_u")]);
    assert_eq!(missing(&mut fold), ["fleet-cleanup fleet-cleanup-lock"]);
    fold.observe(Observation { at: at(104), fact: Fact::Deleted(Object::Pod(pod)) });
    assert!(missing(&mut fold).is_empty());
}

#[test]
fn a_shard_has_a_lock_of_its_own_and_a_new_pod_has_time_to_make_it() {
    let mut fold = Leadership::with_catalogue(built_in());
    list(&mut fold, at(0), Vec::new());
    let pod = pod("fleet-controller-shard-eu", &["fleet-controller", "fleet-cleanup"]);
    fold.observe(Observation { at: at(11), fact: Fact::Applied(Object::Pod(pod.clone())) });
    assert!(missing(&mut fold).is_empty());
    fold.advance(at(70));
    let name = "fleet-controller-leader-election-shard-eu";
    assert_eq!(missing(&mut fold), [format!("fleet-controller {name}")]);
    let going = PodRecord { deletion: Some(at(71)), ..pod };
    fold.observe(Observation { at: at(71), fact: Fact::Applied(Object::Pod(going)) });
    assert!(missing(&mut fold).is_empty());
}

#[test]
fn a_pod_that_a_list_lacks_is_no_reason_to_miss_a_lock() {
    let mut fold = Leadership::with_catalogue(built_in());
    list(&mut fold, at(0), Vec::new());
    let pods = |fold: &mut Leadership, now, pods: Vec<PodRecord>| {
        let objects = pods.into_iter().map(Object::Pod).collect();
        fold.observe(Observation { at: at(now), fact: Fact::Listed { kind: Kind::Pod, objects } });
    };
    pods(&mut fold, 11, vec![pod("fleet-controller", &["fleet-controller"])]);
    fold.advance(at(100));
    let missed = ["fleet-controller fleet-controller-leader-election-shard"];
    assert_eq!(missing(&mut fold), missed);
    let nodes = Fact::Listed { kind: Kind::Node, objects: Vec::new() };
    fold.observe(Observation { at: at(101), fact: nodes });
    assert_eq!(missing(&mut fold), missed);
    pods(&mut fold, 102, Vec::new());
    assert!(missing(&mut fold).is_empty());
}
