mod naive;

use super::*;
use crate::observation::{Owner, Termination};

pub(crate) fn text(text: &str) -> Arc<str> {
    text.into()
}

pub(crate) fn at(second: i64) -> Time {
    Time::from_micros(1_800_000_000_000_000 + second * 1_000_000)
}

/// A running pod; its identity is `<name>-uid`.
pub(crate) fn pod(namespace: &str, name: &str, node: &str) -> PodRecord {
    PodRecord {
        namespace: namespace.into(),
        name: name.into(),
        uid: format!("{name}-uid").into(),
        node: Some(node.into()),
        phase: "Running".into(),
        started: Some(at(-3_600)),
        ready_since: Some(at(-3_600)),
        ..PodRecord::default()
    }
}

pub(crate) fn owned(mut pod: PodRecord, kind: &str, name: &str, template: &str) -> PodRecord {
    let uid = format!("{name}-uid").into();
    pod.owner = Some(Owner { kind: kind.into(), name: name.into(), uid });
    pod.template = Some(template.into());
    pod
}

fn ended(mut pod: PodRecord, container: &str, finished: i64) -> PodRecord {
    let container = container.into();
    let finished = Some(at(finished));
    pod.terminations = vec![Termination { container, finished, ..Termination::default() }];
    pod
}

fn names(found: impl Iterator<Item = Seen>) -> Vec<String> {
    found.map(|seen| format!("{}/{}", seen.record.namespace, seen.record.name)).collect()
}

fn with(pods: Vec<PodRecord>) -> Inventory {
    let mut inventory = Inventory::default();
    for pod in pods {
        assert!(inventory.apply_pod(pod, at(0)));
    }
    inventory
}

#[test]
fn a_pod_is_found_by_all_that_it_is_called() {
    let plain = PodRecord { ips: vec![text("10.0.0.1")], ..pod("a", "web.x-0", "n1") };
    let named = PodRecord { hostname: Some(text("db.sub.b.svc")), ..pod("b", "db-0", "n1") };
    let host = PodRecord { host_network: true, ..pod("c", "cni.y", "n1") };
    let inventory = with(vec![plain, named, host, pod("z", "db-0", "n2")]);
    let find = |index, key: &str| names(inventory.find(index, &text(key), None));
    assert_eq!(find(Index::Name, "db-0"), ["b/db-0", "z/db-0"]);
    assert_eq!(find(Index::Name, "db"), [""; 0], "no prefixes");
    assert_eq!(find(Index::Host, "db.sub.b.svc"), ["b/db-0"]);
    assert_eq!(find(Index::Sanitized, "db-sub-b-svc"), ["b/db-0"]);
    assert_eq!(find(Index::Sanitized, "web-x-0"), ["a/web.x-0"]);
    assert_eq!(find(Index::Sanitized, "cni-y"), [""; 0], "its host name is the node's");
    assert_eq!(find(Index::Address, "10.0.0.1"), ["a/web.x-0"]);
    assert_eq!(names(inventory.find(Index::Name, &text("db-0"), Some(&text("z")))), ["z/db-0"]);
    assert_eq!(names(inventory.on_host(&text("n1"))), ["c/cni.y"]);
    assert_eq!(inventory.pod(&text("web.x-0-uid")).map(|it| it.record.name), Some(text("web.x-0")));
    assert!(inventory.pod(&text("")).is_none());
    assert_eq!(inventory.pods(), 4);
}

#[test]
fn siblings_have_one_root() {
    let replica =
        |name: &str, set: &str, hash: &str| owned(pod("f", name, "n"), "ReplicaSet", set, hash);
    let fixed = |node: &str| owned(pod("f", &format!("kcm-{node}"), node), "Node", node, "");
    let inventory = with(vec![
        replica("gitjob-1-a", "gitjob-1", "1"),
        replica("gitjob-2-b", "gitjob-2", "2"),
        replica("odd-c", "odd", "77"),
        replica("-d", "-9", "9"),
        fixed("n1"),
        fixed("n2"),
        pod("f", "alone", "n"),
        owned(pod("f", "db-0", "n"), "StatefulSet", "db", "h"),
    ]);
    for (member, kind, name, all) in [
        ("gitjob-1-a", "Deployment", "gitjob", vec!["f/gitjob-1-a", "f/gitjob-2-b"]),
        ("odd-c", "ReplicaSet", "odd", vec!["f/odd-c"]),
        ("-d", "ReplicaSet", "-9", vec!["f/-d"]),
        ("kcm-n1", "StaticPod", "kcm", vec!["f/kcm-n1", "f/kcm-n2"]),
        ("alone", "Pod", "alone", vec!["f/alone"]),
        ("db-0", "StatefulSet", "db", vec!["f/db-0"]),
    ] {
        let seen = inventory.pod_named(&text("f"), &text(member)).unwrap();
        assert_eq!((&*seen.root.kind, &*seen.root.name), (kind, name));
        assert_eq!(names(inventory.siblings(&seen.root)), all);
    }
}

#[test]
fn a_crash_loop_does_not_overwrite_the_evidence() {
    let mut inventory = with(vec![ended(pod("a", "p", "n"), "main", 1)]);
    for crash in 2..=12 {
        assert!(inventory.apply_pod(ended(pod("a", "p", "n"), "main", crash), at(crash)));
    }
    assert!(!inventory.apply_pod(ended(pod("a", "p", "n"), "main", 12), at(13)), "told before");
    let seen = inventory.pod(&text("p-uid")).unwrap();
    let ends: Vec<_> = seen.record.terminations.iter().filter_map(|end| end.finished).collect();
    assert_eq!(ends, (5..=12).map(at).collect::<Vec<_>>(), "the newest eight, in order");
}

#[test]
fn a_deleted_pod_is_remembered_for_a_while() {
    let mut inventory = with(vec![pod("a", "p", "n")]);
    let deleting = PodRecord { deletion: Some(at(9)), ..pod("a", "p", "n") };
    inventory.apply_pod(deleting.clone(), at(10));
    inventory.apply_pod(PodRecord { phase: text("Failed"), ..deleting.clone() }, at(20));
    assert!(inventory.delete_pod(ended(deleting.clone(), "main", 21), at(30)));
    assert!(!inventory.delete_pod(deleting, at(31)), "only once");
    assert_eq!(inventory.pods(), 0);
    assert!(inventory.pod_named(&text("a"), &text("p")).is_none());
    let seen = inventory.pod(&text("p-uid")).unwrap();
    assert_eq!((seen.deletion_seen, seen.gone), (Some(at(10)), Some(at(30))));
    assert_eq!(seen.record.terminations.len(), 1, "its last state is the one to know");
    assert_eq!(inventory.find_gone(Index::Name, &text("p")).len(), 1);
    inventory.apply_pod(pod("a", "q", "n"), at(30 + 15 * 60));
    assert!(inventory.pod(&text("p-uid")).is_some(), "at least 15 minutes");
    inventory.apply_pod(pod("a", "q", "n"), at(30 + 3_600));
    assert!(inventory.pod(&text("p-uid")).is_none());
}

#[test]
fn no_more_than_so_many_are_remembered() {
    let mut inventory = Inventory::default();
    let most = departed::MOST;
    for n in 0..most + 10 {
        inventory.apply_pod(pod("a", &format!("p{n}"), "n"), at(0));
        inventory.delete_pod(pod("a", &format!("p{n}"), "n"), at(1));
    }
    assert!(inventory.pod(&text("p9-uid")).is_none(), "the oldest go first");
    assert!(inventory.pod(&text("p10-uid")).is_some());
    inventory.apply_pod(pod("a", "x", "n"), at(100_000));
    assert_eq!(inventory.pods.texts(), 3, "and nothing of them stays");
}

#[test]
fn another_pod_of_the_same_name_is_another_pod() {
    let mut inventory = with(vec![pod("a", "db-0", "n1")]);
    let second = PodRecord { uid: text("second"), ..pod("a", "db-0", "n2") };
    assert!(inventory.apply_pod(second.clone(), at(5)));
    assert_eq!(inventory.pods(), 1);
    assert_eq!(inventory.pod(&text("db-0-uid")).unwrap().gone, Some(at(5)), "we missed its end");
    assert!(inventory.pod(&text("second")).unwrap().gone.is_none());
    assert!(
        !inventory.delete_pod(pod("a", "db-0", "n1"), at(6)),
        "the first one's end is old news"
    );
    assert!(inventory.pod(&text("second")).unwrap().gone.is_none());
}

#[test]
fn a_pod_that_was_thought_gone_can_come_back() {
    let mut inventory = with(vec![ended(pod("a", "p", "n"), "main", 1)]);
    inventory.begin_list(Kind::Pod);
    inventory.end_list(Kind::Pod, at(10));
    assert_eq!(inventory.pods(), 0);
    assert!(inventory.apply_pod(pod("a", "p", "n"), at(11)));
    let seen = inventory.pod(&text("p-uid")).unwrap();
    assert!(seen.gone.is_none() && seen.record.terminations.len() == 1);
    assert!(inventory.find_gone(Index::Name, &text("p")).is_empty());
    inventory.apply_pod(pod("a", "q", "n"), at(100_000));
    assert!(inventory.pod(&text("p-uid")).is_some(), "its old end is not held against it");
}

#[test]
fn what_a_list_lacks_is_gone() {
    let mut inventory = with(vec![pod("a", "p", "n"), pod("a", "q", "n")]);
    assert!(!inventory.pods_listed());
    inventory.begin_list(Kind::Pod);
    assert!(!inventory.apply_pod(pod("a", "q", "n"), at(5)));
    inventory.end_list(Kind::Pod, at(5));
    assert!(inventory.pods_listed());
    assert_eq!(inventory.pods(), 1);
    assert_eq!(inventory.pod(&text("p-uid")).unwrap().gone, Some(at(5)));
}

fn node(name: &str, hosts: &[&str]) -> NodeRecord {
    let hostnames = hosts.iter().map(|host| text(host)).collect();
    NodeRecord { name: name.into(), hostnames, ready: Some(text("True")), ..NodeRecord::default() }
}

#[test]
fn a_node_is_found_by_all_that_it_is_called() {
    let mut inventory = Inventory::default();
    for record in [
        node("ip-10-0-0-5.ec2.internal", &[]),
        node("worker-1", &["w1.example.com"]),
        node("twin.a", &[]),
        node("twin.b", &[]),
    ] {
        assert!(inventory.apply_node(record));
    }
    inventory.know_node(&text("beating"));
    for (name, found) in [
        ("ip-10-0-0-5.ec2.internal", Named::One(text("ip-10-0-0-5.ec2.internal"))),
        ("ip-10-0-0-5", Named::One(text("ip-10-0-0-5.ec2.internal"))),
        ("ip-10-0-0-5-ec2-internal", Named::One(text("ip-10-0-0-5.ec2.internal"))),
        ("w1.example.com", Named::One(text("worker-1"))),
        ("w1", Named::One(text("worker-1"))),
        ("w1-example-com", Named::One(text("worker-1"))),
        ("worker-1", Named::One(text("worker-1"))),
        ("beating", Named::One(text("beating"))),
        ("twin", Named::Several),
        ("worker", Named::Nobody),
        ("", Named::Nobody),
    ] {
        assert_eq!(inventory.nodes_named(&text(name)), found, "{name}");
    }
    assert!(!inventory.apply_node(node("twin.a", &[])), "nothing is new");
    assert!(inventory.apply_node(node("worker-1", &["w2"])));
    assert_eq!(inventory.nodes_named(&text("w1.example.com")), Named::Nobody);
    assert!(inventory.delete_node("twin.b"));
    assert_eq!(inventory.nodes_named(&text("twin")), Named::One(text("twin.a")));
    inventory.unknow_node("beating");
    assert_eq!(inventory.nodes_named(&text("beating")), Named::Nobody);
}

#[test]
fn a_list_of_nodes_leaves_those_that_only_beat() {
    let mut inventory = Inventory::default();
    inventory.know_node(&text("beating"));
    inventory.apply_node(node("a.x", &[]));
    inventory.begin_list(Kind::Node);
    inventory.apply_node(node("b", &[]));
    inventory.end_list(Kind::Node, at(0));
    assert_eq!(inventory.nodes_named(&text("a")), Named::Nobody);
    assert_eq!(inventory.nodes_named(&text("beating")), Named::One(text("beating")));
}

#[test]
fn lists_of_workloads_and_candidates_sweep_their_own_kind() {
    let mut inventory = Inventory::default();
    let workload = |kind, name: &str| WorkloadRecord {
        kind,
        namespace: text("a"),
        name: text(name),
        uid: text("u"),
        replicas: 2,
        deleting: false,
    };
    inventory.apply_workload(workload(Kind::Deployment, "web"));
    inventory.apply_workload(workload(Kind::StatefulSet, "web"));
    inventory.begin_list(Kind::Deployment);
    inventory.end_list(Kind::Deployment, at(0));
    let roots: Vec<Root> = Root::named(&text("a"), "web").collect();
    let known: Vec<bool> = roots.iter().map(|root| inventory.workload(root).is_some()).collect();
    assert_eq!(known, [false, true, false]);

    let candidate = |lease: &str, name: &str| CandidateRecord {
        namespace: text("a"),
        lease: text(lease),
        name: text(name),
        ..CandidateRecord::default()
    };
    for (lease, name) in [("x", "one"), ("x", "two"), ("xy", "three")] {
        inventory.apply_candidate(candidate(lease, name));
    }
    let of =
        |inventory: &Inventory, lease| inventory.candidates(&LockKey::lease("a", lease)).count();
    assert_eq!((of(&inventory, "x"), of(&inventory, "xy"), of(&inventory, "")), (2, 1, 0));
    inventory.delete_candidate(&candidate("x", "one"));
    assert_eq!(of(&inventory, "x"), 1);
}
