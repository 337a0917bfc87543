//! Ten million pods are born and die, and their leaders with them: what is kept must not grow. One pod is born each
//! second of the fold's time, which is sixteen weeks. Prints a table; asserts nothing.
//!
//! `cargo bench -p leadership --bench soak`; `SOAK_BIRTHS` for more or fewer.

use std::sync::Arc;

use leadership::Leadership;
use leadership::lock::LockKey;
use leadership::observation::{
    ContainerRecord, Fact, Kind, LockRecord, Object, Observation, Owner, Part, PodRecord,
};
use leadership::time::{Delta, Time};

const BIRTHS: i64 = 10_000_000;
/// Rows of the table.
const ROWS: i64 = 10;
/// How many pods live at a time, so many seconds each.
const ALIVE: i64 = 3_000;
/// Deployments, each with a rollout after so many births.
const DEPLOYMENTS: i64 = 100;
const ROLLOUT: i64 = 30_000;
const NODES: i64 = 200;

fn main() {
    let births = std::env::var("SOAK_BIRTHS").ok().and_then(|text| text.parse().ok());
    let births: i64 = births.unwrap_or(BIRTHS);
    println!("| births | resident | events | pods | elections |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    let mut fold = Leadership::new();
    empty(&mut fold);
    let mut events = 0;
    for birth in 0..births {
        events += live(&mut fold, birth);
        if (birth + 1) % (births / ROWS).max(1) == 0 {
            let picture = fold.snapshot();
            let (pods, elections) = (picture.pods, picture.elections.len());
            println!("| {} | {} | {events} | {pods} | {elections} |", birth + 1, resident());
        }
    }
}

/// Nothing is there, and that is known.
fn empty(fold: &mut Leadership) {
    fold.observe(Observation { at: second(0), fact: leases(Vec::new()) });
    let page = Fact::Page { part: Part::Last, pods: Vec::new() };
    fold.observe(Observation { at: second(0), fact: page });
}

fn leases(objects: Vec<Object>) -> Fact {
    Fact::Listed { kind: Kind::Lease, objects }
}

/// A second: one pod is created, one is ready, one dies; the first of each Deployment's pods leads until it does.
fn live(fold: &mut Leadership, birth: i64) -> usize {
    let mut facts = vec![Fact::Applied(Object::Pod(pod(birth, birth)))];
    if birth >= 10 {
        facts.push(Fact::Applied(Object::Pod(pod(birth - 10, birth))));
    }
    if birth >= ALIVE {
        facts.push(Fact::Deleted(Object::Pod(pod(birth - ALIVE, birth))));
    }
    facts.push(Fact::Applied(Object::Lock(renewed(birth))));
    let at = second(birth);
    facts.into_iter().map(|fact| fold.observe(Observation { at, fact }).len()).sum()
}

/// One Deployment's lock after the other. Its leader was born just before its term, which is as long as
/// a pod's life.
fn renewed(birth: i64) -> LockRecord {
    let deployment = birth % DEPLOYMENTS;
    let term = birth / ALIVE;
    let leader = (term * ALIVE - DEPLOYMENTS).max(0) + deployment;
    let pod = pod(leader, birth);
    LockRecord {
        uid: text(format!("lock-{deployment}")),
        holder: Some(text(format!("{}_{}", pod.name, pod.uid))),
        duration_seconds: Some(150),
        acquire: Some(second(term * ALIVE + deployment)),
        renew: Some(second(birth)),
        transitions: i32::try_from(term).ok(),
        ..LockRecord::empty(LockKey::lease("soak", &format!("lock-{deployment}")))
    }
}

fn second(second: i64) -> Time {
    Time::from_micros(1_800_000_000_000_000) + Delta::from_secs(second)
}

/// A text of its own, as a reader makes it.
fn text(text: String) -> Arc<str> {
    text.into()
}

/// The pod that is born in this second, as it is in that one.
fn pod(born: i64, now: i64) -> PodRecord {
    let deployment = born % DEPLOYMENTS;
    let template = text(format!("{:010x}", born / ROLLOUT));
    let owner = format!("controller-{deployment}-{template}");
    let created = second(born);
    let runs = now >= born + 10;
    PodRecord {
        namespace: text("soak".to_owned()),
        name: text(format!("{owner}-{born:05x}")),
        uid: text(format!("{born:08x}-0000-4000-8000-{born:012x}")),
        node: Some(text(format!("node-{:03}.example.internal", born % NODES))),
        ips: vec![text(format!("10.{}.{}.{}", born >> 16 & 255, born >> 8 & 255, born & 255))],
        phase: text(if runs { "Running" } else { "Pending" }.to_owned()),
        created: Some(created),
        started: Some(created),
        ready_since: runs.then(|| created + Delta::from_secs(10)),
        containers_ready: runs,
        owner: Some(Owner {
            kind: text("ReplicaSet".to_owned()),
            name: text(owner),
            uid: text(format!("{deployment:08x}-{:04x}-4000-8000-0", born / ROLLOUT)),
        }),
        template: Some(template),
        containers: vec![ContainerRecord {
            name: text("controller".to_owned()),
            running_since: runs.then(|| created + Delta::from_secs(5)),
            ..ContainerRecord::default()
        }],
        ..PodRecord::default()
    }
}

/// What the kernel says of this process, where there is such a kernel.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap_or("unknown").trim().to_owned()
}
