//! The incidents, which never end: each hits the lock's leader of that moment.

use std::time::Duration;

use super::parts::{AGENT, AGENT_MANAGEMENT, CLEANUP, CONTROLLER, GITOPS, HELMOPS, SCHEDULER};
use super::processes::Then;
use super::{Step, World};
use crate::objects::pod::Exit;

/// What happens to a leader.
#[derive(Clone, Copy, Debug)]
enum Incident {
    /// Its container ends without a word.
    Crash(Exit),
    /// It releases, and stands again a little later.
    StepDown,
    /// It is told to stop, releases if it does that, and its container ends.
    Stop,
    /// So many of its tries do not reach the server.
    Stall(u32),
    /// Its pod is deleted.
    DeletePod,
    /// Its node is drained.
    Drain,
    /// Its deployment is restarted.
    Rollout,
    /// Its node falls silent, and comes back.
    NodeLost,
}

const OOM_KILLED: Exit = Exit { code: 137, reason: "OOMKilled" };
const FAILED: Exit = Exit { code: 2, reason: "Error" };

/// Seconds after the one before, whose leader, what.
const SCRIPT: [(u64, &str, Incident); 11] = [
    (3, GITOPS, Incident::Crash(OOM_KILLED)),
    (16, CLEANUP, Incident::StepDown),
    (10, HELMOPS, Incident::Stall(1)),
    (25, CONTROLLER, Incident::Drain),
    (70, SCHEDULER, Incident::Stop),
    (10, GITOPS, Incident::Stall(u32::MAX)),
    (20, AGENT, Incident::Crash(FAILED)),
    (15, AGENT, Incident::Rollout),
    (45, AGENT_MANAGEMENT, Incident::DeletePod),
    (20, HELMOPS, Incident::NodeLost),
    (110, CONTROLLER, Incident::Crash(FAILED)),
];

/// Nobody leads just now: look again after this.
const AGAIN: Duration = Duration::from_secs(2);

impl World {
    /// Plans the incident after `last`, or the first.
    pub(super) fn plan_incident(&mut self, last: Option<usize>) {
        let next = last.map_or(0, |last| (last + 1) % SCRIPT.len());
        self.later(Duration::from_secs(SCRIPT[next].0), Step::Incident(next));
    }

    pub(super) fn incident(&mut self, number: usize) {
        let (_, lock, incident) = SCRIPT[number];
        let Some((pod, container)) = self.leader(lock) else {
            self.later(AGAIN, Step::Incident(number));
            return;
        };
        self.plan_incident(Some(number));
        match incident {
            Incident::Crash(exit) => self.container_ends(&pod, container, exit),
            Incident::StepDown => self.stop_process(&pod, container, Then::StandAgain),
            Incident::Stop => self.stop_process(&pod, container, Then::Exit),
            Incident::Stall(tries) => self.stall(&pod, container, tries),
            Incident::DeletePod => self.delete_pod(&pod, None),
            Incident::Drain => self.drain(&pod),
            Incident::Rollout => self.restart_deployment(&pod),
            Incident::NodeLost => self.lose_node_of(&pod),
        }
    }
}
