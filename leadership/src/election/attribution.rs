//! Why one term followed another: the evidence, gathered anew each time it is asked for.

use std::sync::Arc;

use super::{Lock, Pending};
use crate::cause::{Case, Leaving, Newer, NodeSight, PodSight, attribute};
use crate::event::{Confidence, Flag};
use crate::failover::{Handover, Verdict};
use crate::inventory::{Inventory, Seen};
use crate::observation::{Owner, PodRecord};
use crate::snapshot::Leader;
use crate::time::{Delta, Time};
use crate::world::Step;

/// A renewal is overdue so long after its time.
pub(super) const OVERDUE: Delta = Delta::from_millis(1_500);
/// The stamp of a request is believed if it lies no longer before its sight.
const BELIEVED: Delta = Delta::from_secs(60);

/// What has to be remembered of the moment of a change, because the lock changes on.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The old holder's pod and node, as they were known when it led.
    pub(super) leader: Leader,
    /// The old holder's process.
    pub(super) process: Arc<str>,
    /// When coordinated election asked for another holder: in the end it may be a third.
    pub(super) asked: Option<Time>,
    /// The field manager of the write that ended the term.
    pub(super) manager: Option<Arc<str>>,
    /// The owner of the lock that was deleted.
    pub(super) owner: Option<Arc<Owner>>,
}

impl Lock {
    /// The scene of a change from the present term to another.
    pub(super) fn scene(&self) -> Option<Scene> {
        let term = self.term.as_ref()?;
        let seen = self.seen.as_ref();
        let ended = self.ended.as_ref();
        let by = ended.and_then(|ended| ended.by.clone());
        let owner = ended.and_then(|ended| ended.owner.clone());
        Some(Scene {
            leader: term.leader.clone(),
            process: term.process(),
            asked: self.asked,
            manager: by.or_else(|| seen.and_then(|seen| seen.manager.clone())),
            owner,
        })
    }

    /// The cause, asked for at `now`, by what is known.
    pub(super) fn attribute(&self, pending: &Pending, now: Time, step: &Step<'_>) -> Verdict {
        let it = &pending.handover;
        let case = self.case(it, &pending.scene, now, step);
        let death = case.death_by(it.span(&step.world.clocks));
        let (finding, settled) = attribute(&case);
        Verdict { finding, settled, death }
    }

    /// What the decision table looks at.
    pub(super) fn case<'a>(
        &self,
        it: &Handover,
        scene: &'a Scene,
        now: Time,
        step: &'a Step<'_>,
    ) -> Case<'a> {
        let world = &*step.world;
        let last = it.last.as_ref().map(|mark| world.clocks.settle(mark));
        let first = world.clocks.settle(&it.first);
        let interval = it.interval.unwrap_or_default();
        let overdue = last.map(|last| last + interval + OVERDUE);
        let common = overdue.and_then(|overdue| {
            let others = world.active.saturating_sub(1);
            world.stalls.common(&self.key, &scene.process, overdue, first, others)
        });
        // Who stood still with most others had let go before it was asked to.
        let late = |asked| common.is_some() && overdue.is_some_and(|overdue| overdue < asked);
        Case {
            end: it.end,
            early: it.early(&world.clocks),
            same: it.from == it.to,
            gap: it.flags.contains(&Flag::ObserverGap),
            preferred: scene.asked.is_some_and(|asked| !late(asked)),
            owner_gone: scene.owner.as_ref().and_then(|owner| self.lost_owner(owner, step)),
            manager: scene.manager.as_deref(),
            stamp: it.last.as_ref().and_then(|mark| mark.written),
            last,
            interval,
            pod: pod_sight(&scene.leader, self.container(), last.unwrap_or(first), step),
            node: overdue.and_then(|overdue| node_sight(&scene.leader, overdue, now, step)),
            common,
        }
    }

    /// The container that competes, where its component is known.
    pub(super) fn container(&self) -> Option<&str> {
        self.reading.as_ref()?.container.as_deref()
    }

    fn lost_owner(&self, owner: &Owner, step: &Step<'_>) -> Option<String> {
        let lost = step.world.inventory.lost(&self.key.namespace, owner);
        lost.then(|| format!("{} {}", owner.kind, owner.name))
    }
}

/// What is known of the pod that held the lock, living or gone; nothing if it was not looked at since its last write.
fn pod_sight(
    leader: &Leader,
    container: Option<&str>,
    last: Time,
    step: &Step<'_>,
) -> Option<PodSight> {
    let inventory = &step.world.inventory;
    let mut seen = pod_of(leader, inventory).filter(|seen| inventory.fresh(&seen.record, last))?;
    only_of(container, &mut seen.record);
    Some(PodSight {
        trust: trust(leader),
        leaving: leaving(&seen, inventory.looked_at(&seen.record).is_some()),
        newer: inventory.siblings(&seen.root).max_by_key(|it| it.record.created).map(newer),
        record: seen.record,
    })
}

/// Leaves of a pod's ends those of the container that competes, where that is known: the others hold other locks, or
/// none.
pub(super) fn only_of(container: Option<&str>, pod: &mut PodRecord) {
    let Some(name) = container else { return };
    if pod.containers.iter().any(|it| *it.name == *name) {
        pod.terminations.retain(|end| *end.container == *name);
    }
}

/// The pod that a leader was resolved to, living or gone.
pub(super) fn pod_of(leader: &Leader, inventory: &Inventory) -> Option<Seen> {
    let by_name = || inventory.pod_named(leader.pod_namespace.as_ref()?, leader.pod.as_ref()?);
    leader.uid.as_ref().and_then(|uid| inventory.pod(uid)).or_else(by_name)
}

/// A cause can be no surer than the pod that it speaks of.
fn trust(leader: &Leader) -> Confidence {
    let floors = [(800, Confidence::High), (600, Confidence::Medium)];
    let sure = floors.iter().find(|(floor, _)| leader.confidence >= *floor);
    sure.map_or(Confidence::Low, |(_, confidence)| *confidence)
}

fn newer(seen: Seen) -> Newer {
    let pod = seen.record;
    Newer {
        name: pod.name,
        template: pod.template,
        images: pod.containers.into_iter().filter_map(|it| it.image).collect(),
    }
}

/// When and how the pod was made to go. The stamp of the request is the API server's: it is believed
/// where it lies shortly before the time at which we saw it. A pod that is looked up and not found went at that time at
/// the latest, and nobody knows how.
fn leaving(seen: &Seen, looked_up: bool) -> Option<Leaving> {
    let pod = &seen.record;
    let ended = |seen: Time| {
        let near = |stamp: &Time| *stamp <= seen && seen - BELIEVED <= *stamp;
        let stamp = pod.deletion.filter(near);
        let at = stamp.unwrap_or(seen);
        Leaving {
            at,
            asked: true,
            told: format!("the deletion of pod {} was requested at {at}", pod.name),
        }
    };
    let evicted = || {
        // A kubelet ends a pod without asking for its deletion.
        let by_kubelet = pod.disruption.is_some() && pod.finished();
        let at = seen.finished_seen.filter(|_| by_kubelet)?;
        Some(Leaving {
            at,
            asked: true,
            told: format!("pod {} was ended by its kubelet", pod.name),
        })
    };
    let forced = |at| Leaving {
        at,
        asked: false,
        told: if looked_up {
            format!("pod {} was gone when it was looked up at {at}", pod.name)
        } else {
            format!("pod {} was deleted without notice", pod.name)
        },
    };
    seen.deletion_seen.map(ended).or_else(evicted).or_else(|| seen.gone.map(forced))
}

/// What is known of the node that the holder was on.
fn node_sight(leader: &Leader, overdue: Time, now: Time, step: &Step<'_>) -> Option<NodeSight> {
    let name = leader.node.as_ref()?;
    let world = &*step.world;
    let record = world.inventory.node(name).and_then(|node| node.record.as_ref());
    let unknown = record.is_some_and(|node| node.ready.as_deref() == Some("Unknown"));
    let pod = pod_of(leader, &world.inventory);
    let pod = pod.filter(|seen| world.inventory.fresh(&seen.record, overdue));
    // A kubelet changes both conditions; the control plane gives a node up by changing one.
    let flipped = pod.is_some_and(|pod| !pod.record.ready() && pod.record.containers_ready);
    let given_up = (unknown || flipped) && !world.heartbeats.alive(name, now);
    let silent = world.heartbeats.silence(name, overdue, now);
    let compared = silent.is_some_and(|(_, compared)| compared);
    let silent = silent.map(|(silent, _)| silent);
    Some(NodeSight { name: Arc::clone(name), silent, compared, given_up })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{ContainerRecord, Termination};

    fn ends_of(container: Option<&str>) -> Vec<String> {
        let end = |name: &str| Termination { container: name.into(), ..Termination::default() };
        let container_of =
            |name: &str| ContainerRecord { name: name.into(), ..ContainerRecord::default() };
        let mut pod = PodRecord {
            containers: vec![container_of("manager")],
            terminations: vec![end("manager"), end("init")],
            ..PodRecord::default()
        };
        only_of(container, &mut pod);
        pod.terminations.iter().map(|end| end.container.to_string()).collect()
    }

    #[test]
    fn only_the_container_that_competes_tells_of_its_end_where_it_is_known() {
        assert_eq!(ends_of(Some("manager")), ["manager"]);
        assert_eq!(ends_of(Some("init")), ["manager", "init"], "no container of this pod");
        assert_eq!(ends_of(None), ["manager", "init"]);
    }
}
