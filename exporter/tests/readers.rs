//! Pages with hostile text and with 20,000 leases, read by others: Python's strict parser of
//! `OpenMetrics`, and promtool.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

#[expect(dead_code, reason = "other tests need more of it")]
mod fixture;
#[path = "fixture/picture.rs"]
mod picture;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use clap::Parser as _;
use leadership::snapshot::Snapshot;
use leadership_exporter::args::Args;
use leadership_exporter::build::BUILD;
use leadership_exporter::metrics::{self, Picture};
use leadership_exporter::process::Process;
use leadership_exporter::text::Format;
use tempfile::TempDir;

/// What holders may be called.
const HOSTILE: [&str; 8] = [
    "x\\\"} 1\nleadership_leaderless 1\n",
    "# EOF\n",
    "\\",
    "\\n",
    "\u{0}\u{1b}[31m\u{7f}",
    "\u{202e}evil\u{2028}\u{85}",
    "ends in a quote\"",
    "🦀é\u{fffd}",
];

fn page(snapshot: &Snapshot, flags: &[&str], format: Format) -> Vec<u8> {
    let args = Args::try_parse_from(["leadership-exporter"].iter().chain(flags)).unwrap();
    let selection = args.published.selection();
    let picture = Picture {
        snapshot,
        published: selection.of(snapshot),
        expected: &[],
        stats: None,
        door: None,
        build: &BUILD,
        process: &Process::read(),
    };
    let mut page = Vec::new();
    metrics::write(&picture, format, &mut page).unwrap();
    page
}

/// Elections whose holders are called the worst things.
fn hostile(count: usize) -> Snapshot {
    let elections = (0..count).map(|number| {
        let mut held =
            fixture::held("n", &format!("l{number:05}"), HOSTILE[number % HOSTILE.len()]);
        held.strategy = Some(HOSTILE[(number + 3) % HOSTILE.len()].into());
        held.library = Some(HOSTILE[(number + 5) % HOSTILE.len()].into());
        Arc::new(held)
    });
    Snapshot { elections: elections.collect(), ..fixture::snapshot() }
}

/// Every metric that there is, with at least one sample, of elections good and hostile.
fn every_family(format: Format) -> Vec<u8> {
    let mut snapshot = fixture::snapshot();
    snapshot.elections.extend(hostile(50).elections);
    let mut page = Vec::new();
    metrics::write(&picture::picture(&snapshot), format, &mut page).unwrap();
    let text = String::from_utf8(page.clone()).unwrap();
    for row in metrics::rows() {
        assert!(text.lines().any(|line| line.starts_with(row.name)), "no sample of {}", row.name);
    }
    page
}

/// 20,000 leases with the metric whose values strangers write: Python takes half a millisecond a line.
const MANY: [&str; 3] = [
    "--max-series=0",
    "--max-series-per-namespace=0",
    "--metric-allowlist=leadership_leader_info,leadership_leaderless",
];

fn pages(format: Format) -> [Vec<u8>; 2] {
    [every_family(format), page(&hostile(20_000), &MANY, format)]
}

/// Gives a program a page.
fn feed(command: &mut Command, page: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(page));
        child.wait_with_output().unwrap()
    })
}

#[test]
fn promtool_reads_the_text_page() {
    if Command::new("promtool").arg("--version").output().is_err() {
        return println!("SKIPPED: the text page was not read: promtool is not installed");
    }
    for page in pages(Format::Text) {
        let said = feed(Command::new("promtool").args(["check", "metrics"]), &page);
        let (out, err) =
            (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert!(said.status.success() && out.is_empty() && err.is_empty(), "{out}{err}");
    }
    let said = feed(Command::new("promtool").args(["check", "metrics"]), b"a{b=\"\n\"} 1\n");
    assert!(!said.status.success(), "it refuses what is wrong");
}

/// Reads a page strictly, and prints how many samples it has, and which of the holders it is told of are not there.
const PYTHON: &str = "
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
samples, holders = 0, set()
for family in text_string_to_metric_families(sys.stdin.buffer.read().decode()):
    for sample in family.samples:
        samples += 1
        if 'holder' in sample.labels:
            holders.add(sample.labels['holder'])
print(samples)
print(sorted(set(json.loads(sys.argv[1])) - holders))
";

/// A Python that has the parser.
fn python(home: &Path) -> Option<PathBuf> {
    let has = |python: &Path| {
        let parser = "import prometheus_client.openmetrics.parser";
        let asked = Command::new(python).args(["-c", parser]).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    let own = PathBuf::from("python3");
    if has(&own) {
        return Some(own);
    }
    let folder = home.join("venv");
    let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).output().ok()?;
    let package = ["-m", "pip", "install", "--quiet", "prometheus-client==0.26.0"];
    let python = folder.join("bin/python");
    made.status.success().then(|| Command::new(&python).args(package).output())?.ok()?;
    has(&python).then_some(python)
}

#[test]
fn python_reads_the_open_metrics_page_strictly() {
    let home = TempDir::new().unwrap();
    let Some(python) = python(home.path()) else {
        return println!(
            "SKIPPED: the OpenMetrics page was not read: Python's parser cannot be had"
        );
    };
    let expected = serde_json::to_string(&HOSTILE).unwrap();
    for page in pages(Format::OpenMetrics) {
        let lines = String::from_utf8(page.clone()).unwrap();
        let samples = lines.lines().filter(|line| !line.starts_with('#')).count();
        let said = feed(Command::new(&python).args(["-c", PYTHON, &expected]), &page);
        let out = String::from_utf8_lossy(&said.stdout);
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        assert_eq!(out.lines().next(), Some(&*samples.to_string()));
        assert_eq!(out.lines().nth(1), Some("[]"), "each holder comes out as it went in");
    }
    let said =
        feed(Command::new(&python).args(["-c", PYTHON, "[]"]), b"# TYPE a counter\na 1\n# EOF\n");
    assert!(!said.status.success(), "it refuses what is wrong");
}
