//! `docs/metrics.md` and `docs/rbac.md` are written from the rows, and this keeps them so.

#[path = "docs/queries.rs"]
mod queries;

use std::fmt::Write as _;
use std::path::Path;

use leadership::observation::Kind;
use leadership_exporter::metrics::{self, ELECTION_LABELS, Of, Row, Stability};
use observe::kinds::{self, Scope};
use observe::review;
use queries::QUERIES;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

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

An *experimental* metric may change with any release. A *stable* one may gain labels and nothing else. *Series* are
the most that one election, or one watched resource, can have of it.

`--metric-allowlist`, `--namespace-allowlist` and `--lease-allowlist` publish only what a regular expression of the whole
name matches, and the same flags with `denylist` publish all but that.
";

const COUNT: &str = "
## How many series

";

const LIMITS: &str = "
Few elections come near that: `leadership_failovers_total` has a series for each cause that was seen, which is none for
most and a handful for the others, and phases, candidates and predictions are there only where they are known.

`--max-series-per-namespace` and `--max-series` bound the series of elections. Each election counts with the most that
it can have, so what is left out depends on names and not on how elections stand: in a namespace the last ones by name,
and of all namespaces those last in their own order, so that one with thousands of locks does not push out the others.
An election is on the page whole or not at all; `leadership_elections_cut` counts those that are not, and
[LeadershipSeriesCut](../dashboards/runbooks/LeadershipSeriesCut.md) fires.
";

const WORKED: &str = "
## Worked queries

One for each metric. With `honorLabels: true` the labels are as above; add `cluster` where one Prometheus sees several.
";

const ELECTIONS: &str = "
## Elections

Each of these has the labels ";

const WHOLE: &str = "
## The exporter

| metric | type | labels | series | stability | meaning |
| --- | --- | --- | --- | --- | --- |
";

fn stability(row: &Row) -> &'static str {
    match row.stability {
        Stability::Experimental => "experimental",
        Stability::Stable => "stable",
    }
}

fn line(out: &mut String, row: &Row) {
    let labels: Vec<String> = row.labels.iter().map(|label| format!("`{label}`")).collect();
    let (kind, most, stability) = (row.kind.word(), row.most, stability(row));
    let labels = labels.join(", ");
    let _ = writeln!(
        out,
        "| `{}` | {kind} | {labels} | {most} | {stability} | {} |",
        row.name, row.help
    );
}

fn generated() -> String {
    let mut out = HEAD.to_owned();
    let labels = ELECTION_LABELS.map(|label| format!("`{label}`")).join(", ");
    let _ = writeln!(
        out,
        "{ELECTIONS}{labels}; `component` is the id of an entry of the [catalogue](catalogue.md), or empty.\n\n\
         | metric | type | more labels | series | stability | meaning |\n| --- | --- | --- | --- | --- | --- |"
    );
    let (elections, whole): (Vec<&Row>, Vec<&Row>) =
        metrics::rows().partition(|row| matches!(row.of, Of::Election(_)));
    for row in &elections {
        line(&mut out, row);
    }
    out.push_str(WHOLE);
    for row in &whole {
        line(&mut out, row);
    }
    count(&mut out, &elections, &whole);
    out.push_str(WORKED);
    for (metric, question, query) in QUERIES {
        let _ = write!(out, "\n`{metric}`: {question}\n\n```promql\n{query}\n```\n");
    }
    out
}

/// How many series there can be, as a sum.
fn count(out: &mut String, elections: &[&Row], whole: &[&Row]) {
    let sum = |rows: &[&Row]| rows.iter().map(|row| row.most).sum::<usize>();
    let (watched, own): (Vec<&Row>, Vec<&Row>) =
        whole.iter().copied().partition(|row| row.labels.contains(&"resource"));
    let (each, watch, own) = (sum(elections), sum(&watched), sum(&own));
    let _ = write!(
        out,
        "{COUNT}At most **{each} × elections + {watch} × watched resources + {own}**. 50 elections and six resources are \
         no more than {} series, 500 no more than {}, 5,000 no more than {}.\n{LIMITS}",
        50 * each + 6 * watch + own,
        500 * each + 6 * watch + own,
        5_000 * each + 6 * watch + own,
    );
}

#[test]
fn every_metric_has_a_worked_query_that_names_it() {
    let rows: Vec<&str> = metrics::rows().map(|row| row.name).collect();
    let asked: Vec<&str> = QUERIES.iter().map(|(metric, ..)| *metric).collect();
    assert_eq!(asked, rows, "one for each, in the order of the page");
    for (metric, question, query) in QUERIES {
        assert!(query.contains(metric) && !query.contains('\n'), "{metric}: {query}");
        assert!(question.ends_with('?'), "{question}");
    }
}

const RIGHTS: &str = "# Rights

This page is written from the rows in `observe/src/kinds.rs`; `UPDATE=1 cargo test -p leadership-exporter --test docs`
renews it.

The exporter and `fleet-top` only list and watch. Leases are all they need; a right that is missing is said once in the
log, the rest works, and what cannot be known has no value. The chart gives exactly these rights,
of what it is told to watch.

| API group | resource | verbs | of | watched | without it |
| --- | --- | --- | --- | --- | --- |
";

const AFTER_RIGHTS: &str = "
*Where served*: an API server that does not have the resource is asked again every ten minutes, and nothing counts as
broken.

Of ConfigMaps and Endpoints nothing but the metadata is asked for. RBAC cannot say that: whoever may list ConfigMaps may
read them. Give this right only where there are such locks; with `-n` a Role in their namespace is enough. Secrets are
never asked for.

With `--namespace`, once or more often, nothing is asked of the whole cluster: each namespace is listed and watched by
itself, so that a Role in each of them and one in `kube-node-lease` (or `--no-node-heartbeats`) are enough, and nodes,
which are in no namespace, are not watched. To what is published a kind is one: while it cannot be watched in one of the
namespaces, it counts as blind in all of them, and no expiry is told. A namespace without its Role is therefore told as
`leadership_watch_up` 0, and the error names it. A watch is a connection: for more than a few dozen namespaces, watch
the whole cluster instead.

With `--pods=lookup` no list of pods is asked for and none is watched: the pod of a leader is asked for by its name, in
the namespace of its lock, when its term begins and when it ends, and once or twice more while nothing tells why it did.
What follows from that, and what does not: [decision 14](decisions/0014-what-a-look-tells.md).

With `--auth=kubernetes` the exporter also asks the API server about its own clients:

| API group | resource | verbs | of | asked | without it |
| --- | --- | --- | --- | --- | --- |
REVIEWS
Who scrapes it needs the right to `get` the path `/metrics` as a nonResourceURL.
";

/// Which objects of a row are asked for.
fn scope(row: &kinds::Row) -> String {
    match row.scope {
        Scope::Namespaces => "all namespaces, or those of `--namespace`".to_owned(),
        Scope::Only(namespace) => format!("`{namespace}`"),
        Scope::Cluster => "the cluster".to_owned(),
    }
}

/// Which flag of the exporter turns a row's watch on or off.
fn watched(row: &kinds::Row) -> &'static str {
    match row.kind {
        Kind::Lease => "always",
        Kind::NodeLease => "unless `--no-node-heartbeats`",
        Kind::Pod => "with `--pods=watch`, which is so if nothing is said",
        Kind::Node => "unless `--no-nodes` or `--namespace`",
        Kind::Deployment | Kind::StatefulSet => "unless `--no-workloads`",
        Kind::LeaseCandidate => "where served",
        Kind::ConfigMap => "with `--legacy-locks=configmaps`",
        Kind::Endpoints => "with `--legacy-locks=endpoints`",
    }
}

fn rights() -> String {
    let mut out = RIGHTS.to_owned();
    let verbs = kinds::VERBS.join(", ");
    for row in &kinds::ROWS {
        let group = if row.group.is_empty() { "core" } else { row.group };
        let (resource, without) = (row.resource, row.without);
        let (scope, watched) = (scope(row), watched(row));
        let _ =
            writeln!(out, "| {group} | `{resource}` | {verbs} | {scope} | {watched} | {without} |");
        if row.kind == Kind::Pod {
            out += &looked_up(row);
        }
    }
    let reviews = review::RESOURCES.map(|(group, resource)| {
        format!("| {group} | `{resource}` | create | the cluster | with `--auth=kubernetes` | Nobody is let in. |\n")
    });
    out + &AFTER_RIGHTS.replace("REVIEWS\n", &format!("{}\n", reviews.concat()))
}

/// The same right, where pods are looked up.
fn looked_up(row: &kinds::Row) -> String {
    let (verbs, scope) = (kinds::LOOK_UP_VERBS.join(", "), scope(row));
    format!(
        "| core | `{}` | {verbs} | {scope} | with `--pods=lookup` | The same. |\n",
        row.resource
    )
}

/// The rights as the chart reads them: a row for each resource, with the value that asks for it.
fn chart_rights() -> String {
    let mut out = "# Written from observe/src/kinds.rs by a test: `UPDATE=1 cargo test -p leadership-exporter --test docs`.\n".to_owned();
    for row in &kinds::ROWS {
        let scope = match row.scope {
            Scope::Namespaces => "namespaces",
            Scope::Only(namespace) => namespace,
            Scope::Cluster => "cluster",
        };
        let when = match row.kind {
            Kind::Lease | Kind::LeaseCandidate => "",
            Kind::NodeLease => "nodeHeartbeats",
            Kind::Pod => "pods",
            Kind::Node => "nodes",
            Kind::Deployment | Kind::StatefulSet => "workloads",
            Kind::ConfigMap => "configmaps",
            Kind::Endpoints => "endpoints",
        };
        let (group, resource, verbs) = (row.group, row.resource, kinds::VERBS.join(", "));
        let _ = writeln!(
            out,
            "- {{ group: \"{group}\", resource: {resource}, verbs: [{verbs}], scope: {scope}, when: \"{when}\" }}"
        );
        if row.kind == Kind::Pod {
            let verbs = kinds::LOOK_UP_VERBS.join(", ");
            let _ = writeln!(
                out,
                "- {{ group: \"{group}\", resource: {resource}, verbs: [{verbs}], scope: {scope}, when: \"podLookups\" }}"
            );
        }
    }
    for (group, resource) in review::RESOURCES {
        let _ = writeln!(
            out,
            "- {{ group: {group}, resource: {resource}, verbs: [create], scope: cluster, when: auth }}"
        );
    }
    out
}

/// Holds a page against what it has to be, or writes it.
fn check(page: &str, generated: &str) {
    let path = Path::new(DOCS).join(page);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, generated).unwrap_or_else(|error| panic!("{page}: {error}"));
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/{page} is not what the rows say; `UPDATE=1 cargo test -p leadership-exporter --test docs` renews it"
    );
}

#[test]
fn the_page_of_the_metrics_is_true() {
    check("metrics.md", &generated());
}

#[test]
fn the_page_of_the_rights_is_true() {
    check("rbac.md", &rights());
}

#[test]
fn the_chart_gives_the_rights_that_are_asked_for() {
    check("../chart/files/rights.yaml", &chart_rights());
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
