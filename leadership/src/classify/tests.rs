use super::{Write, classify};
use crate::lock::LockKey;
use crate::observation::LockRecord;
use crate::time::Time;

/// holder, duration, acquire, renew (seconds), transitions
type Fields<'a> = (Option<&'a str>, Option<i32>, Option<i64>, Option<i64>, Option<i32>);

fn record((holder, duration, acquire, renew, transitions): Fields<'_>) -> LockRecord {
    LockRecord {
        holder: holder.map(Into::into),
        duration_seconds: duration,
        acquire: acquire.map(|seconds| Time::from_micros(seconds * 1_000_000)),
        renew: renew.map(|seconds| Time::from_micros(seconds * 1_000_000)),
        transitions,
        ..LockRecord::empty(LockKey::lease("ns", "x"))
    }
}

const HELD: Fields<'_> = (Some("a"), Some(15), Some(0), Some(20), Some(3));

type Row = (&'static str, Option<Fields<'static>>, Fields<'static>, Write);

const ROWS: &[Row] = &[
    ("created empty", None, (None, None, None, None, None), Write::Touch),
    (
        "still empty",
        Some((None, None, None, None, None)),
        (None, Some(1), None, None, None),
        Write::Touch,
    ),
    ("created held", None, HELD, Write::Acquire),
    ("taken when empty", Some((None, Some(1), Some(9), Some(9), Some(3))), HELD, Write::Acquire),
    (
        "fabric8 7.5 release",
        Some(HELD),
        (Some("a"), Some(1), Some(21), Some(21), Some(3)),
        Write::SoftRelease,
    ),
    (
        "a claim of a second, made anew",
        Some((Some("a"), Some(1), Some(20), Some(20), Some(3))),
        (Some("a"), Some(1), Some(21), Some(21), Some(3)),
        Write::Reacquire,
    ),
    (
        "a renewal for a second only",
        Some(HELD),
        (Some("a"), Some(1), Some(0), Some(21), Some(3)),
        Write::Renew,
    ),
    (
        "emptied, and the old claim left",
        Some(HELD),
        (None, Some(1), Some(0), Some(21), Some(3)),
        Write::Clear,
    ),
    (
        "emptied for a second, and nothing written anew",
        Some((Some("a"), Some(15), Some(20), Some(20), Some(3))),
        (None, Some(1), Some(20), Some(20), Some(3)),
        Write::Clear,
    ),
    ("emptied, and one stamp left", Some(HELD), (None, None, Some(0), None, Some(3)), Write::Clear),
    (
        "same holder, counted",
        Some(HELD),
        (Some("a"), Some(15), Some(0), Some(22), Some(4)),
        Write::Reacquire,
    ),
    (
        "same holder, new claim",
        Some(HELD),
        (Some("a"), Some(15), Some(22), Some(22), Some(3)),
        Write::Reacquire,
    ),
    ("renewal", Some(HELD), (Some("a"), Some(15), Some(0), Some(22), Some(3)), Write::Renew),
    (
        "renewal with a stamp that went back",
        Some(HELD),
        (Some("a"), Some(15), Some(0), Some(12), Some(3)),
        Write::Renew,
    ),
    (
        "kubert: claim nulled before",
        Some((Some("a"), Some(15), None, Some(20), Some(3))),
        (Some("a"), Some(15), Some(0), Some(22), Some(3)),
        Write::Renew,
    ),
    ("label edit", Some(HELD), HELD, Write::Touch),
    ("renewal nulled", Some(HELD), (Some("a"), Some(15), Some(0), None, Some(3)), Write::Touch),
    ("client-go release", Some(HELD), (None, Some(1), Some(21), Some(21), Some(3)), Write::Release),
    ("Java release", Some(HELD), (None, Some(15), None, None, Some(3)), Write::Release),
    ("kubert release", Some(HELD), (None, None, None, None, Some(3)), Write::Release),
    ("emptied", Some(HELD), (None, Some(15), Some(0), Some(20), Some(3)), Write::Clear),
    (
        "one second but old stamps",
        Some(HELD),
        (None, Some(1), Some(0), Some(20), Some(3)),
        Write::Clear,
    ),
    (
        "holder edited",
        Some(HELD),
        (Some("ghost"), Some(15), Some(0), Some(20), Some(3)),
        Write::Forced,
    ),
    ("taken over", Some(HELD), (Some("b"), Some(15), Some(37), Some(37), Some(4)), Write::Takeover),
    (
        "five seconds without a strategy",
        Some(HELD),
        (Some("b"), Some(5), None, Some(37), Some(3)),
        Write::Takeover,
    ),
];

#[test]
fn each_row_is_reached_and_only_by_its_own_shape() {
    for (name, before, after, expected) in ROWS {
        let before = before.map(record);
        assert_eq!(classify(before.as_ref(), &record(*after)), *expected, "{name}");
    }
}

#[test]
fn the_controller_of_coordinated_election_assigns() {
    let mut after = record((Some("b"), Some(5), None, Some(37), Some(3)));
    after.strategy = Some("OldestEmulationVersion".into());
    let vacant = record((None, Some(1), Some(9), Some(9), Some(3)));
    assert_eq!(classify(Some(&record(HELD)), &after), Write::Assign);
    assert_eq!(classify(Some(&vacant), &after), Write::Assign);
    after.duration_seconds = Some(15);
    assert_eq!(classify(Some(&record(HELD)), &after), Write::Takeover);
}

#[test]
fn a_person_may_write_the_times_too() {
    let mut after = record((Some("b"), Some(15), Some(22), Some(22), Some(4)));
    assert_eq!(classify(Some(&record(HELD)), &after), Write::Takeover);
    after.manager = Some("kubectl-edit".into());
    assert_eq!(classify(Some(&record(HELD)), &after), Write::Forced);
    let vacant = record((None, Some(1), Some(9), Some(9), Some(3)));
    assert_eq!(
        classify(Some(&vacant), &after),
        Write::Acquire,
        "who emptied it, and who came, may share a second"
    );
}

#[test]
fn a_person_does_not_release() {
    for (manager, expected) in [
        ("kubectl-edit", Write::Clear),
        ("k9s", Write::Clear),
        ("Mozilla", Write::Clear),
        ("fleetcontroller", Write::Release),
    ] {
        let mut after = record((None, Some(1), Some(21), Some(21), Some(3)));
        after.manager = Some(manager.into());
        assert_eq!(classify(Some(&record(HELD)), &after), expected, "{manager}");
    }
}
