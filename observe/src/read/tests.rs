use leadership::lock::LockKind;
use leadership::observation::{
    CandidateRecord, Kind, LockRecord, NodeRecord, PodRecord, WorkloadRecord,
};
use leadership::time::Time;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn lock(json: &Value) -> LockRecord {
    match lease(&json.to_string()).unwrap().said {
        Said::Object(Object::Lock(lock)) => lock,
        other => panic!("a lease is no {other:?}"),
    }
}

fn pod_of(json: &Value) -> PodRecord {
    match pod(&json.to_string()).unwrap().said {
        Said::Object(Object::Pod(pod)) => pod,
        other => panic!("a pod is no {other:?}"),
    }
}

fn said(seen: Result<Seen, Unreadable>) -> Object {
    match seen.unwrap().said {
        Said::Object(object) => object,
        Said::NoLock(key) => panic!("{key} is no lock"),
    }
}

fn time(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

#[test]
fn a_lease_is_read_whole() {
    let json = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {
            "namespace": "a", "name": "b", "uid": "u", "resourceVersion": "42",
            "labels": {"apiserver.kubernetes.io/identity": "kube-apiserver"},
            "managedFields": [
                {"manager": "old", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {}}},
                {"manager": "labels", "time": "2026-01-03T00:00:00Z", "fieldsV1": {"f:metadata": {}}},
                {"manager": "new", "time": "2026-01-02T00:00:00Z", "fieldsV1": {"f:spec": {"f:renewTime": {}}}},
                {"manager": "timeless", "fieldsV1": {"f:spec": {}}},
            ],
        },
        "spec": {
            "holderIdentity": "me_1", "leaseDurationSeconds": 15, "leaseTransitions": 3,
            "acquireTime": "2026-11-22T14:00:00.000001Z", "renewTime": "2026-11-22T15:00:00.500000Z",
            "strategy": "OldestEmulationVersion", "preferredHolder": "you",
        },
    });
    let seen = lease(&json.to_string()).unwrap();
    assert_eq!(seen.version.as_deref(), Some("42"));
    let lock = lock(&json);
    assert_eq!(lock.key.to_string(), "a/b");
    assert_eq!(&*lock.uid, "u");
    assert_eq!(lock.holder.as_deref(), Some("me_1"));
    assert_eq!(lock.duration_seconds, Some(15));
    assert_eq!(lock.transitions, Some(3));
    assert_eq!(lock.acquire, Some(time("2026-11-22T14:00:00.000001Z")));
    assert_eq!(lock.renew, Some(time("2026-11-22T15:00:00.5Z")));
    assert_eq!(lock.strategy.as_deref(), Some("OldestEmulationVersion"));
    assert_eq!(lock.preferred_holder.as_deref(), Some("you"));
    assert_eq!(lock.manager.as_deref(), Some("new"));
    assert!(lock.apiserver_identity());
}

#[test]
fn a_lease_that_says_nothing_is_an_empty_one() {
    let key = leadership::lock::LockKey::lease("", "b");
    for json in [
        json!({"metadata": {"name": "b"}}),
        json!({"metadata": {"name": "b", "labels": null, "managedFields": null}, "spec": null}),
        json!({"metadata": {"name": "b"}, "spec": {"holderIdentity": "", "renewTime": null}}),
        json!({"metadata": {"name": "b", "labels": [1], "managedFields": {"a": 1}}, "spec": "no"}),
    ] {
        assert_eq!(lock(&json), LockRecord::empty(key.clone()), "{json}");
    }
}

#[test]
fn absurd_values_are_none_and_cost_no_other_field() {
    let spec = json!({
        "holderIdentity": {"no": "text"}, "leaseDurationSeconds": "fifteen", "leaseTransitions": 1e300,
        "acquireTime": "0001-01-01T00:00:00Z", "renewTime": "2026-13-40T99:00:00Z", "strategy": 7,
        "preferredHolder": "me",
    });
    let lock = lock(&json!({"metadata": {"name": "b", "uid": 5}, "spec": spec}));
    assert_eq!(lock.preferred_holder.as_deref(), Some("me"));
    assert_eq!((lock.holder, lock.duration_seconds), (None, None));
    assert_eq!((lock.transitions, lock.acquire, lock.renew), (None, None, None));
    assert_eq!(lock.strategy, None);
    for number in ["99999999999", "-99999999999", "18446744073709551615", "1.5", "true"] {
        let json =
            format!(r#"{{"metadata":{{"name":"b"}},"spec":{{"leaseDurationSeconds":{number}}}}}"#);
        let Said::Object(Object::Lock(lock)) = lease(&json).unwrap().said else {
            panic!("a lease is no pod");
        };
        assert_eq!(lock.duration_seconds, None, "{number}");
    }
}

#[test]
fn text_is_made_safe_to_print() {
    let lock = lock(&json!({
        "metadata": {"name": "b\u{1b}[2J", "namespace": "a\n"},
        "spec": {"holderIdentity": "x\u{202e}y"},
    }));
    assert_eq!(lock.key.to_string(), "a�/b�[2J");
    assert_eq!(lock.holder.as_deref(), Some("x�y"));
}

#[test]
fn what_has_no_name_cannot_be_read() {
    for json in ["{}", r#"{"metadata":{"name":""}}"#, r#"{"metadata":{"name":7}}"#] {
        for read in ALL {
            assert!(matches!(read(json), Err(Unreadable::Nameless)));
        }
    }
    for json in ["", "[", "\u{0}", r#"{"metadata":{"name":"a"}"#] {
        for read in ALL {
            assert!(matches!(read(json), Err(Unreadable::Json(_))));
        }
    }
}

#[test]
fn a_pod_is_read_whole() {
    let pod = pod_of(&json!({
        "metadata": {"namespace": "a", "name": "b", "uid": "u", "deletionTimestamp": "2026-11-22T15:00:30Z"},
        "spec": {"nodeName": "n", "hostNetwork": true},
        "status": {
            "phase": "Running",
            "conditions": [
                {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-11-22T14:00:00Z"},
                {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-22T14:00:09Z"},
            ],
            "containerStatuses": [{"name": "a", "restartCount": 2}, {"name": "b", "restartCount": 3}, {"name": "c", "restartCount": -1}, "no"],
        },
    }));
    assert_eq!((&*pod.namespace, &*pod.name, &*pod.uid), ("a", "b", "u"));
    assert_eq!(pod.node.as_deref(), Some("n"));
    assert!(pod.host_network && pod.deleting() && pod.ready());
    assert_eq!(pod.ready_since, Some(time("2026-11-22T14:00:09Z")));
    assert_eq!((&*pod.phase, pod.restarts()), ("Running", 5));
}

#[test]
fn readiness_is_what_the_condition_says() {
    let cases = [
        (
            json!({"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}),
            None,
        ),
        (json!({"type": "Ready", "status": "Unknown"}), None),
        (json!({"type": "ContainersReady", "status": "True"}), None),
        (json!({"type": "Ready", "status": "True"}), Some(time("2026-02-02T00:00:00Z"))),
    ];
    for (condition, since) in cases {
        let pod = pod_of(&json!({
            "metadata": {"name": "b", "creationTimestamp": "2026-02-02T00:00:00Z"},
            "status": {"conditions": [null, condition]},
        }));
        assert_eq!(pod.ready_since, since, "{condition}");
    }
}

#[test]
fn a_node_is_read_whole() {
    let json = json!({
        "metadata": {
            "name": "n", "resourceVersion": "7",
            "labels": {"kubernetes.io/hostname": "n.local", "topology.kubernetes.io/zone": "z"},
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": "n"}, null,
                {"type": "Hostname", "address": "host-7"}, {"type": "Hostname", "address": "n.local"},
            ],
            "conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "Unknown"}],
        },
    });
    let expected = NodeRecord {
        name: "n".into(),
        hostnames: vec!["host-7".into(), "n.local".into()],
        zone: Some("z".into()),
        ready: Some("Unknown".into()),
    };
    assert_eq!(said(node(&json.to_string())), Object::Node(expected));
    let old = json!({"metadata": {
        "name": "n", "labels": {"failure-domain.beta.kubernetes.io/zone": "old"},
    }});
    let expected =
        NodeRecord { name: "n".into(), zone: Some("old".into()), ..NodeRecord::default() };
    assert_eq!(said(node(&old.to_string())), Object::Node(expected));
}

#[test]
fn workloads_are_read_and_keep_one_pod_unless_told() {
    let expected = |kind, replicas, deleting| {
        let (namespace, name, uid) = ("a".into(), "b".into(), "u".into());
        Object::Workload(WorkloadRecord { kind, namespace, name, uid, replicas, deleting })
    };
    let of = |spec: Value, deletion: Value| {
        let metadata =
            json!({"namespace": "a", "name": "b", "uid": "u", "deletionTimestamp": deletion});
        json!({"metadata": metadata, "spec": spec}).to_string()
    };
    let three = of(json!({"replicas": 3}), Value::Null);
    assert_eq!(said(deployment(&three)), expected(Kind::Deployment, 3, false));
    assert_eq!(said(stateful_set(&three)), expected(Kind::StatefulSet, 3, false));
    let none = of(json!({"replicas": 0}), json!("2026-11-22T15:00:00Z"));
    assert_eq!(said(deployment(&none)), expected(Kind::Deployment, 0, true));
    for spec in [Value::Null, json!({}), json!({"replicas": -1}), json!({"replicas": "many"})] {
        assert_eq!(said(deployment(&of(spec, json!(7)))), expected(Kind::Deployment, 1, false));
    }
}

#[test]
fn a_candidate_is_read_whole() {
    let json = json!({
        "metadata": {"namespace": "kube-system", "name": "kcm-1"},
        "spec": {
            "leaseName": "kube-controller-manager", "binaryVersion": "1.36.0", "emulationVersion": "1.35.0",
            "renewTime": "2026-11-22T15:00:00.000001Z", "pingTime": null, "strategy": "OldestEmulationVersion",
        },
    });
    let expected = CandidateRecord {
        namespace: "kube-system".into(),
        name: "kcm-1".into(),
        lease: "kube-controller-manager".into(),
        binary_version: Some("1.36.0".into()),
        emulation_version: Some("1.35.0".into()),
        renew: Some(time("2026-11-22T15:00:00.000001Z")),
        ping: None,
    };
    assert_eq!(said(candidate(&json.to_string())), Object::Candidate(expected));
}

fn annotated(annotations: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata",
        "metadata": {"namespace": "a", "name": "b", "uid": "u", "annotations": annotations},
    })
}

/// The lock in these annotations of a ConfigMap, and whether something was wrong with it.
fn legacy(annotations: &Value) -> (LockRecord, bool) {
    let seen = config_map(&annotated(annotations).to_string()).unwrap();
    let flawed = seen.flaw.is_some();
    match seen.said {
        Said::Object(Object::Lock(lock)) => (lock, flawed),
        other => panic!("no lock but {other:?}"),
    }
}

const RECORD: &str = "control-plane.alpha.kubernetes.io/leader";

#[test]
fn a_record_of_client_go_is_a_lock() {
    let record = json!({
        "holderIdentity": "me_1", "leaseDurationSeconds": 15, "acquireTime": "2026-11-22T14:00:00Z",
        "renewTime": "2026-11-22T15:00:02Z", "leaderTransitions": 4,
    });
    let mut json = annotated(&json!({RECORD: record.to_string(), "leader": "not-me"}));
    json["metadata"]["managedFields"] = json!([
        {"manager": "kubectl", "time": "2026-11-22T15:00:03Z", "fieldsV1": {"f:data": {}}},
        {"manager": "elector", "time": "2026-11-22T15:00:02Z",
         "fieldsV1": {"f:metadata": {"f:annotations": {format!("f:{RECORD}"): {}}}}},
    ]);
    json["metadata"]["ownerReferences"] = json!([{"kind": "Pod", "name": "p", "uid": "q"}]);
    for (read, kind) in [
        (config_map as fn(&str) -> _, LockKind::ConfigMap),
        (endpoints as fn(&str) -> _, LockKind::Endpoints),
    ] {
        let Object::Lock(lock) = said(read(&json.to_string())) else {
            panic!("a lock is no pod");
        };
        assert_eq!((&*lock.key.namespace, &*lock.key.name, lock.key.kind), ("a", "b", kind));
        assert_eq!((lock.holder.as_deref(), lock.duration_seconds), (Some("me_1"), Some(15)));
        assert_eq!(lock.acquire, Some(time("2026-11-22T14:00:00Z")));
        assert_eq!(lock.renew, Some(time("2026-11-22T15:00:02Z")));
        assert_eq!((lock.transitions, lock.manager.as_deref()), (Some(4), Some("elector")));
        assert_eq!(
            (&*lock.uid, lock.owner.map(|owner| owner.name.clone())),
            ("u", Some("p".into()))
        );
    }
}

#[test]
fn pythons_record_quotes_its_numbers_and_knows_no_zone() {
    let record = r#"{"holderIdentity": "me", "leaseDurationSeconds": "17", "acquireTime": "2026-11-22 14:00:00.5", "renewTime": "2026-11-22 15:00:00.123456"}"#;
    let (lock, flawed) = legacy(&json!({RECORD: record}));
    assert_eq!((lock.duration_seconds, lock.transitions, flawed), (Some(17), None, false));
    assert_eq!(lock.acquire, Some(time("2026-11-22T14:00:00.5Z")));
    assert_eq!(lock.renew, Some(time("2026-11-22T15:00:00.123456Z")));
}

#[test]
fn patronis_annotations_are_a_lock_as_long_as_they_are_renewed() {
    let mut annotations = json!({
        "leader": "pg-0", "ttl": "30", "renewTime": "2026-11-22T15:00:00.123456+00:00",
        "acquireTime": "2026-11-22T14:00:00.000001+00:00", "transitions": "2", "optime": "67108864",
    });
    let (lock, _) = legacy(&annotations);
    assert_eq!((lock.holder.as_deref(), lock.duration_seconds), (Some("pg-0"), Some(30)));
    assert_eq!(
        (lock.transitions, lock.renew),
        (Some(2), Some(time("2026-11-22T15:00:00.123456Z")))
    );
    assert_eq!(lock.acquire, Some(time("2026-11-22T14:00:00.000001Z")));
    annotations["ttl"] = json!(i64::MAX.to_string());
    assert_eq!(legacy(&annotations).0.duration_seconds, None);
    annotations.as_object_mut().unwrap().remove("leader");
    let (lock, _) = legacy(&annotations);
    assert_eq!((lock.holder, lock.renew, lock.acquire), (None, None, None));
    assert_eq!(lock.transitions, Some(2));
}

#[test]
fn what_carries_no_record_is_no_lock() {
    for annotations in [
        Value::Null,
        json!({}),
        json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"}),
        // A failover that was asked of Patroni, and its synchronous standby.
        json!({"leader": "pg-0", "member": "pg-1", "scheduled_at": "2026-11-22T15:00:00+00:00"}),
        json!({"leader": "pg-0", "sync_standby": "pg-1"}),
        json!({RECORD: ""}),
        json!({RECORD: 7}),
        json!("no"),
    ] {
        let seen = config_map(&annotated(&annotations).to_string()).unwrap();
        let key = leadership::lock::LockKey {
            kind: LockKind::ConfigMap,
            ..leadership::lock::LockKey::lease("a", "b")
        };
        assert_eq!((seen.said, seen.flaw), (Said::NoLock(key), None), "{annotations}");
    }
}

#[test]
fn a_record_that_cannot_be_read_says_nothing_and_is_counted() {
    let deep = "{\"a\":".repeat(100_000);
    let long = format!("{{\"holderIdentity\":\"{}", "x".repeat(1 << 20));
    for text in ["nonsense", "{", "[]", "null", "7", "{\"holderIdentity\":", &deep, &long] {
        let (lock, flawed) = legacy(&json!({RECORD: text}));
        assert!(flawed && lock.holder.is_none() && lock.renew.is_none());
    }
    let odd = json!({"holderIdentity": [1], "leaseDurationSeconds": {}, "renewTime": "soon"});
    let (lock, flawed) = legacy(&json!({RECORD: odd.to_string()}));
    assert_eq!((lock.holder, lock.duration_seconds, lock.renew, flawed), (None, None, None, false));
}

/// Any JSON at all, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("2026-11-22T15:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const FIELDS: [&str; 25] = [
    "/metadata/annotations",
    "/metadata/ownerReferences",
    "/spec/replicas",
    "/status/addresses",
    "/status/addresses/0/address",
    "/metadata/namespace",
    "/metadata/uid",
    "/metadata/resourceVersion",
    "/metadata/labels",
    "/metadata/managedFields",
    "/metadata/managedFields/0",
    "/metadata/managedFields/0/time",
    "/metadata/managedFields/0/fieldsV1",
    "/metadata/deletionTimestamp",
    "/spec",
    "/spec/holderIdentity",
    "/spec/renewTime",
    "/spec/leaseDurationSeconds",
    "/spec/nodeName",
    "/spec/hostNetwork",
    "/status",
    "/status/phase",
    "/status/conditions",
    "/status/conditions/0/status",
    "/status/containerStatuses/0/restartCount",
];

type Read = fn(&str) -> Result<Seen, Unreadable>;

const ALL: [Read; 8] =
    [lease, pod, node, deployment, stateful_set, candidate, config_map, endpoints];

proptest! {
    #[test]
    fn no_field_of_any_type_makes_an_object_unreadable(
        edits in prop::collection::vec((prop::sample::select(&FIELDS[..]), any_json()), 1..5),
    ) {
        let mut json = json!({
            "metadata": {
                "namespace": "a", "name": "b", "uid": "u", "resourceVersion": "1", "labels": {},
                "deletionTimestamp": null, "annotations": {}, "ownerReferences": [],
                "managedFields": [{"manager": "m", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {}}}],
            },
            "spec": {
                "holderIdentity": "h", "renewTime": "2026-01-01T00:00:00Z", "leaseDurationSeconds": 15,
                "nodeName": "n", "hostNetwork": false, "replicas": 1,
            },
            "status": {
                "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [{"restartCount": 1}],
                "addresses": [{"type": "Hostname", "address": "h"}],
            },
        });
        for (field, value) in edits {
            if let Some(place) = json.pointer_mut(field) {
                *place = value;
            }
        }
        prop_assert_eq!(&*lock(&json).key.name, "b");
        prop_assert_eq!(&*pod_of(&json).name, "b");
        let text = json.to_string();
        for read in ALL {
            prop_assert!(read(&text).is_ok());
        }
    }

    #[test]
    fn no_record_of_any_shape_makes_a_lock_unreadable(value in any_json(), text in ".{0,60}") {
        for record in [value.to_string(), text] {
            let annotations = json!({RECORD: record, "ttl": record, "renewTime": record});
            prop_assert!(config_map(&annotated(&annotations).to_string()).is_ok());
            let patroni = json!({"ttl": record, "renewTime": record, "transitions": value});
            prop_assert!(endpoints(&annotated(&patroni).to_string()).is_ok());
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,200}") {
        for read in ALL {
            let _ = read(&text);
        }
        let _ = known(&text);
    }
}
