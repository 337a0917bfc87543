//! What Grafana's linter of dashboards asks for (github.com/grafana/dashboard-linter 0.2.0), held here rule by rule: the
//! linter itself cannot be built from what its module proxy serves. Validity of expressions is left to `promtool`
//! (`dashboards/check`), and descriptions to `tests/drift.rs`.
//!
//! Not followed, as there is one exporter for each cluster and the variable `cluster` chooses it: variables `job` and
//! `instance` (template-job, template-instance), matchers of them (target-job, target-instance); and of one counter no
//! rate is asked for ([`COUNTED`]).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

use std::path::Path;

use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dashboards/grafana");

/// A rule of the linter: its name, and what it finds in a dashboard.
type Rule = (&'static str, fn(&Value) -> Vec<String>);

const RULES: [Rule; 8] = [
    ("template-datasource", template_datasource),
    ("template-on-time-change-reload", reload),
    ("panel-datasource", panel_datasource),
    ("panel-title", title),
    ("panel-units", units),
    ("panel-no-targets", targets),
    ("target-rate-interval and target-counter-agg", ranges),
    ("uneditable-dashboard", |dashboard| told(dashboard["editable"] != false, "editable")),
];

fn told(wrong: bool, what: &str) -> Vec<String> {
    if wrong { vec![what.to_owned()] } else { Vec::new() }
}

fn dashboards() -> Vec<(String, Value)> {
    let files = Path::new(FOLDER).read_dir().unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            serde_json::from_str(&text).unwrap(),
        )
    };
    files.map(read).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The panels that a check complains of, by title.
fn panels(dashboard: &Value, wrong: impl Fn(&Value) -> bool) -> Vec<String> {
    let shown = list(&dashboard["panels"]).filter(|panel| panel["type"] != "row");
    shown.filter(|panel| wrong(panel)).map(|panel| panel["title"].to_string()).collect()
}

fn template_datasource(dashboard: &Value) -> Vec<String> {
    let mut sources =
        list(&dashboard["templating"]["list"]).filter(|it| it["type"] == "datasource");
    let fits = sources.next().is_some_and(|it| {
        it["name"] == "datasource" && it["label"] == "Data source" && it["query"] == "prometheus"
    });
    told(!fits || sources.next().is_some(), "one variable for the data source")
}

fn reload(dashboard: &Value) -> Vec<String> {
    let variables = list(&dashboard["templating"]["list"]).filter(|it| it["type"] == "query");
    variables.filter(|it| it["refresh"] != 2).map(|it| it["name"].to_string()).collect()
}

fn panel_datasource(dashboard: &Value) -> Vec<String> {
    panels(dashboard, |panel| panel["datasource"]["uid"] != "${datasource}")
}

fn title(dashboard: &Value) -> Vec<String> {
    panels(dashboard, |panel| panel["title"].as_str().is_none_or(str::is_empty))
}

fn targets(dashboard: &Value) -> Vec<String> {
    panels(dashboard, |panel| list(&panel["targets"]).next().is_none())
}

/// Kinds of panels that show numbers.
const NUMBERS: [&str; 6] = ["stat", "gauge", "graph", "timeseries", "table", "bargauge"];

fn units(dashboard: &Value) -> Vec<String> {
    panels(dashboard, |panel| {
        let defaults = &panel["fieldConfig"]["defaults"];
        let set = |key: &str| {
            let mut overrides =
                list(&panel["fieldConfig"]["overrides"]).flat_map(|it| list(&it["properties"]));
            !defaults[key].is_null() || overrides.any(|it| it["id"] == key)
        };
        let numbers = NUMBERS.iter().any(|kind| panel["type"] == *kind);
        // A stat that shows the text of a field has no number to give a unit to.
        let text =
            panel["options"]["reduceOptions"]["fields"].as_str().is_some_and(|it| !it.is_empty());
        numbers && !text && !set("unit") && !set("mappings")
    })
}

/// The counter of which no rate is asked for: a cause has a series from its first failover on, and an increase would
/// not count that one. Panels take what it was before from what it is, or show what it is.
const COUNTED: &str = "leadership_failovers_total";

/// Rates over anything but `$__rate_interval`, and counters of which no rate is taken.
fn ranges(dashboard: &Value) -> Vec<String> {
    let expressions = list(&dashboard["panels"]).flat_map(|panel| list(&panel["targets"]));
    expressions.filter_map(|target| target["expr"].as_str()).flat_map(astray).collect()
}

fn astray(expression: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, _) in expression.match_indices("leadership_") {
        let rest = &expression[at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        // Matchers have no braces in their values here.
        let rest = if rest.starts_with('{') { rest.split_once('}').unwrap().1 } else { rest };
        let mut words = expression[..at].rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let function = words.find(|it| !it.is_empty()).unwrap_or_default();
        let called = expression[..at].ends_with('(');
        let rate = called && ["rate", "irate"].contains(&function);
        if rate && !rest.starts_with("[$__rate_interval]") {
            wrong.push(format!("{name}: a rate over another interval"));
        }
        let counted = rate || called && function == "increase" || name == COUNTED;
        if name.ends_with("_total") && !counted {
            wrong.push(format!("{name}: a counter without a rate"));
        }
    }
    wrong
}

#[test]
fn dashboards_follow_the_rules_of_grafanas_linter() {
    let mut wrong = Vec::new();
    for (file, dashboard) in dashboards() {
        assert!(list(&dashboard["panels"]).count() > 5, "{file}: not understood");
        for (rule, check) in RULES {
            wrong.extend(check(&dashboard).into_iter().map(|it| format!("{file}: {rule}: {it}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_finds_what_it_is_for() {
    let target = json!({"expr": "rate(leadership_failovers_total[5m])"});
    let bad = json!({
        "templating": {"list": [{"type": "query", "name": "lease", "refresh": 1}]},
        "panels": [
            {"type": "stat", "title": "", "datasource": {"uid": "mine"}},
            {"type": "stat", "title": "rate", "targets": [target]},
        ],
    });
    for (rule, check) in RULES {
        assert!(!check(&bad).is_empty(), "{rule}");
    }
    for (expression, complaints) in [
        ("sum(rate(leadership_failovers_total{a=\"b\"}[$__rate_interval]))", 0),
        ("sum(increase(leadership_failovers_total[$__range]))", 0),
        ("max_over_time(leadership_leaderless[$__range:1m])", 0),
        ("sum(leadership_failovers_total)", 0),
        ("sum(leadership_transitions_total)", 1),
        ("max(max_over_time(leadership_transitions_total[5m]))", 1),
        ("rate(leadership_renew_gap_ratio_bucket{a=\"b\"}[5m])", 1),
    ] {
        assert_eq!(astray(expression).len(), complaints, "{expression}");
    }
}
