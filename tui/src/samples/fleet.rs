//! A small fleet with one election in each state.

use std::sync::Arc;

use leadership::event::{Cause, Confidence, End, Failover, How, Phase, Reason, TermEnd};
use leadership::observation::{Kind, Labels};
use leadership::snapshot::{
    Candidate, Candidates, Chapter, Condition, Election, Leader, Missing, Note, Reign, Snapshot,
    Source,
};
use leadership::time::Delta;

use super::{NOW, ago, failover, held, watch};

/// One election in each state.
pub(crate) fn fleet() -> Arc<Snapshot> {
    let mut scheduler = on_node_a(held("kube-system", "kube-scheduler", "cp-1_9e", 400_000.0, 0.4));
    scheduler.labels = Some(labels(&[("tier", "control-plane")]));
    let elections = [orphaned(), expired(), gitjob(), released(), presumed(), scheduler];
    Arc::new(Snapshot {
        at: NOW,
        elections: elections.into_iter().map(Arc::new).collect(),
        missing: vec![Missing {
            namespace: "cattle-fleet-system".into(),
            lease: "helmops-lock".into(),
            component: "fleet-helmops".into(),
            since: ago(3_600.0),
        }],
        watches: vec![watch(Kind::Lease), watch(Kind::Pod)],
        pods: 120,
        heartbeats: 0,
        control_plane_silent: None,
    })
}

/// The same, ten seconds after the watch of leases was lost.
pub(crate) fn blind() -> Arc<Snapshot> {
    let mut snapshot = Snapshot::clone(&fleet());
    for election in &mut snapshot.elections {
        Arc::make_mut(election).blind_since = Some(ago(10.0));
    }
    snapshot.watches[0].up = false;
    snapshot.watches[0].blind_since = Some(ago(10.0));
    snapshot.watches[0].last_error = Some("connection refused".into());
    Arc::new(snapshot)
}

fn labels(labels: &[(&str, &str)]) -> Arc<Labels> {
    let owned = labels.iter().map(|(key, value)| ((*key).into(), (*value).into()));
    Arc::new(owned.collect())
}

fn on_node_a(mut election: Election) -> Election {
    if let Some(term) = &mut election.term {
        term.leader.node = Some("node-a".into());
    }
    election
}

fn candidate(pod: &str, node: &str, condition: Condition) -> Candidate {
    Candidate {
        pod: pod.into(),
        namespace: "cattle-fleet-system".into(),
        node: Some(node.into()),
        zone: Some("eu-1".into()),
        condition,
        leads: false,
        binary_version: None,
        emulation_version: None,
    }
}

/// Three pods of gitjob, two of them ready on two nodes.
fn candidates() -> Candidates {
    let leader = candidate("gitjob-8fb8698c-x2x4k", "node-a", Condition::Ready);
    Candidates {
        source: Source::Pods,
        list: vec![
            Candidate { leads: true, ..leader },
            candidate("gitjob-8fb8698c-9qk2c", "node-b", Condition::Ready),
            candidate("gitjob-8fb8698c-lmw5d", "node-a", Condition::NotReady),
        ],
        count: 3,
        ready: 2,
        not_ready: 1,
        terminating: 0,
        tolerance: 1,
        nodes: 2,
        zones: 1,
        desired: Some(3),
        shares_node_with_leader: Some(0),
    }
}

/// The failover that made gitjob's leader lead, with all that can be known.
fn explained(from: &str, to: &str, seconds: f64) -> Arc<Failover> {
    Arc::new(Failover {
        silent_seconds: Some(Delta::from_millis(1_800)),
        expiry_seconds: Some(Delta::from_millis(13_200)),
        cause: Cause::OomKilled,
        confidence: Confidence::High,
        evidence: vec![
            "container gitjob ended with reason OOMKilled 1.8s after the last renewal".into(),
        ],
        ..Failover::clone(&failover(from, to, seconds))
    })
}

fn gitjob() -> Election {
    let old = "gitjob-8fb8698c-7j6v9_b0dfb562-4e2c-4d59-a2a4-5a1e54a1e0d1";
    let new = "gitjob-8fb8698c-x2x4k_0c55f6a1-9a2e-4f70-8a3b-1d5b5c1c9c55";
    let mut gitjob = on_node_a(held("cattle-fleet-system", "gitjob", new, 10_800.0, 1.2));
    let ended = explained(old, new, 10_800.0);
    gitjob.candidates = Some(Arc::new(candidates()));
    gitjob.component = Some("fleet-gitops".into());
    gitjob.shard = Some("eu".into());
    gitjob.labels = Some(labels(&[("app", "gitjob"), ("tier", "control-plane")]));
    gitjob.library = Some("controller-runtime".into());
    gitjob.hint = Some("It is never released.".into());
    gitjob.ledger = [
        Chapter::Reign(Reign {
            holder: old.into(),
            from: ago(90_000.0),
            from_seen: false,
            to: ended.last_write,
            ended: Some(TermEnd::Expired),
            end: Some(End::Silent),
            failover: Some(Arc::clone(&ended)),
        }),
        Chapter::Missed { count: 2, from: ago(20_000.0), to: ago(19_000.0) },
        Chapter::Reign(Reign {
            holder: new.into(),
            from: ended.first_write,
            from_seen: true,
            to: None,
            ended: None,
            end: None,
            failover: None,
        }),
    ]
    .into();
    let tally = Arc::make_mut(&mut gitjob.tally);
    tally.ended[1] = 1;
    tally.missed = 2;
    tally.anomalies[3] = 4;
    gitjob.leaderless_total = Delta::from_millis(17_500);
    gitjob.clock_offset = Some(Delta::from_millis(-5_200));
    gitjob.last_failover = Some(ended);
    gitjob
}

/// Its process is dead, and its claim still runs.
fn orphaned() -> Election {
    let mut late = held("cattle-fleet-system", "fleet-agent-lock", "fleet-agent-0", 300.0, 8.0);
    late.phase = Phase::Late;
    if let Some(term) = &mut late.term {
        term.leader.notes = vec![Note::Orphaned];
    }
    let alone =
        Candidate { leads: true, ..candidate("fleet-agent-0", "node-b", Condition::NotReady) };
    late.candidates = Some(Arc::new(Candidates {
        list: vec![alone],
        count: 1,
        ready: 0,
        tolerance: 0,
        nodes: 0,
        zones: 0,
        desired: Some(1),
        ..candidates()
    }));
    late
}

fn expired() -> Election {
    let holder = "fleet-controller-6c9d5f7b4-q8zzt_7d1c";
    Election {
        phase: Phase::Expired,
        leaderless: Some(true),
        leaderless_since: Some(ago(23.0)),
        phase_since: ago(23.0),
        ..held("cattle-fleet-system", "fleet-controller-lock", holder, 86_400.0, 38.0)
    }
}

fn released() -> Election {
    Election {
        phase: Phase::Vacant,
        reason: Some(Reason::Released),
        leaderless: Some(true),
        leaderless_since: Some(ago(0.8)),
        ..held("cattle-system", "cattle-controllers", "rancher-5d8f_1", 7_200.0, 0.8)
    }
}

fn presumed() -> Election {
    let mut election = held("kube-system", "kube-controller-manager", "cp-1_3f", 12.0, 9.0);
    election.phase = Phase::Unknown;
    election.reason = Some(Reason::PresumedHeld);
    election.leaderless = None;
    if let Some(term) = &mut election.term {
        term.leader = Leader::default();
        term.start_seen = false;
        term.how = How::First;
    }
    election
}
