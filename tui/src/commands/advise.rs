//! `advise`: what an election's timing promises, and what would serve it better.

use std::io::{self, BufWriter, Write};

use leadership::advice::{self, Advice, Timing};
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Delta;
use serde::Serialize;

use super::object::LockPlace;
use super::page::Pages;
use super::settled::{self, Settled, Until};
use super::{Exit, SCHEMA_VERSION, lease};
use crate::args::{AdviseArgs, SourceArgs};
use crate::format;
use crate::out::out;
use crate::source;

/// Prints advice for one election, or for all.
pub(super) async fn run(source: &SourceArgs, args: &AdviseArgs) -> anyhow::Result<Exit> {
    let opened = source::open(source).await?;
    let until = Until::Learned(args.lease.as_deref(), args.settle);
    let Settled { snapshot, .. } = settled::picture(&opened, source.request_timeout, until).await?;
    let mut out = BufWriter::new(out());
    write(&mut out, &snapshot, args)?;
    out.flush()?;
    Ok(Exit::Fine)
}

const HEADINGS: [&str; 10] = [
    "LEASE",
    "DURATION",
    "INTERVAL",
    "RENEW DEADLINE",
    "CRASH MEAN",
    "CRASH WORST",
    "RELEASE MEAN",
    "RELEASE WORST",
    "MARGIN",
    "FINDINGS",
];

fn write(out: &mut impl Write, snapshot: &Snapshot, args: &AdviseArgs) -> anyhow::Result<()> {
    let mut pages = Pages::new(out, args.output, &HEADINGS)?;
    if let Some(name) = &args.lease {
        return Ok(tell(&mut pages, lease::find(snapshot, name)?)?);
    }
    for election in &snapshot.elections {
        tell(&mut pages, election)?;
    }
    Ok(())
}

fn tell(pages: &mut Pages<impl Write>, election: &Election) -> io::Result<()> {
    let advice = advice::advise(election);
    let lease = LockPlace::of(&election.key);
    let line = Line { schema_version: SCHEMA_VERSION, lease, advice: &advice };
    pages.print(
        &line,
        || cells(election, advice.as_ref()),
        |out| {
            writeln!(out, "{}", election.key)?;
            match &advice {
                Some(advice) => text(out, advice),
                None => writeln!(out, "  nothing to say yet: {}", missing(election)),
            }
        },
    )
}

fn missing(election: &Election) -> &'static str {
    if election.duration.is_none() {
        "the lease has no duration"
    } else {
        "its cadence is learned from five renewals; --settle 30s waits for them"
    }
}

/// Lengths in seconds, and all findings in one cell; empty where nothing is known.
fn cells(election: &Election, advice: Option<&Advice>) -> Vec<String> {
    let mut cells = vec![election.key.to_string()];
    if let Some(Advice { timing: t, findings }) = advice {
        let lengths = [
            t.duration_seconds,
            t.interval_seconds,
            t.renew_deadline_seconds,
            t.crash_mean_seconds,
            t.crash_worst_seconds,
            t.release_mean_seconds,
            t.release_worst_seconds,
            t.margin_seconds,
        ];
        cells.extend(lengths.map(|length| length.as_secs_f64().to_string()));
        let findings: Vec<&str> = findings.iter().map(|finding| &*finding.text).collect();
        cells.push(findings.join(" "));
    }
    cells.resize(HEADINGS.len(), String::new());
    cells
}

/// Advice with its lease and the version of its form.
#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    lease: LockPlace<'a>,
    advice: &'a Option<Advice>,
}

type Say = fn(&Timing) -> String;

/// What is told of a timing: a name and the words, one row a line.
const ROWS: [(&str, Say); 8] = [
    ("timing", |t| {
        format!("lasts {}, renewed every {}", s(t.duration_seconds), s(t.interval_seconds))
    }),
    ("after a crash", |t| {
        let (mean, worst) = (s(t.crash_mean_seconds), s(t.crash_worst_seconds));
        format!("{mean} without a leader in the mean, {worst} at worst")
    }),
    ("after a release", |t| {
        format!(
            "{} in the mean, {} at worst",
            s(t.release_mean_seconds),
            s(t.release_worst_seconds)
        )
    }),
    ("API outages", |t| {
        format!("survives {}, not {}", s(t.tolerated_outage_seconds), s(t.fatal_outage_seconds))
    }),
    ("cut-off leader", |t| {
        let (stop, margin) = (s(t.stops_after_seconds), s(t.margin_seconds));
        format!("stops {stop} after its last renewal, {margin} before its claim ends")
    }),
    ("spare renewals", |t| format!("{}{}", t.spare_renewals, headroom(t.headroom_ratio))),
    ("load", |t| {
        format!("{:.2} writes and {:.2} reads a second", t.writes_per_second, t.reads_per_second)
    }),
    ("based on", |t| {
        let deadline =
            format!("{} ({})", s(t.renew_deadline_seconds), t.renew_deadline_source.label());
        let standbys = format!("{} ({})", t.standbys, t.standbys_source.label());
        format!("client-go, renew deadline {deadline}, standbys {standbys}")
    }),
];

fn s(delta: Delta) -> String {
    format::measured(delta)
}

fn text(out: &mut impl Write, advice: &Advice) -> io::Result<()> {
    for (name, say) in ROWS {
        writeln!(out, "  {name:<16} {}", say(&advice.timing))?;
    }
    advice.findings.iter().try_for_each(|finding| writeln!(out, "  * {}", finding.text))
}

fn headroom(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| {
        format!(", {:.0}% of the duration was left at the longest gap", ratio * 100.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::LineFormat;
    use crate::samples;

    fn told(output: LineFormat) -> String {
        let args = AdviseArgs { lease: None, output, settle: std::time::Duration::ZERO };
        let mut out = Vec::new();
        write(&mut out, &samples::fleet(), &args).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_assumptions_and_findings_are_told() {
        insta::assert_snapshot!(told(LineFormat::Text));
    }

    #[test]
    fn a_table_has_a_row_for_each_election() {
        let csv = told(LineFormat::Csv);
        assert_eq!(csv.lines().count(), 1 + samples::fleet().elections.len());
        assert!(csv.contains("cattle-fleet-system/gitjob,15,2,10,18.4"), "{csv}");
    }

    #[test]
    fn every_line_of_json_is_an_object() {
        for line in told(LineFormat::Json).lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["schema_version"], 1);
            assert!(line["advice"].is_null() || line["advice"]["crash_worst_seconds"].is_number());
        }
    }
}
