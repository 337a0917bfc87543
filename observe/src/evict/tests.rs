use std::fs;
use std::path::Path;

use serde_json::json;
use simulator::{Resource, Scene, Simulation};

use super::*;
use crate::access::{self, Access};

async fn cluster() -> (Simulation, Cluster) {
    let sim = simulator::start(Scene::empty(), || crate::clock::now().into()).await.unwrap();
    let access = Access { url: Some(sim.url()), ..Access::default() };
    let cluster = access::connect(&access).await.unwrap();
    sim.server()
        .apply(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"namespace": "a", "name": "x", "uid": "u1"}, "spec": {}, "status": {},
        }))
        .unwrap();
    (sim, cluster)
}

fn order(how: How) -> Order {
    let pod = PodName { namespace: "a".into(), name: "x".into() };
    Order { pod, uid: "u1".into(), how, grace_seconds: None, dry_run: false }
}

fn going(sim: &Simulation) -> bool {
    let pod = sim.server().get(Resource::Pods, "a", "x");
    pod.is_none_or(|pod| pod["metadata"].get("deletionTimestamp").is_some())
}

#[tokio::test]
async fn a_pod_goes_either_way() {
    for how in [How::Delete, How::Evict] {
        let (sim, cluster) = cluster().await;
        send_away(&cluster, &Order { dry_run: true, ..order(how) }).await.unwrap();
        assert!(!going(&sim), "a dry run does nothing");
        send_away(&cluster, &order(how)).await.unwrap();
        assert!(going(&sim));
    }
}

#[tokio::test]
async fn another_pod_of_the_same_name_is_left_alone() {
    for how in [How::Delete, How::Evict] {
        let (sim, cluster) = cluster().await;
        let error = send_away(&cluster, &Order { uid: "u0".into(), ..order(how) }).await;
        assert!(matches!(error, Err(EvictError::Another(_))), "{error:?}");
        assert!(!going(&sim));
    }
}

#[tokio::test]
async fn refusals_say_what_is_missing() {
    let (sim, cluster) = cluster().await;
    sim.server().faults(|faults| faults.budget_spent = true);
    let error = send_away(&cluster, &order(How::Evict)).await.unwrap_err().to_string();
    assert!(error.contains("disruption budget") && error.contains("delete it instead"), "{error}");
    sim.server().faults(|faults| {
        faults.forbidden.insert(Resource::Pods);
    });
    let error = send_away(&cluster, &order(How::Evict)).await.unwrap_err().to_string();
    assert!(error.contains("create pods/eviction"), "{error}");
    let error = send_away(&cluster, &order(How::Delete)).await.unwrap_err().to_string();
    assert!(error.contains("delete pods"), "{error}");
    assert!(!going(&sim));
}

/// Whatever makes a request that is no GET, in the crates that talk to clusters.
const WRITES: [&str; 8] = [
    "Request::post",
    "Request::put",
    "Request::patch",
    "Request::delete",
    ".method(",
    "Method::",
    "Request::builder",
    "kube::api",
];

fn sources(of: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(of).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn nothing_else_writes_to_a_cluster() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for of in ["src", "../tui/src"] {
        sources(&here.join(of), &mut files);
    }
    assert!(files.len() > 50, "the sources are looked for in the wrong place");
    let ours = files.iter().filter(|path| !path.ends_with("tests.rs"));
    let writers: Vec<_> = ours
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            let client = path.starts_with(here.join("src")) || text.contains("hyper");
            client && WRITES.iter().any(|write| text.contains(write))
        })
        .map(|path| path.strip_prefix(here).unwrap().display().to_string())
        .collect();
    // Reviews are questions that the API wants posted; the exporter asks them, and nothing is kept.
    assert_eq!(writers, ["src/evict.rs", "src/review.rs"]);
    let asks = |path: &&std::path::PathBuf| {
        fs::read_to_string(path).unwrap().contains("review::")
            && !path.starts_with(here.join("src"))
    };
    assert_eq!(files.iter().find(asks), None, "fleet-top reviews nobody");
}
