//! Dashboards, alerts, runbooks and the chart name only what exists.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

#[expect(dead_code, reason = "other tests need more of it")]
mod fixture;
#[path = "fixture/picture.rs"]
mod picture;
#[path = "drift/selectors.rs"]
mod selectors;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use leadership::catalogue::Class;
use leadership::event::Cause;
use leadership::observation::Kind;
use leadership_exporter::args::Args;
use leadership_exporter::metrics;
use leadership_exporter::text::Format;
use selectors::{Matcher, grouping, selectors};
use serde_json::Value;

/// Labels whose values are all known. The values of the others are names of things in clusters.
const CLOSED: [&str; 16] = [
    "state",
    "end",
    "kind",
    "phase",
    "ending",
    "statistic",
    "resource",
    "reason",
    "event",
    "le",
    "cause",
    "planned",
    "class",
    "condition",
    "released",
    "limit",
];
/// Labels that come from Prometheus, or from a dashboard's own `label_join` and `label_replace`.
const FOREIGN: [&str; 5] = ["cluster", "instance", "job", "election", "leader"];

/// Label values by label, by metric.
type Known = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn root(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files of a folder, with their paths from the root.
fn folder(path: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(root(path))
        .unwrap()
        .map(|entry| format!("{path}/{}", entry.unwrap().file_name().to_str().unwrap()))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{path} is empty");
    files
}

/// Every metric that a page has, as a page has it: `_bucket`, `_sum` and `_count` included.
fn known() -> Known {
    let mut page = Vec::new();
    let snapshot = fixture::snapshot();
    metrics::write(&picture::picture(&snapshot), Format::Text, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let mut known = Known::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        for found in selectors(line) {
            let labels = known.entry(found.name.to_owned()).or_default();
            for Matcher { label, value, .. } in found.matchers {
                labels.entry(label.to_owned()).or_default().insert(value.to_owned());
            }
        }
    }
    for labels in known.values_mut() {
        for (label, values) in labels {
            values.extend(vocabulary(label).into_iter().map(str::to_owned));
        }
    }
    known
}

/// All values of a label of which one page has a few.
fn vocabulary(label: &str) -> Vec<&'static str> {
    match label {
        "resource" => Kind::ALL.iter().map(|kind| kind.label()).collect(),
        "class" => Class::ALL.iter().map(|class| class.label()).collect(),
        "cause" => Cause::all().map(Cause::label).collect(),
        _ => Vec::new(),
    }
}

/// The names of recording rules.
fn recorded() -> BTreeSet<String> {
    let rules = folder("dashboards/rules");
    let lines = rules.iter().flat_map(|(_, text)| text.lines());
    lines.filter_map(|line| line.trim().strip_prefix("- record: ")).map(str::to_owned).collect()
}

/// What is wrong with the metrics that a text names.
fn wrong(text: &str, known: &Known, recorded: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for found in selectors(text) {
        let name = found.name;
        if name.contains(':') {
            if !recorded.contains(name) {
                wrong.push(format!("no rule records {name}"));
            }
            continue;
        }
        let Some(labels) = known.get(name) else {
            wrong.push(format!("there is no metric {name}"));
            continue;
        };
        let told = found.matchers.iter().flat_map(|matcher| misfit(matcher, labels));
        wrong.extend(told.map(|why| format!("{name}: {why}")));
    }
    wrong
}

/// What is wrong with one matcher of a metric with these labels.
fn misfit(matcher: &Matcher<'_>, labels: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let label = matcher.label;
    if FOREIGN.contains(&label) {
        return Vec::new();
    }
    let Some(values) = labels.get(label) else {
        return vec![format!("it has no label {label}")];
    };
    if !CLOSED.contains(&label) {
        return Vec::new();
    }
    let wanted = matcher.value.split(if matcher.op.ends_with('~') { '|' } else { '\n' });
    wanted
        .filter(|value| !values.contains(*value))
        .map(|value| format!("{label} is never {value:?}, only one of {values:?}"))
        .collect()
}

#[test]
fn every_metric_that_is_named_exists() {
    let (known, recorded) = (known(), recorded());
    let mut all = Vec::new();
    for path in
        ["dashboards/rules", "dashboards/grafana", "dashboards/runbooks", "dashboards/tests"]
    {
        for (path, text) in folder(path) {
            // Expressions in JSON are escaped once.
            let text = text.replace("\\\"", "\"");
            assert!(
                !path.contains("rules/") || selectors(&text).len() > 20,
                "{path}: not understood"
            );
            all.extend(
                wrong(&text, &known, &recorded).into_iter().map(|why| format!("{path}: {why}")),
            );
        }
    }
    let page = read("docs/metrics.md");
    let queries: Vec<&str> = page.split("```promql\n").skip(1).collect();
    assert!(queries.len() > 40, "docs/metrics.md: not understood");
    for query in queries.iter().filter_map(|rest| rest.split("```").next()) {
        all.extend(wrong(query, &known, &recorded).into_iter().map(|why| format!("docs: {why}")));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_label_that_is_grouped_by_exists() {
    let known = known();
    let labels: BTreeSet<&str> =
        known.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
    let texts = [folder("dashboards/rules"), folder("dashboards/grafana")];
    for (path, text) in texts.into_iter().flatten() {
        let grouped = grouping(&text);
        assert!(grouped.len() > 10, "{path}: not understood");
        for label in grouped {
            assert!(labels.contains(label) || FOREIGN.contains(&label), "{path}: no label {label}");
        }
    }
}

#[test]
fn what_does_not_exist_is_found() {
    let (known, recorded) = (known(), recorded());
    let wrong = |text| wrong(text, &known, &recorded);
    assert_eq!(
        wrong(r#"leadership_leaderless{lease="a"} == 1 and lease:leadership_leaderless:max"#),
        [""; 0]
    );
    assert_eq!(
        wrong("rate(leadership_nobody_total[1m])"),
        ["there is no metric leadership_nobody_total"]
    );
    assert_eq!(
        wrong("lease:leadership_leaderless:min"),
        ["no rule records lease:leadership_leaderless:min"]
    );
    assert_eq!(
        wrong(r#"leadership_leaderless{state="late"}"#),
        ["leadership_leaderless: it has no label state"]
    );
    let ends = wrong(r#"leadership_transitions_total{lease=~".+", end=~"expired|crashed"}"#);
    assert!(
        ends[0].starts_with("leadership_transitions_total: end is never \"crashed\""),
        "{ends:?}"
    );
    assert_eq!(grouping("max by (a, b) (x) and on(c) y"), ["a", "b", "c"]);
}

#[test]
fn dashboards_are_whole() {
    for (path, text) in folder("dashboards/grafana") {
        let dashboard: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(dashboard["uid"].as_str().is_some_and(|uid| !uid.is_empty()), "{path}: no uid");
        assert!(dashboard["id"].is_null(), "{path}: an id belongs to one Grafana");
        // Grafana 10 reads 39, and 42 is the last of the classic schema.
        let schema = dashboard["schemaVersion"].as_u64().unwrap();
        assert!((39..=42).contains(&schema), "{path}: schema {schema}");
        assert!(overlaps(&dashboard).is_empty(), "{path}: {:?}", overlaps(&dashboard));
        let mut ids = BTreeSet::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            let title = &panel["title"];
            assert!(
                ids.insert(panel["id"].as_u64().unwrap()),
                "{path}: {title} has the id of another"
            );
            if panel["type"] == "row" {
                continue;
            }
            assert!(
                panel["description"].as_str().is_some_and(|it| it.len() > 10),
                "{path}: {title}"
            );
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{path}: {title}");
            for target in panel["targets"].as_array().unwrap() {
                assert!(
                    target["expr"].as_str().is_some_and(|it| it.contains("leadership_")),
                    "{path}: {title}"
                );
                assert_eq!(target["datasource"]["uid"], "${datasource}", "{path}: {title}");
            }
        }
    }
}

/// Panels that lie on another one, or outside the 24 columns.
fn overlaps(dashboard: &Value) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut wrong = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|at| panel["gridPos"][at].as_u64().unwrap());
        let fits = x + w <= 24
            && (y..y + h).flat_map(|y| (x..x + w).map(move |x| (x, y))).all(|it| taken.insert(it));
        if !fits {
            wrong.push(panel["title"].to_string());
        }
    }
    wrong
}

#[test]
fn dashboards_have_the_same_variables_and_marks() {
    for (path, text) in folder("dashboards/grafana") {
        let dashboard: Value = serde_json::from_str(&text).unwrap();
        let list = |of: &str| dashboard[of]["list"].as_array().unwrap().clone();
        let names: Vec<_> =
            list("templating").iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(names, ["datasource", "cluster", "namespace", "component", "lease"], "{path}");
        let [mark] = &list("annotations")[..] else { panic!("{path}: one mark") };
        assert_eq!(mark["useValueForTime"], true, "{path}: marks belong to the second they name");
        assert!(
            mark["expr"].as_str().unwrap().contains("leadership_last_failover_timestamp_seconds"),
            "{path}"
        );
    }
}

#[test]
fn links_lead_to_dashboards_that_are_delivered() {
    let files = folder("dashboards/grafana");
    let uids: BTreeSet<String> = files
        .iter()
        .map(|(_, text)| serde_json::from_str::<Value>(text).unwrap())
        .map(|dashboard| dashboard["uid"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(uids.len(), files.len(), "two dashboards have one uid");
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let links: Vec<&str> =
        all.split("/d/").skip(1).filter_map(|rest| rest.split('?').next()).collect();
    assert!(links.len() >= 6, "rows lead nowhere: {links:?}");
    for link in links {
        assert!(uids.contains(link), "there is no dashboard {link}");
    }
}

#[test]
fn the_chart_delivers_the_rules_that_were_tested() {
    assert!(
        read("chart/files/leadership.yaml") == read("dashboards/rules/leadership.yaml"),
        "chart/files/leadership.yaml is not what dashboards/rules has; chart/sync copies it"
    );
}

#[test]
fn the_chart_delivers_the_dashboards_that_were_tested() {
    let files = folder("dashboards/grafana");
    assert_eq!(folder("chart/files/grafana").len(), files.len(), "chart/sync copies dashboards");
    for (path, text) in files {
        let copy = path.replace("dashboards/", "chart/files/");
        assert!(read(&copy) == text, "{copy} is not {path}; chart/sync copies it");
    }
}

#[test]
fn the_chart_is_of_this_version() {
    let version = format!("appVersion: {}", env!("CARGO_PKG_VERSION"));
    assert!(read("chart/Chart.yaml").lines().any(|line| line == version), "no {version}");
}

#[test]
fn the_chart_passes_flags_that_exist() {
    let text = read("chart/templates/deployment.yaml");
    let command = Args::command();
    let known: BTreeSet<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
    let flags: Vec<String> = text
        .lines()
        .map(|line| line.trim().replace("- '", "- "))
        .filter_map(|line| line.strip_prefix("- --").map(str::to_owned))
        .map(|flag| flag.split('=').next().unwrap_or_default().to_owned())
        .collect();
    assert!(flags.len() >= 13, "{flags:?}");
    for flag in flags {
        assert!(known.contains(&*flag), "there is no flag --{flag}");
    }
}
