//! Complete lists, as streams and in pages.

use super::*;
use crate::watch::stats::ListedBy;

/// A pod of this name.
fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "ns", "name": name}})
}

impl Bench {
    /// With so many pods, of which the fold takes two at a time.
    async fn with_pods(count: usize) -> Self {
        let bench = Self::new(Scene::empty(), Patience { page: 2, ..hasty() }).await;
        for name in 0..count {
            bench.sim.server().apply(pod(&format!("p{name}"))).unwrap();
        }
        bench
    }

    fn streamed(&self, fault: Option<StreamedLists>) {
        self.faults(|faults| faults.streamed_lists = fault);
    }

    fn listed_by(&self, kind: Kind) -> Option<ListedBy> {
        self.stats.of(kind).listed_by()
    }

    /// A watch that nobody runs.
    async fn still(&self, kind: Kind) -> Watcher {
        let target = Target::each(Row::of(kind), &[]).remove(0);
        let (out, stats) = (Outlet::alone(self.out.clone()), Arc::clone(&self.stats));
        Watcher::new(self.cluster().await, target, self.patience.clone(), out, stats)
    }
}

#[tokio::test]
async fn a_list_is_the_beginning_of_the_watch() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.watch(Kind::Lease).await;
    assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
    bench.renew("ns", "a", "second");
    assert_eq!(holder(&bench.next().await), applied("ns/a", "second"));
    let traffic = bench.traffic();
    assert_eq!((traffic.lists, traffic.watches), (1, 1), "and it is one request");
    assert_eq!(bench.listed_by(Kind::Lease), Some(ListedBy::Stream));
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    for encoding in ENCODINGS {
        for fault in [None, Some(StreamedLists::Refused)] {
            let mut bench = Bench::with_pods(0).await;
            bench.speak(encoding);
            bench.streamed(fault);
            bench.watch(Kind::Pod).await;
            assert!(bench.listed().await.is_empty());
        }
    }
}

#[tokio::test]
async fn where_streams_are_refused_pages_come_at_once_and_for_some_time() {
    let patience = Patience { unserved: LONG, ..hasty() };
    let mut bench = Bench::with_leases(patience).await;
    bench.streamed(Some(StreamedLists::Refused));
    bench.watch(Kind::Lease).await;
    assert_eq!(bench.listed().await, ["ns/a", "ns/b"], "nobody was told of a loss");
    assert_eq!(bench.listed_by(Kind::Lease), Some(ListedBy::Pages));
    bench.streamed(None);
    bench.streams(2).await;
    bench.sim.server().compact();
    bench.relisted().await;
    assert_eq!(bench.listed_by(Kind::Lease), Some(ListedBy::Pages));
    assert_eq!(bench.traffic().lists, 3, "a stream that was refused, and two pages");
}

#[tokio::test]
async fn streams_are_tried_again_after_some_time() {
    let patience = Patience { unserved: Duration::ZERO, ..hasty() };
    let mut bench = Bench::with_leases(patience).await;
    bench.streamed(Some(StreamedLists::Refused));
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    bench.streams(2).await;
    bench.streamed(None);
    bench.sim.server().compact();
    bench.relisted().await;
    assert_eq!(bench.listed_by(Kind::Lease), Some(ListedBy::Stream));
}

#[tokio::test]
async fn a_busy_server_is_not_asked_for_pages_instead() {
    let mut bench = Bench::with_leases(Patience { unserved: LONG, ..hasty() }).await;
    bench.faults(|faults| faults.busy = Some(0));
    bench.watch(Kind::Lease).await;
    bench.lost().await;
    bench.faults(|faults| faults.busy = None);
    assert!(bench.relisted().await <= 1);
    assert_eq!(bench.listed_by(Kind::Lease), Some(ListedBy::Stream));
}

const BROKEN: [(StreamedLists, &str); 4] = [
    (StreamedLists::Unmarked, "did not answer the rest of a list within 300ms"),
    (StreamedLists::Cut, "the watch broke"),
    (StreamedLists::Stalled, "did not answer the rest of a list within 300ms"),
    (StreamedLists::Expired, "410 Gone: too old resource version"),
];

#[tokio::test]
async fn a_stream_that_breaks_in_its_list_is_a_loss_and_pages_follow() {
    for (encoding, (fault, told)) in
        ENCODINGS.into_iter().flat_map(|encoding| BROKEN.map(|broken| (encoding, broken)))
    {
        let mut bench = Bench::with_leases(Patience { unserved: LONG, ..hasty() }).await;
        bench.speak(encoding);
        bench.streamed(Some(fault));
        bench.watch(Kind::Lease).await;
        let error = bench.lost().await;
        assert!(error.contains(told), "{fault:?}: {error}");
        assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
        assert_eq!(bench.listed_by(Kind::Lease), Some(ListedBy::Pages));
        bench.renew("ns", "a", "second");
        assert_eq!(holder(&bench.next().await), applied("ns/a", "second"));
    }
}

#[tokio::test]
async fn pods_of_a_stream_that_breaks_are_told_anew_from_the_first_page_on() {
    for (fault, _) in BROKEN {
        let mut bench = Bench::with_pods(5).await;
        bench.streamed(Some(fault));
        bench.watch(Kind::Pod).await;
        assert_eq!(bench.page().await, (Part::First, 2));
        if fault == StreamedLists::Unmarked {
            assert_eq!(bench.page().await, (Part::Next, 2));
        }
        bench.lost().await;
        assert_eq!(bench.page().await, (Part::First, 2), "{fault:?}");
        assert_eq!(bench.page().await, (Part::Next, 2));
        assert_eq!(bench.page().await, (Part::Last, 1));
        assert_eq!(bench.listed_by(Kind::Pod), Some(ListedBy::Pages));
    }
}

#[tokio::test]
async fn a_page_is_no_sight() {
    let mut bench = Bench::with_pods(5).await;
    bench.patience.unserved = Duration::ZERO;
    bench.streamed(Some(StreamedLists::Stalled));
    bench.watch(Kind::Pod).await;
    assert_eq!(bench.page().await, (Part::First, 2));
    bench.lost().await;
    // The same is not told again, for nobody has been told that we see.
    for _ in 0..2 {
        assert_eq!(bench.page().await, (Part::First, 2));
    }
}

#[tokio::test]
async fn pods_are_told_page_by_page() {
    for fault in [None, Some(StreamedLists::Refused)] {
        let mut bench = Bench::with_pods(5).await;
        bench.streamed(fault);
        bench.watch(Kind::Pod).await;
        assert_eq!(bench.page().await, (Part::First, 2));
        assert_eq!(bench.page().await, (Part::Next, 2));
        assert_eq!(bench.page().await, (Part::Last, 1));
        bench.sim.server().apply(pod("p1")).unwrap();
        assert!(matches!(bench.next().await, Fact::Applied(_)));
        let by = if fault.is_some() { ListedBy::Pages } else { ListedBy::Stream };
        assert_eq!(bench.listed_by(Kind::Pod), Some(by));
    }
}

fn event(change: &str, name: &str, version: u64) -> String {
    let metadata = json!({"namespace": "ns", "name": name, "resourceVersion": version.to_string()});
    json!({"type": change, "object": {"metadata": metadata}}).to_string()
}

fn end(version: u64) -> String {
    let metadata = json!({
        "resourceVersion": version.to_string(),
        "annotations": {"k8s.io/initial-events-end": "true"},
    });
    json!({"type": "BOOKMARK", "object": {"metadata": metadata}}).to_string()
}

/// Plays events to a watch that lists.
async fn play(watcher: &mut Watcher, events: &[String]) -> Result<(), Failure> {
    for line in events {
        watcher.take(encoding::Event::in_json(line), clock::now()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_happens_before_the_end_is_marked_follows_the_list_in_order() {
    let mut bench = Bench::new(Scene::empty(), hasty()).await;
    let mut watcher = bench.still(Kind::Lease).await;
    watcher.begin_list();
    let events = [
        event("ADDED", "a", 3),
        event("ADDED", "b", 4),
        "nonsense".to_owned(),
        json!({"type": "ADDED", "object": 7}).to_string(),
        event("MODIFIED", "a", 11),
        event("DELETED", "b", 12),
        event("ADDED", "b", 13),
        event("BOOKMARK", "", 14),
    ];
    play(&mut watcher, &events).await.ok().unwrap();
    assert!(bench.facts.try_recv().is_err(), "nothing is told before the end");
    assert_eq!(watcher.version, None, "nor could a watch go on from anywhere");
    play(&mut watcher, &[end(15)]).await.ok().unwrap();
    assert_eq!(watcher.version.as_deref(), Some("15"));
    assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
    let mut told = Vec::new();
    while let Ok(observation) = bench.facts.try_recv() {
        told.push(match observation.fact {
            Fact::Applied(object) => format!("+{}", named(&object)),
            Fact::Deleted(object) => format!("-{}", named(&object)),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(told, ["+ns/a", "-ns/b", "+ns/b"]);
    assert_eq!(bench.stats.of(Kind::Lease).unreadable.get(), 2);
}

#[tokio::test]
async fn an_end_that_never_comes_is_not_waited_for_while_changes_do() {
    let bench = Bench::new(Scene::empty(), Patience { headers: Duration::ZERO, ..hasty() }).await;
    let mut watcher = bench.still(Kind::Lease).await;
    watcher.begin_list();
    play(&mut watcher, &[event("ADDED", "a", 3)]).await.ok().unwrap();
    let failure = play(&mut watcher, &[event("MODIFIED", "a", 4)]).await.err().unwrap();
    assert!(failure.pages_help && failure.text.contains("does not mark the end"));
}

#[tokio::test]
async fn an_end_without_a_version_is_none() {
    let mut bench = Bench::new(Scene::empty(), hasty()).await;
    let mut watcher = bench.still(Kind::Lease).await;
    watcher.begin_list();
    let end = r#"{"type":"BOOKMARK","object":{"metadata":{"annotations":{"k8s.io/initial-events-end":"true"}}}}"#;
    assert!(play(&mut watcher, &[end.to_owned()]).await.is_err());
    assert!(bench.facts.try_recv().is_err());
}

#[tokio::test]
async fn pages_become_one_list() {
    for encoding in ENCODINGS {
        let patience = Patience { page: 2, ..hasty() };
        let mut bench = Bench::with_leases(patience).await;
        bench.speak(encoding);
        for name in ["c", "d", "e"] {
            bench.renew("ns", name, "me");
        }
        bench.streamed(Some(StreamedLists::Refused));
        bench.watch(Kind::Lease).await;
        assert_eq!(bench.listed().await, ["ns/a", "ns/b", "ns/c", "ns/d", "ns/e"]);
        assert_eq!(bench.traffic().lists, 4, "one of them refused");
    }
}

#[tokio::test]
async fn pods_of_several_namespaces_are_told_as_a_whole() {
    let mut bench = Bench::new(Scene::empty(), Patience { page: 1, ..hasty() }).await;
    for name in ["a", "b"] {
        bench.sim.server().apply(pod(name)).unwrap();
    }
    bench.namespaces = ["ns", "other"].map(str::to_owned).into();
    bench.watch(Kind::Pod).await;
    assert_eq!(bench.listed().await, ["a", "b"]);
}

#[tokio::test]
async fn a_page_waits_until_the_fold_has_caught_up() {
    let (out, mut facts) = mpsc::channel(16);
    let outlet = Outlet::alone(out);
    let page = || {
        let fact = Fact::Page { part: Part::Next, pods: Vec::new() };
        outlet.send(Observation { at: clock::now(), fact })
    };
    for _ in 0..3 {
        page().await;
    }
    assert!(timeout(Duration::from_millis(20), page()).await.is_err(), "three wait already");
    facts.recv().await.unwrap();
    timeout(LONG, page()).await.unwrap();
}

#[tokio::test]
async fn a_list_that_hangs_is_given_up() {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.faults(|faults| faults.hang_lists = [Resource::Leases].into());
    bench.watch(Kind::Lease).await;
    let error = bench.lost().await;
    assert!(error.contains("did not answer a list within 300ms"), "{error}");
    bench.faults(|faults| *faults = Faults::default());
    assert_eq!(bench.listed().await, ["ns/a", "ns/b"]);
}

#[tokio::test]
async fn a_poisoned_item_does_not_cost_the_list() {
    let mut bench = Bench::with_leases(hasty()).await;
    let mut watcher = bench.still(Kind::Lease).await;
    let page = r#"{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}},"no",{"spec":1}]}"#;
    watcher.begin_list();
    let metadata = watcher.items(page).ok().unwrap();
    let version = metadata.resource_version.0;
    assert_eq!(watcher.end_list(version, ListedBy::Pages).await.ok().as_deref(), Some("7"));
    assert_eq!(bench.listed().await.len(), 1);
    assert_eq!(bench.stats.of(Kind::Lease).unreadable.get(), 2);
}
