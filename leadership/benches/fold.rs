//! What one fact costs. `cargo bench -p leadership`.

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use leadership::Leadership;
use leadership::lock::LockKey;
use leadership::observation::{Fact, Kind, LockRecord, Object, Observation};
use leadership::time::{Delta, Time};

/// Counts what is allocated: divan prints it beside the times.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// As many leases as a large cluster has.
const LEASES: usize = 5_000;

fn main() {
    divan::main();
}

fn at(round: i64, lease: usize) -> Time {
    let offset = i64::try_from(lease).unwrap_or(0) * 400;
    Time::from_micros(1_800_000_000_000_000 + round * 2_000_000 + offset)
}

fn record(lease: usize, renew: Time) -> LockRecord {
    LockRecord {
        uid: format!("{lease:08}").into(),
        holder: Some(
            format!("controller-{lease}-abcde_00000000-0000-0000-0000-{lease:012}").into(),
        ),
        duration_seconds: Some(15),
        acquire: Some(at(0, lease)),
        renew: Some(renew),
        transitions: Some(3),
        ..LockRecord::empty(LockKey::lease(
            &format!("ns-{}", lease % 100),
            &format!("lease-{lease}"),
        ))
    }
}

/// A fold that has listed all leases and seen each renewed `rounds` times.
fn warm(rounds: i64) -> Leadership {
    let mut fold = Leadership::new();
    let objects = (0..LEASES).map(|lease| Object::Lock(record(lease, at(0, lease)))).collect();
    let fact = Fact::Listed { kind: Kind::Lease, objects };
    fold.observe(Observation { at: at(0, 0), fact });
    for round in 1..=rounds {
        for observation in renewals(round) {
            fold.observe(observation);
        }
    }
    fold
}

/// One at a time, as a watch reads them.
fn renewals(round: i64) -> impl Iterator<Item = Observation> {
    (0..LEASES).map(move |lease| {
        let now = at(round, lease);
        let fact = Fact::Applied(Object::Lock(record(lease, now - Delta::from_millis(4))));
        Observation { at: now, fact }
    })
}

/// One renewal of each of 5,000 leases.
#[divan::bench(sample_count = 20)]
fn renewal(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(LEASES))
        .with_inputs(|| (warm(6), renewals(7).collect::<Vec<_>>()))
        .bench_local_values(|(mut fold, observations)| {
            for observation in observations {
                divan::black_box(fold.observe(observation));
            }
            fold
        });
}

/// A snapshot after a quarter of a second of renewals.
#[divan::bench(sample_count = 20)]
fn snapshot(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            let mut fold = warm(6);
            fold.snapshot();
            for observation in renewals(7).take(LEASES / 8) {
                fold.observe(observation);
            }
            fold
        })
        .bench_local_refs(Leadership::snapshot);
}

/// All that is kept of 5,000 leases whose cadence is learned, with a snapshot: see "max alloc".
#[divan::bench(sample_count = 3)]
fn memory() -> (Leadership, std::sync::Arc<leadership::snapshot::Snapshot>) {
    let mut fold = warm(36);
    let snapshot = fold.snapshot();
    (fold, snapshot)
}
