use std::sync::Arc;

use super::*;
use crate::observation::{ContainerRecord, PodRecord};
use crate::time::Time;

/// Seconds of the node's clock, which is two seconds ahead of ours.
fn node(seconds: i64) -> Time {
    Time::from_micros((seconds + 2) * 1_000_000)
}

fn ours(seconds: i64) -> Time {
    Time::from_micros(seconds * 1_000_000)
}

/// What a case is made of: a crash of nothing in particular, last renewed at 100.
struct Made {
    pod: PodRecord,
    end: End,
    leaving: Option<i64>,
    newer: Option<&'static str>,
    known: bool,
    trust: Confidence,
    edit: fn(&mut Case<'_>),
}

impl Default for Made {
    fn default() -> Self {
        let container = ContainerRecord { name: "c".into(), ..ContainerRecord::default() };
        let pod = PodRecord {
            name: "a".into(),
            phase: "Running".into(),
            ready_since: Some(node(0)),
            template: Some("h1".into()),
            containers: vec![ContainerRecord { image: Some("i:1".into()), ..container }],
            ..PodRecord::default()
        };
        Self {
            pod,
            end: End::Silent,
            leaving: None,
            newer: None,
            known: true,
            trust: Confidence::High,
            edit: |_| {},
        }
    }
}

impl Made {
    fn ended(mut self, at: i64, reason: &str, exit_code: i32) -> Self {
        self.pod.terminations.push(Termination {
            container: "c".into(),
            reason: Some(reason.into()),
            exit_code,
            finished: Some(node(at)),
        });
        self
    }

    fn leaving(mut self, at: i64, why: Option<&str>, reason: Option<&str>) -> Self {
        self.leaving = Some(at);
        self.pod.disruption = why.map(Arc::from);
        self.pod.reason = reason.map(Arc::from);
        self
    }

    fn released(mut self) -> Self {
        self.end = End::Release;
        self
    }

    fn with(mut self, edit: fn(&mut Case<'_>)) -> Self {
        self.edit = edit;
        self
    }

    fn verdict(&self) -> (Finding, bool) {
        let leaving = self.leaving.map(|at| Leaving {
            at: ours(at),
            asked: true,
            told: "its deletion was asked".into(),
        });
        let newer = self.newer.map(|hash| Newer {
            name: "b".into(),
            template: Some(hash.into()),
            images: vec!["i:2".into()],
        });
        let pod = PodSight { record: self.pod.clone(), trust: self.trust, leaving, newer };
        let mut case = Case {
            end: self.end,
            early: false,
            same: false,
            gap: false,
            preferred: false,
            owner_gone: None,
            manager: None,
            stamp: Some(node(100)),
            last: Some(ours(100)),
            interval: Delta::from_secs(2),
            pod: self.known.then_some(pod),
            node: None,
            common: None,
        };
        (self.edit)(&mut case);
        attribute(&case)
    }

    fn says(&self) -> (&'static str, &'static str) {
        let (finding, _) = self.verdict();
        (finding.cause.label(), finding.confidence.label())
    }
}

fn made() -> Made {
    Made::default()
}

fn no_pod() -> Made {
    Made { known: false, ..made() }
}

fn given_up(case: &mut Case<'_>) {
    case.node = Some(NodeSight { name: "n".into(), silent: None, compared: true, given_up: true });
}

fn silent_node(case: &mut Case<'_>) {
    let silent = Some(Delta::from_secs(26));
    case.node = Some(NodeSight { name: "n".into(), silent, compared: true, given_up: false });
}

fn common(case: &mut Case<'_>) {
    case.common = Some((4, 5));
}

fn in_gap(case: &mut Case<'_>) {
    case.gap = true;
}

fn unasked(case: &mut Case<'_>) {
    let leaving = case.pod.as_mut().and_then(|pod| pod.leaving.as_mut());
    leaving.unwrap().asked = false;
}

fn unasked_in_gap(case: &mut Case<'_>) {
    unasked(case);
    in_gap(case);
}

/// It took the lock anew while its claim was valid.
fn anew(case: &mut Case<'_>) {
    (case.early, case.same) = (true, true);
}

fn rollout(made: Made) -> Made {
    Made { newer: Some("h2"), ..made }
}

fn check(table: &[(Made, (&str, &str))]) {
    for (place, (made, expected)) in table.iter().enumerate() {
        assert_eq!(made.says(), *expected, "row {place}");
    }
}

#[test]
fn each_kind_of_death_has_its_cause() {
    let not_ready = |mut made: Made| {
        made.pod.ready_since = None;
        made
    };
    let failed = |mut made: Made| {
        made.pod.phase = "Failed".into();
        made
    };
    let table: Vec<(Made, (&str, &str))> = vec![
        (made().ended(101, "OOMKilled", 137), ("oom_killed", "high")),
        (made().ended(100, "Error", 2), ("container_crash", "high")),
        // Cut to whole seconds, the end seems to lie before the renewal.
        (made().ended(99, "Error", 2), ("container_crash", "high")),
        (made().ended(101, "Completed", 0), ("container_exited", "high")),
        (made().ended(80, "Error", 2), ("renew_stalled", "high")),
        (made().ended(112, "Error", 1), ("renew_stalled_then_exit", "high")),
        (made(), ("renew_stalled", "high")),
        (not_ready(made()), ("renew_stalled", "medium")),
        (failed(made()), ("unknown", "none")),
        (made().with(given_up), ("node_lost", "high")),
        (made().with(silent_node), ("node_lost", "medium")),
        (made().ended(101, "Error", 2).with(silent_node), ("container_crash", "high")),
    ];
    check(&table);
}

#[test]
fn each_kind_of_departure_has_its_cause() {
    let table: Vec<(Made, (&str, &str))> = vec![
        (rollout(made().leaving(99, None, None).released()), ("rollout", "high")),
        (rollout(made().leaving(99, None, None)), ("rollout_no_release", "high")),
        (
            rollout(made().leaving(99, None, None).ended(101, "Error", 143)),
            ("rollout_no_release", "high"),
        ),
        (
            made().leaving(99, Some("EvictionByEvictionAPI"), None).released(),
            ("drain_or_eviction", "high"),
        ),
        (
            rollout(made().leaving(99, Some("EvictionByEvictionAPI"), None)),
            ("drain_or_eviction_no_release", "high"),
        ),
        (
            made().leaving(99, Some("PreemptionByScheduler"), None).released(),
            ("scheduler_preemption", "high"),
        ),
        (
            made().leaving(99, Some("DeletionByTaintManager"), None),
            ("node_taint_eviction_no_release", "high"),
        ),
        (made().leaving(99, Some("DeletionByPodGC"), None), ("node_gone_no_release", "high")),
        (
            made().leaving(99, Some("TerminationByKubelet"), Some("Terminated")).released(),
            ("node_shutdown", "high"),
        ),
        (
            made().leaving(99, Some("TerminationByKubelet"), Some("Evicted")),
            ("node_pressure_eviction_no_release", "high"),
        ),
        (made().leaving(99, None, None).released(), ("pod_deleted", "medium")),
        (made().leaving(99, None, None), ("pod_deleted_no_release", "medium")),
        (made().leaving(110, None, None), ("pod_deleted_after_stall", "low")),
        (
            made().leaving(105, None, None).ended(110, "Error", 137),
            ("pod_deleted_after_stall", "low"),
        ),
        (
            made().leaving(120, None, None).ended(112, "Error", 1),
            ("renew_stalled_then_exit", "high"),
        ),
        (rollout(made().leaving(110, None, None)), ("rollout_after_stall", "low")),
        (made().leaving(110, None, None).with(in_gap), ("pod_deleted_after_stall", "low")),
        (made().leaving(110, None, None).with(unasked), ("pod_deleted_after_stall", "low")),
        // It was found gone after a gap: nobody knows whether it had stalled before.
        (made().leaving(110, None, None).with(unasked_in_gap), ("pod_deleted_no_release", "low")),
    ];
    check(&table);
}

#[test]
fn what_the_lock_and_the_others_show_has_its_cause() {
    let table: Vec<(Made, (&str, &str))> = vec![
        (made().released(), ("voluntary_stepdown", "medium")),
        (made().released().ended(100, "Completed", 0), ("container_restart_graceful", "high")),
        (made().released().ended(100, "Error", 143), ("container_restart_graceful", "high")),
        (made().released().ended(101, "Error", 1), ("container_restart_graceful", "medium")),
        (made().released().ended(140, "Error", 1), ("voluntary_stepdown", "medium")),
        (made().with(common), ("control_plane_outage", "high")),
        (made().ended(112, "Error", 1).with(common), ("control_plane_outage", "high")),
        // The last write was carried out after its writer had given up.
        (made().ended(102, "Error", 1).with(common), ("control_plane_outage", "high")),
        (made().ended(102, "OOMKilled", 137).with(common), ("oom_killed", "high")),
        (made().with(|case| case.early = true), ("usurped", "medium")),
        (made().with(anew), ("unknown", "none")),
        (made().ended(100, "Error", 1).with(anew), ("container_crash", "high")),
        (made().with(|case| case.same = true), ("renew_stalled", "high")),
        (Made { end: End::Deleted, ..made() }, ("lease_deleted", "high")),
        (
            Made { end: End::Deleted, ..made() }
                .with(|case| case.owner_gone = Some("Deployment d".into())),
            ("lease_deleted_gc", "high"),
        ),
        (
            Made { end: End::Cleared, ..made() }.with(|case| case.manager = Some("kubectl-edit")),
            ("admin_edit", "high"),
        ),
        (
            Made { end: End::Cleared, ..made() }.with(|case| case.manager = Some("some-operator")),
            ("admin_edit", "medium"),
        ),
        (made().with(|case| case.preferred = true), ("cle_preemption", "high")),
        (no_pod(), ("unknown_no_pod", "none")),
        (no_pod().released(), ("voluntary_stepdown", "low")),
        (no_pod().with(common), ("control_plane_outage", "medium")),
        (no_pod().with(silent_node), ("node_lost", "medium")),
        (no_pod().with(|case| case.early = true), ("usurped", "low")),
        (no_pod().with(anew), ("unknown", "none")),
        (no_pod().with(|case| case.gap = true), ("unknown_observer_gap", "none")),
    ];
    check(&table);
}

#[test]
fn a_process_that_came_back_had_its_cause_too() {
    let end = |reason: &str, exit_code| Termination {
        container: "c".into(),
        reason: Some(reason.into()),
        exit_code,
        finished: None,
    };
    let says = |end: Termination, after, common| {
        let after = Delta::from_secs(after);
        let finding = of_restart(&end, after, Delta::from_secs(2), common);
        finding.cause.label()
    };
    let outage = Some((9, 9));
    assert_eq!(says(end("Error", 2), 1, None), "container_crash");
    assert_eq!(says(end("Completed", 0), 1, None), "container_exited");
    assert_eq!(says(end("Error", 1), 12, None), "renew_stalled_then_exit");
    assert_eq!(says(end("Error", 1), 12, outage), "control_plane_outage");
    assert_eq!(says(end("OOMKilled", 137), 12, outage), "oom_killed");
}

#[test]
fn a_slow_cadence_leaves_time_to_die() {
    // A kubert lease is renewed each 29 s.
    let kubert = made().ended(120, "Error", 2).with(|case| case.interval = Delta::from_secs(29));
    assert_eq!(kubert.says(), ("container_crash", "high"));
}

#[test]
fn a_doubtful_pod_makes_a_doubtful_cause() {
    let doubtful = Made { trust: Confidence::Low, ..made() }.ended(101, "OOMKilled", 137);
    assert_eq!(doubtful.says(), ("oom_killed", "low"));
    assert!(!doubtful.verdict().1);
}

#[test]
fn what_only_silence_speaks_for_waits_for_evidence() {
    assert!(!made().verdict().1);
    assert!(!made().with(silent_node).verdict().1);
    assert!(!made().leaving(99, None, None).verdict().1);
    assert!(made().ended(101, "OOMKilled", 137).verdict().1);
    assert!(no_pod().verdict().1);
}

#[test]
fn evidence_can_be_read() {
    let (finding, _) = made().ended(101, "OOMKilled", 137).verdict();
    assert_eq!(
        finding.evidence,
        ["container c ended with code 137 (OOMKilled) about 1.0 s after the last renewal"]
    );
    let mut failing = made().ended(101, "Error", 2);
    failing.pod.containers[0].waiting = Some("CrashLoopBackOff".into());
    failing.pod.containers[0].restarts = 7;
    assert_eq!(
        failing.verdict().0.evidence,
        [
            "container c ended with code 2 (Error) about 1.0 s after the last renewal",
            "container c waits: CrashLoopBackOff, restart count 7",
        ]
    );
    let rollout = Made { newer: Some("h2"), ..made() }.leaving(99, None, None);
    assert_eq!(
        rollout.verdict().0.evidence,
        [
            "its deletion was asked",
            "its revision is h1, that of pod b is h2",
            "the image changed from i:1 to i:2",
        ]
    );
}
