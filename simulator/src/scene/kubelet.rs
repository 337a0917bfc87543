//! What a kubelet does to pods that are deleted.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::apiserver::{ApiServer, Deletion, Resource};
use crate::objects::seconds;

/// Our containers end by then, whatever their grace.
pub(crate) const TERMINATION: Duration = Duration::from_secs(2);

/// Ends the containers of every pod that is deleted, then removes it.
pub(crate) async fn end_deleted_pods(
    server: ApiServer,
    mut deletions: broadcast::Receiver<Deletion>,
) {
    let mut ending = JoinSet::new();
    loop {
        tokio::select! {
            deletion = deletions.recv() => match deletion {
                Ok(deletion) => {
                    let server = server.clone();
                    ending.spawn(async move {
                        sleep(deletion.grace.min(TERMINATION)).await;
                        remove(&server, &deletion.namespace, &deletion.name);
                    });
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            Some(_) = ending.join_next(), if !ending.is_empty() => {}
        }
    }
}

/// Shows the containers of a pod terminated, then removes its object: the last two events of a pod's life.
pub(crate) fn remove(server: &ApiServer, namespace: &str, name: &str) {
    let finished = seconds(server.now());
    let ended = server.change(Resource::Pods, namespace, name, |pod| {
        end_containers(pod, &finished);
    });
    if ended.is_ok() {
        // Somebody may have removed it without grace meanwhile.
        drop(server.delete(Resource::Pods, namespace, name));
    }
}

fn end_containers(pod: &mut Value, finished: &str) {
    for status in elements(pod, "/status/containerStatuses") {
        let started =
            status.get("state").and_then(|state| state.pointer("/running/startedAt")).cloned();
        status.insert("ready".to_owned(), json!(false));
        status.insert("started".to_owned(), json!(false));
        let ended = json!({"terminated": {
            "exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": finished,
        }});
        status.insert("state".to_owned(), ended);
    }
    for condition in elements(pod, "/status/conditions") {
        let of = condition.get("type").and_then(Value::as_str);
        if matches!(of, Some("Ready" | "ContainersReady")) {
            condition.insert("status".to_owned(), json!("False"));
            condition.insert("reason".to_owned(), json!("PodCompleted"));
            condition.insert("lastTransitionTime".to_owned(), json!(finished));
        }
    }
}

/// The objects of an array, if it is one: a test may have written anything.
fn elements<'a>(
    pod: &'a mut Value,
    pointer: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let array = pod.pointer_mut(pointer).and_then(Value::as_array_mut);
    array.into_iter().flatten().filter_map(Value::as_object_mut)
}
