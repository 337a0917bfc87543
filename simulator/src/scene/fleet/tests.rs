//! The scene in paused time.

use std::collections::BTreeSet;

use super::parts::{AGENT, CLEANUP, CONTROLLER, GITOPS, HELMOPS, Kind, PARTS, REPLICAS};
use super::*;
use crate::apiserver::Resource;
use crate::objects::lease::Record;
use crate::scene::Scene;
use crate::virtual_time::now;

/// Polls of the tests below.
const POLL: Duration = Duration::from_millis(100);
/// Everything a trace shows lasts longer.
const SLOW_POLL: Duration = Duration::from_millis(500);

fn play(seed: u64) -> (ApiServer, JoinSet<()>) {
    let scene = Scene::fleet().seed(seed);
    let server = ApiServer::new(&scene, now);
    let mut tasks = JoinSet::new();
    scene.play(&server, &mut tasks);
    (server, tasks)
}

fn record(server: &ApiServer, lock: &str) -> Record {
    let leases = server.list(Resource::Leases);
    let lease = leases.iter().find(|lease| lease["metadata"]["name"] == lock).unwrap();
    Record::read(&lease["spec"])
}

fn pod_named(server: &ApiServer, name: &str) -> Option<Value> {
    server.list(Resource::Pods).into_iter().find(|pod| pod["metadata"]["name"] == name)
}

#[tokio::test(start_paused = true)]
async fn the_installation_looks_as_fleet_does() {
    let (server, _tasks) = play(1);
    let pods = server.list(Resource::Pods);
    assert_eq!(pods.len(), 6 * 3);
    let pod = pods.iter().find(|pod| pod["metadata"]["labels"]["app"] == "gitjob").unwrap();
    let owner = &pod["metadata"]["ownerReferences"][0];
    let sets = server.list(Resource::ReplicaSets);
    let set = sets.iter().find(|set| set["metadata"]["uid"] == owner["uid"]).unwrap();
    assert_eq!(set["metadata"]["ownerReferences"][0]["name"], "gitjob");
    assert_eq!(
        set["spec"]["selector"]["matchLabels"]["pod-template-hash"],
        pod["metadata"]["labels"]["pod-template-hash"]
    );
    let nodes: BTreeSet<_> = pods
        .iter()
        .filter(|pod| pod["metadata"]["labels"]["app"] == "gitjob")
        .map(|pod| pod["spec"]["nodeName"].to_string())
        .collect();
    assert_eq!(nodes.len(), 3);

    let agent = record(&server, AGENT).holder;
    assert!(pod_named(&server, agent.strip_suffix("-1").unwrap()).is_some());
    assert!(pod_named(&server, &record(&server, CLEANUP).holder).is_some());
    let controller = record(&server, CONTROLLER).holder;
    assert!(pod_named(&server, controller.split_once('_').unwrap().0).is_some());
    let heartbeats = server
        .list(Resource::Leases)
        .into_iter()
        .filter(|lease| lease["metadata"]["namespace"] == "kube-node-lease");
    assert_eq!(heartbeats.count(), 4);
    let size = pod.to_string().len();
    assert!((4_000..10_000).contains(&size), "a pod of {size} bytes");
}

#[tokio::test(start_paused = true)]
async fn the_first_failover_is_over_within_fifteen_seconds() {
    for seed in 1..30 {
        let (server, _tasks) = play(seed);
        let before = record(&server, GITOPS);
        let mut took = Duration::ZERO;
        while record(&server, GITOPS).transitions == before.transitions {
            sleep(POLL).await;
            took += POLL;
            assert!(took < Duration::from_secs(15), "seed {seed}");
        }
        let pod = pod_named(&server, before.holder.split_once('_').unwrap().0).unwrap();
        let container = &pod["status"]["containerStatuses"][0];
        assert_eq!(container["lastState"]["terminated"]["reason"], "OOMKilled");
        assert_eq!(container["restartCount"], 1);
        assert!(took > Duration::from_secs(6), "seed {seed}: {took:?}");
    }
}

/// What shows in the objects that something happened.
fn traces(server: &ApiServer) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for pod in server.list(Resource::Pods) {
        for condition in pod["status"]["conditions"].as_array().unwrap() {
            if condition["type"] == "DisruptionTarget" {
                seen.insert(condition["reason"].as_str().unwrap().to_owned());
            }
        }
        for status in pod["status"]["containerStatuses"].as_array().unwrap() {
            for state in ["state", "lastState"] {
                for kind in ["terminated", "waiting"] {
                    let reason = status[state][kind]["reason"].as_str();
                    seen.extend(reason.map(str::to_owned));
                }
            }
        }
    }
    for node in server.list(Resource::Nodes) {
        seen.insert(node["status"]["conditions"][0]["reason"].as_str().unwrap().to_owned());
    }
    for lease in server.list(Resource::Leases) {
        if lease["spec"]["holderIdentity"] == "" {
            seen.insert(format!("released {}", lease["metadata"]["name"].as_str().unwrap()));
        }
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn everything_in_the_script_happens_and_the_cluster_recovers() {
    let (server, _tasks) = play(1);
    let mut seen = BTreeSet::new();
    let mut late = Duration::ZERO;
    let steps = 15 * 60 * 2;
    for _ in 0..steps {
        sleep(SLOW_POLL).await;
        seen.append(&mut traces(&server));
        let renewed = record(&server, HELMOPS).renew.unwrap();
        late = late.max(Duration::try_from(now().duration_since(renewed)).unwrap_or_default());
    }
    let expected = [
        "OOMKilled",
        "Error",
        "Completed",
        "Unknown",
        "EvictionByEvictionAPI",
        "NodeStatusUnknown",
        "released fleet-cleanup-lock",
        "released fleet-agentmanagement-lock",
        "released kube-scheduler",
    ];
    for trace in expected {
        assert!(seen.contains(trace), "no {trace} in {seen:?}");
    }
    assert!(late > Duration::from_secs(19), "helmops was never late: {late:?}");
    let revisions: Vec<_> = server
        .list(Resource::Deployments)
        .iter()
        .map(|d| d["metadata"]["generation"].clone())
        .collect();
    assert!(revisions.iter().any(|revision| *revision != 1), "no rollout: {revisions:?}");
    for part in &PARTS {
        let pods = server.list(Resource::Pods);
        let alive = pods.iter().filter(|pod| {
            let of = pod["metadata"]["name"].as_str().unwrap().starts_with(part.name);
            of && pod["metadata"].get("deletionTimestamp").is_none()
        });
        let wanted = if part.kind == Kind::Deployment { REPLICAS } else { 3 };
        assert_eq!(alive.count(), wanted, "{}", part.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_a_client_deletes_is_replaced_and_its_leadership_passes() {
    let (server, _tasks) = play(5);
    let holder = record(&server, AGENT).holder;
    let pod = holder.strip_suffix("-1").unwrap();
    for grace in [None, Some(0)] {
        // The second finds it gone, or going.
        drop(server.delete_pod(LOCAL, pod, grace, None));
    }
    for _ in 0..400 {
        sleep(POLL).await;
    }
    assert_ne!(record(&server, AGENT).holder, holder);
    assert!(pod_named(&server, pod).is_none());
    let agents =
        server.list(Resource::Pods).into_iter().filter(|pod| pod["metadata"]["namespace"] == LOCAL);
    assert_eq!(agents.count(), REPLICAS);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_tells_the_same_story() {
    let mut stories = Vec::new();
    for _ in 0..2 {
        let (server, _tasks) = play(7);
        let mut story = Vec::new();
        for _ in 0..600 {
            sleep(POLL).await;
            let holders = [GITOPS, CLEANUP, CONTROLLER].map(|lock| record(&server, lock).holder);
            if story.last() != Some(&holders) {
                story.push(holders);
            }
        }
        stories.push(story);
    }
    assert!(stories[0].len() > 2);
    assert_eq!(stories[0], stories[1]);
}
