//! `dashboards/grafana-alerts.json` is made from the rules of Prometheus, and this keeps it so.
//!
//! What differs: Grafana knows no recording rules of a file, so they are put into the expressions; an alert
//! fires on a number that is not zero, so the question is whether there is a number; and templates cannot
//! ask queries of their own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

const DASHBOARDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dashboards");
/// A variable of Grafana's environment: uids of data sources differ everywhere.
const DATA_SOURCE: &str = "${LEADERSHIP_DATASOURCE_UID}";
/// Where a rule looks at a recorded series over time, Grafana has to work it out at steps instead.
const SPAN: &str = "[1h]";
const STEPS: &str = "[1h:1m]";
const END: &str = "{{ end }}";

fn rules() -> Vec<Value> {
    let text = std::fs::read_to_string(format!("{DASHBOARDS}/rules/leadership.yaml")).unwrap();
    let file: Value = serde_saphyr::from_str(&text).unwrap();
    file["groups"][0]["rules"].as_array().unwrap().clone()
}

fn text<'a>(rule: &'a Value, key: &str) -> &'a str {
    rule[key].as_str().unwrap_or_default()
}

/// The expression on one line, with what other rules record put in.
fn whole(expression: &str, recorded: &BTreeMap<String, String>) -> String {
    let line = expression.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    let mut rest = line.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_:".contains(c));
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        let Some(inner) = recorded.get(name) else {
            out.push_str(name);
            continue;
        };
        out.extend(["(", inner, ")"]);
        if let Some(after) = rest.strip_prefix(SPAN) {
            out.push_str(STEPS);
            rest = after;
        }
    }
    out + rest
}

/// A template without what only Prometheus can do.
fn template(text: &str) -> String {
    let mut out = text.to_owned();
    while let Some(start) = out.find("{{ range printf") {
        let end = start + out[start..].find(END).unwrap() + END.len();
        out.replace_range(start..end, "");
    }
    out.replace("$value", "$values.A.Value")
}

fn alert(rule: &Value, title: &str, expression: &str) -> Value {
    let severity = rule["labels"]["severity"].as_str().unwrap();
    let annotations: BTreeMap<&str, String> = rule["annotations"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.as_str(), template(value.as_str().unwrap())))
        .collect();
    let range = json!({"from": 600, "to": 0});
    let or_none = |key| if text(rule, key).is_empty() { "0s" } else { text(rule, key) };
    json!({
        "uid": format!("{}-{severity}", text(rule, "alert").to_lowercase()),
        "title": title,
        "condition": "B",
        "data": [
            {
                "refId": "A",
                "datasourceUid": DATA_SOURCE,
                "relativeTimeRange": range,
                "model": {"refId": "A", "expr": expression, "instant": true, "range": false},
            },
            {
                "refId": "B",
                "datasourceUid": "__expr__",
                "relativeTimeRange": range,
                "model": {"refId": "B", "type": "math", "expression": "is_number($A) || is_inf($A)"},
            },
        ],
        "for": or_none("for"),
        "keepFiringFor": or_none("keep_firing_for"),
        "noDataState": "OK",
        "execErrState": "Error",
        "labels": {"severity": severity},
        "annotations": annotations,
    })
}

fn generated() -> Value {
    let rules = rules();
    let mut recorded = BTreeMap::new();
    let mut alerts = Vec::new();
    for rule in &rules {
        let expression = whole(text(rule, "expr"), &recorded);
        if let Some(name) = rule["record"].as_str() {
            recorded.insert(name.to_owned(), expression);
            continue;
        }
        let name = text(rule, "alert");
        let twins = rules.iter().filter(|other| text(other, "alert") == name).count();
        let severity = rule["labels"]["severity"].as_str().unwrap();
        let title = if twins > 1 { format!("{name} ({severity})") } else { name.to_owned() };
        alerts.push(alert(rule, &title, &expression));
    }
    json!({
        "apiVersion": 1,
        "groups": [{
            "orgId": 1,
            "name": "leadership",
            "folder": "Leadership",
            "interval": "30s",
            "rules": alerts,
        }],
    })
}

#[test]
fn the_alerts_of_grafana_are_those_of_prometheus() {
    let path = Path::new(DASHBOARDS).join("grafana-alerts.json");
    let now = serde_json::to_string_pretty(&generated()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let was = std::fs::read_to_string(&path).unwrap();
    assert!(
        was == now,
        "{} is not what the rules say; UPDATE=1 cargo test -p leadership-exporter --test grafana writes it",
        path.display()
    );
}

#[test]
fn nothing_is_left_that_only_prometheus_knows() {
    let generated = generated();
    let alerts = generated["groups"][0]["rules"].as_array().unwrap();
    assert_eq!(alerts.len(), rules().iter().filter(|rule| rule["alert"].is_string()).count());
    let mut seen = BTreeSet::new();
    for alert in alerts {
        let (uid, title) = (text(alert, "uid"), text(alert, "title"));
        assert!(uid.len() <= 40, "{uid} is too long for Grafana");
        assert!(seen.insert(uid.to_owned()) && seen.insert(title.to_owned()), "{title} twice");
        let whole = alert.to_string();
        for foreign in ["lease:leadership", "cluster:leadership", "| query", "{{ range"] {
            assert!(!whole.contains(foreign), "{title} has {foreign}");
        }
        let (opened, closed) = (whole.matches("{{ with").count(), whole.matches("{{ end").count());
        assert_eq!(opened, closed, "{title}: {whole}");
    }
}
