//! `--lines`: how things stand, and then what happens, in sentences that are only ever added to.

use std::io::{self, Write};

use leadership::event::Event;
use leadership::lock::LockKey;
use leadership::observation::Kind;
use leadership::snapshot::{Election, Snapshot, Watch};
use leadership::time::Time;
use observe::clock;
use observe::drive::Live;
use tokio::sync::broadcast::error::RecvError;

use super::Exit;
use crate::args::SourceArgs;
use crate::order::Order;
use crate::out::out;
use crate::source::{self, Source};
use crate::standing::{self, Census, Rank};
use crate::{columns, first_list, format, wording};

/// Prints until it is interrupted; a recording is told to its end.
pub(super) async fn run(args: &SourceArgs) -> anyhow::Result<Exit> {
    let mut out = out();
    match source::open(args).await? {
        Source::Recording(recording) => {
            let mut written = Ok(());
            let snapshot = recording.replay(|event| {
                if written.is_ok() {
                    written = happened(&mut out, event);
                }
            })?;
            written?;
            stand(&mut out, &snapshot, snapshot.at)?;
        }
        Source::Cluster(watched) => {
            let mut live = watched.watch(None)?;
            first_list::wait(&mut live, &watched.address(), args.request_timeout).await?;
            stand(&mut out, &first_list::newest(&live), clock::now())?;
            follow(&mut out, &mut live).await?;
        }
    }
    Ok(Exit::Fine)
}

/// Events as they come, and when we no longer see.
async fn follow(out: &mut impl Write, live: &mut Live) -> anyhow::Result<()> {
    let mut blind = None;
    loop {
        tokio::select! {
            event = live.events.recv() => match event {
                Ok(event) => happened(out, &event)?,
                Err(RecvError::Lagged(lost)) => writeln!(out, "{lost} events were lost.")?,
                Err(RecvError::Closed) => anyhow::bail!("the observation ended unexpectedly"),
            },
            changed = live.snapshots.changed() => {
                changed?;
                let since = sight(out, &live.snapshots.borrow_and_update(), blind)?;
                blind = since;
            }
        }
        out.flush()?;
    }
}

/// Tells when leases are seen no longer, or again; gives back since when they are not.
fn sight(
    out: &mut impl Write,
    snapshot: &Snapshot,
    before: Option<Time>,
) -> io::Result<Option<Time>> {
    // Of several clusters, one that was never seen hides none that is seen no longer.
    let lost = |watch: &&Watch| watch.kind == Kind::Lease && watch.blind_since.is_some();
    let watch = snapshot.watches.iter().find(lost);
    let blind = watch.and_then(|watch| watch.blind_since);
    match (before, blind) {
        (None, Some(since)) => {
            let error = watch.and_then(|watch| watch.last_error.as_deref()).unwrap_or("no reason");
            let since = format::clock(since);
            writeln!(
                out,
                "{since} We no longer see leases: {error}. What was told is as of then."
            )?;
        }
        (Some(_), None) => writeln!(out, "{} We see leases again.", format::clock(snapshot.at))?,
        _ => {}
    }
    Ok(blind)
}

/// The most cells for the name of a holder.
const NAME: usize = 64;

fn happened(out: &mut impl Write, event: &Event) -> io::Result<()> {
    if wording::told_otherwise(event) {
        return Ok(());
    }
    let lease = event.lease.as_ref().map_or("All elections".to_owned(), LockKey::to_string);
    writeln!(out, "{} {lease}: {}.", format::clock(event.at), wording::brief(event, NAME, "..."))
}

/// The summary, then one sentence for each election, the worst first.
fn stand(out: &mut impl Write, snapshot: &Snapshot, now: Time) -> io::Result<()> {
    let census = Census::of(snapshot.elections.iter().map(|election| &**election));
    writeln!(
        out,
        "{} {} elections: {} held, {} late, {} leaderless, {} without standby, {} unknown.",
        format::clock(now),
        census.all,
        census.count(Rank::Held),
        census.count(Rank::Late),
        census.count(Rank::Leaderless),
        census.without_standby,
        census.count(Rank::Unknown)
    )?;
    let mut elections: Vec<&Election> = snapshot.elections.iter().map(|it| &**it).collect();
    elections.sort_by(|a, b| Order::State.compare(a, b));
    for election in elections {
        writeln!(out, "{}: {}.", election.key, sentence(election, now))?;
    }
    for missing in &snapshot.missing {
        writeln!(out, "Missing: {}.", wording::missing(missing, now))?;
    }
    out.flush()
}

fn sentence(election: &Election, now: Time) -> String {
    let state = standing::word(election);
    let now = election.blind_since.map_or(now, |since| since.min(now));
    match (&election.term, election.leaderless_since) {
        (_, Some(since)) => {
            format!("{state}, nobody has led for {}", format::age(now - since))
        }
        (Some(term), None) => {
            let node = term.leader.node.as_deref().map_or(String::new(), |it| format!(" on {it}"));
            let age = format::age(now - term.start);
            let least = if term.start_seen { "" } else { "at least " };
            format!("{state}, {}{node} has led for {least}{age}", columns::name(term))
        }
        (None, None) => format!("{state}, nobody ever led"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn how_things_stand_is_told_in_sentences() {
        let mut out = Vec::new();
        stand(&mut out, &samples::fleet(), samples::NOW).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn blindness_and_its_end_are_told_once() {
        let mut out = Vec::new();
        let blind = sight(&mut out, &samples::blind(), None).unwrap();
        assert_eq!(sight(&mut out, &samples::blind(), blind).unwrap(), blind);
        let mut several = Snapshot::clone(&samples::blind());
        let never = Watch { listed: false, blind_since: None, ..several.watches[0].clone() };
        several.watches.insert(0, never);
        assert_eq!(sight(&mut out, &several, blind).unwrap(), blind, "another cluster is away");
        assert_eq!(sight(&mut out, &samples::fleet(), blind).unwrap(), None);
        let told = String::from_utf8(out).unwrap();
        assert_eq!(told.lines().count(), 2, "{told}");
        assert!(told.contains("no longer see leases: connection refused"), "{told}");
    }
}
