use super::*;
use crate::inventory::tests::{at, owned, pod, text};
use crate::observation::{ContainerRecord, NodeRecord, PodRecord, Termination};

const U: &str = "b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d";

fn node(name: &str, ready: &str) -> NodeRecord {
    NodeRecord { name: name.into(), ready: Some(ready.into()), ..NodeRecord::default() }
}

fn container(name: &str, running: Option<i64>) -> ContainerRecord {
    let running_since = running.map(at);
    ContainerRecord { name: name.into(), running_since, ..ContainerRecord::default() }
}

fn on_host(mut pod: PodRecord, container_name: &str) -> PodRecord {
    pod.host_network = true;
    pod.containers = vec![container(container_name, Some(-3_600))];
    pod
}

/// A cluster with one of everything.
fn cluster() -> Inventory {
    let mut inventory = Inventory::default();
    for record in [
        node("n1", "True"),
        node("ip-10-0-0-5.ec2.internal", "True"),
        node("twin.a", "True"),
        node("twin.b", "True"),
        node("lost", "Unknown"),
    ] {
        inventory.apply_node(record);
    }
    inventory.begin_list(crate::observation::Kind::Pod);
    let set = |name: &str, hash: &str, node: &str| {
        let set = format!("gitjob-{hash}");
        owned(pod("fleet", name, node), "ReplicaSet", &set, hash)
    };
    let fixed = |name: &str, node: &str| {
        owned(on_host(pod("kube-system", &format!("{name}-{node}"), node), name), "Node", node, "")
    };
    let daemon = |namespace: &str, name: &str, set: &str, node: &str| {
        owned(pod(namespace, name, node), "DaemonSet", set, "h")
    };
    for record in [
        set("gitjob-8fb8698c-7j6v9", "8fb8698c", "n1"),
        set("gitjob-8fb8698c-zzzzz", "8fb8698c", "lost"),
        pod("fleet", "fleet-agent-5f-jp8m4", "n1"),
        pod("fleet", "agent-7", "n1"),
        pod("far", "cert-1", "n3"),
        pod("a", "twin", "n1"),
        pod("b", "twin", "n1"),
        PodRecord { hostname: Some(text("db")), ..pod("fleet", "db-0", "n1") },
        PodRecord { hostname: Some(text("q.sub.fleet.svc")), ..pod("fleet", "q-0", "n1") },
        PodRecord { hostname: Some(text("long")), ..pod("fleet", "longer-1", "n1") },
        PodRecord { hostname: Some(text("long")), ..pod("fleet", "longer-2", "n2") },
        pod("fleet", "csi.pod-0", "n1"),
        PodRecord { ips: vec![text("10.42.0.17")], ..pod("fleet", "autoscaler-x", "n1") },
        PodRecord { deletion: Some(at(9)), ..pod("fleet", "leaving", "n1") },
        PodRecord { phase: text("Failed"), ..pod("fleet", "evicted", "n1") },
        pod("fleet", "n1", "n2"),
        fixed("kube-controller-manager", "n1"),
        fixed("kube-scheduler", "n1"),
        on_host(
            daemon("kube-system", "cilium-operator-x", "cilium-operator", "n1"),
            "cilium-operator",
        ),
        on_host(daemon("kube-system", "kube-proxy-x", "kube-proxy", "n1"), "kube-proxy"),
        on_host(
            daemon("storage", "longhorn-manager-x", "longhorn-manager", "n1"),
            "longhorn-manager",
        ),
        on_host(daemon("pair", "one", "one", "n1"), "one"),
        on_host(daemon("pair", "two", "two", "n1"), "two"),
        daemon("nfd", "nfd-master-x", "nfd-master", "n1"),
        daemon("nfd", "nfd-master-y", "nfd-master", "n2"),
    ] {
        inventory.apply_pod(record, at(0));
    }
    inventory.end_list(crate::observation::Kind::Pod, at(0));
    inventory
}

fn lease(name: &str) -> LockKey {
    let (namespace, name) = name.split_once('/').unwrap();
    LockKey::lease(namespace, name)
}

fn ask(inventory: &Inventory, lock: &str, holder: &str, reading: Option<&Reading>) -> Leader {
    let (lock, holder) = (lease(lock), holder.replace('@', U));
    resolve(inventory, Query { lock: &lock, holder: &holder, acquire: Some(at(0)), reading })
}

fn told(format: &str, workload: &str) -> Reading {
    Reading {
        identity: Format::from_label(format),
        deployment: Some(workload.into()).filter(|it: &Arc<str>| !it.is_empty()),
        ..Reading::default()
    }
}

use Method as M;

/// The lock, its holder, and who that is: pod, node, method, confidence.
type Case = (&'static str, &'static str, Option<&'static str>, Option<&'static str>, M, u16);

const CASES: &[Case] = &[
    (
        "fleet/x",
        "gitjob-8fb8698c-7j6v9_@",
        Some("gitjob-8fb8698c-7j6v9"),
        Some("n1"),
        M::PodName,
        980,
    ),
    (
        "fleet/x",
        "gitjob-8fb8698c-7j6v9",
        Some("gitjob-8fb8698c-7j6v9"),
        Some("n1"),
        M::PodName,
        900,
    ),
    (
        "kube-system/x",
        "gitjob-8fb8698c-7j6v9_@",
        Some("gitjob-8fb8698c-7j6v9"),
        Some("n1"),
        M::PodName,
        950,
    ),
    ("kube-system/x", "cert-1", Some("cert-1"), Some("n3"), M::PodName, 850),
    (
        "fleet/x",
        "fleet-agent-5f-jp8m4-1",
        Some("fleet-agent-5f-jp8m4"),
        Some("n1"),
        M::PodName,
        600,
    ),
    ("fleet/x", "agent-7", Some("agent-7"), Some("n1"), M::PodName, 900),
    ("fleet/x", "agent-7-1", Some("agent-7"), Some("n1"), M::PodName, 600),
    ("fleet/x", "agent-7_x", Some("agent-7"), Some("n1"), M::PodName, 900),
    ("fleet/x", "agent-7-JiNhCkOAFs", Some("agent-7"), Some("n1"), M::PodName, 600),
    (
        "fleet/x",
        "agent-7-external-cert-manager-controller",
        Some("agent-7"),
        Some("n1"),
        M::PodName,
        900,
    ),
    ("fleet/x", "db_@", Some("db-0"), Some("n1"), M::Hostname, 850),
    ("fleet/x", "q.sub.fleet.svc.cluster.local_@", Some("q-0"), Some("n1"), M::Hostname, 850),
    ("fleet/x", "csi-pod-0", Some("csi.pod-0"), Some("n1"), M::Sanitized, 800),
    ("fleet/x", "autoscaler-x_10.42.0.17", Some("autoscaler-x"), Some("n1"), M::Ip, 1000),
    ("fleet/x", "other_10.42.0.17", Some("autoscaler-x"), Some("n1"), M::Ip, 600),
    // The pod of that name has another address: the holder was an earlier one.
    ("fleet/x", "autoscaler-x_10.42.0.99", None, None, M::None, 0),
    ("far/x", "other_10.42.0.17", None, None, M::None, 0),
    // several
    ("fleet/x", "twin", None, Some("n1"), M::PodName, 300),
    ("a/x", "twin", Some("twin"), Some("n1"), M::PodName, 900),
    ("fleet/x", "long", None, None, M::Hostname, 300),
    // nodes
    ("kube-system/kube-controller-manager", "n1_@", Some("n1"), Some("n2"), M::PodName, 950),
    (
        "kube-system/x",
        "ip-10-0-0-5.ec2.internal_@",
        None,
        Some("ip-10-0-0-5.ec2.internal"),
        M::Node,
        950,
    ),
    ("kube-system/x", "ip-10-0-0-5_@", None, Some("ip-10-0-0-5.ec2.internal"), M::Node, 950),
    (
        "kube-system/x",
        "ip-10-0-0-5-ec2-internal",
        None,
        Some("ip-10-0-0-5.ec2.internal"),
        M::Node,
        950,
    ),
    (
        "kube-system/x",
        "ip-10-0-0-5.ec2.internal-JiNhCkOAFs",
        None,
        Some("ip-10-0-0-5.ec2.internal"),
        M::Node,
        950,
    ),
    ("kube-system/x", "twin_@", None, Some("n1"), M::PodName, 300),
    ("kube-system/x", "twin.a_@", None, Some("twin.a"), M::Node, 950),
    ("kube-system/x", "lost_@", None, Some("lost"), M::Node, 950),
    ("kube-system/x", "beats-leader-lost", None, Some("lost"), M::Node, 950),
    // nobody
    ("fleet/x", "gitjob", None, None, M::None, 0),
    ("fleet/x", "gitjob-8fb8698c-7j6v", None, None, M::None, 0),
    ("fleet/x", "gitjob-8fb8698c-7j6v9-extra", None, None, M::None, 0),
    ("fleet/x", "managed-cluster-lease", None, None, M::None, 0),
    ("fleet/x", "@", None, None, M::None, 0),
    ("fleet/x", "", None, None, M::None, 0),
    ("fleet/x", "apiserver-apb4cp4hnblpcjsgshanwtmkya_@", None, None, M::None, 0),
    // outside
    ("fleet/x", "gke-vm_5985f", None, None, M::External, 0),
    ("fleet/x", "cloud-controller-7d4b9c6f5-qqz2p_@", None, None, M::External, 0),
    ("fleet/x", "machine.example.com", None, None, M::External, 0),
    ("fleet/x", "not a name_@", None, None, M::None, 0),
];

#[test]
fn each_holder_is_who_it_is() {
    let inventory = cluster();
    for (lock, holder, pod, node, method, confidence) in CASES {
        let leader = ask(&inventory, lock, holder, None);
        let got = (leader.pod.as_deref(), leader.node.as_deref(), leader.method, leader.confidence);
        assert_eq!(got, (*pod, *node, *method, *confidence), "{lock} {holder}");
        let several = leader.confidence == AMBIGUOUS;
        assert_eq!(leader.has(Note::Ambiguous), several, "{lock} {holder}");
        assert_eq!(leader.also.len(), if several { 2 } else { 0 }, "{lock} {holder}");
        assert_eq!(leader.has(Note::External), *method == M::External, "{lock} {holder}");
        assert_eq!(leader.has(Note::NodeLost), *node == Some("lost"), "{lock} {holder}");
    }
}

#[test]
fn a_node_that_holds_a_lock_has_a_pod_for_it() {
    let mut inventory = cluster();
    inventory.delete_pod(pod("fleet", "n1", "n2"), at(0));
    let before = (Some("kube-system"), Some("kube-controller-manager-n1"), 900);
    for (lock, reading, expected) in [
        ("kube-system/kube-controller-manager", None, before),
        ("kube-system/kube-scheduler", None, (Some("kube-system"), Some("kube-scheduler-n1"), 900)),
        (
            "kube-system/cilium-operator-resource-lock",
            None,
            (Some("kube-system"), Some("cilium-operator-x"), 600),
        ),
        ("kube-system/k3s", None, (None, None, 950)),
        ("storage/some-lock", None, (Some("storage"), Some("longhorn-manager-x"), 600)),
        ("pair/some-lock", None, (None, None, 950)),
        ("nfd/nfd-master.nfd.kubernetes.io", None, (None, None, 950)),
        (
            "nfd/nfd-master.nfd.kubernetes.io",
            Some(told("nodename_uuid", "nfd-master")),
            (Some("nfd"), Some("nfd-master-x"), 800),
        ),
        (
            "kube-system/some-lock",
            Some(told("", "longhorn-manager")),
            (Some("storage"), Some("longhorn-manager-x"), 800),
        ),
    ] {
        let leader = ask(&inventory, lock, "n1_@", reading.as_ref());
        let got = (leader.pod_namespace.as_deref(), leader.pod.as_deref(), leader.confidence);
        assert_eq!(got, expected, "{lock}");
        assert_eq!((leader.node.as_deref(), leader.method), (Some("n1"), M::Node), "{lock}");
        let several = lock == "pair/some-lock";
        assert_eq!(
            (leader.has(Note::Ambiguous), leader.also.len()),
            (several, if several { 2 } else { 0 })
        );
    }
    let known = told("nodename", "");
    let mut inventory = cluster();
    inventory.apply_node(node("agent-7", "True"));
    let leader = ask(&inventory, "fleet/x", "agent-7", Some(&known));
    assert_eq!((leader.pod, leader.node.as_deref()), (None, Some("agent-7")), "it names its node");
}

#[test]
fn who_knows_the_component_is_surer() {
    let inventory = cluster();
    for (holder, reading, pod, method, confidence) in [
        (
            "fleet-agent-5f-jp8m4-1",
            told("hostname_pid", ""),
            Some("fleet-agent-5f-jp8m4"),
            M::PodName,
            950,
        ),
        ("agent-7", told("hostname_pid", ""), Some("agent-7"), M::PodName, 950),
        ("agent-7", told("hostname", ""), Some("agent-7"), M::PodName, 950),
        (
            "gitjob-8fb8698c-7j6v9",
            told("", "gitjob"),
            Some("gitjob-8fb8698c-7j6v9"),
            M::PodName,
            950,
        ),
        (
            "gitjob-8fb8698c-7j6v9_@",
            told("", "gitjob"),
            Some("gitjob-8fb8698c-7j6v9"),
            M::PodName,
            980,
        ),
        ("csi-pod-0", told("hostname_sanitized", ""), Some("csi.pod-0"), M::Sanitized, 950),
        ("agent-7", told("static", ""), None, M::None, 0),
        ("nobody", Reading { external: true, ..Reading::default() }, None, M::External, 0),
        ("", Reading { external: true, ..Reading::default() }, None, M::None, 0),
        (
            "agent-7",
            Reading { external: true, ..Reading::default() },
            Some("agent-7"),
            M::PodName,
            900,
        ),
    ] {
        let leader = ask(&inventory, "fleet/x", holder, Some(&reading));
        let got = (leader.pod.as_deref(), leader.method, leader.confidence);
        assert_eq!(got, (pod, method, confidence), "{holder} {reading:?}");
    }
    let both = told("", "gitjob");
    let mut inventory = cluster();
    let twin = owned(pod("c", "twin", "n1"), "ReplicaSet", "gitjob-1", "1");
    inventory.apply_pod(twin, at(0));
    let leader = ask(&inventory, "fleet/x", "twin", Some(&both));
    assert_eq!(leader.pod_namespace.as_deref(), Some("c"), "the one of the known workload");
}

#[test]
fn what_is_not_watched_is_not_said() {
    let mut inventory = Inventory::default();
    for holder in ["cloud-controller-7d4b9c6f5-qqz2p_@", "gke-vm_5985f", "machine.example.com"] {
        let unseen = Leader { notes: vec![Note::PodsUnseen], ..Leader::default() };
        assert_eq!(ask(&inventory, "fleet/x", holder, None), unseen, "{holder}");
    }
    let outside = Reading { external: true, ..Reading::default() };
    let leader = ask(&inventory, "fleet/x", "gke-vm_5985f", Some(&outside));
    assert_eq!(leader.notes, [Note::External], "whoever sees the pods finds none either");
    inventory.begin_list(crate::observation::Kind::Pod);
    inventory.end_list(crate::observation::Kind::Pod, at(0));
    let leader = ask(&inventory, "fleet/x", "gke-vm_5985f", None);
    assert_eq!(leader.method, M::None, "no node is known: it may be one");
}

#[test]
fn a_deployments_pod_that_we_never_saw_is_gone() {
    let leader = ask(&cluster(), "fleet/x", "gitjob-8fb8698c-qqqqq_@", None);
    assert_eq!((leader.method, leader.notes), (M::None, vec![Note::Gone]));
}

#[test]
fn an_identity_of_the_pod_itself_names_it() {
    let mut inventory = cluster();
    inventory.apply_pod(PodRecord { uid: text(U), ..pod("fleet", "otel-x", "n1") }, at(0));
    let leader = ask(&inventory, "fleet/x", "@", None);
    assert_eq!(
        (leader.pod.as_deref(), leader.method, leader.confidence),
        (Some("otel-x"), M::Uid, 1000)
    );
}

/// A pod that started at `started`, with containers that have run since then.
fn aged(started: i64, containers: &[(&str, Option<i64>)]) -> PodRecord {
    let containers = containers.iter().map(|(name, since)| container(name, *since)).collect();
    PodRecord { started: Some(at(started)), containers, ..pod("fleet", "web-0", "n1") }
}

fn notes(record: &PodRecord, holder: &str, reading: Option<&Reading>) -> (bool, Vec<Note>) {
    let mut inventory = cluster();
    inventory.apply_pod(record.clone(), at(0));
    let leader = ask(&inventory, "fleet/x", holder, reading);
    (leader.pod.is_some(), leader.notes)
}

/// The lock was acquired at 0.
#[test]
fn the_times_of_pod_and_claim_tell_what_happened() {
    let one = |since| aged(-100, &[("main", since)]);
    let two = |main, side| aged(-100, &[("main", main), ("side", side)]);
    let waiting = |mut record: PodRecord| {
        record.containers[0].waiting = Some(text("CrashLoopBackOff"));
        record
    };
    let container = Reading { container: Some(text("main")), ..Reading::default() };
    let (uuid, bare) = ("web-0_@", "web-0");
    let named = |notes: &[Note]| (true, notes.to_vec());
    for (what, record, holder, reading, expected) in [
        ("as it should be", one(Some(-90)), uuid, None, named(&[])),
        ("within the skew", aged(4, &[("main", Some(4))]), uuid, None, named(&[])),
        ("another incarnation", aged(6, &[]), uuid, None, (false, vec![Note::Gone])),
        ("inherited", aged(6, &[("main", Some(6))]), bare, None, named(&[Note::ReusedIdentity])),
        ("dead", one(Some(6)), uuid, None, named(&[Note::Orphaned])),
        ("dead and down", waiting(one(None)), uuid, None, named(&[Note::Orphaned])),
        ("restarted", one(Some(6)), bare, None, named(&[Note::Restarted])),
        ("down", waiting(one(None)), bare, None, named(&[Note::Orphaned])),
        ("nothing is known of it", one(None), uuid, None, named(&[])),
        ("the other one may hold it", two(Some(6), Some(-90)), uuid, None, named(&[])),
        (
            "the one that holds it",
            two(Some(6), Some(-90)),
            uuid,
            Some(&container),
            named(&[Note::Orphaned]),
        ),
        ("the other one", two(Some(-90), Some(6)), uuid, Some(&container), named(&[])),
        ("both", two(Some(6), Some(7)), uuid, None, named(&[Note::Orphaned])),
    ] {
        assert_eq!(notes(&record, holder, reading), expected, "{what}");
    }
    let ended = Termination { container: text("main"), ..Termination::default() };
    let record = PodRecord { terminations: vec![ended], ..one(None) };
    assert_eq!(notes(&record, uuid, None), named(&[Note::Orphaned]));
}

#[test]
fn what_else_is_said_of_a_pod() {
    let inventory = cluster();
    for (holder, expected) in [
        ("leaving_@", Note::Terminating),
        ("evicted_@", Note::Orphaned),
        ("gitjob-8fb8698c-zzzzz_@", Note::NodeLost),
    ] {
        let leader = ask(&inventory, "fleet/x", holder, None);
        assert!(leader.pod.is_some() && leader.notes == [expected], "{holder} {leader:?}");
    }
}

#[test]
fn without_a_time_of_acquisition_it_is_less_sure() {
    let inventory = cluster();
    let lock = lease("fleet/x");
    for (holder, confidence) in
        [("agent-7", 850), ("autoscaler-x_10.42.0.17", 980), ("agent-7-1", 300)]
    {
        let leader =
            resolve(&inventory, Query { lock: &lock, holder, acquire: None, reading: None });
        assert_eq!(leader.confidence, confidence, "{holder}");
    }
}

#[test]
fn a_pod_that_was_deleted_is_still_named() {
    let mut inventory = cluster();
    let first = aged(-100, &[]);
    let second = PodRecord { uid: text("second"), ..aged(50, &[]) };
    inventory.apply_pod(first.clone(), at(0));
    inventory.delete_pod(first, at(40));
    let gone = |inventory: &Inventory, holder: &str| {
        let leader = ask(inventory, "fleet/x", holder, None);
        (leader.uid.unwrap_or_default(), leader.method, leader.notes)
    };
    let expected = (text("web-0-uid"), M::Cached, vec![Note::Gone]);
    assert_eq!(gone(&inventory, "web-0_@"), expected);
    assert_eq!(gone(&inventory, "web-0"), expected);
    assert_eq!(gone(&inventory, "web-0-1"), expected);
    inventory.apply_pod(second, at(55));
    assert_eq!(gone(&inventory, "web-0_@"), expected, "the second did not exist yet");
    let inherited = (text("second"), M::PodName, vec![Note::ReusedIdentity]);
    assert_eq!(gone(&inventory, "web-0"), inherited);
}

#[test]
fn a_leader_that_vanished_stays_named() {
    let mut inventory = cluster();
    let before = ask(&inventory, "fleet/x", "agent-7", None);
    let again = |inventory: &Inventory| {
        let found = ask(inventory, "fleet/x", "agent-7", None);
        pin(inventory, found, &before)
    };
    assert_eq!(again(&inventory), before);
    inventory.delete_pod(pod("fleet", "agent-7", "n1"), at(1));
    inventory.apply_pod(pod("fleet", "x", "n1"), at(100_000));
    assert_eq!(ask(&inventory, "fleet/x", "agent-7", None).pod, None, "it is forgotten");
    let kept = again(&inventory);
    assert_eq!((kept.pod.as_deref(), kept.method), (Some("agent-7"), M::Cached));
    assert_eq!((kept.node.as_deref(), kept.notes), (Some("n1"), vec![Note::Gone]));

    let mut inventory = cluster();
    let before = ask(&inventory, "fleet/x", "n1_@", None);
    inventory.apply_pod(PodRecord { uid: text("2"), ..pod("z", "n1", "n2") }, at(1));
    let found = ask(&inventory, "other/x", "n1_@", None);
    assert!(found.has(Note::Ambiguous));
    assert_eq!(pin(&inventory, found, &before), before, "it lives, and was the only one once");
}

#[test]
fn only_a_pod_that_would_be_seen_is_said_to_be_gone() {
    let leader = ask(&cluster(), "fleet/x", "agent-7", None);
    let kept = pin(&Inventory::default(), Leader::default(), &leader);
    assert_eq!((kept.pod, kept.method, kept.notes), (leader.pod, M::Cached, leader.notes));
    let node = ask(&cluster(), "kube-system/k3s", "lost", None);
    assert_eq!((&node.pod, node.node.as_deref()), (&None, Some("lost")));
    let kept = pin(&cluster(), Leader::default(), &node);
    assert_eq!((kept.node, kept.method, kept.notes), (node.node, M::Cached, node.notes));
}

#[test]
fn a_catalogue_that_says_a_host_name_hides_no_process_beside_it() {
    let told = Reading { identity: Some(Format::Hostname), ..Reading::default() };
    let inventory = cluster();
    let leader = ask(&inventory, "kube-system/k3s", "lost_@", Some(&told));
    assert_eq!((leader.node.as_deref(), leader.method), (Some("lost"), Method::Node));
    let leader = ask(&inventory, "fleet/x", "agent-7_@", Some(&told));
    assert_eq!(leader.pod.as_deref(), Some("agent-7"));
    let leader = ask(&inventory, "fleet/x", "autoscaler-x_10.42.0.17", Some(&told));
    assert_eq!((leader.pod.as_deref(), leader.method), (Some("autoscaler-x"), Method::Ip));
    let leader = ask(&inventory, "fleet/x", "autoscaler-x_10.42.0.99", Some(&told));
    assert_eq!(leader.pod, None, "its address is another one's");
}
