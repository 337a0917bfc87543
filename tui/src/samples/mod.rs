//! Pictures made by hand for tests and benches.

mod fleet;

use std::sync::Arc;

use leadership::catalogue::Class;
use leadership::event::{Cause, Confidence, End, Failover, Flag, How, Phase, Stage};
use leadership::lock::LockKey;
use leadership::observation::Kind;
use leadership::snapshot::{Election, Leader, Method, Snapshot, Term, Watch};
use leadership::tally::Histogram;
use leadership::time::{Delta, Time};

pub(crate) use fleet::{blind, fleet};

/// The present of all pictures: 2026-11-22T15:00:00Z.
pub(crate) const NOW: Time = Time::from_micros(1_795_359_600_000_000);

/// So many seconds ago.
pub(crate) fn ago(seconds: f64) -> Time {
    #[expect(clippy::cast_possible_truncation, reason = "tests use small numbers of seconds")]
    let micros = (seconds * 1e6) as i64;
    NOW - Delta::from_micros(micros)
}

/// A lock that nobody has seen yet.
pub(crate) fn election(namespace: &str, name: &str) -> Election {
    Election {
        key: LockKey::lease(namespace, name),
        uid: "8f3a".into(),
        component: None,
        labels: None,
        class: Class::Election,
        library: None,
        shard: None,
        expected: None,
        releases: None,
        hint: None,
        phase: Phase::Unknown,
        reason: None,
        phase_since: ago(60.0),
        blind_since: None,
        leaderless: None,
        leaderless_since: None,
        leaderless_total: Delta::ZERO,
        term: None,
        duration: Some(Delta::from_secs(15)),
        expiry: None,
        renew_interval: Some(Delta::from_secs(2)),
        late_after: Delta::from_secs(3),
        worst_gap: Some(Delta::from_millis(2_310)),
        renew_deadline: None,
        reported_transitions: Some(14),
        strategy: None,
        preferred_holder: None,
        clock_offset: None,
        clock_spread: None,
        overlap_until: None,
        gaps: Histogram::default(),
        tally: Arc::default(),
        ledger: Arc::default(),
        last_failover: None,
        candidates: None,
    }
}

/// A lock held by `holder` for `since` seconds and renewed `age` seconds ago.
pub(crate) fn held(namespace: &str, name: &str, holder: &str, since: f64, age: f64) -> Election {
    let pod = holder.split('_').next().unwrap_or(holder);
    Election {
        phase: Phase::Held,
        leaderless: Some(false),
        phase_since: ago(since),
        expiry: Some(ago(age) + Delta::from_secs(15)),
        term: Some(Term {
            holder: holder.into(),
            leader: Leader {
                pod: Some(pod.into()),
                pod_namespace: Some(namespace.into()),
                uid: Some("uid-of-the-pod".into()),
                node: Some("node-b".into()),
                method: Method::PodName,
                confidence: 980,
                ..Leader::default()
            },
            start: ago(since),
            start_seen: true,
            how: How::Takeover,
            last_renew: ago(age),
            renewals: 5_400,
        }),
        ..election(namespace, name)
    }
}

/// A failover from `from` to `to` that ended `seconds` ago.
pub(crate) fn failover(from: &str, to: &str, seconds: f64) -> Arc<Failover> {
    Arc::new(Failover {
        stage: Stage::Final,
        from: from.into(),
        to: to.into(),
        end: End::Silent,
        leaderless_seconds: Some(Delta::from_millis(17_500)),
        lower_bound_seconds: Some(Delta::from_millis(15_500)),
        wait_seconds: Some(Delta::from_secs(15)),
        takeover_seconds: Some(Delta::from_millis(2_500)),
        silent_seconds: None,
        expiry_seconds: None,
        ready_seconds: Some(Delta::ZERO),
        error_seconds: Some(Delta::from_millis(10)),
        flags: vec![Flag::SameHost],
        cause: Cause::UnknownNoPod,
        confidence: Confidence::None,
        evidence: Vec::new(),
        last_write: Some(ago(seconds + 17.5)),
        first_write: ago(seconds),
    })
}

/// A live watch of this kind.
pub(crate) fn watch(kind: Kind) -> Watch {
    Watch {
        kind,
        up: true,
        listed: true,
        looked_up: false,
        blind_since: None,
        blind: Delta::ZERO,
        last_fact: Some(ago(0.2)),
        objects: 6,
        lists: 1,
        applied: 5_400,
        deleted: 0,
        losses: 0,
        lag: Some(Delta::from_millis(8)),
        last_error: None,
    }
}

/// So many healthy elections, in the order of their keys.
pub(crate) fn many(count: u32) -> Arc<Snapshot> {
    let elections = (0..count).map(|number| {
        let holder = format!("controller-{number:05}-7d8f6b5c4-abcde_{number:08x}");
        let age = f64::from(number % 20) / 10.0;
        let mut one = held("tenants", &format!("lease-{number:05}"), &holder, 3_600.0, age);
        one.last_failover = Some(failover("before", &holder, 3_600.0));
        Arc::new(one)
    });
    Arc::new(Snapshot { elections: elections.collect(), ..Snapshot::clone(&fleet()) })
}
