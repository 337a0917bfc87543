//! What is played, word for word the same with real electors and with simulated ones.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use e2e::process::eventually;
use e2e::product::Exporter;

use crate::trace;

/// Longer than any takeover here.
const PATIENCE: Duration = Duration::from_mins(1);

/// An API server, an exporter that watches it, and electors.
pub(crate) trait World: Sync {
    /// The exporter.
    fn exporter(&self) -> &Exporter;
    /// Lets the candidate of this number stand for the act's lease.
    fn stand(&self, act: &'static Act, number: u32) -> Result<Box<dyn Player>>;
    /// Deletes a lease.
    fn delete(&self, lease: &str) -> Result<()>;
    /// Empties the holder of a lease, as a person does with kubectl.
    fn clear(&self, lease: &str) -> Result<()>;
}

/// One candidate. It ends when it is dropped.
pub(crate) trait Player {
    /// Ends it without a word.
    fn kill(&mut self) -> Result<()>;
    /// Asks it to end; it releases if it does that.
    fn stop(&mut self) -> Result<()>;
    /// From now on nothing that it sends arrives.
    fn cut_off(&mut self) -> Result<()>;
}

/// One way in which a leader ends or comes back, played with a lease of this name.
pub(crate) struct Act {
    pub(crate) name: &'static str,
    /// Whether somebody else stands for the lease.
    pub(crate) rival: bool,
    /// Whether candidates release when they are asked to end.
    pub(crate) releases: bool,
    strike: fn(&mut Scene<'_>) -> Result<()>,
    /// The word by which its trace is known.
    pub(crate) proof: &'static str,
}

const fn rivalled(
    name: &'static str,
    strike: fn(&mut Scene<'_>) -> Result<()>,
    proof: &'static str,
) -> Act {
    Act { name, rival: true, releases: false, strike, proof }
}

/// All of them.
pub(crate) const ACTS: [Act; 7] = [
    rivalled("crash", |it| it.leader.kill(), "failover silent"),
    Act { releases: true, ..rivalled("release", |it| it.leader.stop(), "failover release") },
    rivalled("partition", |it| it.leader.cut_off(), "failover silent"),
    rivalled("deletion", |it| it.world.delete(it.act.name), "failover deleted"),
    rivalled("cleared", |it| it.world.clear(it.act.name), "failover cleared"),
    Act { rival: false, ..rivalled("restart", |it| it.comes_back_when("late"), "phase late") },
    Act { rival: false, ..rivalled("lapse", |it| it.comes_back_when("expired"), "resumed") },
];

struct Scene<'a> {
    world: &'a dyn World,
    act: &'static Act,
    leader: Box<dyn Player>,
}

/// Plays all acts at the same time, until each has left its trace.
pub(crate) fn play(world: &dyn World) -> Result<()> {
    thread::scope(|scope| {
        let plays: Vec<_> = ACTS.iter().map(|act| scope.spawn(|| play_one(world, act))).collect();
        plays.into_iter().try_for_each(|it| it.join().map_err(|_| anyhow!("a panic"))?)
    })
}

fn play_one(world: &dyn World, act: &'static Act) -> Result<()> {
    let mut scene = Scene { world, act, leader: world.stand(act, 1)? };
    scene.until("leadership_renew_interval_seconds", &[], |interval| interval > 0.0)?;
    let _rival = act.rival.then(|| world.stand(act, 2)).transpose()?;
    (act.strike)(&mut scene)?;
    let recording = &world.exporter().recording;
    eventually(PATIENCE, &format!("{} has left its trace", act.name), || {
        Ok(trace::of(recording, act)?.map(|_| ()))
    })
}

impl Scene<'_> {
    /// Ends the leader, and starts it again under its name once its lease is in this state.
    fn comes_back_when(&mut self, state: &str) -> Result<()> {
        self.leader.kill()?;
        let state = format!("state=\"{state}\"");
        self.until("leadership_lease_state", &[&state], |value| value > 0.0)?;
        self.leader = self.world.stand(self.act, 1)?;
        Ok(())
    }

    fn until(&self, name: &str, labels: &[&str], suits: impl Fn(f64) -> bool) -> Result<()> {
        let lease = format!("lease=\"{}\"", self.act.name);
        let labels = [&[lease.as_str()], labels].concat();
        self.world.exporter().until(PATIENCE, name, &labels, suits).context(self.act.name)?;
        Ok(())
    }
}
