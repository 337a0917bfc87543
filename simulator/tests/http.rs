//! What a client sees over HTTP, through the client the product uses.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::pin::pin;
use std::time::Duration;

use futures::{Stream, StreamExt, TryStreamExt};
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, DeleteParams, EvictParams, ListParams, WatchEvent, WatchParams};
use kube::{Client, Config};
use serde_json::{Value, json};
use simulator::{Outage, Resource, Scene, Simulation};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);
/// Long enough for an answer over loopback, when we expect none.
const NEVER: Duration = Duration::from_millis(200);

#[expect(clippy::disallowed_methods, reason = "whoever starts a simulation owns its clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn started(scene: Scene) -> (Simulation, Client) {
    let simulation = simulator::start(scene, now).await.unwrap();
    let mut config = Config::new(simulation.url().parse().unwrap());
    // Or it would spend minutes on a 503 before we saw it.
    config.default_retry = false;
    (simulation, Client::try_from(config).unwrap())
}

fn lease(name: &str, holder: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"namespace": "a", "name": name, "labels": {"app": holder}},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15},
    })
}

fn pod(name: &str, node: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "a", "name": name},
        "spec": {"nodeName": node, "containers": [{"name": "main"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}],
        },
    })
}

async fn next<K>(
    stream: &mut (impl Stream<Item = kube::Result<WatchEvent<K>>> + Unpin),
) -> WatchEvent<K> {
    timeout(SOON, stream.next())
        .await
        .expect("an event")
        .expect("an open stream")
        .expect("a readable event")
}

fn name_of(event: &WatchEvent<Lease>) -> (&'static str, String) {
    match event {
        WatchEvent::Added(lease) => ("added", lease.metadata.name.clone().unwrap()),
        WatchEvent::Modified(lease) => ("modified", lease.metadata.name.clone().unwrap()),
        WatchEvent::Deleted(lease) => ("deleted", lease.metadata.name.clone().unwrap()),
        WatchEvent::Bookmark(bookmark) => ("bookmark", bookmark.metadata.resource_version.clone()),
        WatchEvent::Error(status) => ("error", status.code.to_string()),
    }
}

async fn text(client: &Client, path: &str) -> kube::Result<String> {
    let request = http_get(path);
    timeout(SOON, client.request_text(request)).await.expect("an answer")
}

fn http_get(path: &str) -> http::Request<Vec<u8>> {
    http::Request::get(path).body(Vec::new()).unwrap()
}

fn code(error: kube::Error) -> u16 {
    match error {
        kube::Error::Api(status) => status.code,
        other => panic!("not an API error: {other}"),
    }
}

#[tokio::test]
async fn pages_of_a_list_show_one_moment() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    for name in ["l1", "l2", "l3", "l4", "l5"] {
        server.apply(lease(name, "x")).unwrap();
    }
    let leases: Api<Lease> = Api::all(client);
    let first = leases.list(&ListParams::default().limit(2)).await.unwrap();
    assert_eq!(first.metadata.remaining_item_count, Some(3));
    server.delete(Resource::Leases, "a", "l4").unwrap();

    let mut names: Vec<_> = first.items.into_iter().map(|l| l.metadata.name.unwrap()).collect();
    let mut token = first.metadata.continue_;
    while let Some(next) = token {
        let page =
            leases.list(&ListParams::default().limit(2).continue_token(&next)).await.unwrap();
        assert_eq!(page.metadata.resource_version, first.metadata.resource_version);
        names.extend(page.items.into_iter().map(|l| l.metadata.name.unwrap()));
        token = page.metadata.continue_.filter(|token| !token.is_empty());
    }
    assert_eq!(names, ["l1", "l2", "l3", "l4", "l5"]);
    assert_eq!(server.traffic(Resource::Leases).lists, 3);

    let first = leases.list(&ListParams::default().limit(2)).await.unwrap();
    assert_eq!(first.metadata.remaining_item_count, Some(2));
    server.compact();
    let next = ListParams::default().limit(2).continue_token(&first.metadata.continue_.unwrap());
    assert_eq!(code(leases.list(&next).await.unwrap_err()), 410);
}

#[tokio::test]
async fn a_list_looks_as_the_api_server_writes_it() {
    let (simulation, client) = started(Scene::empty()).await;
    let version = simulation.server().apply(lease("l", "x")).unwrap();
    let path = "/apis/coordination.k8s.io/v1/namespaces/a/leases";
    let list: Value = serde_json::from_str(&text(&client, path).await.unwrap()).unwrap();
    assert_eq!(list["kind"], "LeaseList");
    assert_eq!(list["apiVersion"], "coordination.k8s.io/v1");
    assert_eq!(list["metadata"], json!({"resourceVersion": version.to_string()}));
    let item = &list["items"][0];
    assert_eq!(item.get("kind"), None);
    assert_eq!(item["metadata"]["resourceVersion"], version.to_string());
    assert!(item["metadata"]["uid"].is_string());
    assert!(item["metadata"]["creationTimestamp"].is_string());
    assert_eq!(item["spec"]["leaseDurationSeconds"], 15);

    let one: Value =
        serde_json::from_str(&text(&client, &format!("{path}/l")).await.unwrap()).unwrap();
    assert_eq!(one["kind"], "Lease");
    assert_eq!(one["spec"], item["spec"]);
    assert_eq!(code(text(&client, &format!("{path}/none")).await.unwrap_err()), 404);

    let empty = text(&client, "/api/v1/namespaces/b/pods").await.unwrap();
    assert!(empty.contains("\"items\":[]"), "{empty}");
}

#[tokio::test]
async fn a_watch_replays_from_its_version_and_goes_on() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    let from = server.apply(lease("l1", "x")).unwrap();
    server.apply(lease("l2", "x")).unwrap();
    server.apply(lease("l1", "y")).unwrap();
    let leases: Api<Lease> = Api::all(client);
    let params = WatchParams { bookmarks: false, ..WatchParams::default() };
    let mut events = pin!(leases.watch(&params, &from.to_string()).await.unwrap());
    assert_eq!(name_of(&next(&mut events).await), ("added", "l2".into()));
    assert_eq!(name_of(&next(&mut events).await), ("modified", "l1".into()));
    server.delete(Resource::Leases, "a", "l2").unwrap();
    let WatchEvent::Deleted(gone) = next(&mut events).await else { panic!("not a deletion") };
    assert_eq!(gone.metadata.resource_version, Some(server.version().to_string()));
}

#[tokio::test]
async fn a_watch_from_everything_begins_with_everything() {
    let (simulation, client) = started(Scene::empty()).await;
    simulation.server().apply(lease("l1", "x")).unwrap();
    let leases: Api<Lease> = Api::namespaced(client, "a");
    let mut events = pin!(leases.watch(&WatchParams::default(), "0").await.unwrap());
    assert_eq!(name_of(&next(&mut events).await), ("added", "l1".into()));

    let params = WatchParams::default().initial_events();
    let mut events = pin!(leases.watch(&params, "0").await.unwrap());
    assert_eq!(name_of(&next(&mut events).await), ("added", "l1".into()));
    let WatchEvent::Bookmark(end) = next(&mut events).await else { panic!("no bookmark") };
    assert_eq!(end.metadata.annotations["k8s.io/initial-events-end"], "true");
}

#[tokio::test]
async fn bookmarks_come_in_time_and_at_the_end() {
    let (simulation, client) =
        started(Scene::empty().bookmarks_every(Duration::from_millis(20))).await;
    let from = simulation.server().apply(lease("l1", "x")).unwrap();
    let other = simulation.server().apply(pod("p", "n")).unwrap();
    let leases: Api<Lease> = Api::all(client);
    let params = WatchParams::default().timeout(1);
    let mut events = pin!(leases.watch(&params, &from.to_string()).await.unwrap());
    assert_eq!(name_of(&next(&mut events).await), ("bookmark", other.to_string()));
    let rest: Vec<_> = timeout(SOON, events.try_collect()).await.unwrap().unwrap();
    assert!(rest.len() > 5, "only {} bookmarks in a second", rest.len());
}

#[tokio::test]
async fn a_forgotten_version_is_gone() {
    let (simulation, client) = started(Scene::empty().history(2)).await;
    let server = simulation.server();
    let versions: Vec<u64> =
        (1..=5).map(|n| server.apply(lease(&format!("l{n}"), "x")).unwrap()).collect();
    let leases: Api<Lease> = Api::all(client);
    let params = WatchParams::default();
    let mut kept = pin!(leases.watch(&params, &versions[2].to_string()).await.unwrap());
    assert_eq!(name_of(&next(&mut kept).await), ("added", "l4".into()));

    let mut gone = pin!(leases.watch(&params, &versions[1].to_string()).await.unwrap());
    let WatchEvent::Error(status) = next(&mut gone).await else { panic!("no error") };
    assert_eq!((status.code, status.reason.as_str()), (410, "Expired"));
    assert!(timeout(SOON, gone.next()).await.unwrap().is_none(), "the stream ends after its error");

    server.faults(|faults| faults.gone_as_status = true);
    let refused = leases.watch(&params, &versions[1].to_string()).await.err().unwrap();
    assert_eq!(code(refused), 410);
    server.compact();
    let newest = leases.watch(&params, &versions[4].to_string()).await.err().unwrap();
    assert_eq!(code(newest), 410);
    let listed = leases.list(&ListParams::default()).await.unwrap();
    let fresh = leases.watch(&params, &listed.metadata.resource_version.unwrap()).await;
    assert!(fresh.is_ok());
}

#[tokio::test]
async fn selectors_narrow_lists_and_watches() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    server.apply(pod("p1", "n1")).unwrap();
    let from = server.apply(pod("p2", "n2")).unwrap();
    let pods: Api<Pod> = Api::all(client.clone());
    let on_n1 = pods.list(&ListParams::default().fields("spec.nodeName=n1")).await.unwrap();
    assert_eq!(on_n1.items.len(), 1);
    let unknown = pods.list(&ListParams::default().fields("spec.color=red")).await.unwrap_err();
    assert_eq!(code(unknown), 400);

    let leases: Api<Lease> = Api::all(client);
    let params = WatchParams::default().labels("app=x");
    let mut events = pin!(leases.watch(&params, &from.to_string()).await.unwrap());
    for holder in ["y", "x", "x", "y"] {
        server.apply(lease("l", holder)).unwrap();
    }
    for seen in ["added", "modified", "deleted"] {
        assert_eq!(name_of(&next(&mut events).await), (seen, "l".into()));
    }
}

#[tokio::test]
async fn a_deleted_pod_goes_in_three_steps() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    let from = server.apply(pod("p", "n")).unwrap();
    let pods: Api<Pod> = Api::namespaced(client, "a");
    let mut events = pin!(pods.watch(&WatchParams::default(), &from.to_string()).await.unwrap());
    pods.delete("p", &DeleteParams::default().grace_period(1)).await.unwrap();
    let WatchEvent::Modified(going) = next(&mut events).await else { panic!("not going") };
    assert_eq!(going.metadata.deletion_grace_period_seconds, Some(1));
    let end = going.metadata.deletion_timestamp.unwrap().0;
    assert!((0..=2).contains(&end.duration_since(now()).as_secs()), "{end}");
    let WatchEvent::Modified(ended) = next(&mut events).await else { panic!("not ended") };
    let status = ended.status.unwrap();
    assert!(status.container_statuses.unwrap()[0].state.as_ref().unwrap().terminated.is_some());
    assert!(matches!(next(&mut events).await, WatchEvent::Deleted(_)));

    server.apply(pod("q", "n")).unwrap();
    pods.delete("q", &DeleteParams::default().grace_period(0)).await.unwrap();
    assert_eq!(server.get(Resource::Pods, "a", "q"), None);
}

#[tokio::test]
async fn an_evicted_pod_says_why() {
    let (simulation, client) = started(Scene::empty()).await;
    simulation.server().apply(pod("p", "n")).unwrap();
    let pods: Api<Pod> = Api::namespaced(client, "a");
    pods.evict("p", &EvictParams::default()).await.unwrap();
    let conditions = pods.get("p").await.unwrap().status.unwrap().conditions.unwrap();
    let target = conditions.iter().find(|c| c.type_ == "DisruptionTarget").unwrap();
    assert_eq!(target.reason.as_deref(), Some("EvictionByEvictionAPI"));
}

#[tokio::test]
async fn writes_over_http_are_checked_against_the_version() {
    let (_simulation, client) = started(Scene::empty()).await;
    let leases: Api<Lease> = Api::namespaced(client, "a");
    let first: Lease = serde_json::from_value(lease("l", "x")).unwrap();
    let created = leases.create(&kube::api::PostParams::default(), &first).await.unwrap();
    let again = leases.create(&kube::api::PostParams::default(), &first).await.unwrap_err();
    assert_eq!(code(again), 409);
    leases.replace("l", &kube::api::PostParams::default(), &created).await.unwrap();
    let stale = leases.replace("l", &kube::api::PostParams::default(), &created).await.unwrap_err();
    assert_eq!(code(stale), 409);
}

#[tokio::test]
async fn discovery_is_enough_for_a_client() {
    let (_simulation, client) = started(Scene::empty()).await;
    assert_eq!(client.apiserver_version().await.unwrap().major, "1");
    let groups = client.list_api_groups().await.unwrap();
    assert!(groups.groups.iter().any(|group| group.name == "coordination.k8s.io"));
    let core = client.list_core_api_resources("v1").await.unwrap();
    assert!(core.resources.iter().any(|resource| resource.kind == "Pod"));
    assert_eq!(text(&client, "/readyz").await.unwrap(), "ok");
    assert_eq!(code(text(&client, "/apis/none/v1/things").await.unwrap_err()), 404);
    let nodes: Api<Node> = Api::all(client);
    assert!(nodes.list(&ListParams::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn refusals_are_set_and_cleared() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    let leases: Api<Lease> = Api::all(client.clone());
    let pods: Api<Pod> = Api::all(client.clone());
    let params = ListParams::default();

    server.faults(|faults| faults.unauthorized = true);
    assert_eq!(code(leases.list(&params).await.unwrap_err()), 401);
    server.faults(|faults| *faults = simulator::Faults::default());
    server.faults(|faults| {
        faults.forbidden.insert(Resource::Pods);
    });
    assert_eq!(code(pods.list(&params).await.unwrap_err()), 403);
    leases.list(&params).await.unwrap();

    server.faults(|faults| faults.outage = Some(Outage::Unavailable));
    assert_eq!(code(leases.list(&params).await.unwrap_err()), 503);
    server.faults(|faults| faults.outage = Some(Outage::Disconnected));
    let cut = leases.list(&params).await.unwrap_err();
    assert!(!matches!(cut, kube::Error::Api(_)), "{cut}");
    server.faults(|faults| faults.outage = None);
    leases.list(&params).await.unwrap();
}

#[tokio::test]
async fn hanging_requests_are_answered_when_the_fault_is_cleared() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    let leases: Api<Lease> = Api::all(client);
    server.faults(|faults| faults.black_hole(Resource::Leases));
    let params = ListParams::default();
    let mut list = pin!(leases.list(&params));
    assert!(timeout(NEVER, list.as_mut()).await.is_err());
    let watch_params = WatchParams::default();
    let mut watch = pin!(leases.watch(&watch_params, "1"));
    assert!(timeout(NEVER, watch.as_mut()).await.is_err());
    assert_eq!(server.traffic(Resource::Leases).open_watches, 0);
    server.faults(|faults| *faults = simulator::Faults::default());
    timeout(SOON, list).await.unwrap().unwrap();
    let _open = timeout(SOON, watch).await.unwrap().unwrap();
    server.until(Resource::Leases, |traffic| traffic.open_watches == 1).await;
}

#[tokio::test]
async fn silent_watches_catch_up_and_broken_ones_fail() {
    let (simulation, client) =
        started(Scene::empty().bookmarks_every(Duration::from_millis(5))).await;
    let server = simulation.server();
    let leases: Api<Lease> = Api::all(client);
    let from = server.version().to_string();
    server.faults(|faults| {
        faults.silent_watches.insert(Resource::Leases);
    });
    let mut events = pin!(leases.watch(&WatchParams::default(), &from).await.unwrap());
    server.apply(lease("l", "x")).unwrap();
    assert!(timeout(NEVER, events.next()).await.is_err());
    server.faults(|faults| faults.silent_watches.clear());
    assert_eq!(name_of(&next(&mut events).await), ("added", "l".into()));

    server.break_watches();
    // The client takes a cut in the middle of the stream for its end.
    let rest: Vec<_> = timeout(SOON, events.collect()).await.unwrap();
    assert!(rest.iter().flatten().all(|event| matches!(event, WatchEvent::Bookmark(_))));
    server.until(Resource::Leases, |traffic| traffic.open_watches == 0).await;
}

#[tokio::test]
async fn a_server_that_stands_still_lists_and_tells_nothing_new_until_it_catches_up() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    server.apply(lease("l", "old")).unwrap();
    let leases: Api<Lease> = Api::all(client);
    let from = server.version().to_string();
    let mut events = pin!(leases.watch(&WatchParams::default(), &from).await.unwrap());
    server.faults(|faults| faults.stale = true);
    server.apply(lease("l", "new")).unwrap();
    server.apply(lease("more", "new")).unwrap();
    let list = leases.list(&ListParams::default()).await.unwrap();
    assert_eq!(list.metadata.resource_version.as_deref(), Some(&*from));
    let holder = list.items[0].spec.as_ref().unwrap().holder_identity.as_deref();
    assert_eq!((list.items.len(), holder), (1, Some("old")));
    assert!(timeout(NEVER, events.next()).await.is_err());
    // Somebody who was at another server before waits for what he has seen already.
    let ahead = server.version().to_string();
    let mut other = pin!(leases.watch(&WatchParams::default(), &ahead).await.unwrap());
    assert!(timeout(NEVER, other.next()).await.is_err());

    server.faults(|faults| faults.stale = false);
    assert_eq!(name_of(&next(&mut events).await), ("modified", "l".into()));
    assert_eq!(name_of(&next(&mut events).await), ("added", "more".into()));
    server.apply(lease("last", "new")).unwrap();
    assert_eq!(name_of(&next(&mut other).await), ("added", "last".into()));
    assert_eq!(leases.list(&ListParams::default()).await.unwrap().items.len(), 3);
}

#[tokio::test]
async fn one_poisoned_event_leaves_the_store_whole() {
    let (simulation, client) = started(Scene::empty()).await;
    let server = simulation.server();
    let from = server.apply(lease("l", "x")).unwrap().to_string();
    let leases: Api<Lease> = Api::all(client);
    let mut events = pin!(leases.watch(&WatchParams::default(), &from).await.unwrap());
    server.poison_lease("a", "l").unwrap();
    assert!(timeout(SOON, events.next()).await.unwrap().unwrap().is_err());
    server.inject(Resource::Leases, &b"{\"type\":\xff\n"[..]);
    server.apply(lease("after", "\u{202e}\u{0}\u{1b}[31m\"\\")).unwrap();
    let after =
        events.try_filter(|event| futures::future::ready(matches!(event, WatchEvent::Added(_))));
    assert!(timeout(SOON, pin!(after).next()).await.unwrap().is_some());
    assert_eq!(leases.list(&ListParams::default()).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn a_dropped_simulation_closes_its_port() {
    let (simulation, client) = started(Scene::empty()).await;
    text(&client, "/readyz").await.unwrap();
    let address = simulation.url().trim_start_matches("http://").to_owned();
    drop(simulation);
    timeout(SOON, async {
        while tokio::net::TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the port to close");
}

#[tokio::test]
async fn who_asks_for_metadata_gets_nothing_else() {
    let (simulation, client) = started(Scene::empty()).await;
    let map = |note: &str| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"password": "secret"},
            "metadata": {"namespace": "a", "name": "m", "annotations": {"note": note}},
        })
    };
    simulation.server().apply(map("one")).unwrap();
    let maps: Api<k8s_openapi::api::core::v1::ConfigMap> = Api::namespaced(client, "a");
    let list = maps.list_metadata(&ListParams::default()).await.unwrap();
    assert_eq!(list.types.kind, "PartialObjectMetadataList");
    let version = list.metadata.resource_version.unwrap();
    let seen = serde_json::to_string(&list.items).unwrap();
    assert!(seen.contains("one") && !seen.contains("secret"), "{seen}");
    let mut changes = pin!(maps.watch_metadata(&WatchParams::default(), &version).await.unwrap());
    simulation.server().apply(map("two")).unwrap();
    let change = serde_json::to_string(&next(&mut changes).await).unwrap();
    assert!(change.contains("two") && change.contains("PartialObjectMetadata"), "{change}");
    assert!(!change.contains("secret"), "{change}");
}
