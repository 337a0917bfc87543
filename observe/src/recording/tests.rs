use leadership::lock::{LockKey, LockKind};
use leadership::observation::{
    CandidateRecord, ContainerRecord, Fact, Kind, Labels, LockRecord, NodeRecord, Object,
    Observation, Owner, Part, PodRecord, Termination, WorkloadRecord,
};
use leadership::snapshot::PodName;
use leadership::time::Time;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn written(observations: &[Observation]) -> String {
    let mut writer = Writer::new(Vec::new());
    for observation in observations {
        writer.write(observation).unwrap();
    }
    let mut bytes = Vec::new();
    std::mem::swap(writer.get_mut(), &mut bytes);
    String::from_utf8(bytes).unwrap()
}

fn read(text: &str) -> Result<Vec<Observation>, RecordingError> {
    Reader::new(text.as_bytes()).collect()
}

fn facts(text: &str) -> Vec<Fact> {
    let observations = read(text).unwrap().into_iter();
    observations.map(|observation| observation.fact).collect()
}

fn at(seconds: i64) -> Time {
    Time::from_micros(1_795_359_600_000_000 + seconds * 1_000_000)
}

fn lease(namespace: &str, name: &str) -> LockRecord {
    LockRecord::empty(LockKey::lease(namespace, name))
}

fn listed(kind: Kind, objects: Vec<Object>) -> Fact {
    Fact::Listed { kind, objects }
}

#[test]
fn lines_are_as_documented() {
    let mut held = lease("ns", "x");
    held.uid = "u1".into();
    held.holder = Some("a_1".into());
    held.duration_seconds = Some(15);
    held.renew = Some(at(0));
    held.manager = Some("m".into());
    let heartbeat = lease("kube-node-lease", "n");
    let facts = [
        listed(Kind::Lease, vec![Object::Lock(held)]),
        Fact::Applied(Object::Lock(heartbeat)),
        Fact::Lost { kind: Kind::NodeLease, error: "reset".into() },
        Fact::Alive(Kind::Pod),
        Fact::Page { part: Part::Next, pods: Vec::new() },
        Fact::Tick,
    ];
    let observations = facts.map(|fact| Observation { at: at(0), fact });
    let expected = [
        r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"listed","kind":"Lease","objects":[{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"managedFields":[{"fieldsV1":{"f:spec":{}},"manager":"m"}],"name":"x","namespace":"ns","uid":"u1"},"spec":{"holderIdentity":"a_1","leaseDurationSeconds":15,"renewTime":"2026-11-22T15:00:00.000000Z"}}]}"#,
        r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"applied","object":{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"n","namespace":"kube-node-lease","uid":""},"spec":{}}}"#,
        r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"lost","kind":"Lease","namespace":"kube-node-lease","error":"reset"}"#,
        r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"alive","kind":"Pod"}"#,
        r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"page","kind":"Pod","part":"next","objects":[]}"#,
        r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"tick"}"#,
        "",
    ];
    assert_eq!(written(&observations), expected.join("\n"));
}

#[test]
fn what_a_newer_version_recorded_only_lets_time_pass() {
    let text = concat!(
        r#"{"at":"2026-11-22T15:00:00Z","fact":"listed","kind":"Event","objects":[{"kind":"Event"}]}"#,
        "\n\n   \n",
        r#"{"at":"2026-11-22T15:00:01Z","fact":"applied","object":{"kind":"Event","metadata":{}}}"#,
        "\r\n",
        r#"{"at":"2026-11-22T15:00:02Z","fact":"lost","kind":"Event","error":"x","more":[1]}"#,
    );
    assert_eq!(facts(text), [Fact::Tick, Fact::Tick, Fact::Tick]);
    assert_eq!(read(text).unwrap()[2].at, at(2));
}

#[test]
fn a_list_of_elections_and_heartbeats_is_two() {
    let text = r#"{"at":"2026-11-22T15:00:00Z","fact":"listed","kind":"Lease","objects":[{"metadata":{"namespace":"a","name":"b"}},{"metadata":{"namespace":"kube-node-lease","name":"n"}}]}"#;
    let both = [
        listed(Kind::Lease, vec![Object::Lock(lease("a", "b"))]),
        listed(Kind::NodeLease, vec![Object::Lock(lease("kube-node-lease", "n"))]),
    ];
    assert_eq!(facts(text), both);
    let of_nodes =
        text.replace(r#""kind":"Lease","#, r#""kind":"Lease","namespace":"kube-node-lease","#);
    assert_eq!(facts(&of_nodes), both[1..]);
}

#[test]
fn a_last_line_is_whole_or_cut_wherever_it_ends() {
    let line = r#"{"at":"2026-11-22T15:00:00Z","fact":"tick"}"#;
    for cut in 1..line.len() {
        let text = format!("{line}\n{}", &line[..cut]);
        let mut reader = Reader::new(text.as_bytes());
        assert!(reader.next().unwrap().is_ok());
        let end = reader.next();
        assert!(matches!(end, Some(Err(RecordingError::Cut { line: 2 }))), "{end:?}");
        assert!(reader.next().is_none());
    }
    let whole = format!("{line}\n{line}");
    assert!(Reader::new(whole.as_bytes()).all(|read| read.is_ok()));
}

#[test]
fn bad_lines_are_refused_by_their_number_and_nothing_before_them_is_lost() {
    let good = r#"{"at":"2026-11-22T15:00:00Z","fact":"tick"}"#;
    let cases = [
        ("nonsense", "expected"),
        ("{}", "\"at\""),
        (r#"{"at":"2026-11-22T15:00:00Z"}"#, "\"fact\""),
        (r#"{"at":"yesterday","fact":"tick"}"#, "at column 17"),
        (r#"{"at":"2026-11-22T15:00:00Z","fact":"seen"}"#, "listed, page, applied"),
        (r#"{"at":"2026-11-22T15:00:00Z","fact":"lost","error":"x"}"#, "\"kind\""),
        (r#"{"at":"2026-11-22T15:00:00Z","fact":"listed","kind":"Pod"}"#, "\"objects\""),
        (r#"{"at":"2026-11-22T15:00:00Z","fact":"page","kind":"Pod","objects":[]}"#, "\"part\""),
        (
            r#"{"at":"2026-11-22T15:00:00Z","fact":"page","kind":"Pod","part":"half"}"#,
            "`first`, `next`, `last`",
        ),
        (r#"{"at":"2026-11-22T15:00:00Z","fact":"applied"}"#, "\"object\""),
        (
            r#"{"at":"2026-11-22T15:00:00Z","fact":"applied","object":{"kind":"Pod","metadata":{}}}"#,
            "metadata.name",
        ),
    ];
    for (bad, told) in cases {
        let text = format!("{good}\n\n{bad}\n{good}\n");
        let mut reader = Reader::new(text.as_bytes());
        assert_eq!(reader.next().unwrap().unwrap().fact, Fact::Tick);
        let error = reader.next().unwrap().unwrap_err().to_string();
        assert!(error.starts_with("line 3 of the recording"), "{error}");
        assert!(error.contains(told), "{error}");
        assert!(reader.next().is_none());
    }
}

#[test]
fn what_editors_of_other_systems_add_is_passed_over() {
    let plain = "{\"at\":\"2026-11-22T15:00:00Z\",\"fact\":\"tick\"}\n".repeat(2);
    let expected = read(&plain).unwrap();
    for text in [format!("\u{feff}{plain}"), plain.replace('\n', "\r\n")] {
        assert_eq!(read(&text).unwrap(), expected);
    }
    assert_eq!(read("\u{feff}").unwrap(), []);
    assert!(read(&plain.replace('\n', "\n\u{feff}")).is_err(), "only before the first line");
}

#[test]
fn a_line_without_an_end_is_refused() {
    let text = "x".repeat(1000);
    let error = Reader::with_limit(text.as_bytes(), 999).next().unwrap();
    assert!(matches!(error, Err(RecordingError::TooLong { line: 1, limit: 999 })));
}

#[test]
fn bytes_that_are_no_text_do_not_stop_a_replay() {
    let mut text = br#"{"at":"2026-11-22T15:00:00Z","fact":"lost","kind":"Pod","error":""#.to_vec();
    text.extend_from_slice(b"\xff\xfe\"}\n");
    let observations: Result<Vec<_>, _> = Reader::new(&text[..]).collect();
    let error = "��".into();
    assert_eq!(observations.unwrap()[0].fact, Fact::Lost { kind: Kind::Pod, error });
}

prop_compose! {
    fn name()(text in "[a-z0-9_.é-]{1,20}") -> std::sync::Arc<str> { text.into() }
}

prop_compose! {
    fn labels()(
        pairs in prop::collection::btree_map(name(), "[a-z]{0,3}", 1..3),
    ) -> std::sync::Arc<Labels> {
        std::sync::Arc::new(pairs.into_iter().map(|(key, value)| (key, value.into())).collect())
    }
}

prop_compose! {
    fn time()(micros in -60_000_000_000_000_000_i64..200_000_000_000_000_000) -> Time {
        Time::from_micros(micros)
    }
}

prop_compose! {
    fn any_lease(namespace: &'static str)(
        (name, uid, labels) in (name(), name(), option::of(labels())),
        (holder, strategy, preferred_holder, manager) in
            (option::of(name()), option::of(name()), option::of(name()), option::of(name())),
        (duration_seconds, transitions) in (any::<Option<i32>>(), any::<Option<i32>>()),
        (acquire, renew, version) in
            (option::of(time()), option::of(time()), any::<Option<u64>>()),
    ) -> LockRecord {
        LockRecord {
            key: LockKey::lease(namespace, &name),
            uid, holder, duration_seconds, acquire, renew, transitions, strategy, preferred_holder,
            manager, labels, owner: None, version,
        }
    }
}

fn any_annotated(kind: LockKind) -> impl Strategy<Value = LockRecord> {
    let owner = option::of((name(), name(), name()));
    (any_lease("a"), owner).prop_map(move |(mut lock, owner)| {
        lock.key.kind = kind;
        lock.owner = owner.map(|(kind, name, uid)| Owner { kind, name, uid }.into());
        lock
    })
}

prop_compose! {
    fn any_node()(
        hostnames in prop::collection::btree_set(name(), 0..3),
        (zone, ready) in (option::of(name()), option::of(name())),
    ) -> NodeRecord {
        NodeRecord { name: "N".into(), hostnames: hostnames.into_iter().collect(), zone, ready }
    }
}

prop_compose! {
    fn any_workload(kind: Kind)(
        (namespace, name, uid) in (name(), name(), name()),
        (replicas, deleting) in (any::<u32>(), any::<bool>()),
    ) -> WorkloadRecord {
        WorkloadRecord { kind, namespace, name, uid, replicas, deleting }
    }
}

prop_compose! {
    fn any_candidate()(
        (namespace, name, lease) in (name(), name(), name()),
        (binary_version, emulation_version) in (option::of(name()), option::of(name())),
        (renew, ping) in (option::of(time()), option::of(time())),
    ) -> CandidateRecord {
        CandidateRecord { namespace, name, lease, binary_version, emulation_version, renew, ping }
    }
}

prop_compose! {
    fn any_pod()(
        (namespace, name, uid, phase, node) in
            (name(), name(), name(), name(), option::of(name())),
        (host_network, containers_ready) in (any::<bool>(), any::<bool>()),
        (ready_since, deletion, created, started) in
            (option::of(time()), option::of(time()), option::of(time()), option::of(time())),
        (reason, disruption, template) in
            (option::of(name()), option::of(name()), option::of(name())),
        owner in option::of((name(), name(), name())),
        ips in prop::collection::vec(name(), 0..3),
        containers in prop::collection::vec(any_container(), 0..3),
    ) -> PodRecord {
        let owner = owner.map(|(kind, name, uid)| Owner { kind, name, uid });
        let (containers, terminations): (Vec<_>, Vec<_>) = containers
            .into_iter()
            .enumerate()
            .map(|(place, (mut container, mut end))| {
                container.name = format!("c{place}").into();
                end.container = container.name.clone();
                (container, end)
            })
            .unzip();
        PodRecord {
            namespace, name, uid, node, host_network, hostname: None,
            ips: if host_network { Vec::new() } else { ips },
            phase, reason, created, started, ready_since, containers_ready, disruption, deletion,
            owner, template, containers, terminations,
        }
    }
}

prop_compose! {
    fn any_container()(
        (image, waiting, reason) in (option::of(name()), option::of(name()), option::of(name())),
        (restarts, exit_code) in (any::<u32>(), any::<i32>()),
        (running_since, finished) in (option::of(time()), option::of(time())),
    ) -> (ContainerRecord, Termination) {
        // A container does one thing at a time.
        let waiting = waiting.filter(|_| running_since.is_none());
        let container =
            ContainerRecord { name: "".into(), image, restarts, running_since, waiting };
        (container, Termination { container: "".into(), reason, exit_code, finished })
    }
}

fn any_of(kind: Kind) -> BoxedStrategy<Object> {
    match kind {
        Kind::Lease => any_lease("a").prop_map(Object::Lock).boxed(),
        Kind::NodeLease => any_lease("kube-node-lease").prop_map(Object::Lock).boxed(),
        Kind::Pod => any_pod().prop_map(Object::Pod).boxed(),
        Kind::Node => any_node().prop_map(Object::Node).boxed(),
        Kind::Deployment | Kind::StatefulSet => {
            any_workload(kind).prop_map(Object::Workload).boxed()
        }
        Kind::LeaseCandidate => any_candidate().prop_map(Object::Candidate).boxed(),
        Kind::ConfigMap => any_annotated(LockKind::ConfigMap).prop_map(Object::Lock).boxed(),
        Kind::Endpoints => any_annotated(LockKind::Endpoints).prop_map(Object::Lock).boxed(),
    }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(&Kind::ALL[..])
}

fn any_object() -> impl Strategy<Value = Object> {
    any_kind().prop_flat_map(any_of)
}

fn any_list() -> impl Strategy<Value = Fact> {
    any_kind().prop_flat_map(|kind| {
        let objects = prop::collection::vec(any_of(kind), 0..4);
        objects.prop_map(move |objects| listed(kind, objects))
    })
}

fn any_page() -> impl Strategy<Value = Fact> {
    let part = prop::sample::select(&[Part::First, Part::Next, Part::Last][..]);
    (part, prop::collection::vec(any_pod(), 0..4))
        .prop_map(|(part, pods)| Fact::Page { part, pods })
}

fn any_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        3 => any_list(),
        3 => any_object().prop_map(Fact::Applied),
        1 => any_object().prop_map(Fact::Deleted),
        1 => any_page(),
        1 => any_pod().prop_map(Fact::Found),
        1 => any_pod().prop_map(|PodRecord { namespace, name, .. }| {
            Fact::NotFound(PodName { namespace, name })
        }),
        1 => (any_kind(), name()).prop_map(|(kind, error)| Fact::Lost { kind, error }),
        1 => any_kind().prop_map(Fact::Alive),
        1 => Just(Fact::Tick),
    ]
}

#[test]
fn what_carries_no_record_is_no_lock() {
    let map = |record: &str| {
        format!(
            r#"{{"kind":"ConfigMap","metadata":{{"namespace":"a","name":"b","annotations":{{{record}}}}}}}"#
        )
    };
    let record = r#""control-plane.alpha.kubernetes.io/leader":"{\"holderIdentity\":\"me\"}""#;
    let line = |fact: &str| format!(r#"{{"at":"2026-11-22T15:00:00Z",{fact}}}"#);
    let list =
        format!(r#""fact":"listed","kind":"ConfigMap","objects":[{},{}]"#, map(""), map(record));
    let lines = [
        line(&list),
        line(&format!(r#""fact":"applied","object":{}"#, map(record))),
        line(&format!(r#""fact":"applied","object":{}"#, map(""))),
        line(&format!(r#""fact":"deleted","object":{}"#, map(""))),
    ];
    let key = LockKey { kind: LockKind::ConfigMap, ..LockKey::lease("a", "b") };
    let none = Object::Lock(LockRecord::empty(key.clone()));
    let held = LockRecord { holder: Some("me".into()), ..LockRecord::empty(key) };
    let expected = [
        listed(Kind::ConfigMap, vec![Object::Lock(held.clone())]),
        Fact::Applied(Object::Lock(held)),
        Fact::Deleted(none.clone()),
        Fact::Deleted(none),
    ];
    assert_eq!(facts(&lines.join("\n")), expected);
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        observations in prop::collection::vec(
            (time(), any_fact()).prop_map(|(at, fact)| Observation { at, fact }), 0..6),
    ) {
        prop_assert_eq!(read(&written(&observations)).unwrap(), observations);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\PC|\n){0,200}") {
        let _ = read(&text);
    }
}
