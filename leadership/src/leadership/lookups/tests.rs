use super::*;
use crate::event::{Cause, Departure, Event, Failover, Manner, What};
use crate::inventory::tests::{at, owned, pod, text};
use crate::lock::LockKey;
use crate::observation::Termination;
use crate::observation::{ContainerRecord, Fact, Kind, LockRecord, Object, Observation};
use crate::snapshot::{Leader, Method, Note};
use std::sync::Arc;

/// A lease `ns/x` of 15 s, renewed every two seconds.
struct Bench {
    fold: Leadership,
    now: i64,
    told: Vec<Event>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { fold: Leadership::new().looking_up(), now: 0, told: Vec::new() };
        bench.see(Fact::Listed { kind: Kind::Lease, objects: Vec::new() });
        bench
    }

    fn see(&mut self, fact: Fact) {
        self.told.extend(self.fold.observe(Observation { at: at(self.now), fact }));
    }

    fn write(&mut self, holder: &str, acquired: i64) {
        let lock = LockRecord {
            uid: text("lock"),
            holder: Some(holder.into()),
            duration_seconds: Some(15),
            acquire: Some(at(acquired)),
            renew: Some(at(self.now)),
            transitions: Some(1),
            ..LockRecord::empty(LockKey::lease("ns", "x"))
        };
        self.see(Fact::Applied(Object::Lock(lock)));
    }

    /// Takes the lock and renews it for so many seconds; returns what is wished for meanwhile.
    fn lead(&mut self, holder: &str, seconds: i64) -> Vec<String> {
        let acquired = self.now;
        self.write(holder, acquired);
        for _ in 0..seconds / 2 {
            self.now += 2;
            self.write(holder, acquired);
        }
        self.wishes()
    }

    fn wait(&mut self, seconds: i64) -> Vec<String> {
        self.now += seconds;
        self.told.extend(self.fold.advance(at(self.now)));
        self.wishes()
    }

    fn wishes(&mut self) -> Vec<String> {
        self.fold.wishes().iter().map(ToString::to_string).collect()
    }

    fn found(&mut self, pod: PodRecord) {
        self.see(Fact::Found(pod));
    }

    fn not_found(&mut self, name: &str) {
        self.see(Fact::NotFound(PodName { namespace: text("ns"), name: text(name) }));
    }

    fn leader(&mut self) -> Leader {
        self.fold.snapshot().elections[0].term.as_ref().unwrap().leader.clone()
    }

    /// The last failover that was told of.
    fn failover(&self) -> Arc<Failover> {
        let failovers = self.told.iter().rev().filter_map(|event| match &event.what {
            What::Failover(failover) => Some(Arc::clone(failover)),
            _ => None,
        });
        failovers.into_iter().next().unwrap()
    }
}

const A: &str = "ctl-5f-aaaaa_b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d";
const B: &str = "ctl-5f-bbbbb_c0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d";

fn member(name: &str) -> PodRecord {
    let mut pod = owned(pod("ns", name, "n1"), "ReplicaSet", "ctl-5f", "5f");
    let running_since = Some(at(-3_600));
    let name = text("c");
    pod.containers = vec![ContainerRecord { name, running_since, ..ContainerRecord::default() }];
    pod
}

fn killed(name: &str, finished: i64) -> PodRecord {
    let end = Termination {
        container: text("c"),
        reason: Some(text("OOMKilled")),
        exit_code: 137,
        finished: Some(at(finished)),
    };
    let mut pod = member(name);
    pod.containers[0].running_since = Some(at(finished + 1));
    pod.terminations = vec![end];
    pod
}

#[test]
fn leaders_are_looked_up_when_terms_begin_and_end() {
    let mut bench = Bench::new();
    assert_eq!(bench.lead(A, 40), ["ns/ctl-5f-aaaaa"]);
    bench.found(member("ctl-5f-aaaaa"));
    assert_eq!(bench.wishes(), [""; 0]);
    assert_eq!(bench.lead(A, 40), [""; 0], "renewals call for nothing");
    assert_eq!(bench.wait(17), ["ns/ctl-5f-aaaaa"], "the claim ran out");
    assert_eq!(bench.lead(B, 0), ["ns/ctl-5f-bbbbb"]);
    let (leader, snapshot) = (bench.leader(), bench.fold.snapshot());
    assert_eq!(leader.pod, None);
    assert!(leader.has(Note::PodsUnseen), "{leader:?}");
    bench.found(member("ctl-5f-bbbbb"));
    let leader = bench.leader();
    assert_eq!((leader.pod.as_deref(), leader.node.as_deref()), (Some("ctl-5f-bbbbb"), Some("n1")));
    assert_eq!(leader.method, Method::PodName);
    let watch = snapshot.watch(Kind::Pod).unwrap();
    assert!(watch.up && watch.looked_up && !watch.listed);
}

#[test]
fn whoever_takes_over_early_has_both_looked_up() {
    let mut bench = Bench::new();
    bench.lead(A, 40);
    assert_eq!(bench.lead(B, 0), ["ns/ctl-5f-aaaaa", "ns/ctl-5f-bbbbb"]);
}

#[test]
fn what_was_seen_after_the_end_tells_the_cause() {
    let mut bench = Bench::new();
    bench.lead(A, 40);
    bench.found(member("ctl-5f-aaaaa"));
    let last = bench.now;
    bench.wait(17);
    bench.found(killed("ctl-5f-aaaaa", last + 1));
    bench.lead(B, 2);
    bench.found(member("ctl-5f-bbbbb"));
    assert_eq!(bench.lead(B, 60), [""; 0], "what is told needs no further look");
    assert_eq!(bench.failover().cause, Cause::OomKilled);
}

#[test]
fn a_pod_that_is_not_found_is_gone_and_nobody_knows_how() {
    let mut bench = Bench::new();
    bench.lead(A, 40);
    bench.found(member("ctl-5f-aaaaa"));
    bench.wait(17);
    bench.not_found("ctl-5f-aaaaa");
    let leader = bench.leader();
    assert_eq!((leader.pod.as_deref(), leader.method), (Some("ctl-5f-aaaaa"), Method::Cached));
    assert!(leader.has(Note::Gone));
    bench.lead(B, 2);
    bench.wait(100);
    let failover = bench.failover();
    assert_eq!(failover.cause, Cause::Departed(Departure::PodDeleted, Manner::AfterStall));
    let evidence = failover.evidence.join(" ");
    assert!(evidence.contains("was gone when it was looked up"), "{evidence}");
}

#[test]
fn what_was_seen_before_the_end_tells_nothing_of_it() {
    let mut bench = Bench::new();
    bench.lead(A, 40);
    bench.found(member("ctl-5f-aaaaa"));
    bench.lead(A, 40);
    bench.wait(17);
    bench.lead(B, 2);
    bench.wait(100);
    let failover = bench.failover();
    // It was running and ready when it was looked at; had it stalled, that would be told of it.
    assert_eq!(failover.cause, Cause::UnknownNoPod, "{failover:?}");
}

#[test]
fn a_cause_that_nothing_tells_calls_for_one_more_look() {
    let mut bench = Bench::new();
    bench.lead(A, 40);
    bench.found(member("ctl-5f-aaaaa"));
    bench.wait(17);
    bench.found(member("ctl-5f-aaaaa"));
    assert_eq!(bench.lead(B, 0), ["ns/ctl-5f-bbbbb"]);
    assert_eq!(bench.lead(B, 30), ["ns/ctl-5f-aaaaa"]);
    assert_eq!(bench.lead(B, 30), [""; 0]);
    assert_eq!(bench.failover().cause, Cause::RenewStalled);
}

#[test]
fn that_a_pod_was_ready_once_says_nothing_of_its_next_term() {
    let mut bench = Bench::new();
    bench.lead(A, 40);
    bench.found(member("ctl-5f-aaaaa"));
    bench.wait(17);
    bench.lead(B, 40);
    bench.wait(17);
    bench.lead(A, 100);
    assert_eq!(bench.failover().ready_seconds, None);
    bench.wait(17);
    bench.lead(B, 2);
    bench.found(member("ctl-5f-bbbbb"));
    bench.lead(B, 100);
    assert!(bench.failover().ready_seconds.is_some());
}

#[test]
fn candidates_are_not_known() {
    let mut bench = Bench::new();
    bench.lead(A, 40);
    bench.found(member("ctl-5f-aaaaa"));
    bench.found(member("ctl-5f-bbbbb"));
    let election = bench.fold.snapshot().elections[0].clone();
    assert_eq!(election.candidates, None);
    assert_eq!(election.term.as_ref().unwrap().leader.pod.as_deref(), Some("ctl-5f-aaaaa"));
}

#[test]
fn names_that_a_holder_may_mean_are_tried_in_turn() {
    let mut bench = Bench::new();
    assert_eq!(bench.lead("db-0", 0), ["ns/db-0"]);
    bench.not_found("db-0");
    assert_eq!(bench.wishes(), ["ns/db"]);
    bench.not_found("db");
    assert_eq!(bench.wishes(), [""; 0]);
    for holder in ["10.0.0.1", "Me", "-", "b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d"] {
        assert_eq!(Bench::new().lead(holder, 0), [""; 0], "{holder}");
    }
}

#[test]
fn the_static_pod_of_a_node_is_tried_last() {
    let mut bench = Bench::new();
    bench.lead("n1_b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d", 4);
    bench.not_found("n1");
    assert_eq!(bench.wishes(), ["ns/x-n1"]);
    bench.found(PodRecord { host_network: true, ..pod("ns", "x-n1", "n1") });
    let leader = bench.leader();
    assert_eq!((leader.pod.as_deref(), leader.method), (Some("x-n1"), Method::Node));
}

/// What is known of a pod elsewhere must not be taken for one that was not looked at yet.
#[test]
fn a_namesake_in_another_namespace_is_not_taken_for_it() {
    let mut bench = Bench::new();
    bench.found(pod("other", "ctl-5f-aaaaa", "n9"));
    bench.lead(A, 4);
    assert_eq!(bench.leader().pod, None);
}

#[test]
fn pods_that_no_lock_names_are_forgotten() {
    let mut bench = Bench::new();
    for n in 0..500 {
        bench.lead(&format!("ctl-{n:05}_b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d"), 0);
        bench.found(member(&format!("ctl-{n:05}")));
        bench.wait(60);
        assert!(bench.fold.world.inventory.pods() <= 130, "{}", bench.fold.world.inventory.pods());
    }
    assert_eq!(bench.leader().pod.as_deref(), Some("ctl-00499"));
}
