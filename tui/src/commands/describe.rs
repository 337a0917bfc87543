//! `describe`: one election whole.

pub(crate) mod report;

use std::io::{BufWriter, Write};

use leadership::snapshot::{Election, Snapshot};

use super::settled::{self, Settled, Until};
use super::{Exit, lease};
use crate::args::{Cli, DescribeArgs, ObjectFormat};
use crate::columns::Lens;
use crate::out::{json, out};
use crate::sections;
use crate::source;
use crate::terminal;
use report::Description;

/// Cells for text that is printed: terminals break longer lines themselves, and files keep them.
const ROOM: usize = 200;

/// Prints all that is known of one election.
pub(super) async fn run(cli: &Cli, args: &DescribeArgs) -> anyhow::Result<Exit> {
    let source = source::open(&cli.source).await?;
    let until = Until::Proven(Some(&args.lease), args.settle);
    let settled = settled::picture(&source, cli.source.request_timeout, until).await?;
    let Settled { source, snapshot, now } = settled;
    let lens = Lens { now, glyphs: terminal::theme(&cli.screen).glyphs };
    let mut out = BufWriter::new(out());
    write(&mut out, &snapshot, &source, args, lens)?;
    out.flush()?;
    Ok(Exit::Fine)
}

fn write(
    out: &mut impl Write,
    snapshot: &Snapshot,
    source: &str,
    args: &DescribeArgs,
    lens: Lens,
) -> anyhow::Result<()> {
    let election = lease::find(snapshot, &args.lease)?;
    let description = || Description::new(election, source, lens.now);
    match args.output {
        ObjectFormat::Text => write!(out, "{}", text(election, &lens))?,
        ObjectFormat::Json => json(out, &description())?,
        ObjectFormat::Yaml => write!(out, "{}", serde_saphyr::to_string(&description())?)?,
    }
    Ok(())
}

/// The rows of the screen, under the name of the lock.
fn text(election: &Election, lens: &Lens) -> String {
    let mut text = format!("{}\n", election.key);
    for row in sections::whole(election, lens, ROOM) {
        let line: String = row.iter().map(|cell| cell.text.as_str()).collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
