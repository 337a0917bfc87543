//! What is said of a lock from one healthy state to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use e2e::product::recorded;
use leadership::event::{Event, Phase, Stage, What};
use observe::drive;

use crate::stage::{ACTS, Act};

/// The different traces that each act has left.
pub(crate) type Traces = BTreeMap<&'static str, BTreeSet<Vec<String>>>;

/// The traces of all acts in a recording.
pub(crate) fn of_all(recording: &Path) -> Result<Traces> {
    let found = ACTS.iter().map(|act| Ok((act.name, of(recording, act)?)));
    let found: Vec<_> = found.collect::<Result<_>>()?;
    Ok(found.into_iter().filter_map(|(name, traces)| Some((name, traces?))).collect())
}

/// The traces that an act has left in a recording, if there are any.
pub(crate) fn of(recording: &Path, act: &Act) -> Result<Option<BTreeSet<Vec<String>>>> {
    let (mut open, mut whole) = (Vec::new(), BTreeSet::new());
    drive::replay(&*recorded(recording)?, |event| {
        if event.lease.as_ref().is_some_and(|lease| *lease.name == *act.name) {
            take(event, &mut open, &mut whole);
        }
    })?;
    whole.insert(open);
    whole.retain(|trace| healthy(trace) && trace.iter().any(|word| word == act.proof));
    Ok(Some(whole).filter(|traces| !traces.is_empty()))
}

/// Adds what an event says to the open trace. A failover is told after the state that it led to.
fn take(event: &Event, open: &mut Vec<String>, whole: &mut BTreeSet<Vec<String>>) {
    let Some(word) = word(event) else { return };
    let failover = matches!(event.what, What::Failover(_));
    if healthy(open) && !failover {
        whole.insert(std::mem::take(open));
    }
    open.push(word);
}

fn healthy(trace: &[String]) -> bool {
    trace.iter().any(|word| word == "phase held")
}

/// An expiry is left out: who takes over within its grace is faster than its declaration. So are
/// flags and numbers: they tell of names, and of chance. That a renewal is overdue is told once for
/// all locks if it is so of most, and by their states for each.
fn word(event: &Event) -> Option<String> {
    match &event.what {
        What::Phase { to: Phase::Expired, .. } | What::Expired { .. } | What::Late { .. } => None,
        What::Failover(it) if it.stage == Stage::Final => None,
        _ => said(event),
    }
}

fn said(event: &Event) -> Option<String> {
    let said = serde_json::to_value(event).ok()?;
    let words = ["event", "how", "to", "reason", "soft", "kind", "manager", "end"];
    let names = said["event"] == "failover";
    let told = words.iter().filter(|word| !names || **word != "to").map(|word| &said[*word]);
    let told = told.filter(|word| !word.is_null());
    let told: Vec<String> = told.map(|it| it.to_string().replace('"', "")).collect();
    Some(told.join(" "))
}
