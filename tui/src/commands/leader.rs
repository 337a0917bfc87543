//! `leader`: the pod that leads, and nothing else, for scripts.

use std::io::Write;

use leadership::event::{Phase, Reason};
use leadership::snapshot::{Election, Note};
use leadership::time::Time;
use serde::Serialize;

use super::object::Object;
use super::settled::{self, Settled, Until};
use super::{Exit, SCHEMA_VERSION, lease};
use crate::args::{LeaderArgs, LeaderFormat, SourceArgs};
use crate::out::{json, out};
use crate::source;
use crate::{facts, standing, wording};

/// Who leads, as far as a script may rely on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// This pod; and what its caller should know beside.
    Pod(String, Option<&'static str>),
    /// Nobody, and why.
    Nobody(String),
    /// Somebody whose pod is not known, and who that is as far as is known.
    NoPod(String, String),
}

/// Prints the namespace and name of the leader's pod.
pub(super) async fn run(source: &SourceArgs, args: &LeaderArgs) -> anyhow::Result<Exit> {
    let until = Until::Proven(Some(&args.lease), args.settle);
    let opened = source::open(source).await?;
    let Settled { snapshot, now, .. } =
        settled::picture(&opened, source.request_timeout, until).await?;
    let election = lease::find(&snapshot, &args.lease)?;
    let answer = answer(election);
    let named = args.output == LeaderFormat::Name;
    if !named {
        print(&mut out(), &Report::new(election, &answer, now), args.output)?;
    }
    match answer {
        Answer::Pod(pod, doubt) => {
            if named {
                writeln!(out(), "{pod}")?;
            }
            if let Some(doubt) = doubt {
                tell!("fleet-top: {}: {doubt}", election.key);
            }
            Ok(Exit::Fine)
        }
        Answer::Nobody(why) => {
            tell!("fleet-top: nobody leads {}: {why}", election.key);
            Ok(Exit::Leaderless)
        }
        Answer::NoPod(..) if !named => Ok(Exit::Fine),
        Answer::NoPod(holder, who) => {
            anyhow::bail!("\"{holder}\" holds {}: {who}", election.key)
        }
    }
}

/// The answer for programs.
#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    at: Time,
    /// Whether somebody leads.
    leads: bool,
    /// The pod that does as NAMESPACE/NAME, if it is known.
    pod: Option<&'a str>,
    /// Why nobody leads, or why that is not sure.
    why: Option<&'a str>,
    election: Object<'a>,
}

impl<'a> Report<'a> {
    fn new(election: &'a Election, answer: &'a Answer, at: Time) -> Self {
        let (leads, pod, why) = match answer {
            Answer::Pod(pod, doubt) => (true, Some(pod.as_str()), *doubt),
            Answer::Nobody(why) => (false, None, Some(why.as_str())),
            Answer::NoPod(_, who) => (true, None, Some(who.as_str())),
        };
        let election = Object::new(election, at);
        Self { schema_version: SCHEMA_VERSION, at, leads, pod, why, election }
    }
}

fn print(out: &mut impl Write, report: &Report<'_>, format: LeaderFormat) -> anyhow::Result<()> {
    if format == LeaderFormat::Yaml {
        write!(out, "{}", serde_saphyr::to_string(report)?)?;
    } else {
        json(out, report)?;
    }
    Ok(())
}

/// Who leads now.
pub(super) fn answer(election: &Election) -> Answer {
    let presumed = election.phase == Phase::Unknown;
    let dead = election.leaderless == Some(true)
        || election.reason == Some(Reason::PresumedExpired)
        || matches!(election.phase, Phase::Vacant | Phase::Absent);
    let Some(term) = election.term.as_ref().filter(|_| !dead) else {
        let reason = election.reason.map(wording::reason);
        return Answer::Nobody(reason.unwrap_or(standing::word(election)).to_owned());
    };
    let leader = &term.leader;
    // Whoever is dead or gone does not lead, though the lease does not know it yet.
    if let Some(note) = [Note::Orphaned, Note::Gone].into_iter().find(|note| leader.has(*note)) {
        return Answer::Nobody(wording::note(note).to_owned());
    }
    match (&leader.pod, &leader.pod_namespace) {
        (Some(pod), Some(namespace)) => {
            let doubt = presumed.then_some("no renewal was seen yet that proves it");
            Answer::Pod(format!("{namespace}/{pod}"), doubt)
        }
        _ => Answer::NoPod(term.holder.to_string(), facts::unnamed(leader)),
    }
}

#[cfg(test)]
mod tests {
    use leadership::snapshot::{Leader, PodName};

    use super::*;
    use crate::samples;

    fn of(name: &str) -> Answer {
        answer(lease::find(&samples::fleet(), name).unwrap())
    }

    #[test]
    fn a_pod_that_leads_is_named() {
        let pod = "cattle-fleet-system/gitjob-8fb8698c-x2x4k".to_owned();
        assert_eq!(of("gitjob"), Answer::Pod(pod, None));
    }

    #[test]
    fn nobody_leads_what_is_expired_released_or_orphaned() {
        assert_eq!(of("fleet-controller-lock"), Answer::Nobody("expired".into()));
        assert_eq!(of("cattle-controllers"), Answer::Nobody("its holder gave it up".into()));
        let dead = "the process that holds this lease is dead";
        assert_eq!(of("fleet-agent-lock"), Answer::Nobody(dead.into()));
    }

    #[test]
    fn a_holder_without_a_pod_is_no_pod() {
        let who = "no pod known by this name".into();
        assert_eq!(of("kube-controller-manager"), Answer::NoPod("cp-1_3f".into(), who));
    }

    #[test]
    fn why_no_pod_can_be_named_is_told() {
        let told = |leader: Leader| {
            let mut election = samples::held("a", "x", "pod-1_1", 60.0, 1.0);
            election.term.as_mut().unwrap().leader = leader;
            answer(&election)
        };
        let noted = |note| told(Leader { notes: vec![note], ..Leader::default() });
        let no_pod = |who: &str| Answer::NoPod("pod-1_1".into(), who.into());
        assert_eq!(noted(Note::External), no_pod("somebody outside this cluster"));
        let unseen = "a pod that is not known (pods are not seen)";
        assert_eq!(noted(Note::PodsUnseen), no_pod(unseen));
        let pod = |name: &str| PodName { namespace: "a".into(), name: name.into() };
        let several = Leader { also: [pod("x"), pod("y")].into(), ..Leader::default() };
        assert_eq!(told(several), no_pod("one of 2 pods"));
        let gone = "its pod is gone";
        assert_eq!(noted(Note::Gone), Answer::Nobody(gone.into()), "a lease outlives its holder");
    }

    #[test]
    fn what_is_presumed_is_doubted() {
        let mut election = samples::held("a", "x", "pod-1_1", 60.0, 1.0);
        election.phase = Phase::Unknown;
        election.reason = Some(Reason::PresumedHeld);
        election.leaderless = None;
        assert!(matches!(answer(&election), Answer::Pod(pod, Some(_)) if pod == "a/pod-1"));
        election.reason = Some(Reason::PresumedExpired);
        assert!(matches!(answer(&election), Answer::Nobody(_)));
    }

    #[test]
    fn programs_are_told_whether_somebody_leads_who_and_why_not() {
        let told = |name, format| {
            let fleet = samples::fleet();
            let election = lease::find(&fleet, name).unwrap();
            let mut out = Vec::new();
            print(&mut out, &Report::new(election, &answer(election), samples::NOW), format)
                .unwrap();
            String::from_utf8(out).unwrap()
        };
        let json = |name| {
            serde_json::from_str::<serde_json::Value>(&told(name, LeaderFormat::Json)).unwrap()
        };
        let gitjob = json("gitjob");
        assert_eq!(gitjob["pod"], "cattle-fleet-system/gitjob-8fb8698c-x2x4k");
        assert_eq!((&gitjob["leads"], &gitjob["schema_version"]), (&true.into(), &1.into()));
        assert_eq!(gitjob["election"]["name"], "gitjob");
        let yaml: serde_json::Value =
            serde_saphyr::from_str(&told("gitjob", LeaderFormat::Yaml)).unwrap();
        assert_eq!(yaml, gitjob);
        let expired = json("fleet-controller-lock");
        assert_eq!((&expired["leads"], &expired["why"]), (&false.into(), &"expired".into()));
        let foreign = json("kube-controller-manager");
        assert!(foreign["leads"] == true && foreign["pod"].is_null(), "{foreign}");
    }
}
