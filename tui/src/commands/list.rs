//! `list`: all elections once, or again and again.

mod report;
mod watch;

use std::io::{self, BufWriter, Write};

use leadership::snapshot::Snapshot;

use super::settled::{self, Settled, Until};
use super::{Exit, page};
use crate::args::{Cli, ListArgs, ListFormat};
use crate::columns::{Column, In, Lens, are_of_several, columns};
use crate::format;
use crate::out::{json, out};
use crate::source::Source;
use crate::terminal;
use crate::wording;
use report::Report;

/// Prints the list; tells by the exit code whether nobody leads one of them.
pub(super) async fn run(source: &Source, args: &ListArgs, cli: &Cli) -> anyhow::Result<Exit> {
    if args.watch {
        return watch::run(source, args, cli).await;
    }
    let until = Until::Proven(None, args.settle);
    let settled = settled::picture(source, cli.source.request_timeout, until).await?;
    let Settled { source, snapshot, now } = settled;
    let page = Page {
        snapshot: &snapshot,
        source,
        narrowed: cli.source.selector.is_some() || !cli.source.namespaces.is_empty(),
        lens: Lens { now, glyphs: terminal::theme(&cli.screen).glyphs },
    };
    let mut out = BufWriter::new(out());
    page.write(&mut out, args.output.unwrap_or_default())?;
    out.flush()?;
    let mut elections = snapshot.elections.iter();
    if elections.any(|election| election.leaderless == Some(true)) {
        return Ok(Exit::Leaderless);
    }
    Ok(Exit::Fine)
}

/// What is printed.
struct Page<'a> {
    snapshot: &'a Snapshot,
    source: String,
    /// Whether only some namespaces or labels are looked at.
    narrowed: bool,
    lens: Lens,
}

impl Page<'_> {
    fn write(&self, out: &mut impl Write, format: ListFormat) -> anyhow::Result<()> {
        match format {
            ListFormat::Table => self.table(out, In::All)?,
            ListFormat::Wide => self.table(out, In::Wide)?,
            ListFormat::Csv => self.csv(out)?,
            ListFormat::Markdown => self.markdown(out)?,
            ListFormat::Name => {
                for election in &self.snapshot.elections {
                    writeln!(out, "{}", election.key)?;
                }
            }
            ListFormat::Json => json(out, &self.report())?,
            ListFormat::Yaml => write!(out, "{}", serde_saphyr::to_string(&self.report())?)?,
        }
        Ok(())
    }

    fn report(&self) -> Report<'_> {
        Report::new(self.snapshot, &self.source, self.lens.now)
    }

    /// Headings and rows of the columns of lists that are at most as wide as `width`.
    fn rows(&self, width: In) -> Vec<Vec<String>> {
        let elections = self.snapshot.elections.iter().map(|election| &**election);
        let columns = columns(are_of_several(elections));
        let columns: Vec<&Column> = columns.filter(|c| c.place <= width).collect();
        let headings = columns.iter().map(|column| column.title.to_owned());
        let mut rows = vec![headings.collect::<Vec<_>>()];
        for election in &self.snapshot.elections {
            let cell = |column: &&Column| (column.cell)(election, &self.lens, usize::MAX).text;
            rows.push(columns.iter().map(cell).collect());
        }
        rows
    }

    fn table(&self, out: &mut impl Write, width: In) -> io::Result<()> {
        if self.snapshot.elections.is_empty() {
            let others = if self.narrowed { " Without -n and -l there may be others." } else { "" };
            return writeln!(out, "No elections at {}.{others}", format::stamp(self.lens.now));
        }
        let rows = self.rows(width);
        let widths: Vec<usize> = (0..rows[0].len())
            .map(|place| rows.iter().map(|row| format::width(&row[place])).max().unwrap_or(0))
            .collect();
        for row in &rows {
            writeln!(out, "{}", line(row, &widths))?;
        }
        self.snapshot.missing.iter().try_for_each(|missing| {
            writeln!(out, "\nMissing: {}", wording::missing(missing, self.lens.now))
        })
    }

    fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        let rows = self.rows(In::Wide);
        rows.iter().try_for_each(|row| writeln!(out, "{}", page::csv(row)))
    }

    fn markdown(&self, out: &mut impl Write) -> io::Result<()> {
        let rows = self.rows(In::Wide);
        for (place, row) in rows.iter().enumerate() {
            writeln!(out, "{}", page::markdown(row))?;
            if place == 0 {
                writeln!(out, "|{}", " --- |".repeat(row.len()))?;
            }
        }
        Ok(())
    }
}

/// A row of a table whose columns are so wide.
fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (text, width) in row.iter().zip(widths) {
        let padding = width.saturating_sub(format::width(text)) + 3;
        line = line + text + &" ".repeat(padding);
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
