use serde_json::{Value, json};
use simulator::{Scene, Simulation};

use super::*;
use crate::access::{self, Access};

fn pod(name: &str, containers: &[&str]) -> Value {
    let all: Vec<Value> = containers.iter().map(|name| json!({"name": name})).collect();
    let status = |name: &&str| json!({"name": name, "restartCount": 0, "state": {"running": {}}});
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "a", "name": name},
        "spec": {"containers": all},
        "status": {"containerStatuses": containers.iter().map(status).collect::<Vec<_>>()},
    })
}

async fn cluster() -> (Simulation, Cluster) {
    let sim = simulator::start(Scene::empty(), || crate::clock::now().into()).await.unwrap();
    let access = Access { url: Some(sim.url()), ..Access::default() };
    let cluster = access::connect(&access).await.unwrap();
    (sim, cluster)
}

fn name(name: &str) -> PodName {
    PodName { namespace: "a".into(), name: name.into() }
}

async fn all(mut log: Log) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(line) = log.next().await.unwrap() {
        assert!(line.at.is_some());
        lines.push(String::from_utf8(line.text).unwrap());
    }
    lines
}

async fn refusal(cluster: &Cluster, pod: &PodName, wanted: &Wanted) -> LogError {
    match open(cluster, pod, wanted).await {
        Ok(_) => panic!("the log of {pod} should not be read"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn the_lines_asked_for_come_without_their_stamps() {
    let (sim, cluster) = cluster().await;
    sim.server().apply(pod("x", &["main"])).unwrap();
    for line in ["one", "two words", ""] {
        sim.server().print("a", "x", "main", line);
    }
    let log = open(&cluster, &name("x"), &Wanted::default()).await.unwrap();
    assert_eq!(log.container.as_deref(), Some("main"));
    assert!(log.others.is_empty());
    assert_eq!(all(log).await, ["one", "two words", ""]);
    let tail = Wanted { tail: Some(2), ..Wanted::default() };
    assert_eq!(all(open(&cluster, &name("x"), &tail).await.unwrap()).await, ["two words", ""]);
    let future = Some(crate::clock::now() + leadership::time::Delta::from_secs(60));
    let later = Wanted { since: future, ..Wanted::default() };
    assert!(all(open(&cluster, &name("x"), &later).await.unwrap()).await.is_empty());
}

#[tokio::test]
async fn a_followed_log_goes_on_until_its_container_ends() {
    let (sim, cluster) = cluster().await;
    sim.server().apply(pod("x", &["main"])).unwrap();
    sim.server().print("a", "x", "main", "one");
    let wanted = Wanted { follow: true, ..Wanted::default() };
    let mut log = open(&cluster, &name("x"), &wanted).await.unwrap();
    assert_eq!(log.next().await.unwrap().unwrap().text, b"one");
    sim.server().print("a", "x", "main", "two");
    assert_eq!(log.next().await.unwrap().unwrap().text, b"two");
    sim.server().delete_pod("a", "x", Some(0), None).unwrap();
    assert_eq!(log.next().await.unwrap(), None);
    assert!(matches!(refusal(&cluster, &name("x"), &wanted).await, LogError::Gone(_)));
}

#[tokio::test]
async fn of_several_containers_the_pod_says_which_or_the_first_is_taken() {
    let (sim, cluster) = cluster().await;
    let mut object = pod("x", &["side", "main"]);
    sim.server().apply(object.clone()).unwrap();
    let log = open(&cluster, &name("x"), &Wanted::default()).await.unwrap();
    assert_eq!(
        (log.container.as_deref(), log.others.as_slice()),
        (Some("side"), &["main".into()][..])
    );
    object["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/default-container": "main"});
    sim.server().apply(object).unwrap();
    let log = open(&cluster, &name("x"), &Wanted::default()).await.unwrap();
    assert_eq!(log.container.as_deref(), Some("main"));
    let wanted = Wanted { container: Some("none".into()), ..Wanted::default() };
    let error = refusal(&cluster, &name("x"), &wanted).await.to_string();
    assert_eq!(error, "pod a/x has no container \"none\"; it has: side, main");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let (sim, cluster) = cluster().await;
    let mut object = pod("x", &["main"]);
    sim.server().apply(object.clone()).unwrap();
    let previous = Wanted { previous: true, ..Wanted::default() };
    let error = refusal(&cluster, &name("x"), &previous).await;
    assert!(matches!(error, LogError::NoPrevious { .. }) && !error.passes(), "{error}");
    object["status"]["containerStatuses"][0]["state"] =
        json!({"waiting": {"reason": "ContainerCreating"}});
    sim.server().apply(object).unwrap();
    let error = refusal(&cluster, &name("x"), &Wanted::default()).await;
    assert!(matches!(error, LogError::NotStarted { .. }) && error.passes(), "{error}");
    sim.server().faults(|faults| faults.forbidden_logs = true);
    let error = refusal(&cluster, &name("x"), &Wanted::default()).await;
    assert!(error.to_string().contains("get pods/log"), "{error}");
    assert!(!error.passes());
    sim.server().faults(|faults| faults.unauthorized = true);
    let error = refusal(&cluster, &name("x"), &Wanted::default()).await;
    assert!(error.to_string().contains("log in again"), "{error}");
}

#[tokio::test]
async fn the_run_before_a_restart_can_be_read() {
    let (sim, cluster) = cluster().await;
    let mut object = pod("x", &["main"]);
    sim.server().apply(object.clone()).unwrap();
    sim.server().print("a", "x", "main", "first run");
    object["status"]["containerStatuses"][0]["restartCount"] = json!(1);
    sim.server().apply(object).unwrap();
    sim.server().print("a", "x", "main", "second run");
    let previous = Wanted { previous: true, ..Wanted::default() };
    assert_eq!(all(open(&cluster, &name("x"), &previous).await.unwrap()).await, ["first run"]);
    let now = open(&cluster, &name("x"), &Wanted::default()).await.unwrap();
    assert_eq!(all(now).await, ["second run"]);
}

#[test]
fn lines_without_a_stamp_and_without_an_end_are_lines() {
    let text = |bytes: &[u8]| line(bytes).text;
    assert_eq!(text(b"2026-11-22T15:00:00.123456789Z a b"), b"a b");
    assert_eq!(text(b"2026-11-22T15:00:00Z"), b"");
    assert_eq!(text(b"unable to retrieve it"), b"unable to retrieve it");
    assert_eq!(text(b"\xff\xfe"), b"\xff\xfe");
    assert_eq!(text(b""), b"");
}

#[test]
fn times_are_asked_for_in_whole_seconds() {
    let since = Some("2026-11-22T15:00:00.900000Z".parse::<jiff::Timestamp>().unwrap().into());
    let wanted = Wanted { follow: true, since, ..Wanted::default() };
    assert_eq!(
        uri(&name("x/y"), Some("c"), &wanted),
        "/api/v1/namespaces/a/pods/x%2Fy/log?timestamps=true&container=c&follow=true\
         &sinceTime=2026-11-22T15%3A00%3A00.000000Z"
    );
}
