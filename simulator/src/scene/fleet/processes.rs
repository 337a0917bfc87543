//! The electors in the containers: they start, stop, lose and are started again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::task::AbortHandle;

use super::parts::{Container, Identity, Kind, Lock, NODES, PARTS};
use super::{Step, World};
use crate::apiserver::Resource;
use crate::elector::{Candidate, Elector, End, Out, Strings};
use crate::objects::lease::{self, Record};
use crate::objects::pod::{self, Exit};

/// A container starts again after this, the first time.
const RESTART: Duration = Duration::from_secs(1);
/// From a container's start to its elector's first try.
const BOOT: Duration = Duration::from_millis(400);
/// From a voluntary step-down to the next try.
const PAUSE: Duration = Duration::from_secs(8);

/// What comes after a process was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Its container ends, and is started again.
    Exit,
    /// It goes on as a candidate.
    StandAgain,
}

/// A running elector.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) lock: &'static Lock,
    pub(super) identity: String,
    strings: Strings,
    task: AbortHandle,
    then: Then,
}

impl World {
    /// Starts the container's elector; it tries after `delay`.
    pub(super) fn start_process(
        &mut self,
        pod: &str,
        container: &'static Container,
        identity: Option<String>,
        delay: Duration,
    ) {
        let identity = identity.unwrap_or_else(|| self.identity(pod, container));
        let rng = SmallRng::seed_from_u64(self.rng.random());
        let Some(run) = self.pods.get_mut(pod) else { return };
        let lock = &container.lock;
        let candidate = Candidate {
            namespace: lock.namespace,
            lease: lock.name,
            identity: identity.clone(),
            timing: lock.timing,
            releases: lock.releases,
            manager: lock.manager,
            clock_offset: SignedDuration::from_millis(NODES[run.node].clock_offset),
        };
        let strings = Strings::default();
        let out =
            Out { namespace: run.part.namespace, pod: pod.to_owned(), container: container.name };
        let elector =
            Elector::new(candidate, self.server.clone(), strings.clone(), rng).printing(out);
        let (pod, process) = (pod.to_owned(), identity.clone());
        let task = self.tasks.spawn(async move {
            let end = elector.run(delay).await;
            Step::ProcessEnded { pod, container: container.name, process, end }
        });
        let then = Then::Exit;
        run.processes.insert(container.name, Process { lock, identity, strings, task, then });
    }

    /// A new identity, as the container's library makes it.
    fn identity(&mut self, pod: &str, container: &Container) -> String {
        let uuid = self.uuid();
        let run = self.pods.get(pod);
        let host = match run {
            Some(run) if run.part.kind == Kind::StaticPod => NODES[run.node].name,
            _ => pod,
        };
        match container.lock.identity {
            Identity::HostUuid => format!("{host}_{uuid}"),
            Identity::Host => host.to_owned(),
            Identity::HostPid => format!("{host}-1"),
        }
    }

    /// The pod and container that hold `lock` now.
    pub(super) fn leader(&self, lock: &str) -> Option<(String, &'static str)> {
        let container =
            PARTS.iter().flat_map(|part| part.containers).find(|c| c.lock.name == lock)?;
        let lease = self.server.get(Resource::Leases, container.lock.namespace, lock)?;
        let holder = Record::read(&lease["spec"]).holder;
        let holds = |process: &Process| process.identity == holder;
        self.pods
            .iter()
            .find(|(_, run)| run.processes.get(container.name).is_some_and(holds))
            .map(|(pod, _)| (pod.clone(), container.name))
    }

    fn process(&mut self, pod: &str, container: &str) -> Option<&mut Process> {
        self.pods.get_mut(pod)?.processes.get_mut(container)
    }

    pub(super) fn stop_process(&mut self, pod: &str, container: &str, then: Then) {
        if let Some(process) = self.process(pod, container) {
            process.then = then;
            process.strings.stop();
        }
    }

    pub(super) fn stall(&mut self, pod: &str, container: &str, tries: u32) {
        if let Some(process) = self.process(pod, container) {
            process.strings.fail(tries);
        }
    }

    /// SIGTERM: wrangler releases on it; the others stop without a word.
    pub(super) fn terminate_processes(&mut self, pod: &str) {
        let processes = self.pods.get_mut(pod).map(|run| std::mem::take(&mut run.processes));
        for process in processes.into_iter().flatten().map(|(_, process)| process) {
            if process.lock.releases {
                process.strings.stop();
            } else {
                process.task.abort();
            }
        }
    }

    /// The machine is off: nobody stops in order.
    pub(super) fn kill_processes(&mut self, pod: &str) {
        let processes = self.pods.get_mut(pod).map(|run| std::mem::take(&mut run.processes));
        for process in processes.into_iter().flatten().map(|(_, process)| process) {
            process.task.abort();
        }
    }

    pub(super) fn process_ended(
        &mut self,
        pod: &str,
        name: &'static str,
        identity: &str,
        end: End,
    ) {
        let Some(process) = self.process(pod, name).filter(|process| process.identity == identity)
        else {
            return; // of a pod that is going, or of a container that was started again
        };
        match (end, process.then) {
            (End::Lost, _) => self.container_ends(pod, name, Exit { code: 1, reason: "Error" }),
            (End::Stopped, Then::Exit) => {
                self.container_ends(pod, name, Exit { code: 0, reason: "Completed" });
            }
            (End::Stopped, Then::StandAgain) => {
                if let Some(container) = container(name) {
                    self.start_process(pod, container, Some(identity.to_owned()), PAUSE);
                }
            }
        }
    }

    /// The container's process is gone; the kubelet starts it again, later each time.
    pub(super) fn container_ends(&mut self, pod: &str, container: &'static str, exit: Exit) {
        let Some(run) = self.pods.get_mut(pod) else { return };
        if let Some(process) = run.processes.remove(container) {
            process.task.abort();
        }
        let restarts = run.restarts.entry(container).or_default();
        let wait = if *restarts == 0 { 0 } else { (10 << (*restarts - 1).min(5)).min(300) };
        *restarts += 1;
        self.edit_pod(pod, |object, now| pod::end(object, container, exit, now));
        let pod = pod.to_owned();
        let step = if wait == 0 {
            Step::Restart { pod, container }
        } else {
            Step::BackOff { pod, container, wait }
        };
        self.later(RESTART, step);
    }

    pub(super) fn back_off(&mut self, pod: String, container: &'static str, wait: u64) {
        self.edit_pod(&pod, |object, _| pod::back_off(object, container, wait));
        self.later(Duration::from_secs(wait), Step::Restart { pod, container });
    }

    pub(super) fn restart(&mut self, pod: &str, name: &'static str) {
        let starts = self.pods.get(pod).is_some_and(|run| {
            !run.going && !self.nodes[run.node].lost && !run.processes.contains_key(name)
        });
        if let Some(container) = container(name).filter(|_| starts) {
            self.edit_pod(pod, |object, now| pod::restart(object, name, now));
            self.start_process(pod, container, None, BOOT);
        }
    }

    /// Elections that have gone on for hours: each lock has a leader, its cadence anywhere between two renewals.
    pub(super) fn elect_all(&mut self) {
        for part in &PARTS {
            let pods: Vec<String> = self.pods_of(part).map(|(name, _)| name.clone()).collect();
            for container in part.containers {
                let leader = self.rng.random_range(0..pods.len());
                for (index, pod) in pods.iter().enumerate() {
                    let waited = container.lock.timing.retry.mul_f64(self.rng.random());
                    let identity = self.identity(pod, container);
                    if index == leader {
                        self.seed_lease(&container.lock, &identity, waited);
                    }
                    let delay = container.lock.timing.retry.saturating_sub(waited);
                    self.start_process(pod, container, Some(identity), delay);
                }
            }
        }
    }

    fn seed_lease(&mut self, lock: &Lock, holder: &str, ago: Duration) {
        let now = self.server.now();
        let renewed = back(now, SignedDuration::try_from(ago).unwrap_or_default());
        let hours = self.rng.random_range(2..60);
        let acquired =
            back(now, SignedDuration::from_mins(60 * hours + self.rng.random_range(0..60)));
        let record = Record {
            holder: holder.to_owned(),
            duration: lock.timing.lease.as_secs().cast_signed(),
            acquire: Some(acquired),
            renew: Some(renewed),
            transitions: self.rng.random_range(1..12),
        };
        let mut object = lease::new(lock.namespace, lock.name);
        object["metadata"]["creationTimestamp"] =
            crate::objects::seconds(super::before(now)).into();
        lease::set(&mut object, &record, lock.manager, renewed);
        self.write(object);
    }
}

fn back(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_sub(by).unwrap_or(now)
}

pub(super) fn container(name: &str) -> Option<&'static Container> {
    PARTS.iter().flat_map(|part| part.containers).find(|container| container.name == name)
}
