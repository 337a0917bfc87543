//! From a holder's name to its pod and node.
//!
//! The rules are tried in order, the surest first, and the first that finds anybody decides. Several
//! pods that fit are never guessed among: they are all said, and none is named.

mod gone;
mod judge;
mod on_node;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::identity::{Format, Identity, Reading, deployment_of, dns_name, parse_as};
use crate::inventory::{Inventory, Root, Seen};
use crate::lock::LockKey;
use crate::snapshot::{Leader, Method, Note, PodName};
use crate::time::Time;

/// What is asked: who holds this lock under this name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    pub(crate) lock: &'a LockKey,
    pub(crate) holder: &'a str,
    /// `acquireTime`, on the holder's clock, which is its kubelet's too.
    pub(crate) acquire: Option<Time>,
    pub(crate) reading: Option<&'a Reading>,
}

/// A query with its holder taken apart.
struct Asked<'a> {
    query: Query<'a>,
    identity: Identity<'a>,
}

/// What a rule found.
struct Hit {
    pods: Vec<Seen>,
    method: Method,
    /// How sure a single pod is, in thousandths: where a catalogue agrees, and where none does.
    told: u16,
    alone: u16,
    /// Whether another process would have another identity, if this is what the name means.
    unique: bool,
    /// The node that the name means, where it means a node.
    node: Option<Arc<str>>,
}

/// How sure several pods are of which one leads.
const AMBIGUOUS: u16 = 300;
/// How sure a node by its name is.
const NODE: u16 = 950;

/// The pod and node that hold a lock, as far as they can be told.
pub(crate) fn resolve(inventory: &Inventory, query: Query<'_>) -> Leader {
    let mut leader = by_rules(inventory, query);
    if leader.pod.is_none() && !leader.has(Note::External) && !inventory.pods_listed() {
        leader.note(Note::PodsUnseen);
    }
    leader
}

fn by_rules(inventory: &Inventory, query: Query<'_>) -> Leader {
    let told = query.reading.and_then(|reading| reading.identity);
    let asked = Asked { query, identity: parse_as(query.holder, told) };
    let mut late = false;
    for rule in rules::order(&asked) {
        let Some(hit) = rule(inventory, &asked) else {
            continue;
        };
        if let Some(leader) = judge::judge(inventory, &asked, &hit) {
            return leader;
        }
        // The pod of that name came later: the one that is meant is gone.
        late = true;
        break;
    }
    gone::find(inventory, &asked).unwrap_or_else(|| nobody(inventory, &asked, late))
}

/// What is found now, or what was found before: a leader that vanished stays named.
pub(crate) fn pin(inventory: &Inventory, found: Leader, before: &Leader) -> Leader {
    let pinned = before.pod.is_some() || before.node.is_some();
    let known = before.uid.as_ref().and_then(|uid| inventory.pod(uid));
    let lives = known.as_ref().is_some_and(|seen| seen.gone.is_none());
    let better = match found.method {
        Method::None | Method::External => false,
        // What was known while it lived is surer than what is found of those that are gone.
        Method::Cached => before.pod.is_none(),
        _ => found.pod.is_some() || before.pod.is_none(),
    };
    if better || !pinned {
        return found;
    }
    let mut kept = before.clone();
    if lives && kept.method != Method::Cached {
        return kept;
    }
    kept.method = Method::Cached;
    let gone = inventory.pods_listed() || known.is_some_and(|seen| seen.gone.is_some());
    if kept.pod.is_some() && gone {
        kept.notes = vec![Note::Gone];
    }
    kept
}

/// Nobody that we know: then who could it be? `late` says that its name has been given to another pod.
fn nobody(inventory: &Inventory, asked: &Asked<'_>, late: bool) -> Leader {
    let mut leader = Leader::default();
    let namespace = &asked.query.lock.namespace;
    let Some(host) = asked.identity.host.filter(|_| inventory.pods_listed()) else {
        return external(leader, asked);
    };
    let shape = deployment_of(host);
    let ours = |name| Root::named(namespace, name).any(|root| inventory.root(root).is_some());
    if late || shape.is_some_and(ours) {
        leader.note(Note::Gone);
        return leader;
    }
    let format = asked.identity.format;
    let process = format.unique() && format != Format::PodnamePodip;
    let machine = (process || host.contains('.')) && inventory.nodes_known() && dns_name(host);
    if shape.is_some() || machine {
        leader.method = Method::External;
        leader.note(Note::External);
    }
    external(leader, asked)
}

/// A component that is known to run outside is outside, whatever its name looks like.
fn external(mut leader: Leader, asked: &Asked<'_>) -> Leader {
    let outside = asked.query.reading.is_some_and(|reading| reading.external);
    if outside && asked.identity.format != Format::Unheld {
        leader.method = Method::External;
        leader.note(Note::External);
    }
    leader
}

/// A leader that is this pod.
fn named(seen: &Seen, method: Method, confidence: u16) -> Leader {
    let pod = &seen.record;
    Leader {
        pod: Some(Arc::clone(&pod.name)),
        pod_namespace: Some(Arc::clone(&pod.namespace)),
        uid: Some(Arc::clone(&pod.uid)).filter(|uid| !uid.is_empty()),
        node: pod.node.clone(),
        method,
        confidence,
        ..Leader::default()
    }
}

/// A leader that is one of these pods, and nobody can say which.
fn ambiguous(pods: &[&Seen], method: Method) -> Leader {
    let nodes: BTreeSet<_> = pods.iter().map(|seen| seen.record.node.as_ref()).collect();
    let node = nodes.first().copied().flatten().filter(|_| nodes.len() == 1).cloned();
    let mut also: Vec<PodName> = pods.iter().map(|seen| pod_name(seen)).collect();
    also.sort();
    let confidence = AMBIGUOUS;
    let mut leader = Leader { node, method, confidence, also: also.into(), ..Leader::default() };
    leader.note(Note::Ambiguous);
    leader
}

fn pod_name(seen: &Seen) -> PodName {
    let pod = &seen.record;
    PodName { namespace: Arc::clone(&pod.namespace), name: Arc::clone(&pod.name) }
}
