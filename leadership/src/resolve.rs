//! From a holder's name to its pod and node.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::observation::PodRecord;
use crate::snapshot::{Leader, Method};

/// The pods and nodes that a holder's name may mean.
#[derive(Debug, Default)]
pub(crate) struct Pods {
    /// By name, then namespace: a holder names its pod, and not always its namespace.
    by_name: BTreeMap<Arc<str>, BTreeMap<Arc<str>, PodRecord>>,
    count: usize,
    nodes: BTreeSet<Arc<str>>,
}

impl Pods {
    /// How many pods there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Takes a pod in, or its new state.
    pub(crate) fn apply(&mut self, pod: PodRecord) {
        if let Some(node) = &pod.node {
            self.know_node(node);
        }
        let namespaces = self.by_name.entry(Arc::clone(&pod.name)).or_default();
        if namespaces.insert(Arc::clone(&pod.namespace), pod).is_none() {
            self.count += 1;
        }
    }

    /// Forgets a pod.
    pub(crate) fn remove(&mut self, namespace: &str, name: &str) {
        let Some(namespaces) = self.by_name.get_mut(name) else {
            return;
        };
        if namespaces.remove(namespace).is_some() {
            self.count -= 1;
        }
        if namespaces.is_empty() {
            self.by_name.remove(name);
        }
    }

    /// Forgets all pods: a complete list follows.
    pub(crate) fn clear(&mut self) {
        self.by_name.clear();
        self.count = 0;
    }

    /// Remembers that this is a node's name.
    pub(crate) fn know_node(&mut self, node: &Arc<str>) {
        if !self.nodes.contains(node) {
            self.nodes.insert(Arc::clone(node));
        }
    }

    /// The pod of that name in that namespace.
    pub(crate) fn get(&self, namespace: &str, name: &str) -> Option<&PodRecord> {
        self.by_name.get(name)?.get(namespace)
    }

    /// The pod of that name: in the given namespace, or the only one in the cluster.
    fn find(&self, namespace: &str, name: &str) -> Option<&PodRecord> {
        let namespaces = self.by_name.get(name)?;
        namespaces.get(namespace).or_else(|| {
            let mut all = namespaces.values();
            all.next().filter(|_| all.next().is_none())
        })
    }

    /// The pod and node that hold a lock of this namespace under this name, if exactly one can be meant.
    pub(crate) fn resolve(&self, namespace: &str, holder: &str) -> Leader {
        let pod = names(holder).find_map(|name| self.find(namespace, name));
        if let Some(pod) = pod {
            return Leader {
                pod: Some(Arc::clone(&pod.name)),
                pod_namespace: Some(Arc::clone(&pod.namespace)),
                node: pod.node.clone(),
                method: Method::PodName,
            };
        }
        match names(holder).find_map(|name| self.nodes.get(name)) {
            Some(node) => {
                Leader { node: Some(Arc::clone(node)), method: Method::Node, ..Leader::default() }
            }
            None => Leader::default(),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(namespace: &str, name: &str, node: &str) -> PodRecord {
        PodRecord {
            namespace: namespace.into(),
            name: name.into(),
            uid: "u".into(),
            node: Some(node.into()),
            phase: "Running".into(),
            ..PodRecord::default()
        }
    }

    fn pods() -> Pods {
        let mut pods = Pods::default();
        for (namespace, name, node) in [
            ("fleet", "gitjob-5c-x1", "n1"),
            ("fleet", "agent-7", "n2"),
            ("other", "cert-1", "n3"),
            ("a", "twin", "n1"),
            ("b", "twin", "n2"),
        ] {
            pods.apply(pod(namespace, name, node));
        }
        pods
    }

    #[test]
    fn each_style_of_identity_finds_its_pod() {
        for (holder, expected, node) in [
            ("gitjob-5c-x1_b0dfb562-0000", Some("gitjob-5c-x1"), Some("n1")),
            ("gitjob-5c-x1", Some("gitjob-5c-x1"), Some("n1")),
            ("gitjob-5c-x1-1", Some("gitjob-5c-x1"), Some("n1")),
            ("agent-7", Some("agent-7"), Some("n2")),
            ("agent-7-1", Some("agent-7"), Some("n2")),
            ("cert-1", Some("cert-1"), Some("n3")),
            ("twin", None, None),
            ("n3_uuid", None, Some("n3")),
            ("nobody", None, None),
            ("", None, None),
        ] {
            let leader = pods().resolve("fleet", holder);
            assert_eq!(leader.pod.as_deref(), expected, "{holder}");
            assert_eq!(leader.node.as_deref(), node, "{holder}");
        }
    }

    #[test]
    fn a_prefix_is_not_a_match() {
        assert_eq!(pods().resolve("fleet", "gitjob-5c").method, Method::None);
        assert_eq!(pods().resolve("fleet", "gitjob-5c-x1-extra").method, Method::None);
    }

    #[test]
    fn pods_are_counted_once() {
        let mut pods = pods();
        pods.apply(pod("fleet", "agent-7", "n9"));
        assert_eq!(pods.len(), 5);
        pods.remove("fleet", "agent-7");
        pods.remove("fleet", "agent-7");
        assert_eq!(pods.len(), 4);
        assert_eq!(pods.resolve("fleet", "agent-7").method, Method::None);
    }
}
