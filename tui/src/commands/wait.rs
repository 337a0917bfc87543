//! `wait`: until somebody leads, or until the leader changes.

use std::io::Write;
use std::sync::Arc;

use leadership::event::Phase;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;
use observe::clock;
use serde::Serialize;

use super::object::Object;
use super::{Exit, SCHEMA_VERSION, lease};
use crate::args::{Awaited, ObjectFormat, SourceArgs, WaitArgs};
use crate::first_list::{self, newest};
use crate::out::{json, out};
use crate::{columns, source, standing, wording};

/// Waits for what is asked for; a lease that does not exist yet is waited for, too.
pub(super) async fn run(source: &SourceArgs, args: &WaitArgs) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        source.replay.is_none(),
        "a recording does not go on: leave --replay away to wait for something in a cluster"
    );
    let watched = source::connect(source).await?;
    let mut live = watched.watch(None)?;
    first_list::wait(&mut live, &watched.address(), source.request_timeout).await?;
    let before = Before::of(&newest(&live), &args.lease);
    // More than one is told at once: waiting does not make a name clearer.
    let over = |snapshot: &Snapshot| match lease::named(snapshot, &args.lease).as_slice() {
        [] => false,
        [one] => before.met(one, args.condition),
        _ => true,
    };
    first_list::patiently(&mut live, args.timeout, over).await;
    let snapshot = newest(&live);
    let several = lease::named(&snapshot, &args.lease).len() > 1;
    let election = match lease::find(&snapshot, &args.lease) {
        Err(error) if several => return Err(error),
        election => election,
    };
    let met = election.as_ref().is_ok_and(|it| before.met(it, args.condition));
    let known = election.as_ref().ok().map(|it| &***it);
    let report = || Report::new(args.condition, met, known, clock::now());
    match args.output {
        ObjectFormat::Text => {}
        ObjectFormat::Json => json(&mut out(), &report())?,
        ObjectFormat::Yaml => write!(out(), "{}", serde_saphyr::to_string(&report())?)?,
    }
    match election {
        Ok(election) if met => {
            if args.output == ObjectFormat::Text {
                writeln!(out(), "{}", told(election, args.condition))?;
            }
            Ok(Exit::Fine)
        }
        election => {
            let state = election.map_or_else(|error| error.to_string(), state);
            tell!("fleet-top: timed out after {:?}: {state}", args.timeout);
            Ok(Exit::TimedOut)
        }
    }
}

/// How the waiting ended, for programs.
#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    at: Time,
    /// What was waited for.
    condition: Awaited,
    /// Whether it happened.
    met: bool,
    /// Null if there is none of this name.
    election: Option<Object<'a>>,
}

impl<'a> Report<'a> {
    fn new(condition: Awaited, met: bool, election: Option<&'a Election>, at: Time) -> Self {
        let election = election.map(|election| Object::new(election, at));
        Self { schema_version: SCHEMA_VERSION, at, condition, met, election }
    }
}

/// What was so when we began to wait.
struct Before {
    failover: Option<Time>,
}

impl Before {
    fn of(snapshot: &Snapshot, name: &str) -> Self {
        let named = lease::named(snapshot, name);
        Self { failover: named.first().and_then(|election| last(election)) }
    }

    /// Whether it is as awaited. What is only presumed is not.
    fn met(&self, election: &Election, awaited: Awaited) -> bool {
        match awaited {
            Awaited::Leader => election.leaderless == Some(false) && election.term.is_some(),
            Awaited::Held => election.phase == Phase::Held,
            Awaited::Failover => last(election) > self.failover,
        }
    }
}

/// When the last failover ended.
fn last(election: &Election) -> Option<Time> {
    election.last_failover.as_ref().map(|failover| failover.first_write)
}

fn told(election: &Arc<Election>, awaited: Awaited) -> String {
    match (&election.last_failover, &election.term) {
        (Some(failover), _) if awaited == Awaited::Failover => {
            format!("{}: {}", election.key, wording::failover(failover))
        }
        (_, Some(term)) => format!("{}: {} leads", election.key, columns::name(term)),
        _ => format!("{}: {}", election.key, standing::word(election)),
    }
}

fn state(election: &Arc<Election>) -> String {
    let reason = election.reason.map(wording::reason);
    let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
    format!("{} is {}{reason}", election.key, standing::word(election))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn met(name: &str, awaited: Awaited) -> bool {
        let fleet = samples::fleet();
        Before { failover: None }.met(lease::find(&fleet, name).unwrap(), awaited)
    }

    #[test]
    fn late_leaders_lead_and_are_not_held() {
        assert!(met("fleet-agent-lock", Awaited::Leader));
        assert!(!met("fleet-agent-lock", Awaited::Held));
        assert!(met("gitjob", Awaited::Held));
    }

    #[test]
    fn what_is_presumed_or_expired_has_no_leader() {
        assert!(!met("kube-controller-manager", Awaited::Leader));
        assert!(!met("fleet-controller-lock", Awaited::Leader));
    }

    #[test]
    fn only_a_failover_from_now_on_counts() {
        let fleet = samples::fleet();
        let gitjob = lease::find(&fleet, "gitjob").unwrap();
        let before = Before::of(&fleet, "gitjob");
        assert!(!before.met(gitjob, Awaited::Failover));
        let newer = Election {
            last_failover: Some(samples::failover("a", "b", 1.0)),
            ..Election::clone(gitjob)
        };
        assert!(before.met(&newer, Awaited::Failover));
        assert!(told(&Arc::new(newer), Awaited::Failover).contains("failover a to b: 17.5s"));
    }
}
