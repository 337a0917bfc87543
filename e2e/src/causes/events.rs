//! What `fleet-top events` says while everything happens.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use leadership::time::Time;
use serde_json::Value;

use crate::plane::ControlPlane;
use crate::process::{Process, eventually, our_program};

/// A running `fleet-top events`.
pub struct Events {
    _process: Process,
    output: PathBuf,
}

impl Events {
    /// Starts it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(plane: &ControlPlane) -> Result<Self> {
        let output = plane.dir().join("events.jsonl");
        let mut command = our_program("fleet-top")?;
        command.args(["events", "--follow", "-o", "json", "--kubeconfig"]).arg(plane.kubeconfig());
        let log = plane.dir().join("events.log");
        let process = Process::start_into(&mut command, &log, &output)?;
        Ok(Self { _process: process, output })
    }

    /// All events so far.
    ///
    /// # Errors
    /// When a line is not JSON.
    pub fn all(&self) -> Result<Vec<Value>> {
        let text = std::fs::read_to_string(&self.output)?;
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        Ok(whole.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// Waits for the final failover of a lease to a term that began after `since`, and returns all
    /// that there are by then.
    ///
    /// # Errors
    /// When there is none after `patience`; the error tells what there is instead.
    pub fn finals(
        &self,
        patience: Duration,
        namespace: &str,
        lease: &str,
        since: Time,
    ) -> Result<Vec<Value>> {
        let concerns = |event: &Value| {
            event["lease"]["namespace"] == namespace && event["lease"]["name"] == lease
        };
        let fits = |event: &Value| concerns(event) && is_final(event) && began(event) > Some(since);
        eventually(patience, &format!("{namespace}/{lease} has failed over"), || {
            let finals: Vec<Value> = self.all()?.into_iter().filter(fits).collect();
            Ok((!finals.is_empty()).then_some(finals))
        })
    }
}

fn is_final(event: &Value) -> bool {
    event["event"] == "failover" && event["stage"] == "final"
}

fn began(failover: &Value) -> Option<Time> {
    serde_json::from_value(failover["first_write"].clone()).ok()
}

/// What identifies a failover: its lease, and who handed over to whom.
pub type Key = (String, String, String);

/// What is said in the end of each failover whose holders never met again.
#[must_use]
pub fn finals_of(events: &[Value]) -> BTreeMap<Key, String> {
    let mut finals = BTreeMap::new();
    for event in events.iter().filter(|event| is_final(event)) {
        let lease = &event["lease"];
        let key = (format!("{lease}"), event["from"].to_string(), event["to"].to_string());
        let said = format!("{} {} {}", event["end"], event["cause"], event["confidence"]);
        finals.insert(key, said);
    }
    finals
}
