//! What is kept of a pod, counted by the allocator: the difference between the "max alloc" of two sizes,
//! over the difference between the sizes. `cargo bench -p leadership --bench pods`.

use std::sync::Arc;

use divan::AllocProfiler;
use leadership::Leadership;
use leadership::observation::{
    ContainerRecord, Fact, Kind, Object, Observation, Owner, Part, PodRecord,
};
use leadership::time::{Delta, Time};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Two sizes, for a slope without what is kept once.
const SIZES: [usize; 2] = [10_000, 30_000];
/// Pods of one `ReplicaSet`.
const REPLICAS: usize = 3;
/// Pods in a page.
const PAGE: usize = 500;
/// Pods on one node.
const ON_NODE: usize = 10;

fn main() {
    divan::main();
}

fn second(second: usize) -> Time {
    Time::from_micros(1_800_000_000_000_000) + Delta::from_secs(i64::try_from(second).unwrap_or(0))
}

/// A text of its own, as a reader makes it.
fn text(text: String) -> Arc<str> {
    text.into()
}

fn pod(number: usize) -> PodRecord {
    let set = number / REPLICAS;
    let template = format!("{:010x}", set.wrapping_mul(2_654_435_761) & 0xff_ffff_ffff);
    let owner = format!("controller-{set}-{template}");
    let begun = second(number / 10);
    PodRecord {
        namespace: text(format!("namespace-{}", set % 200)),
        name: text(format!("{owner}-{number:05x}")),
        uid: text(format!("{number:08x}-0000-4000-8000-{number:012x}")),
        node: Some(text(format!("node-{:05}.example.internal", number / ON_NODE))),
        ips: vec![text(format!("10.{}.{}.{}", number >> 16, (number >> 8) & 255, number & 255))],
        phase: text("Running".to_owned()),
        created: Some(begun),
        started: Some(begun),
        ready_since: Some(begun + Delta::from_secs(9)),
        containers_ready: true,
        owner: Some(Owner {
            kind: text("ReplicaSet".to_owned()),
            name: text(owner),
            uid: text(format!("{set:08x}-1111-4000-8000-{set:012x}")),
        }),
        template: Some(text(template)),
        containers: vec![ContainerRecord {
            name: text("controller".to_owned()),
            image: Some(text(format!("registry.example/controller-{}:v1.2.3", set % 500))),
            running_since: Some(begun + Delta::from_secs(4)),
            ..ContainerRecord::default()
        }],
        ..PodRecord::default()
    }
}

/// Pods that come one by one: what is kept of them.
#[divan::bench(args = SIZES, sample_count = 1, sample_size = 1)]
fn applied(pods: usize) -> Leadership {
    let mut fold = Leadership::new();
    for number in 0..pods {
        fold.observe(Observation { at: second(0), fact: Fact::Applied(Object::Pod(pod(number))) });
    }
    fold
}

/// Pods that come as one fact, and again as another: the peak.
#[divan::bench(args = SIZES, sample_count = 1, sample_size = 1)]
fn listed_twice(pods: usize) -> Leadership {
    let mut fold = Leadership::new();
    for round in 0..2 {
        let objects = (0..pods).map(pod).map(Object::Pod).collect();
        fold.observe(Observation {
            at: second(round),
            fact: Fact::Listed { kind: Kind::Pod, objects },
        });
    }
    fold
}

/// Pods that come as a list in pages, and again as another: the peak.
#[divan::bench(args = SIZES, sample_count = 1, sample_size = 1)]
fn paged_twice(pods: usize) -> Leadership {
    let mut fold = Leadership::new();
    for round in 0..2 {
        for first in (0..pods).step_by(PAGE) {
            let part = match first {
                0 => Part::First,
                _ if first + PAGE >= pods => Part::Last,
                _ => Part::Next,
            };
            let page =
                Fact::Page { part, pods: (first..pods.min(first + PAGE)).map(pod).collect() };
            fold.observe(Observation { at: second(round), fact: page });
        }
    }
    fold
}
