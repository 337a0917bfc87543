//! `history`: past terms and the gaps between them.

use std::io::{self, BufWriter, Write};

use leadership::snapshot::{Chapter, Election, Reign, Snapshot};
use leadership::time::{Delta, Time};
use serde::Serialize;

use super::object::LockPlace;
use super::page::Pages;
use super::settled::{self, Settled, Until};
use super::{Exit, SCHEMA_VERSION, lease};
use crate::args::{HistoryArgs, SourceArgs};
use crate::columns;
use crate::format;
use crate::out::out;
use crate::source;
use crate::wording;

/// The column of causes: where reigns tell how they ended.
const CAUSE: usize = 28;

/// Prints the history of one election, or of all.
pub(super) async fn run(source: &SourceArgs, args: &HistoryArgs) -> anyhow::Result<Exit> {
    let opened = source::open(source).await?;
    let until = Until::Listed;
    let Settled { snapshot, .. } = settled::picture(&opened, source.request_timeout, until).await?;
    let mut out = BufWriter::new(out());
    write(&mut out, &snapshot, args)?;
    out.flush()?;
    Ok(Exit::Fine)
}

const HEADINGS: [&str; 9] = [
    "LEASE",
    "ENTRY",
    "FROM",
    "TO",
    "ENDED",
    "HOLDER",
    "LEADERLESS SECONDS",
    "CAUSE",
    "CONFIDENCE",
];

fn write(out: &mut impl Write, snapshot: &Snapshot, args: &HistoryArgs) -> anyhow::Result<()> {
    let mut pages = Pages::new(out, args.output, &HEADINGS)?;
    if let Some(name) = &args.lease {
        return Ok(tell(&mut pages, lease::find(snapshot, name)?, snapshot.at)?);
    }
    for election in &snapshot.elections {
        tell(&mut pages, election, snapshot.at)?;
    }
    Ok(())
}

fn tell(pages: &mut Pages<impl Write>, election: &Election, now: Time) -> io::Result<()> {
    pages.say(|out| writeln!(out, "{}", election.key))?;
    election.ledger.iter().try_for_each(|chapter| {
        let lease = LockPlace::of(&election.key);
        let line = Line { schema_version: SCHEMA_VERSION, lease, chapter };
        pages.print(
            &line,
            || cells(election, chapter),
            |out| match chapter {
                Chapter::Reign(reign) => text(out, reign, now),
                Chapter::Missed { count, from, to } => writeln!(
                    out,
                    "  {}  {:>7}  {count} or more terms that nobody saw",
                    format::stamp(*from),
                    format::age(*to - *from)
                ),
            },
        )
    })
}

/// A chapter as cells; what is not known is empty.
fn cells(election: &Election, chapter: &Chapter) -> Vec<String> {
    let time = |time: Option<Time>| time.map_or(String::new(), |time| time.to_string());
    let lease = election.key.to_string();
    let reign = match chapter {
        Chapter::Reign(reign) => reign,
        Chapter::Missed { count, from, to } => {
            let mut cells = vec![lease, "missed".into(), time(Some(*from)), time(Some(*to))];
            cells.extend([String::new(), format!("{count} or more terms that nobody saw")]);
            cells.resize(HEADINGS.len(), String::new());
            return cells;
        }
    };
    let failover = reign.failover.as_deref();
    let window = failover.and_then(|it| it.leaderless_seconds).map(Delta::as_secs_f64);
    vec![
        lease,
        "reign".into(),
        time(Some(reign.from)),
        time(reign.to),
        reign.ended.map_or(String::new(), |ended| ended.label().to_owned()),
        reign.holder.to_string(),
        window.map_or(String::new(), |seconds| seconds.to_string()),
        failover.map_or(String::new(), |it| it.cause.label().to_owned()),
        failover.map_or(String::new(), |it| it.confidence.label().to_owned()),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::LineFormat;
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
    fn tables_and_documents_tell_the_same() {
        insta::assert_snapshot!(told(Some("gitjob"), LineFormat::Csv));
        let yaml = told(Some("gitjob"), LineFormat::Yaml);
        assert_eq!(yaml.matches("---\n").count(), 3);
        let first: serde_json::Value =
            serde_saphyr::from_str(yaml.split("---\n").nth(1).unwrap()).unwrap();
        let json = told(Some("gitjob"), LineFormat::Json);
        let line: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
        assert_eq!(first, line);
        assert_eq!(told(None, LineFormat::Markdown).lines().count(), 2 + 3);
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
