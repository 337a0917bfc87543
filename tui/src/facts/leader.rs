//! Who leads: the pod and node behind the name, how they were found, and what is wrong with them.

use leadership::advice;
use leadership::snapshot::{Candidates, Condition, Election, Leader, Method, Note};
use leadership::time::Delta;

use super::told;
use crate::columns::{Cell, Lens};
use crate::format;
use crate::standing;
use crate::theme::Tone;
use crate::wording;

pub(super) fn leader(election: &Election, _: &Lens) -> Option<Cell> {
    let leader = &election.term.as_ref()?.leader;
    let pod = leader.pod.as_deref();
    let mut text = match (pod, leader.pod_namespace.as_deref()) {
        (Some(pod), Some(namespace)) => format!("pod {namespace}/{pod}"),
        (Some(pod), None) => format!("pod {pod}"),
        (None, _) => unnamed(leader),
    };
    if let Some(node) = &leader.node {
        text = format!("{text} on node {node}");
    }
    if let Some(zone) = zone(election) {
        text = format!("{text} in zone {zone}");
    }
    if election.leaderless == Some(true) {
        text = format!("nobody; the last one was: {text}");
    }
    told(text, Tone::Plain)
}

/// Why no pod can be named.
pub(crate) fn unnamed(leader: &Leader) -> String {
    let why = |note| leader.has(note);
    match leader.also.len() {
        _ if why(Note::PodsUnseen) => "a pod that is not known (pods are not seen)".to_owned(),
        0 if why(Note::External) => "somebody outside this cluster".to_owned(),
        0 if why(Note::Gone) => "a pod that is gone".to_owned(),
        0 => "no pod known by this name".to_owned(),
        several => format!("one of {several} pods"),
    }
}

/// The zone of the leader's node, where the candidates tell it.
fn zone(election: &Election) -> Option<&str> {
    let candidates = &election.candidates.as_deref()?.list;
    candidates.iter().find(|candidate| candidate.leads)?.zone.as_deref()
}

const UNSEEN: &str = "pods are not seen, so nobody can be found by this identity";

/// How the pod or node was found, and how sure that is.
pub(super) fn found(election: &Election, _: &Lens) -> Option<Cell> {
    let leader = &election.term.as_ref()?.leader;
    let unseen = leader.method == Method::None && leader.has(Note::PodsUnseen);
    let how = if unseen { UNSEEN } else { wording::method(leader.method) };
    if leader.method == Method::None || leader.method == Method::External {
        return told(how.to_owned(), Tone::Muted);
    }
    // Thousandths are more than anybody means.
    told(format!("{how}; {}% sure", leader.confidence / 10), Tone::Muted)
}

/// All notes in words, in the tone of the worst.
pub(super) fn notes(election: &Election, lens: &Lens) -> Option<Cell> {
    let leader = &election.term.as_ref()?.leader;
    let alarming = |note: &Note| matches!(note, Note::Orphaned | Note::NodeLost);
    let tone = if leader.notes.iter().any(alarming) { Tone::Bad } else { Tone::Warn };
    // That pods are not seen is said where they are missed.
    let notes = leader.notes.iter().filter(|note| **note != Note::PodsUnseen);
    let words: Vec<_> = notes.map(|note| note_of(*note, leader, election, lens)).collect();
    if words.is_empty() {
        return None;
    }
    told(words.join("; "), tone)
}

fn note_of(note: Note, leader: &Leader, election: &Election, lens: &Lens) -> String {
    let text = wording::note(note);
    match note {
        Note::Orphaned => format!("{text}; {}", hope(election, lens)),
        Note::Ambiguous if !leader.also.is_empty() => {
            let names = leader.also.iter().map(|pod| format!("{}/{}", pod.namespace, pod.name));
            format!("{text}: {}", names.collect::<Vec<_>>().join(", "))
        }
        _ => text.to_owned(),
    }
}

/// From when on another one may lead.
fn hope(election: &Election, lens: &Lens) -> String {
    let Some(expiry) = election.expiry else {
        return "nobody can take over: the lease never runs out".to_owned();
    };
    let left = expiry - lens.present(election);
    if left <= Delta::ZERO {
        return "anybody may take over by now".to_owned();
    }
    let (at, left) = (format::clock(expiry), format::measured(left));
    format!("nobody can take over until {at}, in {left}")
}

/// Who may be expected to take over, once nobody has led for so long.
pub(super) fn next(election: &Election, leaderless: Delta) -> String {
    let ready = election.candidates.as_deref().map(|candidates| candidates.ready);
    if ready.is_some_and(|ready| ready > 0) && standing::standbys(election) == Some(0) {
        return "only the last leader is ready, and it does not renew: see its log".to_owned();
    }
    let most = advice::timing(election).map(|timing| timing.release_worst_seconds);
    match (ready, most) {
        (Some(0), _) => "nobody is ready to take over".to_owned(),
        (None, _) => "who could take over is not known".to_owned(),
        (Some(_), None) => "a ready candidate should take over".to_owned(),
        (Some(_), Some(most)) if leaderless <= most => {
            format!("a ready candidate should take over within {}", format::measured(most))
        }
        (Some(_), Some(most)) => {
            let most = format::measured(most);
            format!("a ready candidate should have taken over within {most}: see its log")
        }
    }
}

/// Who could take over, and how much may be lost.
pub(super) fn standby(election: &Election, _: &Lens) -> Option<Cell> {
    let unseen = || election.term.as_ref().is_some_and(|it| it.leader.has(Note::PodsUnseen));
    let Some(candidates) = election.candidates.as_deref() else {
        return told("not known (pods are not seen)".to_owned(), Tone::Doubt).filter(|_| unseen());
    };
    let standbys = standing::standbys(election)?;
    let noun = if standbys == 1 { "standby" } else { "standbys" };
    // Where nobody leads, the last one that could is needed.
    let led = election.leaderless != Some(true);
    let spare = if led { candidates.tolerance } else { standbys.saturating_sub(1) };
    let mut text = format!("{standbys} ready {noun}, survives the loss of {spare}");
    text += &spread(candidates);
    let counts = [
        (Condition::NotReady, candidates.not_ready),
        (Condition::Terminating, candidates.terminating),
    ];
    for (condition, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        text = format!("{text}; {count} {}", wording::condition(condition));
    }
    if let Some(desired) = candidates.desired {
        text = format!("{text}; {} of {desired} wanted", candidates.count);
    }
    told(text, if standbys == 0 { Tone::Warn } else { Tone::Plain })
}

/// On how many nodes and zones, and what the leader's node would take along.
fn spread(candidates: &Candidates) -> String {
    let mut text = match candidates.nodes {
        0 => String::new(),
        1 => "; all ready ones on one node".to_owned(),
        nodes => format!("; on {nodes} nodes"),
    };
    if candidates.zones > 1 {
        text = format!("{text} in {} zones", candidates.zones);
    }
    match candidates.shares_node_with_leader {
        Some(shared) if shared > 0 => format!("{text}; {shared} on the leader's own node"),
        _ => text,
    }
}
