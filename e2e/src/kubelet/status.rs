//! What a kubelet says of a pod: patches of its status.

use jiff::Timestamp;
use leadership::time::Time;
use serde_json::{Value, json};

/// How a container ended.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) reason: &'static str,
    pub(super) exit_code: i32,
    pub(super) started: Time,
    pub(super) finished: Time,
}

/// What the status of a pod with one container is made of.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) uid: String,
    pub(super) container: String,
    pub(super) image: String,
    pub(super) ip: String,
    /// When the kubelet first saw the pod.
    pub(super) begun: Time,
    pub(super) restarts: u32,
    /// The end before the present state.
    pub(super) last: Option<End>,
}

/// Whole seconds, as a kubelet writes them.
fn stamp(time: Time) -> String {
    format!("{:.0}", Timestamp::from(Time::from_micros(time.as_micros() / 1_000_000 * 1_000_000)))
}

fn terminated(end: &End) -> Value {
    json!({"terminated": {
        "exitCode": end.exit_code, "reason": end.reason,
        "startedAt": stamp(end.started), "finishedAt": stamp(end.finished),
    }})
}

fn condition(name: &str, status: bool, since: Time, reason: Option<&str>) -> Value {
    let status = if status { "True" } else { "False" };
    json!({"type": name, "status": status, "lastTransitionTime": stamp(since), "reason": reason})
}

impl Story {
    fn patch(&self, phase: &str, ready: (bool, Time, Option<&str>), state: &Value) -> Value {
        let (ready, since, reason) = ready;
        json!({"metadata": {"uid": self.uid}, "status": {
            "phase": phase, "hostIP": "10.0.0.1", "podIP": self.ip, "podIPs": [{"ip": self.ip}],
            "startTime": stamp(self.begun),
            "conditions": [
                condition("PodReadyToStartContainers", true, self.begun, None),
                condition("Initialized", true, self.begun, None),
                condition("Ready", ready, since, reason),
                condition("ContainersReady", ready, since, reason),
            ],
            "containerStatuses": [{
                "name": self.container, "image": self.image, "imageID": "",
                "ready": ready, "started": ready, "restartCount": self.restarts,
                "state": state, "lastState": self.last.as_ref().map_or(json!({}), terminated),
            }],
        }})
    }

    /// It runs since `started`.
    pub(super) fn running(&self, started: Time) -> Value {
        let state = json!({"running": {"startedAt": stamp(started)}});
        self.patch("Running", (true, started, None), &state)
    }

    /// Its container ended and will be started again.
    pub(super) fn exited(&self, end: &End) -> Value {
        let ready = (false, end.finished, Some("ContainersNotReady"));
        self.patch("Running", ready, &terminated(end))
    }

    /// Its container ended too often and is left alone for a while.
    pub(super) fn backing_off(&self) -> Value {
        let since = self.last.as_ref().map_or(self.begun, |end| end.finished);
        let state = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        self.patch("Running", (false, since, Some("ContainersNotReady")), &state)
    }

    /// It ended for good.
    pub(super) fn finished(&self, end: &End) -> Value {
        let (phase, reason) = if end.exit_code == 0 {
            ("Succeeded", "PodCompleted")
        } else {
            ("Failed", "PodFailed")
        };
        self.patch(phase, (false, end.finished, Some(reason)), &terminated(end))
    }

    /// It ended for good, because its node wanted that.
    pub(super) fn terminated(&self, end: &End, reason: &str, message: &str) -> Value {
        let ready = (false, end.finished, Some("PodFailed"));
        let mut patch = self.patch("Failed", ready, &terminated(end));
        let disruption =
            condition("DisruptionTarget", true, end.finished, Some("TerminationByKubelet"));
        if let Some(conditions) = patch["status"]["conditions"].as_array_mut() {
            conditions.push(disruption);
        }
        patch["status"]["reason"] = reason.into();
        patch["status"]["message"] = message.into();
        patch
    }
}
