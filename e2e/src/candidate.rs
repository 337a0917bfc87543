//! Real client-go electors, and the journals that they keep.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use leadership::time::{Delta, Time};
use serde::Deserialize;

use crate::plane::{ControlPlane, NAMESPACE};
use crate::process::{Process, eventually, go_program};

/// How a candidate competes.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The lease duration, as Go writes durations.
    pub duration: &'static str,
    /// The renew deadline.
    pub deadline: &'static str,
    /// The retry period.
    pub retry: &'static str,
    /// The same in milliseconds: how often a healthy leader renews.
    pub retry_millis: i64,
}

/// Quick elections. client-go compares stamps in whole seconds, so a standby may miss a renewal here
/// and take the lease before it expires.
pub const QUICK: Timing =
    Timing { duration: "3s", deadline: "2s", retry: "500ms", retry_millis: 500 };
/// Less quick ones: a standby sees each renewal.
pub const CALM: Timing =
    Timing { duration: "5s", deadline: "3s", retry: "1000ms", retry_millis: 1000 };
/// What most controllers use.
pub const USUAL: Timing =
    Timing { duration: "15s", deadline: "10s", retry: "2s", retry_millis: 2000 };

/// One candidate.
pub struct Candidate {
    /// Its identity, in the style of controller-runtime: the pod's name, `_`, and something unique.
    pub identity: String,
    /// Its process.
    pub process: Process,
    /// The file that it keeps its journal in.
    pub journal: PathBuf,
}

/// One line of a journal. Times are of this machine's clock, except those that went over the wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// What happened: `attempt`, `acquire`, `renew`, `release`, `leading`, `stopped`, …
    pub event: String,
    /// The clock just before a write was sent.
    pub before: Option<Time>,
    /// The clock when it was answered.
    pub after: Option<Time>,
    /// `acquireTime` as it was written.
    pub acquire_time: Option<Time>,
    /// `renewTime` as it was written.
    pub renew_time: Option<Time>,
    /// The leader that was seen.
    pub leader: Option<String>,
    /// Whether a failed write certainly changed nothing.
    #[serde(default)]
    pub refused: bool,
}

impl Candidate {
    /// Starts a candidate for `lease` in the name of the pod `pod`. Of a flag that `extra` repeats,
    /// its value counts.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(
        plane: &ControlPlane,
        lease: &str,
        pod: &str,
        timing: &Timing,
        extra: &[&str],
    ) -> Result<Self> {
        let identity = format!("{pod}_{:08x}-0000-4000-8000-000000000000", pod.len());
        let journal = plane.dir().join(format!("{lease}-{pod}.jsonl"));
        let mut command = go_program("candidate")?;
        command.arg("--exit-with-stdin").arg("--kubeconfig").arg(plane.kubeconfig());
        command.args(["--namespace", NAMESPACE, "--lease", lease, "--identity", &identity]);
        command.args(["--lease-duration", timing.duration, "--renew-deadline", timing.deadline]);
        command.args(["--retry-period", timing.retry]).args(extra).arg("--log").arg(&journal);
        let log = plane.dir().join(format!("{lease}-{pod}.log"));
        Ok(Self { process: Process::start(&mut command, &log)?, identity, journal })
    }

    /// Its journal so far.
    ///
    /// # Errors
    /// When a line is not what a candidate writes.
    pub fn journal(&self) -> Result<Vec<Entry>> {
        let text = std::fs::read_to_string(&self.journal).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        Ok(whole.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// When its writes of this sort were answered.
    ///
    /// # Errors
    /// As for [`Self::journal`].
    pub fn writes(&self, sorts: &[&str]) -> Result<Vec<Time>> {
        let journal = self.journal()?;
        let wanted = journal.iter().filter(|entry| sorts.contains(&entry.event.as_str()));
        Ok(wanted.filter_map(|entry| entry.after).collect())
    }

    /// Waits until it has acquired the lease, and returns when.
    ///
    /// # Errors
    /// When it has not after `patience`.
    pub fn acquired(&self, patience: Duration) -> Result<Time> {
        eventually(patience, &format!("{} has acquired", self.identity), || {
            Ok(self.writes(&["acquire"])?.first().copied())
        })
    }

    /// Its last own write: acquire, renew or release.
    ///
    /// # Errors
    /// As for [`Self::journal`].
    pub fn last_write(&self) -> Result<Option<Time>> {
        Ok(self.writes(&["acquire", "renew", "release"])?.last().copied())
    }
}

/// How long nobody led, by the journals of the old and the new leader.
///
/// # Errors
/// When one of them never wrote.
pub fn window(old: &Candidate, new: &Candidate) -> Result<Delta> {
    use anyhow::Context;
    let last = old.last_write()?.context("the old leader never wrote")?;
    let acquired = new.writes(&["acquire"])?;
    let first = acquired.into_iter().find(|time| *time > last);
    Ok(first.context("the new leader did not acquire after the old one's last write")? - last)
}
