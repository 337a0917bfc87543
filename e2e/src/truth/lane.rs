//! One lease whose leaders end one after the other, all in the same way.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use leadership::event::End;
use leadership::time::Time;
use tokio::runtime::Handle;

use super::relay::{CLEAR, Relay};
use super::tail::Tail;
use crate::candidate::{Candidate, Timing};
use crate::plane::ControlPlane;
use crate::process::{eventually, now};

/// The longest that anything takes: a takeover after an outage of the API, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// Renewals after which a failover's numbers are final, and one to be sure that they arrived.
const SETTLED: usize = 10;

/// A way in which a leader ends.
#[derive(Debug)]
pub struct Ending {
    /// Its name in the table.
    pub name: &'static str,
    /// What an observer calls it.
    pub end: End,
    flags: &'static [&'static str],
    strike: fn(&Lane, &ControlPlane) -> Result<()>,
    /// Whether the old leader was frozen and goes on once another leads.
    thaws: bool,
    /// How the old leader's process ends, once another leads; none if a signal ends it.
    exit: Option<i32>,
}

/// The endings that come to one lease alone.
pub const ENDINGS: [Ending; 5] = [
    Ending {
        name: "crash",
        end: End::Silent,
        flags: &[],
        strike: |it, _| it.signal("KILL"),
        thaws: false,
        exit: None,
    },
    Ending {
        name: "release",
        end: End::Release,
        flags: &["--release-on-cancel"],
        strike: |it, _| it.signal("TERM"),
        thaws: false,
        exit: Some(0),
    },
    Ending {
        name: "lapse",
        end: End::Silent,
        flags: &[],
        strike: |it, _| it.signal("STOP"),
        thaws: true,
        exit: Some(1),
    },
    Ending {
        name: "deletion",
        end: End::Deleted,
        flags: &[],
        strike: |it, plane| plane.delete_lease(&it.lease),
        thaws: false,
        exit: Some(1),
    },
    Ending {
        name: "partition",
        end: End::Silent,
        flags: &[],
        strike: |it, _| {
            it.leader.relay.cut();
            Ok(())
        },
        thaws: false,
        exit: Some(1),
    },
];
/// The ending that comes to all leases at once: the API server is away for longer than leaders try.
pub const OUTAGE: Ending = Ending {
    name: "API outage",
    end: End::Silent,
    flags: &[],
    strike: |_, _| Ok(()),
    thaws: false,
    exit: Some(1),
};

/// By how much holders' clocks are wrong, in milliseconds: by turns ahead and behind.
pub const SKEWS: [i64; 4] = [0, 50, 5_000, 30_000];

/// One candidate, its journal and its wire.
struct Contender {
    candidate: Candidate,
    tail: Tail,
    relay: Relay,
}

/// One lease, its leader, and who will be the next.
pub struct Lane {
    runtime: Handle,
    /// The lease's name.
    pub lease: String,
    /// How its leaders end.
    pub ending: &'static Ending,
    /// By how much its holders' clocks are wrong, in milliseconds.
    pub skew: i64,
    /// How its candidates compete.
    pub timing: &'static Timing,
    leader: Contender,
    rival: Contender,
    started: i64,
    /// Those whose journals are complete.
    past: Vec<Candidate>,
}

impl Lane {
    /// Starts two candidates for a lease of its own, of which the first leads.
    ///
    /// # Errors
    /// When one of them cannot be started.
    pub fn start(
        plane: &ControlPlane,
        runtime: &Handle,
        ending: &'static Ending,
        skew: i64,
        timing: &'static Timing,
    ) -> Result<Self> {
        let lease = format!("{}-{skew}", ending.name);
        let start = |number| Contender::start(plane, runtime, &lease, number, ending, skew, timing);
        let mut leader = start(1)?;
        let epoch = Time::from_micros(0);
        eventually(PATIENCE, "the first leads", || leader.tail.acquired(epoch))?;
        let rival = start(2)?;
        let runtime = runtime.clone();
        let (started, past) = (2, Vec::new());
        Ok(Self { runtime, lease, ending, skew, timing, leader, rival, started, past })
    }

    fn signal(&self, name: &str) -> Result<()> {
        self.leader.candidate.process.signal(name)
    }

    /// Waits until the last failover's numbers are final and the rival is warned.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn settle(&mut self) -> Result<()> {
        let (leader, rival) = (&mut self.leader, &mut self.rival);
        let what = format!("{} leads {} and has a rival", leader.candidate.identity, self.lease);
        eventually(PATIENCE, &what, || {
            let settled = leader.tail.renewals()? >= SETTLED;
            let ready = settled && rival.tail.follows(&leader.candidate.identity)?;
            Ok(ready.then_some(()))
        })
    }

    /// Waits for some more renewals.
    ///
    /// # Errors
    /// When they do not come.
    pub fn go_on(&mut self) -> Result<()> {
        let tail = &mut self.leader.tail;
        let before = tail.renewals()?;
        eventually(PATIENCE, "the leader renews", || {
            Ok((tail.renewals()? >= before + SETTLED).then_some(()))
        })
    }

    /// Ends the leader, and waits until another leads and the old one has noticed.
    ///
    /// # Errors
    /// When nobody follows, or the old leader ends as it should not.
    pub fn fail_over(&mut self, plane: &ControlPlane) -> Result<()> {
        self.settle()?;
        // Any time between two renewals is as good as any other.
        std::thread::sleep(Duration::from_millis(fastrand::u64(0..1_000)));
        let since = now();
        (self.ending.strike)(self, plane)?;
        self.succeed(plane, since, self.ending)
    }

    /// Waits until somebody has acquired after `since`, and replaces the old leader.
    ///
    /// # Errors
    /// As for [`Self::fail_over`].
    pub fn succeed(&mut self, plane: &ControlPlane, since: Time, ending: &Ending) -> Result<()> {
        let (leader, rival) = (&mut self.leader.tail, &mut self.rival.tail);
        let what = format!("{} has a new leader", self.lease);
        let same = eventually(PATIENCE, &what, || {
            let other = rival.acquired(since)?.map(|_| false);
            Ok(other.or(leader.acquired(since)?.map(|_| true)))
        })?;
        // After a deletion the old leader may be the first to come again.
        if same { Ok(()) } else { self.replace(plane, ending) }
    }

    fn replace(&mut self, plane: &ControlPlane, ending: &Ending) -> Result<()> {
        if ending.thaws {
            self.signal("CONT")?;
        }
        let exit = self.leader.candidate.process.wait(PATIENCE).context("the old leader")?;
        let tail = || self.leader.candidate.process.tail();
        ensure!(exit == ending.exit, "{}: {exit:?} after {}\n{}", self.lease, ending.name, tail());
        self.started += 1;
        let next = Contender::start(
            plane,
            &self.runtime,
            &self.lease,
            self.started,
            self.ending,
            self.skew,
            self.timing,
        )?;
        let old = std::mem::replace(&mut self.leader, std::mem::replace(&mut self.rival, next));
        self.past.push(old.candidate);
        Ok(())
    }

    /// Waits until the leader has given up by itself.
    ///
    /// # Errors
    /// When it does not.
    pub fn give_up(&mut self) -> Result<()> {
        let process = &mut self.leader.candidate.process;
        process.wait(PATIENCE).context("a leader without an API server")?;
        Ok(())
    }

    /// All its candidates, those that still run among them.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.past.iter().chain([&self.leader.candidate, &self.rival.candidate])
    }
}

impl Contender {
    fn start(
        plane: &ControlPlane,
        runtime: &Handle,
        lease: &str,
        number: i64,
        ending: &Ending,
        skew: i64,
        timing: &Timing,
    ) -> Result<Self> {
        let relay = Relay::start(runtime, plane, &CLEAR)?;
        let kubeconfig = relay.kubeconfig(plane)?;
        let kubeconfig = kubeconfig.to_str().context("a path that is not text")?;
        let skew = if number % 2 == 0 { -skew } else { skew };
        let skew = format!("--clock-skew={skew}ms");
        let flags = [&["--kubeconfig", kubeconfig, &skew], ending.flags].concat();
        // Two candidates of one name would count as one clock.
        let pod = format!("{lease}-{number}");
        let candidate = Candidate::start(plane, lease, &pod, timing, &flags)?;
        let tail = Tail::new(candidate.journal.clone());
        Ok(Self { candidate, tail, relay })
    }
}
