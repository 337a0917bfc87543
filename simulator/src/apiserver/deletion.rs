//! Pods that are asked to go.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::{ApiServer, Refused, Resource};
use crate::objects::seconds;

/// A pod has been asked to go: its `deletionTimestamp` is set, its object still there.
#[derive(Clone, Debug)]
pub(crate) struct Deletion {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) grace: Duration,
}

impl ApiServer {
    /// Asks a pod to go: sets `deletionTimestamp` (now + grace) and `deletionGracePeriodSeconds`, after which the scene ends
    /// its containers and removes it. `grace` defaults to the pod's own, and 0 removes at once. `reason` becomes the reason
    /// of a `DisruptionTarget` condition, as the eviction API and its like write it. Does nothing to a pod that is going.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn delete_pod(
        &self,
        namespace: &str,
        name: &str,
        grace: Option<u32>,
        reason: Option<&str>,
    ) -> Result<(), Refused> {
        if grace == Some(0) {
            self.delete(Resource::Pods, namespace, name)?;
            self.tell(namespace, name, Duration::ZERO);
            return Ok(());
        }
        let now = self.now();
        let mut doomed = None;
        self.change(Resource::Pods, namespace, name, |pod| {
            if pod["metadata"].get("deletionTimestamp").is_none() {
                doomed = Some(doom(pod, grace, reason, now));
            }
        })?;
        if let Some(grace) = doomed {
            self.tell(namespace, name, grace);
        }
        Ok(())
    }

    fn tell(&self, namespace: &str, name: &str, grace: Duration) {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let deletion = Deletion { namespace, name, grace };
        // No scene listens: then nobody reacts, as without a kubelet.
        drop(self.0.deletions.send(deletion));
    }

    pub(crate) fn deletions(&self) -> broadcast::Receiver<Deletion> {
        self.0.deletions.subscribe()
    }
}

/// Marks `pod` as going and returns its grace.
fn doom(pod: &mut Value, grace: Option<u32>, reason: Option<&str>, now: Timestamp) -> Duration {
    let own = pod["spec"]["terminationGracePeriodSeconds"].as_u64();
    let grace = grace.map_or(own.unwrap_or(30), u64::from);
    let length = SignedDuration::from_secs(i64::try_from(grace).unwrap_or(i64::MAX));
    let end = now.saturating_add(length).unwrap_or(now);
    pod["metadata"]["deletionTimestamp"] = json!(seconds(end));
    pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
    if let Some(reason) = reason {
        let condition = json!({
            "type": "DisruptionTarget", "status": "True", "reason": reason,
            "message": format!("The pod is to be disrupted: {reason}"),
            "lastProbeTime": null, "lastTransitionTime": seconds(now),
        });
        add_condition(pod, condition);
    }
    Duration::from_secs(grace)
}

/// Does nothing to a pod whose status is none.
fn add_condition(pod: &mut Value, condition: Value) {
    if let Some(conditions) = pod.pointer_mut("/status/conditions").and_then(Value::as_array_mut) {
        conditions.push(condition);
    } else if let Some(status) = pod.get_mut("status").and_then(Value::as_object_mut) {
        status.insert("conditions".to_owned(), json!([condition]));
    }
}
