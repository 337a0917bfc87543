//! Which of the pods found it is, and what is to be said of it.

use std::sync::Arc;

use super::{Asked, Hit, NODE, ambiguous, named, pod_name};
use crate::identity::{Format, Reading};
use crate::inventory::{Inventory, Seen};
use crate::observation::{ContainerRecord, PodRecord};
use crate::snapshot::{Leader, Method, Note};
use crate::time::{Delta, Time};

/// Clocks of one node agree; those of two machines are given this much.
const SKEW: Delta = Delta::from_secs(5);
/// A pod that has a name, but is younger than the claim made under it, is no surer than this.
const REUSED: u16 = 600;
/// A pod that is only plausible: that it is too young says nothing.
const GUESS: u16 = 600;
/// What a missing proof costs: one step down.
const STEPS: [u16; 9] = [1000, 980, 950, 900, 850, 800, 600, 300, 0];

/// The leader among the pods of a hit; `None` if each of them is too young to be meant.
pub(super) fn judge(inventory: &Inventory, asked: &Asked<'_>, hit: &Hit) -> Option<Leader> {
    let node = hit.node.clone();
    let known = !hit.pods.is_empty() && hit.alone > GUESS;
    let by_name = hit.method == Method::Node;
    let old = |seen: &&Seen| !(hit.unique && other_incarnation(seen, asked));
    let pods: Vec<&Seen> =
        narrow(asked, hit.pods.iter().collect()).into_iter().filter(old).collect();
    match pods.as_slice() {
        [one] => Some(single(inventory, asked, one, hit)),
        [] if by_name => Some(node_alone(inventory, node, known)),
        [] => None,
        several if by_name => {
            let also = several.iter().map(|seen| pod_name(seen)).collect();
            let mut leader = Leader { also, ..node_alone(inventory, node, false) };
            leader.note(Note::Ambiguous);
            Some(leader)
        }
        several => Some(ambiguous(several, hit.method)),
    }
}

/// The name is a node's, and which pod there is meant cannot be told.
fn node_alone(inventory: &Inventory, node: Option<Arc<str>>, gone: bool) -> Leader {
    let mut leader = Leader { method: Method::Node, ..Leader::default() };
    if node.is_none() {
        leader.note(Note::Ambiguous);
    } else {
        leader.confidence = NODE;
    }
    if gone {
        leader.note(Note::Gone);
    }
    leader.node = node;
    note_node(inventory, &mut leader);
    leader
}

/// Keeps those that fit better, where any do.
fn narrow<'a>(asked: &Asked<'_>, mut pods: Vec<&'a Seen>) -> Vec<&'a Seen> {
    let namespace = &asked.query.lock.namespace;
    prefer(&mut pods, |seen| seen.record.namespace == *namespace);
    if let Some(reading) = asked.query.reading {
        prefer(&mut pods, |seen| is_of(seen, reading));
        prefer(&mut pods, |seen| has_container(&seen.record, reading));
    }
    prefer(&mut pods, |seen| !seen.record.finished());
    pods
}

fn prefer(pods: &mut Vec<&Seen>, fits: impl Fn(&Seen) -> bool) {
    if pods.iter().any(|seen| fits(seen)) {
        pods.retain(|seen| fits(seen));
    }
}

fn is_of(seen: &Seen, reading: &Reading) -> bool {
    reading.deployment.as_ref().is_some_and(|workload| seen.root.name == *workload)
}

fn has_container(pod: &PodRecord, reading: &Reading) -> bool {
    let name = reading.container.as_ref();
    name.is_some_and(|name| pod.containers.iter().any(|container| container.name == *name))
}

fn single(inventory: &Inventory, asked: &Asked<'_>, seen: &Seen, hit: &Hit) -> Leader {
    let reading = asked.query.reading;
    let agrees = asked.identity.told || reading.is_some_and(|reading| is_of(seen, reading));
    let mut sure = if agrees { hit.told } else { hit.alone };
    let far = seen.record.namespace != asked.query.lock.namespace;
    let missing = [asked.query.acquire.is_none(), far && !agrees];
    for _ in missing.iter().filter(|missing| **missing) {
        sure = STEPS.iter().copied().find(|step| *step < sure).unwrap_or(0);
    }
    let reused = came_later(seen, asked);
    let mut leader = named(seen, hit.method, if reused { sure.min(REUSED) } else { sure });
    if reused {
        leader.note(Note::ReusedIdentity);
    } else if let Some(note) = life(seen, asked, hit.unique) {
        leader.note(note);
    }
    if seen.record.deleting() {
        leader.note(Note::Terminating);
    }
    note_node(inventory, &mut leader);
    leader
}

fn note_node(inventory: &Inventory, leader: &mut Leader) {
    let node = leader.node.as_ref().and_then(|node| inventory.node(node));
    if node.is_some_and(crate::inventory::KnownNode::lost) {
        leader.note(Note::NodeLost);
    }
}

/// Whether the holder, which names its process, cannot be this pod: it came later, or it has an
/// address, and not the holder's.
fn other_incarnation(seen: &Seen, asked: &Asked<'_>) -> bool {
    let told = asked.identity.mark.filter(|_| asked.identity.format == Format::PodnamePodip);
    let ips = &seen.record.ips;
    let elsewhere = told.is_some_and(|ip| !ips.is_empty() && !ips.iter().any(|its| **its == *ip));
    elsewhere || came_later(seen, asked)
}

/// Whether the pod did not exist yet when the lock was acquired.
pub(super) fn came_later(seen: &Seen, asked: &Asked<'_>) -> bool {
    let began = seen.record.started.or(seen.record.created);
    began.zip(asked.query.acquire).is_some_and(|(began, acquire)| began - acquire > SKEW)
}

/// What became of the process that acquired the lock, as far as the pod's containers tell.
fn life(seen: &Seen, asked: &Asked<'_>, unique: bool) -> Option<Note> {
    let pod = &seen.record;
    if pod.finished() {
        return Some(Note::Orphaned);
    }
    let acquire = asked.query.acquire?;
    let name = asked.query.reading.and_then(|reading| reading.container.as_ref());
    let its = |container: &&ContainerRecord| name.is_none_or(|name| container.name == *name);
    let mut suspects: Vec<&ContainerRecord> = pod.containers.iter().filter(its).collect();
    if suspects.is_empty() {
        suspects = pod.containers.iter().collect();
    }
    let lives: Vec<Life> = suspects.iter().map(|it| Life::of(it, pod, acquire)).collect();
    // One that may have held it and still runs is enough to keep quiet.
    if lives.is_empty() || lives.contains(&Life::Same) {
        return None;
    }
    let again = lives.contains(&Life::Again) && !unique;
    Some(if again { Note::Restarted } else { Note::Orphaned })
}

/// What became of a container since the lock was acquired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// It runs on, or nothing is known of it.
    Same,
    /// It ended and was started again.
    Again,
    /// It ended, and does not run.
    Ended,
}

impl Life {
    fn of(container: &ContainerRecord, pod: &PodRecord, acquire: Time) -> Self {
        let ended = || pod.terminations.iter().any(|end| end.container == container.name);
        match container.running_since {
            Some(since) if since - acquire > SKEW => Self::Again,
            None if container.waiting.is_some() || ended() => Self::Ended,
            Some(_) | None => Self::Same,
        }
    }
}
