//! Every query of dashboards and documents is answered with data by a real Prometheus that was fed with
//! all scenarios of the model, one cluster each.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

#[expect(dead_code, reason = "other tests need more of it")]
mod fixture;
#[path = "fixture/picture.rs"]
mod picture;
#[path = "queries/prometheus.rs"]
mod prometheus;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use leadership::Leadership;
use leadership::snapshot::Snapshot;
use leadership::time::{Delta, Time};
use leadership_exporter::metrics;
use leadership_exporter::text::Format;
use observe::recording::Reader;
use prometheus::Prometheus;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// How often the scenarios are scraped.
const STEP: Delta = Delta::from_secs(15);
/// How long after their end: until nothing is provisional any more.
const AFTER: Delta = Delta::from_secs(120);

/// What variables and intervals of Grafana stand for.
const FILLED: [(&str, &str); 8] = [
    ("$__rate_interval", "1m"),
    ("$__interval", "15s"),
    ("$__range_s", "900"),
    ("$__range", "15m"),
    // One election is chosen by its exact names there; here are many.
    ("=\"$namespace\"", "=~\".+\""),
    ("=\"$lease\"", "=~\".+\""),
    ("$cluster", ".*"),
    ("$component", ".*"),
];

fn filled(query: &str) -> String {
    let query = FILLED.iter().fold(query.to_owned(), |text, (from, to)| text.replace(from, to));
    query.replace("$namespace", ".+").replace("$lease", ".+")
}

/// The samples of one picture, with the time and the cluster that a scrape would give them.
fn scrape(out: &mut String, snapshot: &Snapshot, cluster: &str) {
    let mut page = Vec::new();
    metrics::write(&picture::picture(snapshot), Format::Text, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let target =
        format!("cluster=\"{cluster}\",job=\"leadership-exporter\",instance=\"{cluster}\"");
    let at = snapshot.at.as_micros() / 1_000_000;
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        match series.split_once('{') {
            Some((name, labels)) => writeln!(out, "{name}{{{target},{labels} {value} {at}"),
            None => writeln!(out, "{series}{{{target}}} {value} {at}"),
        }
        .unwrap();
    }
}

/// All pictures of a recording, at each step.
fn replay(out: &mut String, path: &Path) -> Option<(Time, Time)> {
    let cluster = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let file = BufReader::new(std::fs::File::open(path).unwrap());
    let observations: Vec<_> = Reader::new(file).collect::<Result<_, _>>().ok()?;
    let (first, last) = (observations.first()?.at, observations.last()?.at + AFTER);
    let mut leadership = Leadership::with_catalogue(observe::catalogue::built_in());
    let mut observations = observations.into_iter().peekable();
    let mut now = first;
    while now <= last {
        while let Some(observation) = observations.next_if(|it| it.at <= now) {
            leadership.observe(observation);
        }
        leadership.advance(now);
        scrape(out, &leadership.snapshot(), &cluster);
        now = now + STEP;
    }
    Some((first, last))
}

/// What Prometheus is to be filled with, and from when until when.
fn scenarios() -> (String, Time, Time) {
    let mut out = String::new();
    let mut times = Vec::new();
    for entry in std::fs::read_dir(Path::new(ROOT).join("leadership/scenarios")).unwrap() {
        let path = entry.unwrap().path();
        let events = path.file_stem().is_some_and(|it| it.to_string_lossy().ends_with(".events"));
        if path.extension().is_some_and(|it| it == "jsonl") && !events {
            times.extend(replay(&mut out, &path));
        }
    }
    assert!(times.len() > 100, "{} scenarios", times.len());
    let from = times.iter().map(|(from, _)| *from).min().unwrap();
    by_hand(&mut out, from);
    out.push_str("# EOF\n");
    (out, from, times.iter().map(|(_, to)| *to).max().unwrap())
}

/// Where a query stands, and what it is.
fn queries() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(ROOT).join("dashboards/grafana")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let dashboard: Value = serde_json::from_str(&text).unwrap();
        let name = dashboard["title"].as_str().unwrap();
        for mark in dashboard["annotations"]["list"].as_array().unwrap() {
            found.push((format!("{name}: marks"), mark["expr"].as_str().unwrap().to_owned()));
        }
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let place = format!("{name}: {}", panel["title"].as_str().unwrap());
                found.push((place, target["expr"].as_str().unwrap().to_owned()));
            }
        }
    }
    assert!(found.len() > 60, "only {} queries in dashboards", found.len());
    let page = std::fs::read_to_string(format!("{ROOT}/docs/metrics.md")).unwrap();
    for query in page.split("```promql\n").skip(1).filter_map(|rest| rest.split('\n').next()) {
        found.push(("docs/metrics.md".to_owned(), query.to_owned()));
    }
    found
}

/// What no scenario can show, and why.
const NEVER: [(&str, &str); 5] = [
    ("reason=\"unreadable\"", "recordings hold what could be read"),
    ("leadership_watch_encoding_info", "recordings came in no encoding of a watch"),
    ("leadership_watch_list_info", "recordings do not say how a list came"),
    ("leadership_exporter_web_config_current", "nobody writes a file that is wrong"),
    ("leadership_exporter_refused_requests_total", "nobody is refused"),
];

/// An election with what no scenario has: zones, standbys on one node, replicas that are missing, and
/// a lock that changes hands each minute.
fn by_hand(out: &mut String, from: Time) {
    for step in 0..20 {
        let mut election = fixture::held("by-hand", "lock", "a_1");
        let mut candidates = (**election.candidates.as_ref().unwrap()).clone();
        (candidates.nodes, candidates.desired) = (1, Some(3));
        election.candidates = Some(Arc::new(candidates));
        election.reported_transitions = Some(step);
        let at = from + Delta::from_secs(i64::from(step) * 15);
        let elections = vec![Arc::new(election)];
        scrape(out, &Snapshot { at, elections, ..fixture::snapshot() }, "by-hand");
    }
}

#[test]
fn every_query_of_dashboards_and_documents_is_answered_with_data() {
    if !prometheus::installed() {
        println!("SKIPPED: queries of dashboards and documents: prometheus is not installed");
        return;
    }
    let (samples, from, to) = scenarios();
    let prometheus = Prometheus::start(&samples);
    let mut silent = BTreeSet::new();
    let mut asked = 0;
    for (place, query) in queries() {
        asked += 1;
        let series = prometheus.series(&filled(&query), from, to);
        let never = NEVER.iter().any(|(part, _)| query.contains(part));
        assert!(series == 0 || !never, "{query} is answered after all");
        if series == 0 && !never {
            silent.insert(format!("{place}: {query}"));
        }
    }
    let list: Vec<String> = silent.into_iter().collect();
    assert!(list.is_empty(), "of {asked}, these found nothing:\n{}", list.join("\n"));
    println!("{asked} queries were answered with data");
}
