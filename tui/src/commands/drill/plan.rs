//! What a drill would do, and whether it may.

use std::fmt::Write;
use std::sync::Arc;

use leadership::advice::{self, Timing};
use leadership::event::Phase;
use leadership::lock::LockKey;
use leadership::snapshot::{Election, Note, PodName, Snapshot};
use observe::evict::{How, Order};

use crate::args::DrillArgs;
use crate::format::measured;
use crate::standing;

/// One pod that is to go, and what follows from that.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) key: LockKey,
    pub(super) holder: Arc<str>,
    pub(super) node: Option<Arc<str>>,
    pub(super) order: Order,
    /// Ready standbys; none where that is not known.
    pub(super) standbys: Option<u32>,
    pub(super) timing: Option<Timing>,
    /// What else this pod leads.
    also: Vec<LockKey>,
}

impl Plan {
    /// The plan for the leader in this picture.
    ///
    /// # Errors
    /// When nobody can be ended, or when it would be careless and nobody insists.
    pub(super) fn new(
        snapshot: &Snapshot,
        election: &Election,
        args: &DrillArgs,
    ) -> anyhow::Result<Self> {
        let key = &election.key;
        let leads = election.leaderless == Some(false) && election.term.is_some();
        let Some(term) = election.term.as_ref().filter(|_| leads) else {
            let word = standing::word(election);
            anyhow::bail!("nobody is proven to lead {key} ({word}): there is no leader to end");
        };
        let leader = &term.leader;
        let (Some(pod), Some(namespace), Some(uid)) =
            (&leader.pod, &leader.pod_namespace, &leader.uid)
        else {
            anyhow::bail!("\"{}\" holds {key}, and no pod is known by this name", term.holder);
        };
        let gone = [Note::Gone, Note::Terminating].into_iter().any(|note| leader.has(note));
        anyhow::ensure!(!gone, "pod {namespace}/{pod}, which leads {key}, is going already");
        let standbys = standing::standbys(election);
        if !args.force {
            permit(election, leader.confidence, standbys)?;
        }
        let pod = PodName { namespace: Arc::clone(namespace), name: Arc::clone(pod) };
        Ok(Self {
            key: key.clone(),
            holder: Arc::clone(&term.holder),
            node: leader.node.clone(),
            order: Order {
                pod,
                uid: uid.to_string(),
                how: if args.evict { How::Evict } else { How::Delete },
                grace_seconds: args.grace_period,
                dry_run: args.dry_run,
            },
            standbys,
            timing: advice::timing(election),
            also: also(snapshot, key, uid),
        })
    }

    /// What will be done, in one question.
    pub(super) fn question(&self) -> String {
        format!("{} pod {}, which leads {}?", self.verb(), self.order.pod, self.key)
    }

    fn verb(&self) -> &'static str {
        match (self.order.how, self.order.grace_seconds) {
            (How::Evict, _) => "Evict",
            (How::Delete, Some(0)) => "Kill",
            (How::Delete, _) => "Delete",
        }
    }

    /// What is known before, a line each.
    pub(super) fn told(&self, source: &str) -> String {
        let mut text = String::new();
        let mut line = |name: &str, what: &str| {
            let _ = writeln!(text, "  {name:<10} {what}");
        };
        line("cluster", source);
        line("lease", &self.key.to_string());
        let on = self.node.as_ref().map_or(String::new(), |node| format!(" on {node}"));
        line("leader", &format!("pod {}{on}", self.order.pod));
        line("standbys", &self.standbys.map_or("not known".into(), |n| format!("{n} ready")));
        if !self.also.is_empty() {
            let also: Vec<String> = self.also.iter().map(ToString::to_string).collect();
            line("also leads", &also.join(", "));
        }
        match &self.timing {
            Some(timing) => {
                line("promised", &format!("if it releases {}", promise(timing, true)));
                line("", &format!("if it does not {}", promise(timing, false)));
            }
            None => line("promised", "nothing: too few renewals were seen, --settle waits longer"),
        }
        text
    }
}

/// Whether it is not careless.
fn permit(election: &Election, confidence: u16, standbys: Option<u32>) -> anyhow::Result<()> {
    let key = &election.key;
    anyhow::ensure!(
        election.phase == Phase::Held,
        "{key} is {}: a drill begins with a leader that renews in time; wait, or --force",
        standing::word(election)
    );
    match standbys {
        Some(0) => anyhow::bail!(
            "nobody could take {key} over: no standby is ready; add replicas, or --force"
        ),
        None => anyhow::bail!(
            "it is not known whether anybody could take {key} over: allow the account to list pods \
             in its namespace, or --force"
        ),
        Some(_) => {}
    }
    anyhow::ensure!(
        confidence >= SURE,
        "it is not sure which pod leads {key}; look at `describe`, or --force"
    );
    Ok(())
}

/// Below this many thousandths another pod may be meant.
const SURE: u16 = 800;

/// What else the pod with this identity leads.
fn also(snapshot: &Snapshot, key: &LockKey, uid: &Arc<str>) -> Vec<LockKey> {
    let leads = |election: &&Arc<Election>| {
        let leader = election.term.as_ref().map(|term| &term.leader);
        leader.is_some_and(|leader| leader.uid.as_ref() == Some(uid)) && election.key != *key
    };
    snapshot.elections.iter().filter(leads).map(|election| election.key.clone()).collect()
}

fn promise(timing: &Timing, released: bool) -> String {
    let (mean, worst) = if released {
        (timing.release_mean_seconds, timing.release_worst_seconds)
    } else {
        (timing.crash_mean_seconds, timing.crash_worst_seconds)
    };
    format!("{} without a leader in the mean, {} at worst", measured(mean), measured(worst))
}
