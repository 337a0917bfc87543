//! The election as readers see it.

use std::sync::Arc;

use super::Lock;
use crate::candidates::Groups;
use crate::event::Phase;
use crate::snapshot::{Candidates, Condition, Election, Term};
use crate::time::{Delta, Time};
use crate::world::World;

impl Lock {
    /// The picture at `now`. It is made anew only if something changed or time itself changes it.
    pub(crate) fn view(
        &mut self,
        now: Time,
        blind_since: Option<Time>,
        world: &World,
        groups: &mut Groups,
    ) -> Arc<Election> {
        let timeless = self.leaderless.since().is_none() || blind_since.is_some();
        let nodes = world.inventory.nodes_version();
        match &self.view {
            Some(view) if timeless && self.view_nodes == nodes => Arc::clone(view),
            _ => {
                let candidates = self.candidates(world, groups);
                let clock_spread = candidates.as_ref().and_then(|it| spread(it, world));
                let election = self.draw(now, blind_since, world);
                let view = Arc::new(Election { clock_spread, candidates, ..election });
                self.view = Some(Arc::clone(&view));
                self.view_nodes = nodes;
                view
            }
        }
    }

    fn draw(&mut self, now: Time, blind_since: Option<Time>, world: &World) -> Election {
        let leaderless_since = self.leaderless.since();
        let known = blind_since.is_none() && self.phase != Phase::Unknown;
        let seen = self.seen.as_ref();
        let entry = self.known.as_ref().map(|known| &*known.entry);
        Election {
            key: self.key.clone(),
            uid: Arc::clone(&self.uid),
            component: entry.filter(|entry| !entry.generic).map(|entry| Arc::clone(&entry.id)),
            labels: seen.and_then(|seen| seen.labels.clone()),
            class: self.class(),
            library: entry.and_then(|entry| entry.library.clone()),
            shard: self.known.as_ref().and_then(|known| known.shard.clone()),
            expected: entry.and_then(|entry| entry.timing),
            releases: entry.and_then(|entry| entry.releases),
            hint: entry.and_then(|entry| entry.hint.clone()),
            phase: self.phase,
            reason: self.reason,
            phase_since: self.phase_since,
            blind_since,
            leaderless: known.then_some(leaderless_since.is_some()),
            leaderless_since,
            leaderless_total: self.leaderless.total(now),
            term: self.draw_term(),
            duration: self.duration,
            expiry: self.expiry,
            renew_interval: self.cadence.interval(),
            late_after: self.late_after(),
            worst_gap: self.cadence.worst(),
            renew_deadline: self.renew_deadline,
            reported_transitions: seen.and_then(|seen| seen.transitions),
            strategy: seen.and_then(|seen| seen.strategy.clone()),
            preferred_holder: seen.and_then(|seen| seen.preferred_holder.clone()),
            clock_offset: self.term.as_ref().and_then(|it| world.clocks.offset(&it.clock())),
            clock_spread: None,
            overlap_until: self.overlap_until,
            gaps: self.gaps.clone(),
            tally: Arc::clone(&self.tally),
            ledger: self.ledger.chapters(),
            last_failover: self.last_failover.clone(),
            candidates: None,
        }
    }

    fn draw_term(&self) -> Option<Term> {
        let term = self.term.as_ref()?;
        Some(Term {
            holder: Arc::clone(&term.holder),
            leader: term.leader.clone(),
            start: term.start,
            start_seen: term.start_seen,
            how: term.how,
            last_renew: term.last.time,
            renewals: term.renewals,
        })
    }
}

/// By how much the clocks of those differ who may follow each other as leaders.
fn spread(candidates: &Candidates, world: &World) -> Option<Delta> {
    let ready = candidates.list.iter().filter(|it| it.condition == Condition::Ready);
    let known = ready.filter_map(|it| {
        let node = it.node.as_deref()?;
        Some((node, world.clocks.offset(node)?))
    });
    let known: Vec<(&str, Delta)> = known.collect();
    let (first, _) = known.first()?;
    let several = known.iter().any(|(node, _)| node != first);
    let offsets = known.iter().map(|(_, offset)| *offset);
    let (least, most) = offsets.clone().min().zip(offsets.max())?;
    several.then(|| most - least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{Candidate, Source};

    /// Nodes whose clocks are so many seconds ahead of ours.
    fn world(clocks: &[(&str, i64)]) -> World {
        let mut world = World::default();
        for second in [10, 20, 30] {
            let now = Time::from_micros(second * 1_000_000);
            for (node, ahead) in clocks {
                world.clocks.mark(&(*node).into(), now, Some(now + Delta::from_secs(*ahead)));
            }
        }
        world
    }

    fn candidate(node: &str, condition: Condition) -> Candidate {
        Candidate {
            pod: "p".into(),
            namespace: "ns".into(),
            node: Some(node.into()),
            zone: None,
            condition,
            leads: false,
            binary_version: None,
            emulation_version: None,
        }
    }

    fn spread_of(nodes: &[(&str, Condition)], clocks: &[(&str, i64)]) -> Option<Delta> {
        let list = nodes.iter().map(|(node, condition)| candidate(node, *condition)).collect();
        let candidates = Candidates {
            source: Source::Pods,
            list,
            count: 0,
            ready: 0,
            not_ready: 0,
            terminating: 0,
            tolerance: 0,
            nodes: 0,
            zones: 0,
            desired: None,
            shares_node_with_leader: None,
        };
        spread(&candidates, &world(clocks))
    }

    #[test]
    fn clocks_are_as_far_apart_as_the_first_from_the_last() {
        let ready = |node| (node, Condition::Ready);
        let clocks = [("a", 2), ("b", -1), ("c", 0), ("d", 60)];
        let nodes = [ready("a"), ready("b"), ready("c"), ("d", Condition::NotReady)];
        assert_eq!(spread_of(&nodes, &clocks), Some(Delta::from_secs(3)));
        assert_eq!(spread_of(&[ready("a"), ready("a")], &clocks), None, "one clock");
        assert_eq!(spread_of(&[ready("a"), ready("x")], &clocks), None, "one that is known");
        assert_eq!(spread_of(&[ready("a"), ready("c")], &[("a", 2), ("c", 2)]), Some(Delta::ZERO));
    }
}
