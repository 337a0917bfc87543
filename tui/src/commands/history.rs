//! `history`: past terms and the gaps between them.

use std::io::{self, BufWriter, Write, stdout};

use leadership::snapshot::{Chapter, Election, Reign, Snapshot};
use leadership::time::Time;
use serde::Serialize;

use super::object::LockPlace;
use super::settled::{self, Settled, Until};
use super::{Exit, SCHEMA_VERSION, lease};
use crate::args::{HistoryArgs, LineFormat, SourceArgs};
use crate::columns;
use crate::format;
use crate::source;
use crate::wording;

/// The column of causes: where reigns tell how they ended.
const CAUSE: usize = 28;

/// Prints the history of one election, or of all.
pub(super) async fn run(source: &SourceArgs, args: &HistoryArgs) -> anyhow::Result<Exit> {
    let opened = source::open(source).await?;
    let until = Until::Listed;
    let Settled { snapshot, .. } = settled::picture(&opened, source.request_timeout, until).await?;
    let mut out = BufWriter::new(stdout().lock());
    write(&mut out, &snapshot, args)?;
    out.flush()?;
    Ok(Exit::Fine)
}

fn write(out: &mut impl Write, snapshot: &Snapshot, args: &HistoryArgs) -> anyhow::Result<()> {
    if let Some(name) = &args.lease {
        return Ok(tell(out, lease::find(snapshot, name)?, snapshot.at, args.output)?);
    }
    for election in &snapshot.elections {
        tell(out, election, snapshot.at, args.output)?;
    }
    Ok(())
}

fn tell(out: &mut impl Write, election: &Election, now: Time, how: LineFormat) -> io::Result<()> {
    match how {
        LineFormat::Text => {
            writeln!(out, "{}", election.key)?;
            election.ledger.iter().try_for_each(|chapter| match chapter {
                Chapter::Reign(reign) => text(out, reign, now),
                Chapter::Missed { count, from, to } => writeln!(
                    out,
                    "  {}  {:>7}  {count} or more terms that nobody saw",
                    format::stamp(*from),
                    format::age(*to - *from)
                ),
            })
        }
        LineFormat::Json => {
            election.ledger.iter().try_for_each(|chapter| json(out, election, chapter))
        }
    }
}

fn text(out: &mut impl Write, reign: &Reign, now: Time) -> io::Result<()> {
    let sign = if reign.from_seen { "" } else { ">" };
    let age = format!("{sign}{}", format::age(reign.to.unwrap_or(now) - reign.from));
    let ended = match (reign.ended, reign.to) {
        (Some(ended), _) => ended.label(),
        (None, Some(_)) => "ended",
        (None, None) => "reigns",
    };
    write!(out, "  {}  {age:>7}  {ended:<12}  {}", format::stamp(reign.from), reign.holder)?;
    let Some(failover) = &reign.failover else {
        return writeln!(out);
    };
    writeln!(out, ", then {} leaderless", columns::window(failover))?;
    let indent = " ".repeat(CAUSE);
    writeln!(out, "{indent}{}", wording::cause(failover))?;
    failover.evidence.iter().try_for_each(|sentence| writeln!(out, "{indent}- {sentence}"))
}

/// A chapter with its lease and the version of its form.
#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    lease: LockPlace<'a>,
    #[serde(flatten)]
    chapter: &'a Chapter,
}

fn json(out: &mut impl Write, election: &Election, chapter: &Chapter) -> io::Result<()> {
    let line =
        Line { schema_version: SCHEMA_VERSION, lease: LockPlace::of(&election.key), chapter };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn told(lease: Option<&str>, output: LineFormat) -> String {
        let args = HistoryArgs { lease: lease.map(str::to_owned), output };
        let mut out = Vec::new();
        write(&mut out, &samples::fleet(), &args).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn reigns_windows_and_missed_terms_are_told() {
        insta::assert_snapshot!(told(Some("gitjob"), LineFormat::Text));
    }

    #[test]
    fn every_line_of_json_names_its_lease_and_version() {
        let text = told(None, LineFormat::Json);
        assert_eq!(text.lines().count(), 3);
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["schema_version"], 1);
            assert_eq!(line["lease"]["name"], "gitjob");
            assert!(line["entry"] == "reign" || line["entry"] == "missed");
        }
    }
}
