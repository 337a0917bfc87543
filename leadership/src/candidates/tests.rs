use super::*;
use crate::inventory::tests::{at, owned, pod, text};
use crate::observation::{Kind, NodeRecord, PodRecord, WorkloadRecord};

fn member(name: &str, node: &str) -> PodRecord {
    owned(pod("fleet", name, node), "ReplicaSet", "gitjob-8fb8698c", "8fb8698c")
}

fn node(name: &str, zone: &str, ready: &str) -> NodeRecord {
    let (zone, ready) = (Some(zone.into()), Some(ready.into()));
    NodeRecord { name: name.into(), zone, ready, ..NodeRecord::default() }
}

fn cluster(pods: Vec<PodRecord>) -> Inventory {
    let mut inventory = Inventory::default();
    for record in [node("n1", "a", "True"), node("n2", "b", "True"), node("lost", "b", "Unknown")] {
        inventory.apply_node(record);
    }
    inventory.begin_list(Kind::Pod);
    for record in pods {
        inventory.apply_pod(record, at(0));
    }
    inventory.end_list(Kind::Pod, at(0));
    inventory
}

fn root() -> Arc<Root> {
    Arc::new(Root { kind: text("Deployment"), namespace: text("fleet"), name: text("gitjob") })
}

fn leader(name: &str, node: &str) -> Leader {
    Leader {
        pod: Some(name.into()),
        pod_namespace: Some(text("fleet")),
        uid: Some(format!("{name}-uid").into()),
        node: Some(node.into()),
        ..Leader::default()
    }
}

fn draw(inventory: &Inventory, leader: Option<&Leader>) -> Option<Candidates> {
    let holder = text("holder");
    let who = leader.map(|leader| (&holder, leader));
    Groups::default().draw(inventory, None, Some(&root()), who)
}

#[test]
fn siblings_are_counted_by_what_they_could_do() {
    let unready = PodRecord { ready_since: None, ..member("c", "n2") };
    let leaving = PodRecord { deletion: Some(at(1)), ..member("d", "n2") };
    let unbound = PodRecord { node: None, ..member("f", "n2") };
    let evicted = PodRecord { phase: text("Failed"), ..member("g", "n2") };
    let mut inventory = cluster(vec![
        member("a", "n1"),
        member("b", "n1"),
        unready,
        leaving,
        member("e", "lost"),
        unbound,
        evicted,
        member("h", "n2"),
        pod("fleet", "stranger", "n1"),
    ]);
    inventory.apply_workload(WorkloadRecord {
        kind: Kind::Deployment,
        namespace: text("fleet"),
        name: text("gitjob"),
        uid: text("u"),
        replicas: 7,
        deleting: false,
    });
    let drawn = draw(&inventory, Some(&leader("b", "n1"))).unwrap();
    let order: Vec<&str> = drawn.list.iter().map(|it| &*it.pod).collect();
    assert_eq!(order, ["b", "a", "h", "c", "e", "f", "d"], "the leader, then who could follow");
    let leads: Vec<bool> = drawn.list.iter().map(|it| it.leads).collect();
    assert_eq!(leads, [true, false, false, false, false, false, false]);
    assert_eq!(drawn.list[0].zone.as_deref(), Some("a"));
    assert_eq!((drawn.count, drawn.ready, drawn.not_ready, drawn.terminating), (7, 3, 3, 1));
    assert_eq!((drawn.tolerance, drawn.nodes, drawn.zones), (2, 2, 2));
    assert_eq!((drawn.desired, drawn.shares_node_with_leader), (Some(7), Some(1)));
    assert_eq!(drawn.source, Source::Pods);
}

#[test]
fn a_leader_that_is_gone_leads_nobody_of_them() {
    let inventory = cluster(vec![member("a", "n1"), member("b", "n2")]);
    let old = Leader { uid: Some(text("former")), ..leader("a", "n1") };
    let drawn = draw(&inventory, Some(&old)).unwrap();
    assert!(drawn.list.iter().all(|it| !it.leads));
    assert_eq!(drawn.shares_node_with_leader, Some(1));
    let drawn = draw(&inventory, None).unwrap();
    assert_eq!((drawn.shares_node_with_leader, drawn.tolerance), (None, 1));
}

#[test]
fn nobody_is_not_the_same_as_unknown() {
    let empty = draw(&cluster(vec![]), None).unwrap();
    assert_eq!((empty.count, empty.ready, empty.tolerance, empty.desired), (0, 0, 0, None));
    assert_eq!(draw(&Inventory::default(), None), None, "pods are not watched");
    let inventory = cluster(vec![member("a", "n1")]);
    assert_eq!(Groups::default().draw(&inventory, None, None, None), None, "whose pods?");
}

#[test]
fn a_large_crowd_is_counted_but_not_listed() {
    let pods = (0..500).map(|n| member(&format!("p{n:03}"), "n1")).collect();
    let drawn = draw(&cluster(pods), Some(&leader("p400", "n1"))).unwrap();
    assert_eq!((drawn.list.len(), drawn.count, drawn.ready), (MOST_LISTED, 500, 500));
    assert!(drawn.list[0].leads && &*drawn.list[0].pod == "p400");
    assert_eq!(drawn.shares_node_with_leader, Some(499));
}

#[test]
fn coordinated_election_knows_its_candidates() {
    let lease = LockKey::lease("fleet", "gitjob");
    let mut inventory = cluster(vec![member("a", "n1"), member("b", "n2")]);
    let candidate = |name: &str, version: &str| CandidateRecord {
        namespace: text("fleet"),
        name: name.into(),
        lease: text("gitjob"),
        binary_version: Some(text("1.36.1")),
        emulation_version: Some(version.into()),
        ..CandidateRecord::default()
    };
    let who = leader("b", "n2");
    let holder = text("b_b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d");
    let mut groups = Groups::default();
    let drawn = groups.draw(&inventory, Some(&lease), Some(&root()), Some((&holder, &who)));
    assert_eq!(drawn.unwrap().source, Source::Pods, "nobody stood yet");
    for (name, version) in
        [(&*holder, "1.35.0"), ("a_1", "1.36.0"), ("lost_2", "1.36.0"), ("x", "1.36.0")]
    {
        inventory.apply_candidate(candidate(name, version));
    }
    let drawn = groups.draw(&inventory, Some(&lease), None, Some((&holder, &who))).unwrap();
    assert_eq!(drawn.source, Source::LeaseCandidates);
    let list: Vec<_> = drawn
        .list
        .iter()
        .map(|it| (&*it.pod, it.node.as_deref(), it.condition, it.leads))
        .collect();
    assert_eq!(
        list,
        [
            ("b", Some("n2"), Condition::Ready, true),
            ("a", Some("n1"), Condition::Ready, false),
            ("x", None, Condition::Ready, false),
            ("lost_2", Some("lost"), Condition::NotReady, false),
        ]
    );
    assert_eq!(drawn.list[0].emulation_version.as_deref(), Some("1.35.0"));
}
