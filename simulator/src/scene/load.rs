//! Many of everything, with little happening to each.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};
use tokio::task::yield_now;
use tokio::time::{MissedTickBehavior, interval};

use crate::apiserver::{ApiServer, Resource};
use crate::objects::lease::{self, Heartbeat, Record};
use crate::objects::pod::Plan;
use crate::objects::{Owner, micros, node, seconds};

/// How much there is of what, and how much happens.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Elections, whose leaders renew evenly spread.
    pub leases: usize,
    /// Pods of some 5 kB, of which three each stand for a lease.
    pub pods: usize,
    /// Nodes, with heartbeats each 10 s.
    pub nodes: usize,
    /// How often each leader renews, in steps of 1 ms; not 0.
    pub renew_every: Duration,
    /// Pods that get a new status in each second; a tenth as many are replaced.
    pub pod_changes: usize,
    /// Leases that pass to another pod in ten seconds.
    pub takeovers: usize,
}

/// Little happens.
impl Default for Size {
    fn default() -> Self {
        Self {
            leases: 5_000,
            pods: 20_000,
            nodes: 1_000,
            renew_every: Duration::from_secs(2),
            pod_changes: 10,
            takeovers: 1,
        }
    }
}

/// Things due within one tick are done together.
const TICK: Duration = Duration::from_millis(1);

/// Pods that stand for one lease.
const REPLICAS: usize = 3;

const NAMESPACES: usize = 50;

/// How often each happens.
const HEARTBEAT: Duration = Duration::from_secs(10);
const STATUS: Duration = Duration::from_secs(1);
const REPLACEMENT: Duration = Duration::from_secs(10);
const TAKEOVER: Duration = Duration::from_secs(10);

const DURATION: i64 = 15;

/// A wheel over `count` things: each comes once in a round.
#[derive(Debug)]
struct Wheel {
    count: usize,
    round: Duration,
    passed: Duration,
    done: usize,
}

impl Wheel {
    fn new(count: usize, round: Duration) -> Self {
        let passed = Duration::ZERO;
        Self { count, round, passed, done: 0 }
    }

    /// The things due by the end of the next tick.
    fn turn(&mut self) -> Vec<usize> {
        self.passed += TICK;
        let due = self.passed.as_nanos() * self.count as u128 / self.round.as_nanos();
        let due = usize::try_from(due).unwrap_or(usize::MAX);
        let things = (self.done..due).map(|thing| thing % self.count).collect();
        self.done = due;
        things
    }
}

/// The large cluster.
#[derive(Debug)]
pub(crate) struct Load {
    server: ApiServer,
    size: Size,
    rng: SmallRng,
    /// How often each pod was replaced, which is part of its name.
    replaced: Vec<u32>,
}

fn namespace(group: usize) -> String {
    format!("load-{:02}", group % NAMESPACES)
}

fn group_name(group: usize) -> String {
    format!("app-{group:05}")
}

fn node_name(node: usize) -> String {
    format!("node-{node:05}")
}

impl Load {
    /// Writes all objects.
    pub(crate) fn new(server: &ApiServer, size: Size, seed: u64) -> Self {
        let load = Self {
            server: server.clone(),
            size,
            rng: SmallRng::seed_from_u64(seed),
            replaced: vec![0; size.pods],
        };
        let now = server.now();
        let created = now.saturating_sub(SignedDuration::from_hours(100)).unwrap_or(now);
        for number in 0..size.nodes {
            let name = node_name(number);
            let zone = ["a", "b", "c"][number % 3];
            load.write(node::ready(&name, "10.0.0.1", zone, number < 3, created));
            load.beat(number, now);
        }
        for number in 0..size.pods {
            load.write_pod(number, created);
        }
        for number in 0..size.leases {
            load.write_lease(number, created, now);
        }
        load
    }

    /// Goes on for ever.
    pub(crate) async fn run(mut self) {
        let mut renewals = Wheel::new(self.size.leases, self.size.renew_every);
        let mut heartbeats = Wheel::new(self.size.nodes, HEARTBEAT);
        let mut statuses = Wheel::new(self.size.pod_changes, STATUS);
        let mut replacements = Wheel::new(self.size.pod_changes, REPLACEMENT);
        let mut takeovers = Wheel::new(self.size.takeovers, TAKEOVER);
        let mut ticks = interval(TICK);
        // Where this is more than the machine can do, less happens; what was missed does not come all at once.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // Or nobody would be answered while ticks are late.
            yield_now().await;
            let now = self.server.now();
            renewals.turn().into_iter().for_each(|lease| self.renew(lease, now));
            heartbeats.turn().into_iter().for_each(|node| self.beat(node, now));
            statuses.turn().into_iter().for_each(|_| self.touch_a_pod(now));
            replacements.turn().into_iter().for_each(|_| self.replace_a_pod(now));
            takeovers.turn().into_iter().for_each(|_| self.take_over(now));
        }
    }

    /// Of an object which we know to have a kind and a name, and which has no version to conflict with.
    fn write(&self, object: Value) {
        let written = self.server.apply(object);
        debug_assert!(written.is_ok(), "{written:?}");
    }

    fn pod_name(&self, number: usize) -> String {
        let (group, replica) = (number / REPLICAS, number % REPLICAS);
        let generation = self.replaced.get(number).copied().unwrap_or_default();
        format!("{}-5d8f7c6b9d-{replica}{generation:04x}", group_name(group))
    }

    fn write_pod(&self, number: usize, created: Timestamp) {
        let group = number / REPLICAS;
        let app = group_name(group);
        let labels: Map<String, Value> =
            [("app", app.as_str()), ("pod-template-hash", "5d8f7c6b9d")]
                .into_iter()
                .map(|(key, value)| (key.to_owned(), json!(value)))
                .collect();
        let owner = Owner {
            api_version: "apps/v1",
            kind: "ReplicaSet",
            name: format!("{app}-5d8f7c6b9d"),
            uid: format!("00000000-0000-4000-8000-{group:012}"),
        };
        let plan = Plan {
            namespace: &namespace(group),
            name: &self.pod_name(number),
            labels: &labels,
            owner: &owner,
            node: &node_name(number % self.size.nodes.max(1)),
            host_ip: "10.0.0.1",
            pod_ip: "10.42.0.7",
            host_network: false,
            containers: &["main"],
            created,
        };
        self.write(plan.running());
    }

    fn holder(&self, lease: usize, replica: usize) -> String {
        format!("{}_00000000-0000-4000-8000-{lease:012}", self.pod_name(lease * REPLICAS + replica))
    }

    fn write_lease(&self, number: usize, acquired: Timestamp, now: Timestamp) {
        let mut object = lease::new(&namespace(number), &group_name(number));
        let record = Record {
            holder: self.holder(number, 0),
            duration: DURATION.max(self.size.renew_every.as_secs().cast_signed() * 5),
            acquire: Some(acquired),
            renew: Some(now),
            transitions: 3,
        };
        lease::set(&mut object, &record, "app", now);
        self.write(object);
    }

    fn edit_lease(&self, number: usize, now: Timestamp, edit: impl FnOnce(&mut Value)) {
        let (namespace, name) = (namespace(number), group_name(number));
        // A benchmark may have deleted it.
        drop(self.server.change(Resource::Leases, &namespace, &name, |lease| {
            edit(&mut lease["spec"]);
            lease["spec"]["renewTime"] = json!(micros(now));
            lease["metadata"]["managedFields"][0]["time"] = json!(seconds(now));
        }));
    }

    fn renew(&self, number: usize, now: Timestamp) {
        let stamps =
            [("/spec/renewTime", micros(now)), ("/metadata/managedFields/0/time", seconds(now))];
        // A benchmark may have deleted it.
        drop(self.server.stamp(Resource::Leases, &namespace(number), &group_name(number), &stamps));
    }

    /// The next replica takes a lease over; to a watcher, without the wait.
    fn take_over(&mut self, now: Timestamp) {
        if self.size.leases == 0 {
            return;
        }
        let number = self.rng.random_range(0..self.size.leases);
        self.edit_lease(number, now, |spec| {
            let transitions = spec["leaseTransitions"].as_u64().unwrap_or_default() + 1;
            let replica = usize::try_from(transitions).unwrap_or_default() % REPLICAS;
            spec["holderIdentity"] = json!(self.holder(number, replica));
            spec["acquireTime"] = json!(micros(now));
            spec["leaseTransitions"] = json!(transitions);
        });
    }

    fn beat(&self, number: usize, now: Timestamp) {
        let name = node_name(number);
        let heartbeat = Heartbeat {
            namespace: "kube-node-lease",
            holder: name.clone(),
            owner: None,
            name,
            duration: 40,
            labels: json!({}),
        };
        self.write(heartbeat.lease(now));
    }

    fn random_pod(&mut self) -> Option<usize> {
        (self.size.pods > 0).then(|| self.rng.random_range(0..self.size.pods))
    }

    fn touch_a_pod(&mut self, now: Timestamp) {
        let Some(number) = self.random_pod() else { return };
        let (namespace, name) = (namespace(number / REPLICAS), self.pod_name(number));
        let stamps = [("/status/conditions/0/lastTransitionTime", seconds(now))];
        drop(self.server.stamp(Resource::Pods, &namespace, &name, &stamps));
    }

    fn replace_a_pod(&mut self, now: Timestamp) {
        let Some(number) = self.random_pod() else { return };
        let (namespace, name) = (namespace(number / REPLICAS), self.pod_name(number));
        drop(self.server.delete_pod(&namespace, &name, None, None));
        self.replaced[number] += 1;
        self.write_pod(number, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Scene;
    use crate::virtual_time::now;
    use tokio::task::JoinSet;
    use tokio::time::sleep;

    #[test]
    fn a_wheel_turns_evenly() {
        let mut wheel = Wheel::new(10, TICK * 4);
        let turns: Vec<usize> = (0..8).map(|_| wheel.turn().len()).collect();
        assert_eq!(turns, [2, 3, 2, 3, 2, 3, 2, 3]);
        assert_eq!(Wheel::new(0, TICK).turn(), Vec::<usize>::new());
    }

    #[tokio::test(start_paused = true)]
    async fn everything_is_there_and_all_leases_are_renewed_in_a_round() {
        let round = Duration::from_secs(2);
        let size = Size { leases: 40, pods: 90, nodes: 5, renew_every: round, ..Size::default() };
        let scene = Scene::load(size);
        let server = ApiServer::new(&scene, now);
        let mut tasks = JoinSet::new();
        scene.play(&server, &mut tasks);
        assert_eq!(server.list(Resource::Leases).len(), 40 + 5);
        assert_eq!(server.list(Resource::Pods).len(), 90);
        assert_eq!(server.list(Resource::Nodes).len(), 5);
        let started = micros(now());
        sleep(round + TICK).await;
        let leases = server.list(Resource::Leases);
        let stale = leases.iter().filter(|lease| {
            lease["metadata"]["namespace"] != "kube-node-lease"
                && lease["spec"]["renewTime"].as_str() < Some(&started)
        });
        assert_eq!(stale.count(), 0);
        sleep(Duration::from_secs(30)).await;
        let pods = server.list(Resource::Pods);
        let alive = pods.iter().filter(|pod| pod["metadata"].get("deletionTimestamp").is_none());
        assert_eq!(alive.count(), 90);
        let names = |pods: &[Value]| {
            pods.iter()
                .filter(|pod| !pod["metadata"]["name"].as_str().unwrap().ends_with("0000"))
                .count()
        };
        assert!(names(&pods) > 10, "pods are replaced");
    }
}
