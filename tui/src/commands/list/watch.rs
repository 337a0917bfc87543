//! `list --watch`: the list, and then each row again that changed in a way that matters.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Context;
use leadership::event::Failover;
use leadership::lock::LockKey;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;
use observe::clock;
use serde::Serialize;

use super::line;
use crate::args::{Cli, LineFormat, ListArgs, ListFormat};
use crate::columns::{Column, In, Lens, columns};
use crate::commands::object::Object;
use crate::commands::page::Pages;
use crate::commands::{Exit, SCHEMA_VERSION};
use crate::out::out;
use crate::source::Source;
use crate::theme::Glyphs;
use crate::{first_list, format, standing, terminal};

/// Prints until it is interrupted or nobody reads any more.
pub(super) async fn run(source: &Source, args: &ListArgs, cli: &Cli) -> anyhow::Result<Exit> {
    let Source::Cluster(watched) = source else {
        anyhow::bail!(
            "a recording does not go on: leave --watch away to list how it ends, or --replay away to \
             watch a cluster"
        )
    };
    let mut live = watched.watch(None)?;
    first_list::wait(&mut live, &watched.address(), cli.source.request_timeout).await?;
    first_list::settle(&mut live, None, args.settle).await;
    let glyphs = terminal::theme(&cli.screen).glyphs;
    let format = args.output.unwrap_or_default();
    let mut rows = Rows::new(out(), format, watched.is_several(), glyphs)?;
    loop {
        let snapshot = Arc::clone(&live.snapshots.borrow_and_update());
        rows.print(&snapshot, clock::now())?;
        live.snapshots.changed().await.context("the observation ended unexpectedly")?;
    }
}

/// What of a row matters: renewals and ages do not.
#[derive(Debug, PartialEq)]
struct Told {
    state: &'static str,
    blind: bool,
    holder: Option<Arc<str>>,
    failover: Option<Arc<Failover>>,
}

impl Told {
    fn of(election: &Election) -> Self {
        Self {
            state: standing::word(election),
            blind: election.blind_since.is_some(),
            holder: election.term.as_ref().map(|term| Arc::clone(&term.holder)),
            failover: election.last_failover.clone(),
        }
    }
}

/// An election as a line of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    at: Time,
    #[serde(flatten)]
    lease: Object<'a>,
}

/// Rows under one heading.
struct Rows<W> {
    pages: Pages<W>,
    names: bool,
    columns: Vec<&'static Column>,
    glyphs: Glyphs,
    /// How wide each column is: as its widest cell so far, and at first as on the screen.
    widths: Vec<usize>,
    headed: bool,
    told: HashMap<LockKey, Told>,
}

impl<W: Write> Rows<W> {
    fn new(out: W, format: ListFormat, several: bool, glyphs: Glyphs) -> io::Result<Self> {
        let place = if format == ListFormat::Table { In::All } else { In::Wide };
        let columns: Vec<_> = columns(several).filter(|column| column.place <= place).collect();
        let titles: Vec<&str> = columns.iter().map(|column| column.title).collect();
        let pages = match format {
            ListFormat::Table | ListFormat::Wide | ListFormat::Name => LineFormat::Text,
            ListFormat::Json => LineFormat::Json,
            ListFormat::Yaml => LineFormat::Yaml,
            ListFormat::Csv => LineFormat::Csv,
            ListFormat::Markdown => LineFormat::Markdown,
        };
        Ok(Self {
            pages: Pages::new(out, pages, &titles)?,
            names: format == ListFormat::Name,
            widths: columns.iter().copied().map(room).collect(),
            columns,
            glyphs,
            headed: format == ListFormat::Name,
            told: HashMap::new(),
        })
    }

    /// Prints what was not told yet of this picture.
    fn print(&mut self, snapshot: &Snapshot, now: Time) -> io::Result<()> {
        let mut news = Vec::new();
        for election in &*snapshot.elections {
            let told = Told::of(election);
            if self.told.get(&election.key) != Some(&told) {
                self.told.insert(election.key.clone(), told);
                news.push((election, self.cells(election, now)));
            }
        }
        // One that goes and comes again is news.
        if self.told.len() > snapshot.elections.len() {
            self.told.retain(|key, _| snapshot.elections.iter().any(|it| it.key == *key));
        }
        for (_, row) in &news {
            let wider = self.widths.iter_mut().zip(row);
            wider.for_each(|(width, cell)| *width = format::width(cell).max(*width));
        }
        if !self.headed && !news.is_empty() {
            self.headed = true;
            let titles: Vec<_> = self.columns.iter().map(|it| it.title.to_owned()).collect();
            self.pages.say(|out| writeln!(out, "{}", line(&titles, &self.widths)))?;
        }
        for (election, row) in news {
            self.row(election, row, now)?;
        }
        self.pages.flush()
    }

    fn row(&mut self, election: &Election, row: Vec<String>, now: Time) -> io::Result<()> {
        let lease = Object::new(election, now);
        let object = Line { schema_version: SCHEMA_VERSION, at: now, lease };
        let text = if self.names { election.key.to_string() } else { line(&row, &self.widths) };
        self.pages.print(&object, || row, |out| writeln!(out, "{text}"))
    }

    fn cells(&self, election: &Election, now: Time) -> Vec<String> {
        let lens = Lens { now, glyphs: self.glyphs };
        self.columns.iter().map(|it| (it.cell)(election, &lens, usize::MAX).text).collect()
    }
}

fn room(column: &Column) -> usize {
    format::width(column.title).max(column.min.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use crate::theme::UNICODE;

    /// A picture of one election of two, after it was changed.
    fn changed(change: impl FnOnce(&mut Election)) -> Snapshot {
        let mut first = samples::held("a", "x", "pod-1_1", 60.0, 1.0);
        change(&mut first);
        let second = samples::held("b", "y", "pod-2_1", 60.0, 1.0);
        Snapshot { elections: [first, second].map(Arc::new).into(), ..Snapshot::default() }
    }

    /// What is printed of these pictures.
    fn printed(format: ListFormat, pictures: &[Snapshot]) -> Vec<String> {
        let mut out = Vec::new();
        let mut rows = Rows::new(&mut out, format, false, UNICODE).unwrap();
        for picture in pictures {
            rows.print(picture, samples::NOW).unwrap();
        }
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    fn renewed(election: &mut Election) {
        election.term.as_mut().unwrap().last_renew = samples::ago(0.1);
    }

    #[test]
    fn renewals_are_not_told_and_what_matters_is_told_once() {
        let late = |election: &mut Election| election.phase = leadership::event::Phase::Late;
        let taken = |election: &mut Election| {
            late(election);
            election.term.as_mut().unwrap().holder = "pod-3_1".into();
        };
        let over = |election: &mut Election| {
            taken(election);
            election.last_failover = Some(samples::failover("pod-1_1", "pod-3_1", 2.0));
        };
        let blind = |election: &mut Election| {
            over(election);
            election.blind_since = Some(samples::ago(1.0));
        };
        let pictures = [
            changed(|_| {}),
            changed(renewed),
            changed(late),
            changed(late),
            changed(taken),
            changed(over),
            changed(blind),
        ];
        let names = printed(ListFormat::Name, &pictures);
        assert_eq!(names, ["a/x", "b/y", "a/x", "a/x", "a/x", "a/x"]);
    }

    #[test]
    fn rows_stand_under_one_heading_and_objects_alone() {
        let late = |election: &mut Election| election.phase = leadership::event::Phase::Late;
        let pictures = [Snapshot::default(), changed(|_| {}), changed(late)];
        for format in [ListFormat::Table, ListFormat::Wide, ListFormat::Csv] {
            let rows = printed(format, &pictures);
            assert_eq!(rows.len(), 4, "{format:?}: {rows:?}");
            let headings = rows.iter().filter(|row| row.starts_with("STATE")).count();
            assert!(headings == 1 && rows[0].starts_with("STATE"), "{format:?}: {rows:?}");
            assert!(rows[3].contains("late") && rows[3].contains("a/x"), "{format:?}: {rows:?}");
        }
        for row in printed(ListFormat::Json, &pictures) {
            let object: serde_json::Value = serde_json::from_str(&row).unwrap();
            assert!(object["schema_version"] == 1 && object["namespace"].is_string(), "{row}");
        }
    }

    #[test]
    fn what_goes_and_comes_again_is_told_again() {
        let pictures = [changed(|_| {}), Snapshot::default(), changed(|_| {})];
        assert_eq!(printed(ListFormat::Name, &pictures).len(), 4);
    }
}
