use leadership::observation::{LockRecord, PodRecord};
use leadership::time::Time;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn lock(json: &Value) -> LockRecord {
    match lease(&json.to_string()).unwrap().object {
        Object::Lock(lock) => lock,
        other => panic!("a lease is no {other:?}"),
    }
}

fn pod_of(json: &Value) -> PodRecord {
    match pod(&json.to_string()).unwrap().object {
        Object::Pod(pod) => pod,
        other => panic!("a pod is no {other:?}"),
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
    assert!(lock.apiserver_identity);
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
        let Object::Lock(lock) = lease(&json).unwrap().object else {
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
        assert!(matches!(lease(json), Err(Unreadable::Nameless)));
        assert!(matches!(pod(json), Err(Unreadable::Nameless)));
    }
    for json in ["", "[", "\u{0}", r#"{"metadata":{"name":"a"}"#] {
        assert!(matches!(lease(json), Err(Unreadable::Json(_))));
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

const FIELDS: [&str; 20] = [
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

proptest! {
    #[test]
    fn no_field_of_any_type_makes_an_object_unreadable(
        edits in prop::collection::vec((prop::sample::select(&FIELDS[..]), any_json()), 1..5),
    ) {
        let mut json = json!({
            "metadata": {
                "namespace": "a", "name": "b", "uid": "u", "resourceVersion": "1", "labels": {},
                "deletionTimestamp": null,
                "managedFields": [{"manager": "m", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {}}}],
            },
            "spec": {
                "holderIdentity": "h", "renewTime": "2026-01-01T00:00:00Z", "leaseDurationSeconds": 15,
                "nodeName": "n", "hostNetwork": false,
            },
            "status": {
                "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [{"restartCount": 1}],
            },
        });
        for (field, value) in edits {
            if let Some(place) = json.pointer_mut(field) {
                *place = value;
            }
        }
        prop_assert_eq!(&*lock(&json).key.name, "b");
        prop_assert_eq!(&*pod_of(&json).name, "b");
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,200}") {
        let _ = lease(&text);
        let _ = pod(&text);
        let _ = version(&text);
    }
}
