//! What a page says while the watch is blind and after it listed everything anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

#[expect(dead_code, reason = "other tests need more of it")]
mod fixture;
#[path = "fixture/picture.rs"]
mod picture;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use leadership_exporter::metrics;
use leadership_exporter::text::Format;

/// A lock as it was renewed this many seconds after the hour.
fn lock(name: &str, renewed: u32) -> String {
    format!(
        r#"{{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{{"namespace":"ns","name":"{name}","uid":"u-{name}"}},"spec":{{"holderIdentity":"a_1","leaseDurationSeconds":15,"acquireTime":"2026-11-22T14:00:00.000000Z","renewTime":"2026-11-22T15:{:02}:{:02}.000000Z","leaseTransitions":3}}}}"#,
        renewed / 60,
        renewed % 60
    )
}

fn line(second: u32, fact: &str) -> String {
    format!("{{\"at\":\"2026-11-22T15:{:02}:{:02}.100000Z\",{fact}}}\n", second / 60, second % 60)
}

fn listed(second: u32, names: &[&str]) -> String {
    let locks: Vec<String> = names.iter().map(|name| lock(name, second)).collect();
    line(
        second,
        &format!("\"fact\":\"listed\",\"kind\":\"Lease\",\"objects\":[{}]", locks.join(",")),
    )
}

/// Two elections that are renewed each two seconds for half a minute.
fn calm() -> String {
    let mut recording = listed(0, &["gone", "stays"]);
    for second in (2..=30).step_by(2) {
        for name in ["gone", "stays"] {
            let fact = format!("\"fact\":\"applied\",\"object\":{}", lock(name, second));
            recording.push_str(&line(second, &fact));
        }
    }
    recording
}

/// The samples of the page at the end of a recording.
fn samples(recording: &str) -> BTreeMap<String, f64> {
    let snapshot = observe::drive::replay(recording.as_bytes(), |_| {}).unwrap();
    let mut page = Vec::new();
    metrics::write(&picture::picture(&snapshot), Format::Text, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(series, value)| (series.to_owned(), value.parse().unwrap()))
        .collect()
}

/// The counters of one lock, buckets and counts included.
fn counters(samples: &BTreeMap<String, f64>, lease: &str) -> BTreeMap<String, f64> {
    let label = format!("lease=\"{lease}\"");
    let counts = |series: &str| {
        let name = series.split('{').next().unwrap_or_default();
        ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end))
    };
    let wanted = samples.iter().filter(|(series, _)| series.contains(&label) && counts(series));
    wanted.map(|(series, value)| (series.clone(), *value)).collect()
}

#[test]
fn a_scrape_in_the_middle_of_a_relist_has_everything_and_judges_nothing() {
    let mut recording = calm();
    let before = samples(&recording);
    recording.push_str(&line(31, r#""fact":"lost","kind":"Lease","error":"connection reset""#));
    // Long after the claims would have run out.
    recording.push_str(&line(90, r#""fact":"tick""#));
    let blind = samples(&recording);
    assert!((blind["leadership_watch_up{resource=\"leases\"}"]).abs() < f64::EPSILON);
    for lease in ["gone", "stays"] {
        let label = format!("lease=\"{lease}\"");
        assert!(
            blind.keys().any(|it| it.starts_with("leadership_lease_state") && it.contains(&label))
        );
        assert!(
            !blind.keys().any(|it| it.starts_with("leadership_leaderless{") && it.contains(&label))
        );
        assert_eq!(counters(&blind, lease), counters(&before, lease), "{lease}");
    }
}

#[test]
fn no_counter_jumps_at_a_relist_and_no_series_outlives_its_lock() {
    let mut recording = calm();
    let before = samples(&recording);
    recording.push_str(&line(31, r#""fact":"lost","kind":"Lease","error":"connection reset""#));
    recording.push_str(&listed(32, &["stays"]));
    let after = samples(&recording);
    assert!(
        (after["leadership_watch_relists_total{resource=\"leases\"}"] - 1.0).abs() < f64::EPSILON
    );
    let (old, new) = (counters(&before, "stays"), counters(&after, "stays"));
    for (series, value) in &new {
        let was = old.get(series).copied().unwrap_or_default();
        // The gap that the list ends is one renewal more, or none.
        let gap = series.starts_with("leadership_renew_gap_ratio");
        assert!(
            (value - was).abs() < f64::EPSILON || (gap && value - was <= 1.0),
            "{series}: {was} {value}"
        );
    }

    // Ten minutes later the lock that is gone is forgotten, whole.
    for minute in 1..=12 {
        let _ = write!(recording, "{}", listed(32 + minute * 60, &["stays"]));
    }
    let later = samples(&recording);
    assert!(!later.keys().any(|series| series.contains("lease=\"gone\"")), "{later:?}");
    assert!(later.keys().any(|series| series.contains("lease=\"stays\"")));
}
