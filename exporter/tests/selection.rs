//! What is published and what is left out.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

#[expect(dead_code, reason = "other tests need more of it")]
mod fixture;

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::Parser as _;
use leadership::event::Cause;
use leadership::snapshot::{Election, Note, Snapshot};
use leadership_exporter::args::Args;
use leadership_exporter::build::BUILD;
use leadership_exporter::metrics::{self, Of, Picture};
use leadership_exporter::process::Process;
use leadership_exporter::selection::{Cut, Selection};
use leadership_exporter::text::Format;
use rstest::rstest;

fn parse(flags: &[&str]) -> Result<Args, clap::Error> {
    Args::try_parse_from(["leadership-exporter"].iter().chain(flags))
}

fn selection(flags: &[&str]) -> Selection {
    parse(flags).unwrap().published.selection()
}

fn page(snapshot: &Snapshot, selection: &Selection) -> String {
    let picture = Picture {
        door: None,
        snapshot,
        published: selection.of(snapshot),
        expected: &[],
        stats: None,
        build: &BUILD,
        process: &Process::default(),
    };
    let mut page = Vec::new();
    metrics::write(&picture, Format::Text, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// The samples of elections, of which there are some thousand at most.
fn series(page: &str) -> usize {
    page.lines().filter(|line| !line.starts_with('#') && line.contains("lock_kind=")).count()
}

/// Elections in namespaces of these sizes.
fn cluster(sizes: &[(&str, usize)]) -> Snapshot {
    let named = |(namespace, count): &(&str, usize)| {
        let namespace = (*namespace).to_owned();
        (0..*count).map(move |number| fixture::held(&namespace, &format!("l{number:03}"), "a_1"))
    };
    let mut elections: Vec<Arc<Election>> = sizes.iter().flat_map(named).map(Arc::new).collect();
    elections.sort_by(|a, b| a.key.cmp(&b.key));
    Snapshot { elections, ..fixture::snapshot() }
}

/// The locks that are published, and what is cut.
fn published(snapshot: &Snapshot, flags: &[&str]) -> (Vec<String>, Cut) {
    let selection = selection(flags);
    let published = selection.of(snapshot);
    (published.elections.iter().map(|it| it.key.to_string()).collect(), published.cut)
}

/// The most series that one election can have.
fn most() -> usize {
    metrics::rows().filter(|row| matches!(row.of, Of::Election(_))).map(|row| row.most).sum()
}

#[rstest]
#[case(&["--metric-allowlist=leadership_leaderless,leadership_lease_.*"], &["leadership_leaderless", "leadership_lease_state"], &["leadership_leaderless_seconds_total", "leadership_leader_info", "process_threads"])]
#[case(&["--metric-denylist=.*_info", "--metric-denylist", "process_.*"], &["leadership_leaderless"], &["leadership_lease_info", "process_threads"])]
#[case(&["--metric-allowlist=leadership_l.*", "--metric-denylist=.*_info"], &["leadership_leaderless"], &["leadership_lease_info"])]
#[case(&["--metric-allowlist=leaderless"], &[], &["leadership_leaderless"])]
fn metrics_are_chosen_by_their_whole_names(
    #[case] flags: &[&str],
    #[case] has: &[&str],
    #[case] lacks: &[&str],
) {
    let page = page(&fixture::snapshot(), &selection(flags));
    let names: BTreeSet<&str> =
        page.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    for name in has {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    for name in lacks {
        assert!(!names.contains(name) && !page.contains(&format!("# TYPE {name} ")), "{name}");
    }
}

#[rstest]
#[case(&["--namespace-allowlist=kube-.*"], &["kube-system/a", "kube-x/a"])]
#[case(&["--namespace-allowlist=kube"], &[])]
#[case(&["--namespace-denylist=kube-.*,shop"], &["ci/a"])]
#[case(&["--lease-denylist=a"], &[])]
#[case(&["--lease-allowlist=[ab]", "--namespace-denylist=kube-x"], &["ci/a", "kube-system/a", "shop/a"])]
fn elections_are_chosen_by_the_whole_names_of_namespace_and_lock(
    #[case] flags: &[&str],
    #[case] wanted: &[&str],
) {
    let mut snapshot = cluster(&[]);
    for namespace in ["ci", "kube-system", "kube-x", "shop"] {
        snapshot.elections.push(Arc::new(fixture::held(namespace, "a", "x_1")));
    }
    assert_eq!(published(&snapshot, flags).0, wanted);
    assert_eq!(published(&snapshot, flags).1, Cut::default(), "what nobody wants is not cut");
}

#[test]
fn limits_leave_out_whole_elections_and_no_namespace_pushes_out_another() {
    let snapshot = cluster(&[("a", 10), ("b", 2), ("c", 4)]);
    let three = (3 * most()).to_string();
    let (kept, cut) = published(&snapshot, &["--max-series-per-namespace", &three]);
    assert_eq!(
        kept,
        ["a/l000", "a/l001", "a/l002", "b/l000", "b/l001", "c/l000", "c/l001", "c/l002"]
    );
    assert_eq!(cut, Cut { namespace: 8, total: 0 });

    // Not quite enough for a sixth.
    let five = (6 * most() - 1).to_string();
    let (kept, cut) = published(&snapshot, &["--max-series", &five]);
    assert_eq!(kept, ["a/l000", "a/l001", "b/l000", "b/l001", "c/l000"]);
    assert_eq!(cut, Cut { namespace: 0, total: 11 });

    let (kept, cut) =
        published(&snapshot, &["--max-series", &five, "--max-series-per-namespace", &three]);
    assert_eq!((kept.len(), cut), (5, Cut { namespace: 8, total: 3 }));
    let none = ["--max-series=0", "--max-series-per-namespace=0"];
    assert_eq!(published(&snapshot, &none).0.len(), 16);
}

#[test]
fn what_is_cut_does_not_depend_on_how_elections_stand() {
    let mut snapshot = cluster(&[("a", 4)]);
    let limit = format!("--max-series={}", 2 * most());
    let before = published(&snapshot, &[&limit]).0;
    snapshot.elections[0] = Arc::new(fixture::unknown("a", "l000"));
    assert_eq!(published(&snapshot, &[&limit]).0, before);
}

#[test]
fn what_is_cut_is_counted_on_the_page_and_the_rest_is_whole() {
    let snapshot = cluster(&[("a", 5)]);
    let whole = series(&page(&snapshot, &selection(&[]))) / 5;
    let limit = format!("--max-series-per-namespace={}", 2 * most());
    let page = page(&snapshot, &selection(&[&limit]));
    assert!(page.contains("\nleadership_elections_cut{limit=\"namespace\"} 3\n"), "{page}");
    assert!(page.contains("\nleadership_elections_cut{limit=\"total\"} 0\n"));
    assert_eq!(series(&page), 2 * whole);
}

#[test]
fn fewer_metrics_leave_room_for_more_elections() {
    let snapshot = cluster(&[("a", 9)]);
    let flags = ["--max-series=7", "--metric-allowlist=leadership_leaderless"];
    assert_eq!(published(&snapshot, &flags).0.len(), 7);
}

#[test]
fn no_election_has_more_series_than_it_is_counted_with() {
    let mut worst = fixture::held("n", "worst", "a_1");
    let leader = worst.term.as_mut().map(|term| &mut term.leader).unwrap();
    leader.notes = Note::ALL.into();
    Arc::make_mut(&mut worst.tally).causes = Cause::all().map(|cause| (cause, 1)).collect();
    let snapshot = Snapshot { elections: vec![Arc::new(worst)], ..fixture::snapshot() };
    let page = page(&snapshot, &selection(&[]));
    let samples: Vec<&str> = page.lines().filter(|line| line.contains("lock_kind=")).collect();
    for row in metrics::rows().filter(|row| matches!(row.of, Of::Election(_))) {
        let own = |line: &&&str| {
            let rest = line.strip_prefix(row.name).unwrap_or_default();
            ["{", "_bucket{", "_sum{", "_count{"].iter().any(|next| rest.starts_with(next))
        };
        assert_eq!(samples.iter().filter(own).count(), row.most, "{}", row.name);
    }
    assert_eq!(samples.len(), most());
}

#[rstest]
#[case("a(", "unclosed group")]
#[case("a)(b", "unopened group")]
#[case("x{9999999}", "")]
fn an_expression_that_is_none_is_refused_with_its_place(#[case] typed: &str, #[case] says: &str) {
    for flag in
        ["--metric-allowlist", "--metric-denylist", "--namespace-denylist", "--lease-allowlist"]
    {
        let error = parse(&[flag, typed]).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.exit_code(), 2);
        assert!(text.contains(flag) && text.contains(typed) && text.contains(says), "{text}");
    }
}
