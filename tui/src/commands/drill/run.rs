//! One failover after the other.

use std::sync::Arc;
use std::time::Duration;

use leadership::event::{Event, Failover, Phase, Stage, What};
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;
use observe::drive::Live;
use observe::probe::Probe;
use observe::{clock, evict};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use super::plan::Plan;
use super::probes;
use super::report::Run;
use crate::args::DrillArgs;
use crate::commands::lease;
use crate::first_list::{self, newest};
use crate::format;
use crate::source::Watched;
use crate::standing;

/// How long a failover may take to become final: the clocks settle within a minute, and evidence of the cause is
/// waited for no longer than a minute and a half.
const FINAL: Duration = Duration::from_secs(100);

pub(super) struct Drill<'a> {
    pub(super) watched: &'a Watched,
    pub(super) live: Live,
    pub(super) args: &'a DrillArgs,
    pub(super) probes: Vec<Arc<Probe>>,
}

impl Drill<'_> {
    /// All runs, or those before the one that could not begin or was interrupted.
    ///
    /// # Errors
    /// When not even the first one could begin.
    pub(super) async fn all(&mut self, first: Plan) -> anyhow::Result<Vec<Run>> {
        let mut runs = Vec::new();
        let mut plan = first;
        loop {
            let number = u32::try_from(runs.len()).unwrap_or(u32::MAX).saturating_add(1);
            let run = tokio::select! {
                run = self.one(number, &plan) => run,
                _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
            };
            match run {
                Ok(run) => runs.push(run),
                Err(error) if runs.is_empty() => return Err(error),
                Err(error) => {
                    tell!("fleet-top: run {number}: {error:#}");
                    return Ok(runs);
                }
            }
            if number >= self.args.runs {
                return Ok(runs);
            }
            match self.next(&plan).await {
                Ok(next) => plan = next,
                Err(error) => {
                    tell!("fleet-top: no further run: {error:#}");
                    return Ok(runs);
                }
            }
        }
    }

    /// Ends one leader and waits for the next.
    async fn one(&mut self, number: u32, plan: &Plan) -> anyhow::Result<Run> {
        let probes = probes::start(&self.probes, self.args.probe_every);
        let mut events = self.live.events.resubscribe();
        let asked = clock::now();
        evict::send_away(self.watched.cluster("a drill")?, &plan.order).await?;
        tell!("{}  run {number}: pod {} is asked to go", format::clock(asked), plan.order.pod);
        let awaited = Awaited { plan, asked };
        let told = timeout(self.args.timeout, awaited.next(&mut events, Stage::Provisional)).await;
        let told = told.ok().flatten();
        let until = clock::now();
        let spoken = probes.told(until);
        let Some(told) = told else {
            tell!("{}  nobody else leads, given up", format::clock(until));
            return Ok(Run::new(number, plan, asked, None, spoken));
        };
        let took = format::measured(told.first_write - asked);
        let at = format::clock(told.first_write);
        tell!("{at}  {} leads, {took} after the request; numbers settle", told.to);
        let last = match told.stage {
            Stage::Final => told,
            Stage::Provisional => {
                let last = timeout(FINAL, awaited.next(&mut events, Stage::Final)).await;
                last.ok().flatten().unwrap_or(told)
            }
        };
        let spoken = probes.told(clock::now());
        Ok(Run::new(number, plan, asked, Some(&last), spoken))
    }

    /// Waits until all is as it was before, then plans anew.
    async fn next(&mut self, before: &Plan) -> anyhow::Result<Plan> {
        let name = before.key.to_string();
        let whole = |snapshot: &Snapshot| {
            lease::find(snapshot, &name).is_ok_and(|election| recovered(election, before))
        };
        let patience = self.args.timeout.max(Duration::from_secs(1));
        first_list::patiently(&mut self.live, patience, whole).await;
        let snapshot = newest(&self.live);
        Plan::new(&snapshot, lease::find(&snapshot, &name)?, self.args)
    }
}

/// Whether somebody renews, and as many could take over as before.
fn recovered(election: &Election, before: &Plan) -> bool {
    let standbys = standing::standbys(election);
    election.phase == Phase::Held && standbys >= before.standbys
}

/// The failover that follows a request.
struct Awaited<'a> {
    plan: &'a Plan,
    asked: Time,
}

impl Awaited<'_> {
    /// The next event that tells of it, at least in this stage; none if there will be no more events.
    async fn next(
        &self,
        events: &mut broadcast::Receiver<Arc<Event>>,
        stage: Stage,
    ) -> Option<Arc<Failover>> {
        loop {
            match events.recv().await {
                Ok(event) => {
                    if let Some(failover) = self.tells(&event)
                        && (stage == Stage::Provisional || failover.stage == Stage::Final)
                    {
                        return Some(failover);
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Another term of this lock that began after the request.
    fn tells(&self, event: &Event) -> Option<Arc<Failover>> {
        match &event.what {
            What::Failover(failover)
                if event.lease.as_ref() == Some(&self.plan.key)
                    && failover.from == self.plan.holder
                    && failover.first_write >= self.asked =>
            {
                Some(Arc::clone(failover))
            }
            _ => None,
        }
    }
}
