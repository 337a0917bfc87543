//! The rules that find pods, in the order of their sureness.

use std::sync::Arc;

use super::{Asked, Hit, on_node};
use crate::identity::{Format, Guess, within_cluster};
use crate::inventory::{Index, Inventory, Seen};
use crate::snapshot::Method;

/// Finds the pods that a holder may mean; `None` if it finds nothing.
pub(super) type Rule = fn(&Inventory, &Asked<'_>) -> Option<Hit>;

/// Pods by name come first: a holder that names both a pod and a node is a pod's.
const RULES: [Rule; 7] = [uid, address, name, hostname, sanitized, weak, on_node::on_node];

/// For a holder that is known to name its node.
const NODE_FIRST: [Rule; 7] = [on_node::on_node, uid, address, name, hostname, sanitized, weak];

/// The rules for this holder, in order.
pub(super) fn order(asked: &Asked<'_>) -> [Rule; 7] {
    let node = matches!(
        asked.identity.format,
        Format::Nodename | Format::NodenameUuid | Format::PrefixNodename
    );
    if node { NODE_FIRST } else { RULES }
}

/// The whole name is a pod's identity.
fn uid(inventory: &Inventory, asked: &Asked<'_>) -> Option<Hit> {
    let only = asked.identity.mark.filter(|_| asked.identity.format == Format::UuidOnly)?;
    let seen = inventory.pod(&only.into()).filter(|seen| seen.gone.is_none())?;
    hit(vec![seen], Method::Uid, (1000, 1000), true)
}

/// The address beside the name is a pod's: with the name it is proof, alone it may have been given
/// to another pod since.
fn address(inventory: &Inventory, asked: &Asked<'_>) -> Option<Hit> {
    let told = asked.identity.mark.filter(|_| asked.identity.format == Format::PodnamePodip)?;
    let all: Vec<Seen> = inventory.find(Index::Address, &told.into(), None).collect();
    let host = asked.identity.host.unwrap_or_default();
    let called =
        |seen: &&Seen| *seen.record.name == *host || seen.record.hostname.as_deref() == Some(host);
    let both: Vec<Seen> = all.iter().filter(called).cloned().collect();
    if !both.is_empty() {
        return hit(both, Method::Ip, (1000, 1000), true);
    }
    let taken = inventory.find(Index::Name, &host.into(), None).next().is_some();
    let near = |seen: &Seen| seen.record.namespace == asked.query.lock.namespace;
    let pods = if taken { Vec::new() } else { all.into_iter().filter(near).collect() };
    hit(pods, Method::Ip, (800, 600), true)
}

/// The name is a pod's.
fn name(inventory: &Inventory, asked: &Asked<'_>) -> Option<Hit> {
    let alone = if asked.identity.format.unique() { 980 } else { 900 };
    strong(inventory, asked, Index::Name, (alone.max(950), alone))
}

/// The name is a host name that the pod's specification gave, or that was cut.
fn hostname(inventory: &Inventory, asked: &Asked<'_>) -> Option<Hit> {
    strong(inventory, asked, Index::Host, (950, 850))
}

/// The name is a host name with its dots made dashes.
fn sanitized(inventory: &Inventory, asked: &Asked<'_>) -> Option<Hit> {
    let fits = matches!(asked.identity.format, Format::Hostname | Format::HostnameSanitized);
    strong(inventory, asked, Index::Sanitized, (950, 800)).filter(|_| fits)
}

/// The name is a pod's, if what stands behind it is taken off.
fn weak(inventory: &Inventory, asked: &Asked<'_>) -> Option<Hit> {
    let guesses = || asked.identity.guesses().filter(|guess| guess.weak);
    let by = |index| move |guess| search(inventory, asked, index, guess, (800, 600));
    guesses().find_map(by(Index::Name)).or_else(|| guesses().find_map(by(Index::Host)))
}

fn strong(inventory: &Inventory, asked: &Asked<'_>, index: Index, sure: (u16, u16)) -> Option<Hit> {
    let mut guesses = asked.identity.guesses().filter(|guess| !guess.weak);
    guesses.find_map(|guess| search(inventory, asked, index, guess, sure))
}

/// The pods found under this name: those in the lock's namespace, or, if there are none, all.
fn search(
    inventory: &Inventory,
    asked: &Asked<'_>,
    index: Index,
    guess: Guess<'_>,
    sure: (u16, u16),
) -> Option<Hit> {
    let short = within_cluster(guess.name).filter(|_| index == Index::Host);
    let method = match index {
        Index::Name => Method::PodName,
        Index::Host => Method::Hostname,
        Index::Sanitized => Method::Sanitized,
        Index::Address => Method::Ip,
    };
    let namespace = &asked.query.lock.namespace;
    std::iter::once(guess.name).chain(short).find_map(|name| {
        let key: Arc<str> = name.into();
        let near: Vec<Seen> = inventory.find(index, &key, Some(namespace)).collect();
        // Where pods are looked up, one of the lock's namespace may only not have been looked at yet.
        let elsewhere = near.is_empty() && inventory.pods_known();
        let pods = if elsewhere { inventory.find(index, &key, None).collect() } else { near };
        hit(pods, method, sure, guess.unique)
    })
}

fn hit(pods: Vec<Seen>, method: Method, sure: (u16, u16), unique: bool) -> Option<Hit> {
    let (told, alone) = sure;
    (!pods.is_empty()).then_some(Hit { pods, method, told, alone, unique, node: None })
}
