//! `docs/metrics.md` is written from the rows, and this keeps it so.

use std::fmt::Write as _;
use std::path::Path;

use leadership_exporter::metrics::{self, ELECTION_LABELS, Of, Row, Stability};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");

const HEAD: &str = "# Metrics

This page is written from the rows in `exporter/src/metrics`; `UPDATE=1 cargo test -p leadership-exporter --test docs`
renews it.

`/metrics` answers in `text/plain; version=0.0.4`, or in `application/openmetrics-text; version=1.0.0` if that is asked
for, and compresses with gzip if that is asked for. The samples are the same in both.

Times are Unix timestamps, never ages: `time() - leadership_last_renew_timestamp_seconds` is one. What is not known has
no sample; it is never 0. The first sight of a lease is a baseline and counts as nothing. All series of a lease
disappear with it.

**`namespace` and `pod` are labels of the elections here.** Where Prometheus adds labels of those names to its targets,
as the Prometheus Operator does, set `honorLabels: true`, or ours become `exported_namespace` and `exported_pod`.

An *experimental* metric may change with any release. A *stable* one may gain labels and nothing else.
";

const ELECTIONS: &str = "
## Elections

Each of these has the labels ";

const WHOLE: &str = "
## The exporter

| metric | type | labels | stability | meaning |
| --- | --- | --- | --- | --- |
";

fn stability(row: &Row) -> &'static str {
    match row.stability {
        Stability::Experimental => "experimental",
        Stability::Stable => "stable",
    }
}

fn line(out: &mut String, row: &Row) {
    let labels: Vec<String> = row.labels.iter().map(|label| format!("`{label}`")).collect();
    let (kind, stability) = (row.kind.word(), stability(row));
    let labels = labels.join(", ");
    let _ = writeln!(out, "| `{}` | {kind} | {labels} | {stability} | {} |", row.name, row.help);
}

fn generated() -> String {
    let mut out = HEAD.to_owned();
    let labels = ELECTION_LABELS.map(|label| format!("`{label}`")).join(", ");
    let _ = writeln!(
        out,
        "{ELECTIONS}{labels}; `component` is the id of an entry of the [catalogue](catalogue.md), or empty.\n\n\
         | metric | type | more labels | stability | meaning |\n| --- | --- | --- | --- | --- |"
    );
    let (elections, whole): (Vec<_>, Vec<_>) =
        metrics::rows().partition(|row| matches!(row.of, Of::Election(_)));
    for row in elections {
        line(&mut out, row);
    }
    out.push_str(WHOLE);
    for row in whole {
        line(&mut out, row);
    }
    out
}

#[test]
fn the_page_of_the_metrics_is_true() {
    let path = Path::new(FILE);
    let generated = generated();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/metrics.md is not what the rows say; `UPDATE=1 cargo test -p leadership-exporter --test docs` renews it"
    );
}

#[test]
fn names_and_words_follow_the_rules() {
    let mut seen = std::collections::BTreeSet::new();
    for row in metrics::rows() {
        let name = row.name;
        assert!(seen.insert(name), "{name} twice");
        let counter = row.kind == leadership_exporter::text::Type::Counter;
        assert_eq!(name.ends_with("_total"), counter, "{name}");
        assert!(name.starts_with("leadership_") || name.starts_with("process_"), "{name}");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        assert!(row.help.ends_with('.'), "{name}");
        assert!(!row.help.contains(['\\', '"', '\n', '|']), "{name}");
    }
}
