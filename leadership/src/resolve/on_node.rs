//! A name that is a node's: which of the pods there holds the lock?

use std::sync::Arc;

use super::{Asked, Hit};
use crate::inventory::{Index, Inventory, Named, Root, Seen};
use crate::snapshot::Method;

/// Where almost everything shares its node's host name: that a pod is the only one there says nothing.
const SYSTEM: &str = "kube-system";
/// A shorter name is a part of too many others.
const SHORTEST_STEM: usize = 4;

/// The node of that name, and the pods there that may hold the lock: of the workload that is known to
/// compete; else the static pod that is called like the lock; else a guess.
pub(super) fn on_node(inventory: &Inventory, asked: &Asked<'_>) -> Option<Hit> {
    let (node, unique) = asked.identity.guesses().find_map(|guess| {
        match inventory.nodes_named(&guess.name.into()) {
            Named::One(node) => Some((Some(node), guess.unique)),
            Named::Several => Some((None, guess.unique)),
            Named::Nobody => None,
        }
    })?;
    let sets = [told, fixed, guessed];
    let found = node.as_ref().and_then(|node| {
        sets.iter().find_map(|set| Some(set(inventory, asked, node)).filter(|it| !it.0.is_empty()))
    });
    let (pods, sure) = found.unwrap_or_default();
    Some(Hit { pods, method: Method::Node, told: sure, alone: sure, unique, node })
}

type Set = (Vec<Seen>, u16);

fn told(inventory: &Inventory, asked: &Asked<'_>, node: &Arc<str>) -> Set {
    let workload = asked.query.reading.and_then(|reading| reading.deployment.as_ref());
    let Some(workload) = workload else {
        return Set::default();
    };
    let here = |seen: &Seen| seen.record.node.as_ref() == Some(node);
    let roots = Root::named(&asked.query.lock.namespace, workload);
    let near: Vec<Seen> = roots
        .flat_map(|root| inventory.siblings(&Arc::new(root)).filter(here).collect::<Vec<_>>())
        .collect();
    if !near.is_empty() {
        return (near, 800);
    }
    let far = inventory.on_host(node).filter(|seen| seen.root.name == *workload);
    (far.collect(), 800)
}

/// Static pods of the control plane are called `<component>-<node>`, and so are its leases.
fn fixed(inventory: &Inventory, asked: &Asked<'_>, node: &Arc<str>) -> Set {
    let lock = asked.query.lock;
    let name: Arc<str> = format!("{}-{node}", lock.name).into();
    let here = |seen: &Seen| seen.record.node.as_ref() == Some(node);
    (inventory.find(Index::Name, &name, Some(&lock.namespace)).filter(here).collect(), 900)
}

/// A pod in the node's network that is called like the lock; else the only such pod of the lock's
/// namespace, outside the namespace that everybody shares.
fn guessed(inventory: &Inventory, asked: &Asked<'_>, node: &Arc<str>) -> Set {
    let lock = asked.query.lock;
    let near = || inventory.on_host(node).filter(|it| it.record.namespace == lock.namespace);
    let alike: Vec<Seen> = near().filter(|seen| called_like(seen, &lock.name)).collect();
    if !alike.is_empty() {
        return (alike, 600);
    }
    let pods = near().filter(|_| *lock.namespace != *SYSTEM);
    (pods.collect(), 600)
}

/// Whether a container or the workload of the pod has the lock's name, or one is the other with whole
/// words added.
fn called_like(seen: &Seen, lock: &str) -> bool {
    let containers = seen.record.containers.iter().map(|container| &*container.name);
    containers.chain(std::iter::once(&*seen.root.name)).any(|name| extends(lock, name))
}

fn extends(lock: &str, name: &str) -> bool {
    let begins = |long: &str, short: &str| {
        let rest = long.strip_prefix(short);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    name.len() >= SHORTEST_STEM && (begins(lock, name) || begins(name, lock))
}
