//! Both encodings of one server.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use leadership::time::Time;
use simulator::Size;

use super::*;

/// All leases, pods and nodes that scenes make in ten minutes, under names that tell every version of one apart.
async fn everything() -> Vec<Value> {
    let mut objects = BTreeMap::new();
    let load = Scene::load(Size {
        leases: 6,
        pods: 18,
        nodes: 3,
        renew_every: Duration::from_secs(10),
        ..Size::default()
    });
    for (scene, minutes) in [(Scene::fleet(), 10), (load, 1)] {
        let sim = simulator::start(scene, simulated).await.unwrap();
        for _ in 0..minutes * 12 {
            tokio::time::sleep(Duration::from_secs(5)).await;
            for resource in [Resource::Leases, Resource::Pods, Resource::Nodes] {
                for mut object in sim.server().list(resource) {
                    let metadata = object["metadata"].as_object_mut().unwrap();
                    let version = metadata.remove("resourceVersion").unwrap();
                    let name = format!(
                        "{}-{minutes}-{}",
                        metadata["name"].as_str().unwrap(),
                        version.as_str().unwrap()
                    );
                    metadata.insert("name".to_owned(), Value::from(name.clone()));
                    objects.insert((resource, name), object);
                }
            }
        }
    }
    objects.into_values().collect()
}

/// A clock that goes with a paused runtime's.
#[expect(clippy::disallowed_methods, reason = "tests own their clock")]
fn simulated() -> jiff::Timestamp {
    static START: OnceLock<tokio::time::Instant> = OnceLock::new();
    let now = tokio::time::Instant::now();
    let passed = now.duration_since(*START.get_or_init(|| now));
    let passed = i64::try_from(passed.as_micros()).unwrap();
    Time::from_micros(1_800_000_000_000_000 + passed).into()
}

fn is_of(kind: Kind, object: &Value) -> bool {
    let heartbeat = object["metadata"]["namespace"] == "kube-node-lease";
    let wanted = match kind {
        Kind::Lease | Kind::NodeLease => "Lease",
        Kind::Pod => "Pod",
        _ => "Node",
    };
    object["kind"] == wanted && heartbeat == (kind == Kind::NodeLease)
}

/// What is told of these objects, of which one half stands in a list and the other comes after it.
async fn told(objects: &[&Value], kind: Kind, mut bench: Bench) -> Vec<Object> {
    let (before, after) = objects.split_at(objects.len() / 2);
    let server = bench.sim.server().clone();
    let write = |some: &[&Value]| {
        for object in some {
            server.apply((*object).clone()).unwrap();
        }
    };
    write(before);
    bench.watch(kind).await;
    let mut told = Vec::new();
    while told.len() < objects.len() {
        match bench.next().await {
            Fact::Listed { objects, .. } => told.extend(objects),
            Fact::Page { pods, .. } => told.extend(pods.into_iter().map(Object::Pod)),
            Fact::Applied(object) => told.push(object),
            other => panic!("{other:?}"),
        }
        if told.len() == before.len() {
            write(after);
        }
    }
    told
}

#[tokio::test(start_paused = true)]
async fn all_that_scenes_make_is_the_same_in_both() {
    let objects = everything().await;
    tokio::time::resume();
    for kind in [Kind::Lease, Kind::NodeLease, Kind::Pod, Kind::Node] {
        let some: Vec<&Value> = objects.iter().filter(|object| is_of(kind, object)).collect();
        assert!(some.len() > 10, "{kind:?}");
        for streamed in [None, Some(StreamedLists::Refused)] {
            let mut read = Vec::new();
            for encoding in ENCODINGS {
                let patience =
                    Patience { list_page: LONG, headers: LONG, silence: LONG, ..hasty() };
                let bench = Bench::new(Scene::empty(), patience).await;
                bench.faults(|faults| faults.streamed_lists = streamed);
                bench.speak(encoding);
                let stats = Arc::clone(&bench.stats);
                read.push(told(&some, kind, bench).await);
                assert_eq!(stats.of(kind).encoding(), Some(encoding));
                assert_eq!(stats.of(kind).unreadable.get(), 0);
            }
            for (json, protobuf) in read[0].iter().zip(&read[1]) {
                assert_eq!(json, protobuf);
            }
        }
    }
}

#[tokio::test]
async fn whoever_stops_to_speak_protobuf_is_read_in_json() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.watch(Kind::Lease).await;
    assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
    assert_eq!(bench.stats.of(Kind::Lease).encoding(), Some(Encoding::Protobuf));
    bench.speak(Encoding::Json);
    bench.sim.server().compact();
    bench.relisted().await;
    bench.streaming().await;
    bench.renew("ns", "a", "second");
    assert_eq!(holder(&bench.next().await), applied("ns/a", "second"));
    assert_eq!(bench.stats.of(Kind::Lease).encoding(), Some(Encoding::Json));
}

#[tokio::test]
async fn what_a_server_refuses_in_protobuf_is_understood() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.faults(|faults| faults.forbidden = [Resource::Leases].into());
    bench.watch(Kind::Lease).await;
    let error = bench.lost().await;
    assert!(error.contains("leases.coordination.k8s.io is forbidden"), "{error}");
}
