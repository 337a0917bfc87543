//! Who else could lead: the siblings of the leader's pod, or the candidates that coordinated election
//! knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::inventory::{Inventory, KnownNode, Root, Seen};
use crate::lock::LockKey;
use crate::observation::CandidateRecord;
use crate::resolve::{Query, resolve};
use crate::snapshot::{Candidate, Candidates, Condition, Leader, Source};

/// The most candidates that are listed one by one.
const MOST_LISTED: usize = 64;

/// The pods of each root as they are at one time: many locks may have one root.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    drawn: BTreeMap<Arc<Root>, Group>,
}

/// The holder in its own words, and who that is.
type Who<'a> = (&'a Arc<str>, &'a Leader);

/// All candidates for a lock, whoever leads.
#[derive(Debug)]
struct Group {
    source: Source,
    members: Vec<Member>,
    desired: Option<u32>,
    counts: [u32; Condition::ALL.len()],
    nodes: u32,
    zones: u32,
    /// How many ready ones each node has.
    ready_on: BTreeMap<Arc<str>, u32>,
}

#[derive(Debug)]
struct Member {
    candidate: Candidate,
    /// The pod's.
    uid: Arc<str>,
    /// What it would hold the lock as, where it says so.
    identity: Option<Arc<str>>,
}

impl Groups {
    /// The candidates of coordinated election for this lease, if it is held so; else the pods of this
    /// root. `None` where nobody can know.
    pub(crate) fn draw(
        &mut self,
        inventory: &Inventory,
        coordinated: Option<&LockKey>,
        kin: Option<&Arc<Root>>,
        who: Option<Who<'_>>,
    ) -> Option<Candidates> {
        let group = coordinated.map(|lease| coordinated_group(inventory, lease));
        if let Some(group) = group.filter(|group| !group.members.is_empty()) {
            return Some(group.draw(who));
        }
        let root = kin.filter(|_| inventory.pods_listed())?;
        let group = self.drawn.entry(Arc::clone(root));
        let group = group.or_insert_with(|| sibling_group(inventory, root));
        Some(group.draw(who))
    }
}

/// Pods that have ended compete for nothing, and are no candidates.
fn sibling_group(inventory: &Inventory, root: &Arc<Root>) -> Group {
    let pods = inventory.siblings(root).filter(|seen| !seen.record.finished());
    let members = pods.map(|seen| Member {
        candidate: of_pod(inventory, &seen),
        uid: seen.record.uid,
        identity: None,
    });
    let desired = inventory.workload(root).map(|workload| workload.replicas);
    Group::new(Source::Pods, members.collect(), desired)
}

fn of_pod(inventory: &Inventory, seen: &Seen) -> Candidate {
    let pod = &seen.record;
    let node = pod.node.as_ref().and_then(|node| inventory.node(node));
    let able = pod.ready() && pod.node.is_some() && !node.is_some_and(KnownNode::lost);
    let condition = match able {
        _ if pod.deleting() => Condition::Terminating,
        true => Condition::Ready,
        false => Condition::NotReady,
    };
    Candidate {
        pod: Arc::clone(&pod.name),
        namespace: Arc::clone(&pod.namespace),
        node: pod.node.clone(),
        zone: node.and_then(KnownNode::zone).cloned(),
        condition,
        leads: false,
        binary_version: None,
        emulation_version: None,
    }
}

fn coordinated_group(inventory: &Inventory, lock: &LockKey) -> Group {
    let members = inventory.candidates(lock).map(|record| of_record(inventory, lock, record));
    Group::new(Source::LeaseCandidates, members.collect(), None)
}

/// A candidate of coordinated election, with its pod where that is known.
fn of_record(inventory: &Inventory, lock: &LockKey, record: &CandidateRecord) -> Member {
    let query = Query { lock, holder: &record.name, acquire: None, reading: None };
    let who = resolve(inventory, query);
    let seen = who.uid.as_ref().and_then(|uid| inventory.pod(uid));
    let base = match seen.filter(|seen| seen.gone.is_none()) {
        Some(seen) => of_pod(inventory, &seen),
        None => of_name(inventory, record, &who),
    };
    let candidate = Candidate {
        binary_version: record.binary_version.clone(),
        emulation_version: record.emulation_version.clone(),
        ..base
    };
    let identity = Some(Arc::clone(&record.name));
    Member { candidate, uid: who.uid.unwrap_or_default(), identity }
}

/// Of a candidate without a pod we know what its node is like, if anything.
fn of_name(inventory: &Inventory, record: &CandidateRecord, who: &Leader) -> Candidate {
    let node = who.node.as_ref().and_then(|node| inventory.node(node));
    let lost = who.has(crate::snapshot::Note::Gone) || node.is_some_and(KnownNode::lost);
    Candidate {
        pod: Arc::clone(&record.name),
        namespace: Arc::clone(&record.namespace),
        node: who.node.clone(),
        zone: node.and_then(KnownNode::zone).cloned(),
        condition: if lost { Condition::NotReady } else { Condition::Ready },
        leads: false,
        binary_version: None,
        emulation_version: None,
    }
}

impl Group {
    fn new(source: Source, mut members: Vec<Member>, desired: Option<u32>) -> Self {
        let order = |it: &Member| (it.candidate.condition, Arc::clone(&it.candidate.pod));
        members.sort_by_cached_key(order);
        let of =
            |condition| members.iter().filter(|it| it.candidate.condition == condition).count();
        let counts = Condition::ALL.map(|condition| whole(of(condition)));
        let ready = || {
            let members = members.iter().map(|member| &member.candidate);
            members.filter(|it| it.condition == Condition::Ready)
        };
        let mut ready_on = BTreeMap::new();
        for node in ready().filter_map(|it| it.node.as_ref()) {
            *ready_on.entry(Arc::clone(node)).or_insert(0_u32) += 1;
        }
        let zones: BTreeSet<_> = ready().filter_map(|it| it.zone.as_ref()).collect();
        let (nodes, zones) = (whole(ready_on.len()), whole(zones.len()));
        Self { source, members, desired, counts, nodes, zones, ready_on }
    }

    fn draw(&self, who: Option<Who<'_>>) -> Candidates {
        let leader = who.map(|(_, leader)| leader);
        let place = who.and_then(|who| self.members.iter().position(|member| member.is(who)));
        let mut list: Vec<Candidate> = place.and_then(|at| self.lead(at)).into_iter().collect();
        let others = self.members.iter().enumerate().filter(|(at, _)| Some(*at) != place);
        let room = MOST_LISTED.saturating_sub(list.len());
        list.extend(others.map(|(_, it)| it.candidate.clone()).take(room));
        let [ready, not_ready, terminating] = self.counts;
        Candidates {
            source: self.source,
            count: whole(self.members.len()),
            ready,
            not_ready,
            terminating,
            tolerance: ready.saturating_sub(1),
            nodes: self.nodes,
            zones: self.zones,
            desired: self.desired,
            shares_node_with_leader: leader.and_then(|leader| self.beside(leader, &list)),
            list,
        }
    }

    fn lead(&self, place: usize) -> Option<Candidate> {
        let member = self.members.get(place)?;
        Some(Candidate { leads: true, ..member.candidate.clone() })
    }

    /// How many ready standbys are on the leader's node.
    fn beside(&self, leader: &Leader, list: &[Candidate]) -> Option<u32> {
        let all = self.ready_on.get(leader.node.as_ref()?).copied().unwrap_or(0);
        let leads = |it: &Candidate| it.leads && it.condition == Condition::Ready;
        // One of those who may be meant leads, whoever it is.
        let leads = list.first().is_some_and(leads) || !leader.also.is_empty();
        Some(all.saturating_sub(u32::from(leads)))
    }
}

impl Member {
    fn is(&self, who: Who<'_>) -> bool {
        let (holder, leader) = who;
        if let Some(identity) = &self.identity {
            return identity == holder;
        }
        let named = leader.pod.as_ref() == Some(&self.candidate.pod)
            && leader.pod_namespace.as_ref() == Some(&self.candidate.namespace);
        named && leader.uid.as_deref().is_none_or(|uid| *uid == *self.uid)
    }
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
