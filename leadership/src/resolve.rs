//! From a holder's name to its pod and node.

use std::sync::Arc;

use crate::inventory::{Index, Inventory};
use crate::observation::PodRecord;
use crate::snapshot::{Leader, Method};

/// The pod and node that hold a lock of this namespace under this name, if exactly one can be meant.
pub(crate) fn resolve(inventory: &Inventory, namespace: &Arc<str>, holder: &str) -> Leader {
    let pod = names(holder).find_map(|name| find(inventory, namespace, &name.into()));
    if let Some(pod) = pod {
        return Leader {
            pod: Some(Arc::clone(&pod.name)),
            pod_namespace: Some(Arc::clone(&pod.namespace)),
            uid: Some(Arc::clone(&pod.uid)),
            node: pod.node.clone(),
            method: Method::PodName,
        };
    }
    let node = names(holder).find_map(|name| {
        let name = Arc::from(name);
        inventory.node(&name).map(|_| name)
    });
    match node {
        Some(node) => Leader { node: Some(node), method: Method::Node, ..Leader::default() },
        None => Leader::default(),
    }
}

fn find<'a>(
    inventory: &'a Inventory,
    namespace: &Arc<str>,
    name: &Arc<str>,
) -> Option<&'a PodRecord> {
    let near = inventory.pod_named(namespace, name);
    let far = || {
        let mut all = inventory.find(Index::Name, name, None);
        all.next().filter(|_| all.next().is_none())
    };
    near.or_else(far).map(|seen| &seen.record)
}

/// The names that a holder's identity may contain, the surest first: the whole; what stands before
/// the last `_` (controller-runtime appends a UUID there); the whole without a trailing number
/// (Rancher Fleet's agent appends its process id).
pub(crate) fn names(holder: &str) -> impl Iterator<Item = &str> {
    let host = holder.rsplit_once('_').map(|(host, _)| host);
    let numbered = holder
        .rsplit_once('-')
        .filter(|(_, tail)| !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(name, _)| name);
    std::iter::once(holder).chain(host).chain(numbered)
}
