//! The watch against a real HTTP server that misbehaves on demand.

mod busy;
mod encodings;
mod lists;
mod silence;

use leadership::observation::{Kind, Object};
use leadership::time::Delta;
use serde_json::{Value, json};
use simulator::{Faults, Outage, Resource, Scene, Simulation, StreamedLists, Traffic};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::failure::Remedy;
use super::*;
use crate::access::{Access, connect};
use crate::kinds::Row;

const ENCODINGS: [Encoding; 2] = [Encoding::Json, Encoding::Protobuf];

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(5);

/// Deadlines that a test can wait for.
fn hasty() -> Patience {
    Patience {
        list_page: Duration::from_millis(300),
        headers: Duration::from_millis(300),
        probe: Duration::from_millis(100),
        silence: Duration::from_millis(300),
        settle: Duration::from_millis(50),
        overtime: Duration::from_millis(500),
        settled: Duration::from_millis(300),
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(100),
        stagger: Duration::from_millis(10),
        refused: Duration::from_millis(150),
        unserved: Duration::from_millis(150),
        watch_seconds: 60..=60,
        ..Patience::default()
    }
}

fn named(object: &Object) -> String {
    match object {
        Object::Lock(lock) => lock.key.to_string(),
        Object::Pod(pod) => pod.name.to_string(),
        other => format!("{other:?}"),
    }
}

struct Bench {
    sim: Simulation,
    stats: Arc<WatchStats>,
    patience: Patience,
    namespaces: Vec<String>,
    out: mpsc::Sender<Observation>,
    facts: mpsc::Receiver<Observation>,
    tasks: JoinSet<()>,
}

impl Bench {
    async fn new(scene: Scene, patience: Patience) -> Self {
        let sim = simulator::start(scene, || clock::now().into()).await.unwrap();
        let (out, facts) = mpsc::channel(1024);
        Self {
            sim,
            stats: Arc::default(),
            patience,
            namespaces: Vec::new(),
            out,
            facts,
            tasks: JoinSet::new(),
        }
    }

    /// With the leases `ns/a` and `ns/b` and a node's heartbeat.
    async fn with_leases(patience: Patience) -> Self {
        let bench = Self::new(Scene::empty(), patience).await;
        for (namespace, name) in [("ns", "a"), ("ns", "b"), ("kube-node-lease", "n")] {
            bench.renew(namespace, name, "first");
        }
        bench
    }

    fn renew(&self, namespace: &str, name: &str, holder: &str) {
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"namespace": namespace, "name": name},
            "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15},
        });
        self.apply(lease);
    }

    fn apply(&self, object: Value) {
        self.sim.server().apply(object).unwrap();
    }

    fn faults(&self, edit: impl FnOnce(&mut Faults)) {
        self.sim.server().faults(edit);
    }

    /// What the server speaks to those who take both.
    fn speak(&self, encoding: Encoding) {
        self.faults(|faults| faults.without_protobuf = encoding == Encoding::Json);
    }

    fn traffic(&self) -> Traffic {
        self.sim.server().traffic(Resource::Leases)
    }

    async fn cluster(&self) -> Cluster {
        let access = Access { url: Some(self.sim.url()), ..Access::default() };
        connect(&access).await.unwrap()
    }

    async fn watch(&mut self, kind: Kind) {
        let cluster = self.cluster().await;
        self.watch_over(&cluster, kind, &self.patience.clone());
    }

    fn watch_over(&mut self, cluster: &Cluster, kind: Kind, patience: &Patience) {
        let targets = Target::each(Row::of(kind), &self.namespaces);
        let outlets = Outlet::several(kind, &self.out, targets.len());
        for (target, out) in targets.into_iter().zip(outlets) {
            let (cluster, patience) = (cluster.clone(), patience.clone());
            let watcher = Watcher::new(cluster, target, patience, out, Arc::clone(&self.stats));
            self.tasks.spawn(watcher.run());
        }
    }

    async fn next(&mut self) -> Fact {
        let next = timeout(LONG, self.facts.recv()).await;
        next.expect("a fact in time").unwrap().fact
    }

    /// The next fact, which must be a list; its objects' names.
    async fn listed(&mut self) -> Vec<String> {
        match self.next().await {
            Fact::Listed { objects, .. } => objects.iter().map(named).collect(),
            other => panic!("no list but {other:?}"),
        }
    }

    /// The next fact, which must be a page; which one, and how many objects are in it.
    async fn page(&mut self) -> (Part, usize) {
        match self.next().await {
            Fact::Page { part, pods } => (part, pods.len()),
            other => panic!("no page but {other:?}"),
        }
    }

    /// The next fact, which must be a loss; its reason.
    async fn lost(&mut self) -> String {
        match self.next().await {
            Fact::Lost { error, .. } => error.to_string(),
            other => panic!("no loss but {other:?}"),
        }
    }

    /// Facts until a list; how many losses were before it.
    async fn relisted(&mut self) -> usize {
        let mut losses = 0;
        loop {
            match self.next().await {
                Fact::Lost { .. } => losses += 1,
                Fact::Listed { .. } => return losses,
                other => panic!("neither a loss nor a list but {other:?}"),
            }
        }
    }

    async fn streaming(&self) {
        self.streams(1).await;
    }

    /// Waits for the `count`th stream to be accepted.
    async fn streams(&self, count: u64) {
        let all = self.sim.server().until(Resource::Leases, |traffic| {
            traffic.watches >= count && traffic.open_watches == 1
        });
        timeout(LONG, all).await.expect("a stream in time");
    }
}

/// The lock and the holder of a fact that must be a change.
fn holder(fact: &Fact) -> (String, String) {
    match fact {
        Fact::Applied(Object::Lock(lock)) => {
            let holder = lock.holder.as_deref().unwrap_or_default();
            (lock.key.to_string(), holder.to_owned())
        }
        other => panic!("no change but {other:?}"),
    }
}

fn applied(name: &str, by: &str) -> (String, String) {
    (name.to_owned(), by.to_owned())
}

#[tokio::test]
async fn it_lists_and_then_follows() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.watch(Kind::Lease).await;
    assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
    bench.renew("ns", "a", "second");
    assert_eq!(holder(&bench.next().await), applied("ns/a", "second"));
    bench.renew("kube-node-lease", "n", "n");
    let server = bench.sim.server();
    server.delete(Resource::Leases, "ns", "b").unwrap();
    match bench.next().await {
        Fact::Deleted(Object::Lock(lock)) => assert_eq!(lock.key.to_string(), "ns/b"),
        other => panic!("no deletion but {other:?}"),
    }
    assert!(bench.stats.of(Kind::Lease).bytes.get() > 500);
}

#[tokio::test]
async fn heartbeats_of_nodes_are_a_watch_of_their_own() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.watch(Kind::NodeLease).await;
    assert_eq!(bench.listed().await, ["kube-node-lease/n"]);
    bench.renew("ns", "a", "second");
    bench.renew("kube-node-lease", "n", "n");
    assert_eq!(holder(&bench.next().await), applied("kube-node-lease/n", "n"));
}

/// A ConfigMap or Endpoints object with this record, or without one.
fn annotated(kind: &str, name: &str, record: Option<&str>) -> Value {
    let annotations =
        record.map(|record| json!({"control-plane.alpha.kubernetes.io/leader": record}));
    json!({
        "apiVersion": "v1", "kind": kind, "data": {"secret": "7"},
        "metadata": {"namespace": "ns", "name": name, "annotations": annotations},
    })
}

const MINE: &str = r#"{"holderIdentity":"me","leaseDurationSeconds":15}"#;

#[tokio::test]
async fn among_config_maps_only_locks_are_seen_and_only_while_they_are_locks() {
    for (kind, name) in [(Kind::ConfigMap, "ConfigMap"), (Kind::Endpoints, "Endpoints")] {
        let mut bench = Bench::new(Scene::empty(), hasty()).await;
        let server = bench.sim.server().clone();
        let write = |object, record| server.apply(annotated(name, object, record)).unwrap();
        let called = |object: &str| format!("{}/ns/{object}", name.to_lowercase());
        write("plain", None);
        write("lock", Some(MINE));
        bench.watch(kind).await;
        assert_eq!(bench.listed().await, [called("lock")]);
        write("plain", None);
        write("lock", Some(r#"{"holderIdentity":"you"}"#));
        assert_eq!(holder(&bench.next().await), applied(&called("lock"), "you"));
        write("plain", Some(MINE));
        assert_eq!(holder(&bench.next().await), applied(&called("plain"), "me"));
        for object in ["lock", "plain"] {
            write(object, None);
            write(object, None);
            match bench.next().await {
                Fact::Deleted(Object::Lock(lock)) => assert_eq!(&*lock.key.name, object),
                other => panic!("no deletion but {other:?}"),
            }
        }
        write("lock", Some("nonsense"));
        assert_eq!(holder(&bench.next().await), applied(&called("lock"), ""));
        assert_eq!(bench.stats.of(kind).unreadable.get(), 1);
    }
}

#[tokio::test]
async fn every_kind_is_watched_over_the_wire() {
    let mut bench = Bench::new(Scene::empty(), hasty()).await;
    let named = |api: &str, kind: &str, namespace: Option<&str>| {
        let metadata = json!({"namespace": namespace, "name": "x"});
        json!({"apiVersion": api, "kind": kind, "metadata": metadata})
    };
    for (kind, object) in [
        (Kind::Node, named("v1", "Node", None)),
        (Kind::Deployment, named("apps/v1", "Deployment", Some("ns"))),
        (Kind::StatefulSet, named("apps/v1", "StatefulSet", Some("ns"))),
        (Kind::LeaseCandidate, named("coordination.k8s.io/v1beta1", "LeaseCandidate", Some("ns"))),
    ] {
        bench.sim.server().apply(object.clone()).unwrap();
        bench.watch(kind).await;
        match bench.next().await {
            Fact::Listed { kind: of, objects } => assert_eq!((of, objects.len()), (kind, 1)),
            other => panic!("no list but {other:?}"),
        }
        bench.sim.server().apply(object).unwrap();
        match bench.next().await {
            Fact::Applied(object) => assert_eq!(object.kind(), kind),
            other => panic!("no change but {other:?}"),
        }
        bench.tasks.abort_all();
        while bench.tasks.join_next().await.is_some() {}
    }
}

#[tokio::test]
async fn an_api_that_need_not_be_served_is_missed_by_nobody() {
    let mut bench = Bench::new(Scene::empty(), hasty()).await;
    bench.faults(|faults| faults.unknown = [Resource::LeaseCandidates].into());
    bench.watch(Kind::LeaseCandidate).await;
    let asked = |count| {
        let server = bench.sim.server().clone();
        async move {
            let all = server.until(Resource::LeaseCandidates, |traffic| traffic.lists >= count);
            timeout(LONG, all).await.expect("a list in time");
        }
    };
    asked(3).await;
    assert!(bench.facts.try_recv().is_err(), "nothing is told");
    bench.faults(|faults| *faults = Faults::default());
    assert!(bench.listed().await.is_empty());
    // It was there and is gone: so are its objects, and nobody is blind.
    bench.faults(|faults| faults.unknown = [Resource::LeaseCandidates].into());
    bench.sim.server().compact();
    loop {
        match bench.next().await {
            Fact::Listed { objects, .. } => break assert!(objects.is_empty()),
            Fact::Lost { .. } | Fact::Alive(_) => {}
            other => panic!("neither a loss nor a list but {other:?}"),
        }
    }
}

#[tokio::test]
async fn namespaces_narrow() {
    for (namespaces, expected) in
        [(vec!["ns"], vec!["ns/a", "ns/b"]), (vec!["ns", "other"], vec!["ns/a", "ns/b", "other/c"])]
    {
        let mut bench = Bench::with_leases(hasty()).await;
        bench.renew("other", "c", "me");
        bench.renew("third", "d", "me");
        bench.namespaces = namespaces.into_iter().map(str::to_owned).collect();
        bench.watch(Kind::Lease).await;
        assert_eq!(bench.listed().await, expected);
        bench.renew("third", "d", "you");
        bench.renew("ns", "a", "you");
        assert_eq!(holder(&bench.next().await), applied("ns/a", "you"));
    }
}

#[tokio::test]
async fn of_several_namespaces_nothing_is_asked_of_the_whole_cluster() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.renew("other", "c", "me");
    bench.namespaces = ["ns", "other"].map(str::to_owned).into();
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    let two = |traffic: simulator::Traffic| traffic.open_watches == 2;
    timeout(LONG, bench.sim.server().until(Resource::Leases, two)).await.unwrap();
    assert_eq!(bench.traffic().lists, 2);
    // Both break, and what happened meanwhile is told as one list or by the streams that go on.
    bench.sim.server().break_watches();
    bench.lost().await;
    bench.renew("ns", "a", "later");
    loop {
        match bench.next().await {
            Fact::Lost { .. } | Fact::Alive(_) => {}
            Fact::Listed { objects, .. } => {
                assert_eq!(objects.len(), 3);
                break;
            }
            fact => {
                assert_eq!(holder(&fact), applied("ns/a", "later"));
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_watch_that_does_not_begin_is_given_up() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.faults(|faults| {
        faults.streamed_lists = Some(StreamedLists::Refused);
        faults.hang_watch_starts = [Resource::Leases].into();
    });
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    let error = bench.lost().await;
    assert!(error.contains("did not answer the start of a watch"), "{error}");
    bench.faults(|faults| *faults = Faults::default());
    assert_eq!(bench.next().await, Fact::Alive(Kind::Lease));
    assert_eq!(bench.traffic().lists, 2, "one was refused as a stream");
}

#[tokio::test]
async fn a_broken_stream_goes_on_where_it_was() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    bench.streaming().await;
    bench.faults(|faults| faults.hang_watch_starts = [Resource::Leases].into());
    bench.sim.server().break_watches();
    let error = bench.lost().await;
    assert!(error.starts_with("leases.coordination.k8s.io: the watch broke"), "{error}");
    bench.renew("ns", "a", "while blind");
    bench.faults(|faults| *faults = Faults::default());
    loop {
        // The watch may have been given up once more for its late start.
        match bench.next().await {
            Fact::Lost { .. } => {}
            fact => {
                assert_eq!(holder(&fact), applied("ns/a", "while blind"));
                break;
            }
        }
    }
    bench.sim.server().break_watches();
    bench.lost().await;
    assert_eq!(bench.next().await, Fact::Alive(Kind::Lease));
    assert_eq!(bench.traffic().lists, 1);
}

#[tokio::test]
async fn a_resumed_stream_lives_even_if_nothing_of_it_can_be_read() {
    let patience = Patience { settle: LONG * 2, ..hasty() };
    let mut bench = Bench::with_leases(patience).await;
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    bench.streaming().await;
    bench.sim.server().break_watches();
    bench.lost().await;
    bench.sim.server().inject(Resource::Leases, "nonsense\n");
    assert_eq!(bench.next().await, Fact::Alive(Kind::Lease));
}

#[tokio::test]
async fn a_stream_that_ends_as_it_should_is_no_loss() {
    let patience = Patience { watch_seconds: 1..=1, ..hasty() };
    let mut bench = Bench::with_leases(patience).await;
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    bench.streams(3).await;
    bench.renew("ns", "a", "last");
    loop {
        match bench.next().await {
            Fact::Alive(_) => {}
            fact => {
                assert_eq!(holder(&fact), applied("ns/a", "last"));
                break;
            }
        }
    }
    assert_eq!(bench.traffic().lists, 1);
}

#[tokio::test]
async fn a_stream_that_ends_at_once_is_a_loss() {
    let patience = Patience { settled: LONG, watch_seconds: 1..=1, ..hasty() };
    let mut bench = Bench::with_leases(patience).await;
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    assert_eq!(bench.next().await, Fact::Alive(Kind::Lease));
    let error = bench.lost().await;
    assert!(error.contains("ended the watch after only 1.0s"), "{error}");
}

#[tokio::test]
async fn a_forgotten_version_costs_one_list() {
    for as_status in [true, false] {
        let mut bench = Bench::with_leases(hasty()).await;
        bench.faults(|faults| faults.gone_as_status = as_status);
        bench.watch(Kind::Lease).await;
        bench.listed().await;
        bench.streaming().await;
        bench.sim.server().compact();
        // Never alive in between: the broken stream, and the version.
        let losses = bench.relisted().await;
        assert!((1..=2).contains(&losses), "{losses}");
        bench.streaming().await;
        bench.renew("ns", "a", "after");
        assert_eq!(holder(&bench.next().await), applied("ns/a", "after"));
        assert_eq!(bench.traffic().lists, 2);
    }
}

#[tokio::test]
async fn the_first_list_after_a_forgotten_version_does_not_wait() {
    let pause = LONG * 4;
    let patience =
        Patience { healthy: Duration::ZERO, first_pause: pause, longest_pause: pause, ..hasty() };
    let mut bench = Bench::with_leases(patience).await;
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    bench.streaming().await;
    bench.sim.server().inject(Resource::Leases, "{\"type\":\"ERROR\",\"object\":{\"code\":410}}\n");
    assert_eq!(bench.relisted().await, 1);
}

#[tokio::test]
async fn what_is_forbidden_does_not_stop_the_rest() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.faults(|faults| faults.forbidden = [Resource::Pods].into());
    bench.watch(Kind::Pod).await;
    let error = bench.lost().await;
    assert!(error.starts_with("pods is forbidden"), "{error}");
    assert!(error.ends_with("allow the account to list and watch pods"), "{error}");
    bench.watch(Kind::Lease).await;
    assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
    bench.renew("ns", "a", "second");
    assert_eq!(holder(&bench.next().await), applied("ns/a", "second"));
    bench.faults(|faults| *faults = Faults::default());
    assert!(bench.listed().await.is_empty());
}

#[tokio::test]
async fn the_first_watch_that_finds_the_server_again_calls_the_others() {
    for outage in [Outage::Disconnected, Outage::Unavailable] {
        let mut bench = Bench::with_leases(hasty()).await;
        let cluster = bench.cluster().await;
        let sleepy = Patience {
            first_pause: Duration::from_mins(10),
            longest_pause: Duration::from_mins(10),
            longest_absence: Duration::from_mins(10),
            ..hasty()
        };
        bench.faults(|faults| faults.outage = Some(outage));
        bench.watch_over(&cluster, Kind::Pod, &sleepy);
        bench.lost().await;
        bench.watch_over(&cluster, Kind::Lease, &hasty());
        bench.lost().await;
        bench.faults(|faults| *faults = Faults::default());
        let mut back = [bench.next().await, bench.next().await].map(|fact| fact.kind());
        back.sort();
        assert_eq!(back, [Some(Kind::Lease), Some(Kind::Pod)], "{outage:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for() {
    for outage in [Outage::Disconnected, Outage::Unavailable] {
        let mut bench = Bench::with_leases(hasty()).await;
        bench.faults(|faults| faults.outage = Some(outage));
        bench.watch(Kind::Lease).await;
        bench.lost().await;
        bench.faults(|faults| *faults = Faults::default());
        // The error may have changed once on the way.
        assert!(bench.relisted().await <= 1);
        let busy = bench.stats.of(Kind::Lease).throttled.get() > 0;
        assert_eq!(busy, outage == Outage::Unavailable);
    }
}

#[tokio::test]
async fn poison_is_passed_over_and_counted() {
    for encoding in ENCODINGS {
        let mut bench = Bench::with_leases(hasty()).await;
        bench.speak(encoding);
        bench.watch(Kind::Lease).await;
        bench.listed().await;
        bench.streaming().await;
        let server = bench.sim.server();
        server.inject(Resource::Leases, "no JSON\n\n");
        server.inject(Resource::Leases, &b"\xff\xfe\n"[..]);
        server.inject(Resource::Leases, "{\"type\":\"MODIFIED\",\"object\":{\"spec\":{}}}\n");
        server.poison_lease("ns", "b").unwrap();
        bench.renew("ns", "a", "after");
        assert_eq!(holder(&bench.next().await), applied("ns/b", "first"));
        assert_eq!(holder(&bench.next().await), applied("ns/a", "after"));
        assert_eq!(bench.stats.of(Kind::Lease).unreadable.get(), 3);
    }
}

/// A renewal of which nothing can be read but whose it is: in JSON one of its strings has half a character, in protobuf its
/// spec is no message.
fn broken(encoding: Encoding, name: &str) -> String {
    let metadata = format!(r#"{{"namespace":"ns","name":"{name}","resourceVersion":"3"}}"#);
    let spec = match encoding {
        Encoding::Json => r#"{"holderIdentity":"\ud800"}"#,
        Encoding::Protobuf => r#""x""#,
    };
    format!("{{\"type\":\"MODIFIED\",\"object\":{{\"metadata\":{metadata},\"spec\":{spec}}}}}\n")
}

/// An event that was overtaken.
const OLD: &str = "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"namespace\":\"ns\",\"name\":\"b\",\"resourceVersion\":\"1\"}}}\n";

#[tokio::test]
async fn what_came_unreadable_is_asked_for_once_by_itself() {
    for encoding in ENCODINGS {
        let mut bench = Bench::with_leases(hasty()).await;
        bench.speak(encoding);
        bench.watch(Kind::Lease).await;
        bench.listed().await;
        bench.streaming().await;
        bench.faults(|faults| faults.silent_watches = [Resource::Leases].into());
        bench.renew("ns", "b", "unheard");
        bench.faults(|faults| faults.silent_watches.clear());
        assert_eq!(holder(&bench.next().await), applied("ns/b", "unheard"));
        bench.sim.server().inject(Resource::Leases, broken(encoding, "b"));
        assert_eq!(holder(&bench.next().await), applied("ns/b", "unheard"));
        bench.sim.server().inject(Resource::Leases, broken(encoding, "gone"));
        match bench.next().await {
            Fact::Deleted(Object::Lock(lock)) => assert_eq!(lock.key.to_string(), "ns/gone"),
            other => panic!("no deletion but {other:?}"),
        }
        // The stream is behind what was seen.
        bench.sim.server().inject(Resource::Leases, OLD);
        bench.renew("ns", "b", "after");
        assert_eq!(holder(&bench.next().await), applied("ns/b", "after"));
        bench.renew("ns", "b", "last");
        assert_eq!(holder(&bench.next().await), applied("ns/b", "last"));
        assert_eq!(bench.traffic().lists, 3);
        assert_eq!(bench.stats.of(Kind::Lease).unreadable.get(), 2);
    }
}

#[tokio::test]
async fn an_endless_event_is_cut_off() {
    for encoding in ENCODINGS {
        let patience = Patience { frame: 4096, ..hasty() };
        let mut bench = Bench::with_leases(patience).await;
        bench.speak(encoding);
        bench.watch(Kind::Lease).await;
        bench.listed().await;
        bench.streaming().await;
        bench.sim.server().inject(Resource::Leases, "x".repeat(1 << 20));
        let error = bench.lost().await;
        assert!(error.contains("longer than 4096 bytes"), "{error}");
        assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
    }
}

#[tokio::test]
async fn bookmarks_say_that_the_watch_lives() {
    let scene = Scene::empty().bookmarks_every(Duration::from_millis(30));
    let mut bench = Bench::new(scene, hasty()).await;
    bench.watch(Kind::Lease).await;
    assert!(bench.listed().await.is_empty());
    for _ in 0..3 {
        assert_eq!(bench.next().await, Fact::Alive(Kind::Lease));
    }
}

#[test]
fn answers_are_told_with_what_helps() {
    let target = Target::each(Row::of(Kind::Pod), &[]).remove(0);
    let patience = Patience::default();
    let told = |code: u16, body: Value| {
        let code = http::StatusCode::from_u16(code).unwrap();
        let status = serde_json::from_value(body).unwrap();
        Failure::refused(code, &http::HeaderMap::new(), &status, &target, &patience)
    };
    let busy = told(429, json!({"message": "slow down", "details": {"retryAfterSeconds": 7}}));
    assert_eq!((busy.remedy, busy.wait), (Remedy::Resume, Duration::from_secs(7)));
    assert!(busy.text.contains("slow down"));
    let endless = told(503, json!({"details": {"retryAfterSeconds": 1_000_000}}));
    assert_eq!(endless.wait, Duration::from_mins(2));
    assert_eq!(told(401, json!({})).remedy, Remedy::Renew);
    assert_eq!(told(403, json!({})).wait, patience.refused);
    assert_eq!(told(400, json!({"message": 5})).remedy, Remedy::Relist);
    let gone = json!({"code": 410, "reason": "Expired", "message": "too old"}).to_string();
    let gone = Failure::in_stream(encoding::Raw::Json(&gone), &target, &patience);
    assert_eq!(gone.remedy, Remedy::Relist);
    assert_eq!(
        Failure::in_stream(encoding::Raw::Json("7"), &target, &patience).remedy,
        Remedy::Relist
    );
}
