//! `events`: what happens, one line each.

use std::borrow::Cow;
use std::io::{self, Write, stderr};

use leadership::event::Event;
use leadership::lock::LockKey;
use observe::drive::Live;
use observe::several::split;
use serde::Serialize;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::page::Pages;
use super::{Exit, SCHEMA_VERSION};
use crate::args::{EventsArgs, LineFormat, SourceArgs};
use crate::out::out;
use crate::source::{self, Recording, Source};
use crate::{first_list, format, wording};

/// Prints the events of a recording, or those of a cluster from now on.
pub(super) async fn run(source: &SourceArgs, args: &EventsArgs) -> anyhow::Result<Exit> {
    match source::open(source).await? {
        Source::Recording(recording) => replay(&recording, args.output)?,
        Source::Cluster(watched) => {
            let mut live = watched.watch(None)?;
            first_list::wait(&mut live, &watched.address(), source.request_timeout).await?;
            if args.follow {
                follow(&mut live, args.output).await?;
            } else {
                so_far(&mut live, args.output)?;
            }
        }
    }
    Ok(Exit::Fine)
}

/// Prints all events up to the end, or up to the line that cannot be read.
fn replay(recording: &Recording, format: LineFormat) -> anyhow::Result<()> {
    let mut out = Pages::new(io::BufWriter::new(out()), format, &HEADINGS)?;
    let mut written = Ok(());
    let replayed = recording.replay(|event| {
        if written.is_ok() {
            written = print(&mut out, event);
        }
    });
    written?;
    out.flush()?;
    replayed?;
    Ok(())
}

async fn follow(live: &mut Live, format: LineFormat) -> anyhow::Result<()> {
    let mut out = Pages::new(out(), format, &HEADINGS)?;
    loop {
        match live.events.recv().await {
            Ok(event) => {
                print(&mut out, &event)?;
                out.flush()?;
            }
            Err(RecvError::Lagged(lost)) => tell_lost(lost)?,
            Err(RecvError::Closed) => anyhow::bail!("the observation ended unexpectedly"),
        }
    }
}

fn so_far(live: &mut Live, format: LineFormat) -> anyhow::Result<()> {
    let mut out = Pages::new(io::BufWriter::new(out()), format, &HEADINGS)?;
    let mut any = false;
    loop {
        match live.events.try_recv() {
            Ok(event) => print(&mut out, &event)?,
            Err(TryRecvError::Lagged(lost)) => tell_lost(lost)?,
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
        any = true;
    }
    if !any {
        // An exporter tells of what happens from now on, and its past only in the history.
        tell!("fleet-top: no events yet; events -f waits for some, history tells what was");
    }
    Ok(out.flush()?)
}

fn tell_lost(lost: u64) -> io::Result<()> {
    writeln!(stderr(), "{lost} events were lost: they came faster than they could be printed")
}

/// An event with the version of its form.
#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    /// Only where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    #[serde(flatten)]
    event: Cow<'a, Event>,
}

impl<'a> Line<'a> {
    fn new(event: &'a Event) -> Self {
        let schema_version = SCHEMA_VERSION;
        let of = event.lease.as_ref().map(|key| (key, split(&key.namespace)));
        let Some((key, (Some(cluster), namespace))) = of else {
            return Self { schema_version, cluster: None, event: Cow::Borrowed(event) };
        };
        let lease = Some(LockKey { namespace: namespace.into(), ..key.clone() });
        let event = Cow::Owned(Event { lease, ..event.clone() });
        Self { schema_version, cluster: Some(cluster), event }
    }
}

/// The word for what happened, as its JSON has it.
fn word(event: &Event) -> String {
    let told = serde_json::to_value(&event.what).unwrap_or_default();
    told["event"].as_str().unwrap_or_default().to_owned()
}

const HEADINGS: [&str; 4] = ["AT", "LEASE", "EVENT", "WHAT"];

fn print(pages: &mut Pages<impl Write>, event: &Event) -> io::Result<()> {
    let lease = || event.lease.as_ref().map_or("-".to_owned(), LockKey::to_string);
    let cells = || vec![event.at.to_string(), lease(), word(event), wording::what(event)];
    pages.print(&Line::new(event), cells, |out| {
        writeln!(out, "{}  {}  {}", format::stamp(event.at), lease(), wording::what(event))
    })
}
