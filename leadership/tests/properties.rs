//! Laws that hold for every history.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadership::Leadership;
use leadership::event::{End, Event, Stage, What};
use leadership::lock::LockKey;
use leadership::observation::{
    Fact, Kind, LockRecord, NODE_LEASE_NAMESPACE, Object, Observation, PodRecord,
};
use leadership::snapshot::{PodName, Snapshot};
use leadership::time::{Delta, Time};
use proptest::prelude::*;

/// One step of a made-up history; times are milliseconds after the step before.
#[derive(Clone, Debug)]
enum Act {
    Write { lock: u8, shape: Shape, after: u32 },
    Delete { lock: u8, after: u32 },
    Lose { after: u32 },
    Relist { after: u32 },
    Alive { after: u32 },
    Pod { pod: u8, gone: bool, after: u32 },
    Look { pod: u8, found: bool, after: u32 },
    Wait { after: u32 },
}

/// The writes that the implementations of the field make, and those that nobody should.
#[derive(Clone, Debug)]
enum Shape {
    Renew { delay: u32, skew: i32 },
    Take { holder: u8, by: i8 },
    Release,
    SoftRelease,
    Nulls,
    Clear,
    Force,
    Touch,
    Assign,
    Absurd { duration: Option<i32>, renew: Option<i64>, transitions: Option<i32> },
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        8 => (0_u32..900, prop_oneof![Just(0), Just(-7_000), Just(9_000)])
            .prop_map(|(delay, skew)| Shape::Renew { delay, skew }),
        4 => (0_u8..3, -1_i8..4).prop_map(|(holder, by)| Shape::Take { holder, by }),
        2 => Just(Shape::Release),
        1 => Just(Shape::SoftRelease),
        1 => Just(Shape::Nulls),
        1 => Just(Shape::Clear),
        1 => Just(Shape::Force),
        1 => Just(Shape::Touch),
        1 => Just(Shape::Assign),
        1 => (any::<Option<i32>>(), any::<Option<i64>>(), any::<Option<i32>>())
            .prop_map(|(duration, renew, transitions)| Shape::Absurd { duration, renew, transitions }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let after = prop_oneof![3 => 0_u32..3_000, 1 => 0_u32..90_000];
    (after, 0_u8..3, shape(), 0_u8..24).prop_map(|(after, lock, shape, dice)| match dice {
        0 => Act::Delete { lock, after },
        1 => Act::Lose { after },
        2 => Act::Relist { after },
        3 => Act::Alive { after },
        4 => Act::Pod { pod: lock, gone: false, after },
        5 => Act::Pod { pod: lock, gone: true, after },
        6 => Act::Wait { after },
        7 => Act::Look { pod: lock, found: after % 3 > 0, after },
        _ => Act::Write { lock, shape, after },
    })
}

fn history() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 1..60)
}

const START: i64 = 1_800_000_000_000_000;

fn key(lock: u8) -> LockKey {
    match lock {
        2 => LockKey::lease(NODE_LEASE_NAMESPACE, "h2"),
        n => LockKey::lease("ns", &format!("lock-{n}")),
    }
}

/// Plays acts as an API server would, and keeps what it would list.
struct Server {
    now: Time,
    locks: BTreeMap<LockKey, LockRecord>,
    made: u32,
}

impl Server {
    fn new() -> Self {
        Self { now: Time::from_micros(START), locks: BTreeMap::new(), made: 0 }
    }

    fn listing(&self) -> Fact {
        let elections = self.locks.values().filter(|lock| lock.kind() == Kind::Lease);
        Fact::Listed { kind: Kind::Lease, objects: elections.cloned().map(Object::Lock).collect() }
    }

    fn play(&mut self, act: &Act) -> Option<Observation> {
        let (after, fact) = match act {
            Act::Write { lock, shape, after } => (after, self.write(*lock, shape, *after)),
            Act::Delete { lock, after } => {
                let gone = self.locks.remove(&key(*lock))?;
                (after, Fact::Deleted(Object::Lock(gone)))
            }
            Act::Lose { after } => (after, Fact::Lost { kind: Kind::Lease, error: "reset".into() }),
            Act::Relist { after } => (after, self.listing()),
            Act::Alive { after } => (after, Fact::Alive(Kind::Lease)),
            Act::Pod { pod, gone, after } => (after, pod_fact(*pod, *gone, self.now)),
            Act::Look { pod, found, after } => (after, look(*pod, *found, self.now)),
            Act::Wait { after } => (after, Fact::Tick),
        };
        self.now = self.now + Delta::from_millis(i64::from(*after));
        Some(Observation { at: self.now, fact })
    }

    fn write(&mut self, lock: u8, shape: &Shape, after: u32) -> Fact {
        let key = key(lock);
        let made = &mut self.made;
        let record = self.locks.entry(key.clone()).or_insert_with(|| {
            *made += 1;
            LockRecord { uid: format!("u{made}").into(), ..LockRecord::empty(key) }
        });
        let arrival = self.now + Delta::from_millis(i64::from(after));
        change(record, shape, arrival);
        Fact::Applied(Object::Lock(record.clone()))
    }
}

fn holder(n: u8) -> Arc<str> {
    Arc::from(format!("h{n}_{n}"))
}

fn change(record: &mut LockRecord, shape: &Shape, now: Time) {
    match shape {
        Shape::Renew { delay, skew } => {
            record.holder.get_or_insert_with(|| holder(0));
            let late = Delta::from_millis(i64::from(*skew) - i64::from(*delay));
            record.renew = Some(now + late);
            record.duration_seconds.get_or_insert(15);
        }
        Shape::Take { holder: n, by } => {
            record.holder = Some(holder(*n));
            (record.acquire, record.renew, record.duration_seconds) =
                (Some(now), Some(now), Some(15));
            let count = record.transitions.unwrap_or(0).saturating_add(i32::from(*by));
            record.transitions = Some(count);
        }
        Shape::Release => {
            record.holder = None;
            (record.acquire, record.renew, record.duration_seconds) =
                (Some(now), Some(now), Some(1));
        }
        Shape::SoftRelease => {
            (record.acquire, record.renew, record.duration_seconds) =
                (Some(now), Some(now), Some(1));
        }
        Shape::Nulls => {
            record.holder = None;
            (record.acquire, record.renew, record.duration_seconds) = (None, None, None);
        }
        Shape::Clear => record.holder = None,
        Shape::Force => record.holder = Some("ghost".into()),
        Shape::Touch => record.preferred_holder = Some("wish".into()),
        Shape::Assign => {
            record.strategy = Some("OldestEmulationVersion".into());
            record.holder = Some("appointed".into());
            (record.acquire, record.renew, record.duration_seconds) = (None, Some(now), Some(5));
        }
        Shape::Absurd { duration, renew, transitions } => {
            record.duration_seconds = *duration;
            record.renew = renew.map(Time::from_micros);
            record.transitions = *transitions;
        }
    }
}

fn pod_fact(n: u8, gone: bool, now: Time) -> Fact {
    let pod = Object::Pod(pod(n, now));
    if gone { Fact::Deleted(pod) } else { Fact::Applied(pod) }
}

fn look(n: u8, found: bool, now: Time) -> Fact {
    let PodRecord { namespace, name, .. } = pod(n, now);
    if found { Fact::Found(pod(n, now)) } else { Fact::NotFound(PodName { namespace, name }) }
}

fn pod(n: u8, now: Time) -> PodRecord {
    PodRecord {
        namespace: "ns".into(),
        name: format!("h{n}").into(),
        uid: "u".into(),
        node: Some(format!("node-{n}").into()),
        phase: "Running".into(),
        ready_since: Some(now),
        ..PodRecord::default()
    }
}

fn observations(acts: &[Act]) -> Vec<Observation> {
    let mut server = Server::new();
    let first = Observation { at: server.now, fact: server.listing() };
    std::iter::once(first).chain(acts.iter().filter_map(|act| server.play(act))).collect()
}

/// Events without what depends on when somebody looked: the moment of a declaration, and the age at it.
fn meaning(events: &[Event]) -> Vec<String> {
    let describe = |event: &Event| match &event.what {
        What::Late { threshold_seconds, .. } => {
            format!("{:?} late {threshold_seconds:?}", event.lease)
        }
        what => format!("{:?} {what:?}", event.lease),
    };
    events.iter().map(describe).collect()
}

fn monotone(before: &Snapshot, after: &Snapshot) -> Result<(), TestCaseError> {
    for old in &before.elections {
        let Some(new) = after.election(&old.key) else {
            continue;
        };
        prop_assert!(new.leaderless_total >= old.leaderless_total, "{} fell", old.key);
        prop_assert!(new.tally.transitions() >= old.tally.transitions());
        prop_assert!(new.tally.failovers.count() >= old.tally.failovers.count());
        prop_assert!(new.tally.missed >= old.tally.missed);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn ticks_are_invisible(acts in history(), every in 1_i64..40_000) {
        let observations = observations(&acts);
        let (mut plain, mut ticked) = (Leadership::new(), Leadership::new());
        let (mut expected, mut got) = (Vec::new(), Vec::new());
        let mut now = Time::from_micros(START);
        for observation in observations {
            while now < observation.at {
                got.extend(ticked.advance(now));
                now = now + Delta::from_millis(every);
            }
            expected.extend(plain.observe(observation.clone()));
            got.extend(ticked.observe(observation));
        }
        prop_assert_eq!(meaning(&got), meaning(&expected));
    }

    /// A recording tells what was looked up, and not who asked.
    #[test]
    fn wishes_change_nothing_and_are_said_once(acts in history()) {
        let (mut plain, mut looking) = (Leadership::new(), Leadership::new().looking_up());
        for observation in observations(&acts) {
            let told = plain.observe(observation.clone());
            prop_assert_eq!(&looking.observe(observation), &told);
            looking.wishes();
            prop_assert!(plain.wishes().is_empty());
            prop_assert!(looking.wishes().is_empty(), "a wish is said once");
        }
        prop_assert_eq!(plain.snapshot(), looking.snapshot());
        prop_assert_eq!(plain.finish(), looking.finish());
    }

    #[test]
    fn deadlines_are_complete(acts in history()) {
        let mut fold = Leadership::new();
        for observation in observations(&acts) {
            while let Some(due) = fold.next_deadline().filter(|due| *due < observation.at) {
                prop_assert_eq!(fold.advance(due - Delta::from_micros(1)), vec![]);
                fold.advance(due);
                prop_assert_ne!(fold.next_deadline(), Some(due), "a deadline that does not pass");
            }
            let before = observation.at - Delta::from_micros(1);
            prop_assert_eq!(fold.advance(before), vec![]);
            fold.observe(observation);
        }
    }

    #[test]
    fn relisting_what_is_known_says_nothing(acts in history()) {
        let mut server = Server::new();
        let (mut plain, mut relisted) = (Leadership::new(), Leadership::new());
        let (mut expected, mut got) = (Vec::new(), Vec::new());
        let first = Observation { at: server.now, fact: server.listing() };
        plain.observe(first.clone());
        relisted.observe(first);
        for act in acts.iter().filter(|act| !matches!(act, Act::Lose { .. })) {
            let Some(observation) = server.play(act) else { continue };
            expected.extend(plain.observe(observation.clone()));
            got.extend(relisted.observe(observation));
            got.extend(relisted.observe(Observation { at: server.now, fact: server.listing() }));
        }
        prop_assert_eq!(meaning(&got), meaning(&expected));
    }

    #[test]
    fn blindness_never_expires(acts in history()) {
        let mut fold = Leadership::new();
        let mut blind = false;
        for observation in observations(&acts) {
            let fact = observation.fact.clone();
            let events = fold.advance(observation.at);
            let judged = events.iter().any(|event| {
                matches!(event.what, What::Late { .. } | What::Expired { .. } | What::ControlPlaneSilent { .. })
            });
            prop_assert!(!(blind && judged), "{:?}", events);
            fold.observe(observation);
            match fact {
                Fact::Lost { .. } => blind = true,
                fact if fact.kind() == Some(Kind::Lease) => blind = false,
                _ => {}
            }
            for election in &fold.snapshot().elections {
                prop_assert!(!(blind && election.leaderless.is_some()));
            }
        }
    }

    #[test]
    fn the_log_reads_forwards_and_counters_only_rise(acts in history()) {
        let mut fold = Leadership::new();
        let mut newest = Time::from_micros(START);
        let mut before = fold.snapshot();
        for observation in observations(&acts) {
            for event in fold.observe(observation) {
                prop_assert!(event.at >= newest);
                newest = event.at;
            }
            let after = fold.snapshot();
            monotone(&before, &after)?;
            before = after;
        }
    }

    #[test]
    fn a_window_is_the_sum_of_its_parts_and_above_its_lower_bound(acts in history()) {
        let mut fold = Leadership::new();
        let mut events = Vec::new();
        for observation in observations(&acts) {
            events.extend(fold.observe(observation));
        }
        events.extend(fold.finish());
        let (mut provisional, mut finals) = (0, 0);
        for event in &events {
            let What::Failover(failover) = &event.what else { continue };
            match failover.stage {
                // What the lock does not show is found out afterwards, and told once.
                Stage::Final if failover.end == End::ProcessRestart => {}
                Stage::Provisional => provisional += 1,
                Stage::Final => finals += 1,
            }
            let Some(window) = failover.leaderless_seconds else { continue };
            prop_assert!(window >= Delta::ZERO);
            prop_assert!(failover.lower_bound_seconds.is_some_and(|lower| lower <= window));
            if let Some((wait, takeover)) = failover.wait_seconds.zip(failover.takeover_seconds) {
                prop_assert_eq!(wait + takeover, window);
            }
        }
        prop_assert_eq!(provisional, finals, "each failover becomes final once");
    }

    /// A healthy holder behind a bad line: late and doubled deliveries, broken and resumed watches,
    /// relists of every kind. Nobody else ever held the lock, so nobody may say so.
    #[test]
    fn a_bad_line_makes_no_transition(
        steps in prop::collection::vec((0_i64..400, 0_u8..12), 20..200),
        skew in -30_000_i64..30_000,
    ) {
        let mut fold = Leadership::new();
        let mut record = LockRecord {
            uid: "u".into(),
            holder: Some("a_1".into()),
            duration_seconds: Some(15),
            transitions: Some(4),
            ..LockRecord::empty(key(0))
        };
        let listing = |record: &LockRecord| {
            Fact::Listed { kind: Kind::Lease, objects: vec![Object::Lock(record.clone())] }
        };
        let mut arrived = Time::from_micros(START);
        for (step, (delay, dice)) in (0_i64..).zip(steps) {
            let written = Time::from_micros(START) + Delta::from_secs(2 * step);
            record.renew = Some(written + Delta::from_millis(skew));
            record.acquire.get_or_insert(written + Delta::from_millis(skew));
            arrived = arrived.max(written + Delta::from_millis(delay));
            let applied = Fact::Applied(Object::Lock(record.clone()));
            let lost = Fact::Lost { kind: Kind::Lease, error: "reset".into() };
            let facts = match (step, dice) {
                (0, _) | (_, 0) => vec![listing(&record)],
                (_, 1) => vec![lost, listing(&record)],
                (_, 2) => vec![lost, Fact::Alive(Kind::Lease), applied],
                (_, 3) => vec![lost, applied],
                (_, 4) => vec![applied.clone(), applied],
                (_, 5) => vec![lost],
                _ => vec![applied],
            };
            for fact in facts {
                for event in fold.observe(Observation { at: arrived, fact }) {
                    prop_assert!(
                        matches!(event.what, What::Phase { .. }),
                        "after {} steps: {:?}", step, event
                    );
                }
            }
        }
        prop_assert_eq!(fold.snapshot().elections[0].tally.transitions(), 0);
    }
}
