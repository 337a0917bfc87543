//! What runs in the cluster: each change is taken in, and reaches the locks that it may concern.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Leadership;
use crate::inventory::Root;
use crate::lock::LockKey;
use crate::observation::{
    CandidateRecord, Kind, NodeRecord, Object, Part, PodRecord, WorkloadRecord,
};

impl Leadership {
    /// Takes a complete list in. What it lacks is gone.
    pub(super) fn list_objects(&mut self, kind: Kind, objects: impl Iterator<Item = Object>) {
        self.world.inventory.begin_list(kind);
        objects.for_each(|object| self.list_object(object));
        self.end_list(kind);
    }

    /// Takes a part of the list of pods in. Locks look for their leaders again when it is complete.
    pub(super) fn list_page(&mut self, part: Part, pods: Vec<PodRecord>) {
        if part == Part::First {
            self.world.inventory.begin_list(Kind::Pod);
        }
        for pod in pods {
            self.list_object(Object::Pod(pod));
        }
        if part == Part::Last {
            self.end_list(Kind::Pod);
        }
    }

    fn list_object(&mut self, object: Object) {
        let (at, inventory) = (self.now, &mut self.world.inventory);
        match object {
            Object::Pod(pod) => {
                self.lookout.apply(&self.catalogue, &pod, at);
                inventory.apply_pod(pod, at)
            }
            Object::Node(node) => inventory.apply_node(node),
            Object::Workload(workload) => inventory.apply_workload(workload),
            Object::Candidate(candidate) => inventory.apply_candidate(candidate),
            Object::Lock(_) => false,
        };
    }

    fn end_list(&mut self, kind: Kind) {
        let inventory = &mut self.world.inventory;
        inventory.end_list(kind, self.now);
        if kind == Kind::Pod {
            self.lookout.keep(|namespace, name| inventory.pod_named(namespace, name).is_some());
        }
        self.resolve(self.everybody());
    }

    /// An object was created or changed.
    pub(super) fn apply_object(&mut self, object: Object) {
        match object {
            Object::Pod(pod) => self.apply_pod(pod),
            Object::Node(node) => self.apply_node(node),
            Object::Workload(workload) => {
                let root = Root::of_workload(&workload);
                let changed = self.world.inventory.apply_workload(workload);
                self.redraw_workload(root, changed);
            }
            Object::Candidate(candidate) => {
                self.redraw_candidate(&candidate);
                self.world.inventory.apply_candidate(candidate);
            }
            Object::Lock(_) => {}
        }
    }

    /// An object was deleted; this is its last state.
    pub(super) fn delete_object(&mut self, object: Object) {
        match object {
            Object::Pod(pod) => self.delete_pod(pod),
            Object::Node(node) => self.delete_node(&node),
            Object::Workload(workload) => self.delete_workload(&workload),
            Object::Candidate(candidate) => {
                self.redraw_candidate(&candidate);
                self.world.inventory.delete_candidate(&candidate);
            }
            Object::Lock(_) => {}
        }
    }

    /// Remembers that this is a node's name.
    pub(super) fn know_node(&mut self, name: &Arc<str>) {
        if self.world.inventory.node(name).is_none() {
            let first = !self.world.inventory.nodes_known();
            self.world.inventory.know_node(name);
            self.resolve(if first { self.everybody() } else { self.on_node(name) });
        }
    }

    /// A node's heartbeat is gone.
    pub(super) fn forget_node(&mut self, name: &Arc<str>) {
        let concerned = self.on_node(name);
        self.world.inventory.unknow_node(name);
        self.world.heartbeats.forget(name);
        self.resolve(concerned);
    }

    /// Before the first node is known, nobody can be told from one.
    fn everybody(&self) -> BTreeSet<u32> {
        self.locks.keys().copied().collect()
    }

    fn apply_pod(&mut self, pod: PodRecord) {
        self.lookout.apply(&self.catalogue, &pod, self.now);
        self.take_pod(pod);
    }

    /// Takes a pod's state in.
    pub(super) fn take_pod(&mut self, pod: PodRecord) {
        if let Some(node) = &pod.node {
            self.know_node(node);
        }
        let concerned = self.concerned(&pod);
        if self.world.inventory.apply_pod(pod, self.now) {
            self.resolve(concerned);
        }
    }

    fn delete_pod(&mut self, pod: PodRecord) {
        let concerned = self.concerned(&pod);
        self.lookout.remove(&pod.namespace, &pod.name);
        if self.world.inventory.delete_pod(pod, self.now) {
            self.resolve(concerned);
        }
    }

    /// The locks that this pod may lead or compete for, as it was and as it is now.
    pub(super) fn concerned(&self, now: &PodRecord) -> BTreeSet<u32> {
        let inventory = &self.world.inventory;
        let named = inventory.pod_named(&now.namespace, &now.name);
        let before = named.into_iter().chain(inventory.pod(&now.uid));
        let mut keys = inventory.keys(now);
        let mut roots = vec![Arc::new(Root::of_pod(now))];
        for before in before {
            keys.extend(inventory.keys(&before.record));
            roots.push(Arc::clone(&before.root));
        }
        let named = keys.iter().flat_map(|key| self.wanted.by_name(key));
        named.chain(roots.iter().flat_map(|root| self.wanted.by_root(root))).collect()
    }

    fn apply_node(&mut self, node: NodeRecord) {
        let name = Arc::clone(&node.name);
        self.know_node(&name);
        let before = self.on_node(&name);
        if self.world.inventory.apply_node(node) {
            let after = self.on_node(&name);
            self.resolve(before.union(&after).copied().collect());
        }
    }

    fn delete_node(&mut self, node: &NodeRecord) {
        let concerned = self.on_node(&node.name);
        if self.world.inventory.delete_node(&node.name) {
            self.resolve(concerned);
        }
    }

    /// The locks whose leader is on this node, or may be the node itself.
    fn on_node(&self, node: &Arc<str>) -> BTreeSet<u32> {
        let aliases = self.world.inventory.node_names(node);
        let named = aliases.iter().flat_map(|name| self.wanted.by_name(name));
        named.chain(self.wanted.on_node(node)).collect()
    }

    fn delete_workload(&mut self, workload: &WorkloadRecord) {
        let changed = self.world.inventory.delete_workload(workload);
        self.redraw_workload(Root::of_workload(workload), changed);
    }

    fn redraw_workload(&mut self, root: Root, changed: bool) {
        let root = Arc::new(root);
        for id in self.wanted.by_root(&root).filter(|_| changed) {
            if let Some(lock) = self.locks.get_mut(&id) {
                lock.redraw();
            }
        }
    }

    fn redraw_candidate(&mut self, candidate: &CandidateRecord) {
        let lease = LockKey::lease(&candidate.namespace, &candidate.lease);
        if let Some(lock) = self.ids.get(&lease).and_then(|id| self.locks.get_mut(&id)) {
            lock.redraw();
        }
    }

    pub(super) fn resolve(&mut self, ids: BTreeSet<u32>) {
        for id in ids {
            let Some(lock) = self.locks.get_mut(&id) else {
                continue;
            };
            if lock.resolve(&self.world.inventory) {
                self.wanted.set(id, lock.interest());
            }
        }
    }
}

#[cfg(test)]
mod tests;
