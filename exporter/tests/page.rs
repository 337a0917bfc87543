//! The page, from a snapshot made by hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

mod fixture;
#[path = "fixture/picture.rs"]
mod picture;

use std::collections::{BTreeMap, BTreeSet};

use leadership::observation::Kind;
use leadership::snapshot::{Snapshot, Watch};
use leadership_exporter::metrics::{self, ELECTION_LABELS, Of};
use leadership_exporter::text::{Format, Type};
use prometheus_parse::{Scrape, Value};

fn page(snapshot: &Snapshot, format: Format) -> String {
    let mut page = Vec::new();
    metrics::write(&picture::picture(snapshot), format, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// The sample lines of one election.
fn series<'a>(page: &'a str, lease: &str) -> Vec<&'a str> {
    let label = format!("lease=\"{lease}\"");
    page.lines().filter(|line| line.contains(&label)).collect()
}

#[test]
fn text_is_what_was_reviewed() {
    insta::assert_snapshot!(page(&fixture::snapshot(), Format::Text));
}

#[test]
fn open_metrics_is_what_was_reviewed() {
    insta::assert_snapshot!(page(&fixture::snapshot(), Format::OpenMetrics));
}

#[test]
fn both_formats_have_the_same_samples() {
    let snapshot = fixture::snapshot();
    let samples = |format| -> Vec<String> {
        let page = page(&snapshot, format);
        let lines = page.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(samples(Format::Text), samples(Format::OpenMetrics));
}

#[test]
fn the_same_snapshot_gives_the_same_page() {
    let snapshot = fixture::snapshot();
    assert_eq!(page(&snapshot, Format::Text), page(&snapshot.clone(), Format::Text));
}

#[test]
fn a_parser_reads_every_line_and_finds_the_declared_labels() {
    let page = page(&fixture::snapshot(), Format::Text);
    let scrape = Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for sample in &scrape.samples {
        let labels = sample.labels.keys().cloned();
        found.entry(sample.metric.clone()).or_default().extend(labels);
    }
    for row in metrics::rows() {
        let mut declared: BTreeSet<String> = row.labels.iter().map(|&l| l.to_owned()).collect();
        if matches!(row.of, Of::Election(_)) {
            declared.extend(ELECTION_LABELS.map(str::to_owned));
        }
        let name = match row.kind {
            Type::Summary => format!("{}_sum", row.name),
            _ => row.name.to_owned(),
        };
        assert_eq!(found.get(&name), Some(&declared), "{name}");
    }
}

#[test]
fn text_written_by_strangers_stays_in_its_label() {
    let page = page(&fixture::snapshot(), Format::Text);
    let scrape = Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).unwrap();
    let leaderless = |sample: &&prometheus_parse::Sample| sample.metric == "leadership_leaderless";
    assert_eq!(scrape.samples.iter().filter(leaderless).count(), 4);
    let holder = page
        .lines()
        .find(|line| line.starts_with("leadership_leader_info") && line.contains("hostile"))
        .unwrap();
    assert!(holder.contains(r#"holder="x\\\"} 1\nleadership_leaderless 1\né"#), "{holder}");
    assert!(holder.contains("é…\""), "{holder}");
}

#[test]
fn what_is_not_known_has_no_sample() {
    let page = page(&fixture::snapshot(), Format::Text);
    for line in series(&page, "blind") {
        for name in [
            "leaderless{",
            "expiry_timestamp",
            "duration_seconds{",
            "interval",
            "offset",
            "last_failover",
        ] {
            assert!(!line.contains(name), "{line}");
        }
    }
    assert!(!page.contains("leadership_watch_lag_seconds{resource=\"node_leases\"}"));
}

#[test]
fn nobody_leads_an_expired_lease_but_its_last_renewal_is_still_known() {
    let page = page(&fixture::snapshot(), Format::Text);
    let gitjob = series(&page, "gitjob").join("\n");
    assert!(!gitjob.contains("leader_info") && !gitjob.contains("term_start"));
    assert!(gitjob.contains("leadership_last_renew_timestamp_seconds"));
    let absent = series(&page, "absent").join("\n");
    assert!(!absent.contains("was-here") && !absent.contains("last_renew"));
}

#[test]
fn exactly_one_state_is_set() {
    let page = page(&fixture::snapshot(), Format::Text);
    let scrape = Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).unwrap();
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for sample in scrape.samples {
        if let ("leadership_lease_state", Value::Gauge(value)) = (&*sample.metric, &sample.value) {
            *sums.entry(sample.labels["lease"].clone()).or_default() += value;
        }
    }
    assert_eq!(sums.len(), 5);
    assert!(sums.values().all(|sum| (sum - 1.0).abs() < f64::EPSILON), "{sums:?}");
}

#[test]
fn every_series_of_a_lease_disappears_with_it() {
    let mut snapshot = fixture::snapshot();
    let gone = snapshot.elections.remove(0);
    let page = page(&snapshot, Format::Text);
    assert_eq!(series(&page, &gone.key.name), Vec::<&str>::new());
}

#[test]
fn a_watch_that_never_said_anything_is_down() {
    let page = page(&Snapshot::default(), Format::Text);
    assert!(page.contains("leadership_watch_up{resource=\"leases\"} 0\n"), "{page}");
    assert!(page.contains("leadership_watch_up{resource=\"pods\"} 0\n"));
    assert!(!page.contains("node_leases"), "that one is not to be watched");
}

/// What is looked up one by one is not counted as if it were all there is.
#[test]
fn of_pods_that_are_looked_up_only_the_look_ups_are_told() {
    let mut snapshot = fixture::snapshot();
    let pods =
        Watch { kind: Kind::Pod, listed: false, looked_up: true, ..snapshot.watches[0].clone() };
    snapshot.watches.push(pods);
    let page = page(&snapshot, Format::Text);
    assert!(page.contains("leadership_watch_up{resource=\"pods\"} 1\n"), "{page}");
    assert!(page.contains("leadership_lookups_total{resource=\"pods\",result=\"not_found\"} 0\n"));
    for told_of_watches in ["objects", "watch_events_total", "watch_relists_total"] {
        let of_pods = format!("leadership_{told_of_watches}{{resource=\"pods\"");
        assert!(!page.contains(&of_pods), "{told_of_watches}");
        assert!(page.contains(&of_pods.replace("pods", "leases")), "{told_of_watches}");
    }
}

#[test]
fn an_election_costs_no_more_series_than_was_decided() {
    let page = page(&fixture::many(3), Format::Text);
    for number in 0..3 {
        let lease = format!("controller-{number:05}-leader-election");
        assert_eq!(series(&page, &lease).len(), 97, "{lease}");
    }
}
