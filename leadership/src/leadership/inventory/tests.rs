use proptest::prelude::*;

use super::*;
use crate::inventory::tests::{at, owned, pod, text};
use crate::observation::{Fact, LockRecord, Observation};
use crate::snapshot::{Candidates, Leader, Method, Note};
use crate::time::Time;

const U: &str = "b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d";

struct Bench {
    fold: Leadership,
    now: i64,
}

impl Bench {
    /// A lease `fleet/x` that `holder` took at 0, and no pods yet.
    fn new(holder: &str) -> Self {
        let mut bench = Self { fold: Leadership::new(), now: 0 };
        bench.take(holder, 0);
        bench
    }

    fn see(&mut self, fact: Fact) {
        self.now += 1;
        self.fold.observe(Observation { at: at(self.now), fact });
    }

    fn take(&mut self, holder: &str, acquire: i64) {
        let stamp = Some(at(acquire));
        let lock = LockRecord {
            uid: text("lock"),
            holder: Some(holder.replace('@', U).into()),
            duration_seconds: Some(1_000_000),
            acquire: stamp,
            renew: stamp,
            transitions: Some(1),
            ..LockRecord::empty(LockKey::lease("fleet", "x"))
        };
        self.see(Fact::Applied(Object::Lock(lock)));
    }

    fn pods(&mut self, pods: Vec<PodRecord>) {
        let objects = pods.into_iter().map(Object::Pod).collect();
        self.see(Fact::Listed { kind: Kind::Pod, objects });
    }

    fn page(&mut self, part: Part, pods: Vec<PodRecord>) {
        self.see(Fact::Page { part, pods });
    }

    fn apply(&mut self, object: Object) {
        self.see(Fact::Applied(object));
    }

    fn delete(&mut self, object: Object) {
        self.see(Fact::Deleted(object));
    }

    fn leader(&mut self) -> Leader {
        let election = self.fold.snapshot().elections[0].clone();
        election.term.as_ref().unwrap().leader.clone()
    }

    fn candidates(&mut self) -> Option<Arc<Candidates>> {
        self.fold.snapshot().elections[0].candidates.clone()
    }
}

fn member(name: &str, node: &str) -> PodRecord {
    owned(pod("fleet", name, node), "ReplicaSet", "gitjob-7", "7")
}

fn lost() -> Fact {
    Fact::Lost { kind: Kind::Pod, error: "reset".into() }
}

#[test]
fn of_a_first_list_nothing_is_told_until_it_is_complete() {
    let mut bench = Bench::new("gitjob-7-a_@");
    let told = |bench: &mut Bench| {
        let picture = bench.fold.snapshot();
        let watch = picture.watches.iter().find(|watch| watch.kind == Kind::Pod);
        let (method, pods) = (bench.leader().method, picture.pods);
        (method, pods, watch.is_some_and(|watch| watch.up && watch.listed))
    };
    bench.page(Part::First, vec![member("gitjob-7-a", "n1"), member("gone", "n1")]);
    // The lock looks for its leader meanwhile.
    bench.take("gitjob-7-b_@", 5);
    bench.take("gitjob-7-a_@", 6);
    assert_eq!(told(&mut bench), (Method::None, 0, false));
    assert_eq!(bench.candidates(), None);
    bench.see(lost());
    assert_eq!(told(&mut bench), (Method::None, 0, false));
    bench.page(Part::First, vec![member("gitjob-7-a", "n1")]);
    bench.page(Part::Next, vec![member("gitjob-7-b", "n2")]);
    assert_eq!(told(&mut bench), (Method::None, 0, false));
    bench.page(Part::Last, Vec::new());
    assert_eq!(told(&mut bench), (Method::PodName, 2, true));
    assert_eq!(bench.candidates().unwrap().count, 2);
    assert!(
        bench.fold.world.inventory.pod(&text("gone-uid")).is_none(),
        "nothing of the first try"
    );
}

#[test]
fn a_list_that_breaks_off_denies_nobody() {
    let mut bench = Bench::new("gitjob-7-a_@");
    bench.pods(vec![member("gitjob-7-a", "n1"), member("gitjob-7-b", "n2")]);
    let before = (bench.leader(), bench.candidates());
    bench.see(lost());
    bench.page(Part::First, vec![member("gitjob-7-b", "n2")]);
    bench.page(Part::Next, vec![member("other", "n3")]);
    let blind = bench.fold.snapshot();
    assert!(blind.watches.iter().any(|watch| watch.kind == Kind::Pod && !watch.up));
    assert_eq!(bench.leader(), before.0);
    // Its end is missing: another one begins, and only what this one lacks is gone.
    bench.page(Part::First, vec![member("gitjob-7-a", "n1")]);
    assert_eq!(bench.leader(), before.0);
    bench.page(Part::Last, vec![member("gitjob-7-b", "n2")]);
    assert_eq!((bench.leader(), bench.candidates()), before);
    assert_eq!(bench.fold.snapshot().pods, 2, "what only the broken one had is gone");
    bench.page(Part::First, vec![member("gitjob-7-b", "n2")]);
    bench.page(Part::Last, Vec::new());
    assert_eq!(bench.leader().method, Method::Cached);
}

#[test]
fn the_end_of_a_list_that_did_not_begin_is_none() {
    let mut bench = Bench::new("gitjob-7-a_@");
    bench.page(Part::Last, vec![member("gitjob-7-a", "n1")]);
    assert!(!bench.fold.world.inventory.pods_listed());
    bench.pods(vec![member("gitjob-7-a", "n1"), member("gitjob-7-b", "n2")]);
    bench.page(Part::Last, vec![member("gitjob-7-b", "n2")]);
    assert_eq!(bench.fold.snapshot().pods, 2);
}

fn node(name: &str, ready: &str) -> Object {
    let ready = Some(ready.into());
    Object::Node(NodeRecord { name: name.into(), ready, ..NodeRecord::default() })
}

#[test]
fn a_change_reaches_the_lock_that_it_concerns() {
    let mut bench = Bench::new("gitjob-7-a_@");
    assert_eq!(bench.leader().method, Method::None);
    assert_eq!(bench.candidates(), None);
    bench.pods(vec![member("gitjob-7-a", "n1")]);
    assert_eq!(bench.leader().node.as_deref(), Some("n1"));
    assert_eq!(bench.candidates().unwrap().ready, 1);
    bench.apply(Object::Pod(member("gitjob-7-b", "n2")));
    assert_eq!(bench.candidates().unwrap().ready, 2);
    bench.apply(node("n1", "Unknown"));
    assert_eq!(bench.leader().notes, [Note::NodeLost]);
    assert_eq!(bench.candidates().unwrap().ready, 1);
    bench.apply(node("n1", "True"));
    assert_eq!(bench.leader().notes, []);
    bench.apply(Object::Workload(WorkloadRecord {
        kind: Kind::Deployment,
        namespace: text("fleet"),
        name: text("gitjob"),
        uid: text("u"),
        replicas: 3,
        deleting: false,
    }));
    assert_eq!(bench.candidates().unwrap().desired, Some(3));
    let leaving = PodRecord { deletion: Some(at(5)), ..member("gitjob-7-a", "n1") };
    bench.apply(Object::Pod(leaving.clone()));
    assert_eq!(bench.leader().notes, [Note::Terminating]);
    assert_eq!(bench.candidates().unwrap().terminating, 1);
    bench.delete(Object::Pod(leaving));
    let gone = bench.leader();
    assert_eq!((gone.method, gone.pod.as_deref()), (Method::Cached, Some("gitjob-7-a")));
    assert_eq!(gone.notes, [Note::Gone]);
    let left = bench.candidates().unwrap();
    assert_eq!((left.count, left.ready, left.list[0].leads), (1, 1, false));
}

#[test]
fn candidates_stay_known_when_the_leader_is_long_gone() {
    let mut bench = Bench::new("gitjob-7-a_@");
    bench.pods(vec![member("gitjob-7-a", "n1"), member("gitjob-7-b", "n2")]);
    bench.delete(Object::Pod(member("gitjob-7-a", "n1")));
    bench.now += 10_000;
    bench.apply(Object::Pod(PodRecord { ready_since: None, ..member("gitjob-7-b", "n2") }));
    assert_eq!(bench.leader().pod.as_deref(), Some("gitjob-7-a"));
    let left = bench.candidates().unwrap();
    assert_eq!((left.count, left.ready, left.tolerance), (1, 0, 0));
}

#[test]
fn the_next_leader_is_found_anew() {
    let mut bench = Bench::new("gitjob-7-a_@");
    bench.pods(vec![member("gitjob-7-a", "n1"), member("gitjob-7-b", "n2")]);
    assert_eq!(bench.candidates().unwrap().list[0].pod.as_ref(), "gitjob-7-a");
    bench.take("gitjob-7-b_@", 20);
    assert_eq!(bench.leader().pod.as_deref(), Some("gitjob-7-b"));
    assert_eq!(bench.candidates().unwrap().list[0].pod.as_ref(), "gitjob-7-b");
}

#[test]
fn a_restart_under_a_bare_name_is_flagged() {
    let mut bench = Bench::new("gitjob-7-a");
    let running = |since: i64| {
        let mut record = member("gitjob-7-a", "n1");
        let running_since = Some(at(since));
        let name = text("gitjob");
        record.containers = vec![crate::observation::ContainerRecord {
            name,
            running_since,
            ..crate::observation::ContainerRecord::default()
        }];
        Object::Pod(record)
    };
    bench.pods(vec![]);
    bench.apply(running(-10));
    assert_eq!(bench.leader().notes, []);
    bench.apply(running(60));
    assert_eq!(bench.leader().notes, [Note::Restarted]);
}

#[test]
fn a_node_that_is_known_later_is_found() {
    let mut bench = Bench::new("n1_@");
    bench.pods(vec![]);
    assert_eq!(bench.leader().node, None);
    bench.apply(Object::Pod(pod("fleet", "other", "n1")));
    assert_eq!((bench.leader().node.as_deref(), bench.leader().method), (Some("n1"), Method::Node));
    let fixed =
        PodRecord { host_network: true, ..owned(pod("fleet", "x-n1", "n1"), "Node", "n1", "") };
    bench.apply(Object::Pod(fixed.clone()));
    assert_eq!(bench.leader().pod.as_deref(), Some("x-n1"));
    bench.delete(Object::Pod(fixed));
    let gone = bench.leader();
    assert_eq!((gone.pod.as_deref(), gone.method), (Some("x-n1"), Method::Cached));
}

#[test]
fn a_candidate_of_coordinated_election_reaches_its_lease() {
    let mut bench = Bench::new("gitjob-7-a_@");
    let lock = LockRecord {
        strategy: Some(text("OldestEmulationVersion")),
        holder: Some(text("a")),
        ..LockRecord::empty(LockKey::lease("fleet", "x"))
    };
    bench.apply(Object::Lock(lock));
    let record = CandidateRecord {
        namespace: text("fleet"),
        name: text("a"),
        lease: text("x"),
        ..CandidateRecord::default()
    };
    assert_eq!(bench.candidates(), None);
    bench.apply(Object::Candidate(record.clone()));
    assert!(bench.candidates().unwrap().list[0].leads);
    bench.delete(Object::Candidate(record));
    assert_eq!(bench.candidates(), None);
}

/// A change of what runs, or of who holds.
fn change() -> impl Strategy<Value = (u8, u8, u8, u8, bool)> {
    (0_u8..10, 0_u8..4, 0_u8..3, 0_u8..3, any::<bool>())
}

fn some_pod(name: u8, place: u8, shape: u8, flag: bool) -> PodRecord {
    let name = ["web-0", "web-0-1", "n1", "a.b"][usize::from(name)];
    let namespace = ["fleet", "other", "third"][usize::from(place)];
    let base = pod(namespace, name, ["n1", "n2", "n3.x"][usize::from(shape)]);
    PodRecord {
        uid: format!("{namespace}{name}{flag}").into(),
        host_network: shape == 0 && flag,
        hostname: Some(text("web-0")).filter(|_| shape == 1 && flag),
        ips: vec![format!("10.0.0.{place}").into()],
        started: Some(at(if flag { 10_000 } else { -10 })),
        ready_since: Some(Time::from_micros(0)).filter(|_| flag),
        ..owned(base, "ReplicaSet", "web-1", if flag { "1" } else { "2" })
    }
}

const HOLDERS: [&str; 10] = [
    "web-0",
    "web-0_@",
    "web-0-1",
    "n1_@",
    "n3-x",
    "web-0_10.0.0.1",
    "a-b",
    "web-8fb8698c-7j6v9_@",
    "n3",
    "x-n1",
];

fn fact(change: (u8, u8, u8, u8, bool), holders: &mut u8) -> Fact {
    let (what, name, place, shape, flag) = change;
    let record = some_pod(name, place, shape, flag);
    match what {
        0 => Fact::Deleted(Object::Pod(record)),
        1 => Fact::Applied(node("n3.x", if flag { "True" } else { "False" })),
        2 => Fact::Deleted(node("n3.x", "True")),
        3 => Fact::Listed { kind: Kind::Pod, objects: vec![Object::Pod(record)] },
        4 | 5 => {
            *holders = (*holders + name + 1) % 10;
            let holder = HOLDERS[usize::from(*holders)].replace('@', U);
            let lock = LockRecord {
                uid: text("lock"),
                holder: Some(holder.into()),
                duration_seconds: Some(1_000_000),
                acquire: Some(at(i64::from(place) * 10_000)),
                renew: Some(at(i64::from(place))),
                transitions: Some(i32::from(*holders)),
                ..LockRecord::empty(LockKey::lease("fleet", "x"))
            };
            Fact::Applied(Object::Lock(lock))
        }
        _ => Fact::Applied(Object::Pod(record)),
    }
}

proptest! {
    /// Page by page, after a try that broke off, or as a whole: the same is known, and the same was told.
    #[test]
    fn a_list_in_pages_is_a_list(
        rounds in prop::collection::vec(
            (prop::collection::vec(change(), 0..12), prop::collection::vec(change(), 0..9), 0_usize..9, 1_usize..4),
            1..5,
        ),
    ) {
        let (mut whole, mut paged) = (Bench::new("web-0"), Bench::new("web-0"));
        let mut holders = 0;
        for (listed, changes, broken, page) in rounds {
            let pods = listed.iter().map(|it| some_pod(it.1, it.2, it.3, it.4));
            let pods: Vec<PodRecord> = pods.collect();
            let mut facts = Vec::new();
            if let Some(some) = pods.get(..broken) {
                facts.push(Fact::Page { part: Part::First, pods: some.to_vec() });
            }
            facts.push(Fact::Page { part: Part::First, pods: Vec::new() });
            for pods in pods.chunks(page) {
                facts.push(Fact::Page { part: Part::Next, pods: pods.to_vec() });
            }
            facts.push(Fact::Page { part: Part::Last, pods: Vec::new() });
            for fact in facts {
                paged.fold.observe(Observation { at: at(paged.now + 1), fact });
            }
            paged.now += 1;
            whole.pods(pods);
            prop_assert_eq!(whole.fold.snapshot(), paged.fold.snapshot());
            for change in changes {
                let fact = fact(change, &mut holders);
                let at = at(whole.now + 1);
                let told = whole.fold.observe(Observation { at, fact: fact.clone() });
                prop_assert_eq!(told, paged.fold.observe(Observation { at, fact }));
                whole.now += 1;
                paged.now += 1;
                prop_assert_eq!(whole.fold.snapshot(), paged.fold.snapshot());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// The index forgets nobody: looking everything up again changes nothing. And nobody is named where
    /// two could be meant.
    #[test]
    fn a_change_reaches_every_lock_that_it_concerns(
        changes in prop::collection::vec(change(), 1..40),
    ) {
        let mut bench = Bench::new("web-0");
        let mut holders = 0;
        for change in changes {
            let fact = fact(change, &mut holders);
            bench.see(fact.clone());
            let before = bench.fold.snapshot();
            for lock in bench.fold.locks.values_mut() {
                lock.resolve(&bench.fold.world.inventory);
            }
            let after = bench.fold.snapshot();
            prop_assert_eq!(&before.elections, &after.elections, "{:?}", fact);
            let leader = bench.leader();
            prop_assert_eq!(leader.pod.is_some(), leader.pod_namespace.is_some());
            prop_assert!(leader.pod.is_none() || !leader.has(Note::Ambiguous), "{:?}", leader);
            prop_assert!(leader.also.len() != 1);
            prop_assert_eq!(!leader.also.is_empty(), leader.has(Note::Ambiguous), "{:?}", leader);
        }
    }
}
