//! Several watches of one kind, one for each namespace, that the fold sees as one.
//!
//! A Role cannot allow a list of everything, so each namespace is listed and watched by itself. To the fold a kind is
//! seen or it is not: it is blind while any of its namespaces is. What the others tell meanwhile is kept back and told
//! as a list once all are seen, for a fact would say that the kind is seen again.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadership::observation::{Fact, Kind, Object, Observation};
use tokio::sync::{Mutex, mpsc};

/// Pages that wait for the fold. Each holds hundreds of objects, and the queue is made for facts of one.
const PAGES: usize = 2;

/// Where a watch's facts go.
#[derive(Clone)]
pub(crate) struct Outlet {
    out: mpsc::Sender<Observation>,
    union: Option<(Arc<Mutex<Union>>, usize)>,
}

impl Outlet {
    /// The only watch of its kind.
    pub(crate) fn alone(out: mpsc::Sender<Observation>) -> Self {
        Self { out, union: None }
    }

    /// One for each of so many watches of a kind.
    pub(crate) fn several(
        kind: Kind,
        out: &mpsc::Sender<Observation>,
        watches: usize,
    ) -> Vec<Self> {
        if watches == 1 {
            return vec![Self::alone(out.clone())];
        }
        let union = Arc::new(Mutex::new(Union::new(kind, watches)));
        let member = |place| Self { out: out.clone(), union: Some((Arc::clone(&union), place)) };
        (0..watches).map(member).collect()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.out.is_closed()
    }

    /// Whether a list may be told in pages. What several watches see is put together first.
    pub(super) fn takes_pages(&self, kind: Kind) -> bool {
        kind == Kind::Pod && self.union.is_none()
    }

    /// Hands a fact on. If nobody listens any more, it is lost.
    pub(super) async fn send(&self, observation: Observation) {
        let Some((union, place)) = &self.union else {
            if matches!(observation.fact, Fact::Page { .. }) {
                let room = self.out.max_capacity().saturating_sub(PAGES);
                drop(self.out.reserve_many(room).await);
            }
            let _ = self.out.send(observation).await;
            return;
        };
        // Held until it is sent, so that what comes out is in the order of what went in.
        let mut union = union.lock().await;
        if let Some(fact) = union.take(*place, observation.fact) {
            let _ = self.out.send(Observation { at: observation.at, fact }).await;
        }
    }
}

/// What all watches of a kind have seen.
struct Union {
    kind: Kind,
    members: Vec<Member>,
    /// Whether something was kept back.
    held: bool,
}

/// One watch: of one kind in one namespace, so that names tell its objects apart.
#[derive(Clone, Default)]
struct Member {
    sees: bool,
    objects: BTreeMap<Arc<str>, Object>,
}

impl Union {
    fn new(kind: Kind, watches: usize) -> Self {
        Self { kind, members: vec![Member::default(); watches], held: false }
    }

    /// Takes a member's fact in; returns what the fold is to be told.
    fn take(&mut self, place: usize, fact: Fact) -> Option<Fact> {
        let member = self.members.get_mut(place)?;
        if matches!(fact, Fact::Lost { .. }) {
            member.sees = false;
            return Some(fact);
        }
        member.sees = true;
        member.note(&fact);
        let kept = std::mem::take(&mut self.held);
        if !self.members.iter().all(|member| member.sees) {
            self.held = kept || !matches!(fact, Fact::Alive(_));
            return None;
        }
        let whole = kept || matches!(fact, Fact::Listed { .. });
        Some(if whole { self.list() } else { fact })
    }

    fn list(&self) -> Fact {
        let objects = self.members.iter().flat_map(|member| member.objects.values().cloned());
        Fact::Listed { kind: self.kind, objects: objects.collect() }
    }
}

impl Member {
    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Listed { objects, .. } => {
                self.objects = objects.iter().map(|it| (name(it), it.clone())).collect();
            }
            Fact::Applied(object) => {
                self.objects.insert(name(object), object.clone());
            }
            Fact::Deleted(object) => {
                self.objects.remove(&name(object));
            }
            // No pages are told here, and nothing is looked up.
            Fact::Page { .. }
            | Fact::Found(_)
            | Fact::NotFound(_)
            | Fact::Lost { .. }
            | Fact::Alive(_)
            | Fact::Tick => {}
        }
    }
}

pub(super) fn name(object: &Object) -> Arc<str> {
    Arc::clone(match object {
        Object::Lock(lock) => &lock.key.name,
        Object::Pod(pod) => &pod.name,
        Object::Node(node) => &node.name,
        Object::Workload(workload) => &workload.name,
        Object::Candidate(candidate) => &candidate.name,
    })
}

#[cfg(test)]
mod tests {
    use leadership::lock::{LockKey, LockKind};
    use leadership::observation::LockRecord;

    use super::*;

    fn lease(name: &str) -> Object {
        let (namespace, name) = (name.split('/').next().unwrap_or_default(), name);
        Object::Lock(LockRecord::empty(LockKey {
            kind: LockKind::Lease,
            namespace: namespace.into(),
            name: name.into(),
        }))
    }

    fn listed(names: &[&str]) -> Fact {
        let objects = names.iter().map(|name| lease(name)).collect();
        Fact::Listed { kind: Kind::Lease, objects }
    }

    fn lost() -> Fact {
        Fact::Lost { kind: Kind::Lease, error: "gone".into() }
    }

    /// A union of two that sees `a/1` and `b/1`.
    fn seeing() -> Union {
        let mut union = Union::new(Kind::Lease, 2);
        assert_eq!(union.take(0, listed(&["a/1"])), None);
        assert_eq!(union.take(1, listed(&["b/1"])), Some(listed(&["a/1", "b/1"])));
        union
    }

    #[test]
    fn the_first_list_is_told_once_all_have_listed() {
        let mut union = Union::new(Kind::Lease, 2);
        assert_eq!(union.take(0, listed(&["a/1"])), None);
        assert_eq!(union.take(0, Fact::Applied(lease("a/2"))), None);
        assert_eq!(union.take(1, lost()), Some(lost()));
        assert_eq!(union.take(0, Fact::Alive(Kind::Lease)), None);
        assert_eq!(union.take(1, listed(&["b/1"])), Some(listed(&["a/1", "a/2", "b/1"])));
    }

    #[test]
    fn while_all_see_facts_go_through() {
        let mut union = seeing();
        for fact in [Fact::Applied(lease("a/2")), Fact::Alive(Kind::Lease)] {
            assert_eq!(union.take(0, fact.clone()), Some(fact));
        }
        let gone = Fact::Deleted(lease("a/1"));
        assert_eq!(union.take(0, gone.clone()), Some(gone));
        assert_eq!(union.take(1, listed(&[])), Some(listed(&["a/2"])), "a list is of all");
    }

    #[test]
    fn one_that_is_blind_holds_the_others_back() {
        let mut union = seeing();
        assert_eq!(union.take(0, lost()), Some(lost()));
        assert_eq!(union.take(1, Fact::Applied(lease("b/2"))), None);
        assert_eq!(union.take(1, Fact::Alive(Kind::Lease)), None);
        assert_eq!(union.take(1, Fact::Deleted(lease("b/1"))), None);
        assert_eq!(union.take(0, Fact::Alive(Kind::Lease)), Some(listed(&["a/1", "b/2"])));
        let after = Fact::Applied(lease("b/3"));
        assert_eq!(union.take(1, after.clone()), Some(after));
    }

    #[test]
    fn a_stream_that_is_resumed_needs_no_list_if_nothing_was_held_back() {
        let mut union = seeing();
        union.take(0, lost());
        assert_eq!(union.take(1, Fact::Alive(Kind::Lease)), None);
        let resumed = Fact::Applied(lease("a/1"));
        assert_eq!(union.take(0, resumed.clone()), Some(resumed));
    }

    #[test]
    fn all_must_see_again() {
        let mut union = seeing();
        union.take(0, lost());
        union.take(1, lost());
        assert_eq!(union.take(0, Fact::Alive(Kind::Lease)), None);
        assert_eq!(union.take(1, Fact::Alive(Kind::Lease)), Some(Fact::Alive(Kind::Lease)));
    }
}
