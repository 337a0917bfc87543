//! Who is behind the holder's name, and what that depends on.

use std::sync::Arc;

use super::Lock;
use crate::candidates::Groups;
use crate::event::Phase;
use crate::identity::{deployment_of, parse_as};
use crate::inventory::{Inventory, Root};
use crate::resolve::{Query, pin, resolve};
use crate::snapshot::{Candidates, Leader, Method};
use crate::time::Time;
use crate::world::World;

/// What a lock's picture depends on: a change of any of it must reach the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interest {
    /// Names, host names, addresses and identities that its holder may mean.
    pub(crate) names: Vec<Arc<str>>,
    /// Whose pods compete for it.
    pub(crate) roots: Vec<Arc<Root>>,
    /// The node that its leader is on.
    pub(crate) node: Option<Arc<str>>,
}

/// The candidates as they were drawn last, and what the drawing depends on besides the pods.
#[derive(Debug)]
pub(super) struct Company {
    nodes: u64,
    leader: Option<Leader>,
    coordinated: bool,
    drawn: Option<Arc<Candidates>>,
}

impl Lock {
    /// The pod and node that hold this lock under this name, by the newest record.
    pub(super) fn find(&self, holder: &str, inventory: &Inventory) -> Leader {
        let acquire = self.seen.as_ref().and_then(|seen| seen.acquire);
        self.look_up(holder, acquire, inventory)
    }

    /// What was found once is kept while the same holder leads: a leader that vanished stays named.
    fn look_up(&self, holder: &str, acquire: Option<Time>, inventory: &Inventory) -> Leader {
        let reading = self.reading.as_ref();
        let found = resolve(inventory, Query { lock: &self.key, holder, acquire, reading });
        match &self.term {
            Some(term) if *term.holder == *holder => pin(inventory, found, &term.leader),
            _ => found,
        }
    }

    /// Finds the holder's pod and node anew: something changed that they depend on. What is known of
    /// the others may have changed too. Says whether the lock depends on something else now.
    pub(crate) fn resolve(&mut self, inventory: &Inventory) -> bool {
        self.redraw();
        let Some(term) = &self.term else {
            return false;
        };
        let leader = self.look_up(&term.holder, term.acquire, inventory);
        let known = leader.uid.as_ref().and_then(|uid| inventory.pod(uid));
        let root = known.map(|seen| Arc::clone(&seen.root));
        let root = root.or_else(|| self.workload(inventory));
        // Whoever keeps a pod that is long gone still keeps its siblings.
        let kept = self.kin.clone().filter(|_| leader.method == Method::Cached);
        let kin = root.or(kept);
        let moved = kin != self.kin || leader.node.as_ref() != self.place();
        self.kin = kin;
        if let Some(term) = &mut self.term {
            term.leader = leader;
        }
        moved
    }

    /// The node that the leader is on.
    pub(crate) fn place(&self) -> Option<&Arc<str>> {
        self.term.as_ref()?.leader.node.as_ref()
    }

    /// The workload that is known to compete, where it has pods.
    fn workload(&self, inventory: &Inventory) -> Option<Arc<Root>> {
        let name = self.reading.as_ref()?.deployment.as_ref()?;
        Root::named(&self.key.namespace, name).find_map(|root| inventory.root(root))
    }

    /// Who competes is to be drawn anew.
    pub(crate) fn redraw(&mut self) {
        self.view = None;
        self.company = None;
    }

    /// Who competes. It is drawn anew only if something changed.
    pub(super) fn candidates(
        &mut self,
        world: &World,
        groups: &mut Groups,
    ) -> Option<Arc<Candidates>> {
        let nodes = world.inventory.nodes_version();
        let leads = matches!(self.phase, Phase::Held | Phase::Late | Phase::Unknown);
        let term = self.term.as_ref().filter(|_| leads);
        let leader = term.map(|term| &term.leader);
        let coordinated = self.seen.as_ref().is_some_and(|seen| seen.strategy.is_some());
        let fresh = |it: &&Company| {
            it.nodes == nodes && it.coordinated == coordinated && it.leader.as_ref() == leader
        };
        if let Some(company) = self.company.as_ref().filter(fresh) {
            return company.drawn.clone();
        }
        let who = term.map(|term| (&term.holder, &term.leader));
        let lock = Some(&self.key).filter(|_| coordinated);
        let drawn = groups.draw(&world.inventory, lock, self.kin.as_ref(), who).map(Arc::new);
        let leader = leader.cloned();
        self.company = Some(Company { nodes, leader, coordinated, drawn: drawn.clone() });
        drawn
    }

    /// Whose changes must reach this lock.
    pub(crate) fn interest(&self) -> Interest {
        let reading = self.reading.as_ref();
        let told = reading.and_then(|reading| reading.identity);
        let holder = self.holder().map(|holder| parse_as(holder, told));
        let names = holder.iter().flat_map(|holder| holder.keys().map(Arc::from)).collect();
        let told = reading.and_then(|reading| reading.deployment.as_ref());
        // A Deployment that is known tells a pod of it that is gone from one of another cluster.
        let shape = holder.and_then(|holder| holder.host).and_then(deployment_of);
        let told = told.map(AsRef::as_ref).into_iter().chain(shape);
        let told = told.flat_map(|name| Root::named(&self.key.namespace, name));
        let roots = told.map(Arc::new).chain(self.kin.clone()).collect();
        Interest { names, roots, node: self.place().cloned() }
    }
}
