use super::*;
use crate::lock::LockKind;
use crate::time::Delta;

fn entry(id: &str) -> Entry {
    Entry { id: id.into(), ..Entry::default() }
}

fn listed(id: &str, leases: &[&str]) -> Entry {
    Entry { leases: leases.iter().map(|it| (*it).into()).collect(), ..entry(id) }
}

fn pattern(id: &str, pattern: &str) -> Entry {
    Entry { pattern: Some(pattern.into()), ..entry(id) }
}

fn found(catalogue: &Catalogue, namespace: &str, name: &str) -> Option<String> {
    let known = catalogue.find(&LockKey::lease(namespace, name), None)?;
    Some(known.entry.id.to_string())
}

#[test]
fn the_first_entry_that_matches_counts() {
    let catalogue = Catalogue::new(vec![
        pattern("early", "a.*"),
        listed("exact", &["abc", "b"]),
        pattern("late", "b|c"),
    ])
    .unwrap();
    assert_eq!(found(&catalogue, "n", "abc").as_deref(), Some("early"));
    assert_eq!(found(&catalogue, "n", "b").as_deref(), Some("exact"));
    assert_eq!(found(&catalogue, "n", "c").as_deref(), Some("late"));
    assert_eq!(found(&catalogue, "n", "d"), None);
}

#[test]
fn a_whole_name_must_match() {
    let catalogue = Catalogue::new(vec![pattern("one", "a|bc")]).unwrap();
    for (name, fits) in [("a", true), ("bc", true), ("ab", false), ("xbc", false), ("a\n", false)] {
        assert_eq!(found(&catalogue, "n", name).is_some(), fits, "{name}");
    }
}

#[test]
fn namespaces_kinds_and_owners_are_conditions() {
    let catalogue = Catalogue::new(vec![
        Entry { namespaces: Some("openshift-.*".into()), ..pattern("openshift", ".+-lock") },
        Entry { kinds: vec![LockKind::ConfigMap], ..listed("map", &["x"]) },
        Entry { owner: Some("Cluster".into()), ..entry("owned") },
    ])
    .unwrap();
    assert_eq!(found(&catalogue, "openshift-a", "b-lock").as_deref(), Some("openshift"));
    assert_eq!(found(&catalogue, "not-openshift-a", "b-lock"), None);
    assert_eq!(found(&catalogue, "n", "x"), None);
    let map = LockKey { kind: LockKind::ConfigMap, ..LockKey::lease("n", "x") };
    assert!(catalogue.find(&map, None).is_some());
    let owner =
        |kind: &str, name: &str| Owner { kind: kind.into(), name: name.into(), uid: "".into() };
    let key = LockKey::lease("n", "orders");
    assert!(catalogue.find(&key, Some(&owner("Cluster", "orders"))).is_some());
    assert!(catalogue.find(&key, Some(&owner("Cluster", "other"))).is_none());
    assert!(catalogue.find(&key, Some(&owner("Other", "orders"))).is_none());
}

#[test]
fn a_shard_is_found_by_its_group() {
    let catalogue = Catalogue::new(vec![pattern("f", "shard(-(?P<shard>.+))?")]).unwrap();
    let shard =
        |name: &str| catalogue.find(&LockKey::lease("n", name), None).and_then(|it| it.shard);
    assert_eq!(shard("shard"), None);
    assert_eq!(shard("shard-a-b").as_deref(), Some("a-b"));
}

fn sampled(sample: &str, entry: Entry) -> Entry {
    Entry { samples: vec![sample.into()], ..entry }
}

fn timed(duration: i64, renew_deadline: Option<i64>, retry: Option<i64>) -> Entry {
    let timing = Timing {
        duration: Delta::from_secs(duration),
        renew_deadline: renew_deadline.map(Delta::from_secs),
        retry: retry.map(Delta::from_secs),
    };
    Entry { timing: Some(timing), ..listed("a", &["x"]) }
}

fn expecting(deployment: Option<&str>) -> Entry {
    let deployment = deployment.map(Arc::from);
    let workload = Workload { deployment, expects: Some("x".into()), ..Workload::default() };
    Entry { workload: Some(workload), ..listed("a", &["x"]) }
}

#[test]
fn entries_that_fit_together_are_taken() {
    let owned = Entry { owner: Some("Cluster".into()), ..entry("owned") };
    for good in [
        sampled("n/x", listed("a", &["x"])),
        sampled("n/xy", pattern("a", "x.")),
        sampled("n/y", Entry { pattern: Some("y".into()), ..listed("a", &["x"]) }),
        sampled("shop/orders", owned),
        timed(15, Some(10), Some(2)),
        timed(15, None, None),
        expecting(Some("d")),
        Entry { title: "Ordnung für Ärzte".into(), ..listed("ä", &["x"]) },
        Entry { hint: Some("of a folded\ntext\n".into()), ..listed("a", &["x"]) },
    ] {
        assert!(Catalogue::new(vec![good.clone()]).is_ok(), "{good:?}");
    }
}

#[test]
fn entries_that_make_no_sense_are_refused_by_name() {
    for (entries, place, words) in [
        (vec![listed("a", &["x"]), listed("a", &["y"])], 1, "same id"),
        (vec![listed("", &["x"])], 0, "no id"),
        (vec![listed("a\u{1b}[2J", &["x"])], 0, "id: the character U+001B"),
        (vec![listed("a\nb", &["x"])], 0, "id: the character U+000A"),
        (vec![Entry { title: "\u{202e}t".into(), ..listed("a", &["x"]) }], 0, "title: the char"),
        (vec![Entry { library: Some("\u{9b}".into()), ..listed("a", &["x"]) }], 0, "library: "),
        (vec![Entry { hint: Some("see\r".into()), ..listed("a", &["x"]) }], 0, "hint: "),
        (vec![listed("a", &["x"]), entry("b")], 1, "matches nothing"),
        (vec![pattern("a", "x(")], 0, "unclosed group"),
        (vec![pattern("a", "(?P<shrad>x)")], 0, "\"shrad\" means nothing"),
        (vec![Entry { namespaces: Some("[".into()), ..listed("a", &["x"]) }], 0, "namespaces: "),
        (vec![sampled("n/y", listed("a", &["x"]))], 0, "\"n/y\" is none of its own"),
        (vec![sampled("x", listed("a", &["x"]))], 0, "\"x\" is none"),
        (vec![timed(15, Some(15), None)], 0, "longer than renew_deadline"),
        (vec![timed(15, Some(2), Some(10))], 0, "longer than retry"),
        (vec![timed(15, None, Some(20))], 0, "longer than retry"),
        (vec![expecting(None)], 0, "needs workload.deployment"),
    ] {
        let error = Catalogue::new(entries).unwrap_err();
        assert_eq!(error.place, place, "{error}");
        let text = error.to_string();
        assert!(text.contains(words) && !text.contains('\n'), "{text}");
    }
}

#[test]
fn entries_of_a_user_stand_in_for_known_ones_or_come_first() {
    let base = Catalogue::new(vec![pattern("wide", ".*"), listed("other", &["o"])]).unwrap();
    let mine = Entry { title: "mine".into(), ..pattern("wide", "w.*") };
    let over = base.with(vec![listed("new", &["new"]), mine]).unwrap();
    assert_eq!(found(&over, "n", "new").as_deref(), Some("new"));
    assert_eq!(found(&over, "n", "web").as_deref(), Some("wide"));
    assert_eq!(found(&over, "n", "o").as_deref(), Some("other"));
    assert_eq!(found(&over, "n", "x"), None);
    assert_eq!(over.entries().map(|it| &*it.title).collect::<Vec<_>>(), ["new", "mine", "other"]);
    assert_eq!(base.with(vec![entry("z")]).unwrap_err().place, 0);
}

#[test]
fn a_deployment_tells_which_lock_it_must_have() {
    let workload = Workload {
        deployment: Some("gitjob(-shard-(?P<shard>.+))?".into()),
        container: Some("gitjob".into()),
        expects: Some("fleet-gitops-shard[-{shard}]".into()),
    };
    let fleet = Entry { workload: Some(workload), ..pattern("gitops", "fleet-gitops-shard.*") };
    let catalogue = Catalogue::new(vec![fleet]).unwrap();
    let lease = |deployment: &str| -> Vec<String> {
        catalogue.expected(deployment).map(|it| it.lease.to_string()).collect()
    };
    assert_eq!(lease("gitjob"), ["fleet-gitops-shard"]);
    assert_eq!(lease("gitjob-shard-a-1"), ["fleet-gitops-shard-a-1"]);
    assert!(lease("my-gitjob").is_empty());
}

#[test]
fn templates_may_be_broken() {
    for (template, without, with) in [
        ("a[-{shard}]", "a", "a-s"),
        ("a[-{shard}", "a", "a-s"),
        ("{shard}", "", "s"),
        ("]a[", "]a", "]a"),
    ] {
        assert_eq!(name::fill(template, None), without);
        assert_eq!(name::fill(template, Some("s")), with);
    }
}
