//! The same objects in JSON and, by types that Kubernetes' own definitions were compiled to, in protobuf.

use std::collections::BTreeMap;

use k8s_pb::api::coordination::v1 as coordination;
use k8s_pb::api::core::v1 as core;
use k8s_pb::apimachinery::pkg::apis::meta::v1 as meta;
use proptest::prelude::*;
use prost::Message as _;
use serde_json::{Map, Value as Json, json};

use super::super::{self as read, Said, Seen, Unreadable};

// What a generated object has where it has anything: text that needs care, numbers at their ends, times.

fn text() -> impl Strategy<Value = Json> {
    prop_oneof![
        "[a-z0-9.-]{1,20}",
        Just(String::new()),
        Just("evil\u{1b}[2J\u{202e}\"\\\n".to_owned()),
        Just("x".repeat(700)),
        Just("pod-template-hash".to_owned()),
        ".{0,9}",
    ]
    .prop_map(Json::from)
}

fn name() -> impl Strategy<Value = Json> {
    "[a-z0-9-]{1,70}".prop_map(Json::from)
}

fn number() -> impl Strategy<Value = Json> {
    prop_oneof![Just(0), Just(i32::MIN), Just(i32::MAX), -3..40].prop_map(Json::from)
}

fn truth() -> impl Strategy<Value = Json> {
    any::<bool>().prop_map(Json::from)
}

/// As Go writes it: whole seconds in most places, six digits in a lease.
fn time(digits: usize) -> impl Strategy<Value = Json> {
    (-70_000_000_000..250_000_000_000_i64, 0..1_000_000_i32).prop_map(move |(seconds, micros)| {
        let micros = if digits == 0 { 0 } else { micros };
        let stamp = jiff::Timestamp::new(seconds, micros * 1000).unwrap();
        format!("{stamp:.digits$}").into()
    })
}

type Field = (&'static str, BoxedStrategy<Json>);

fn field(name: &'static str, value: impl Strategy<Value = Json> + 'static) -> Field {
    (name, value.boxed())
}

/// An object with any of these fields.
fn object(fields: Vec<Field>) -> BoxedStrategy<Json> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let values: Vec<_> = values.into_iter().map(prop::option::of).collect();
    let built = values.prop_map(move |values| {
        let pairs = names.iter().zip(values);
        let pairs = pairs.filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Json::Object(pairs.collect::<Map<_, _>>())
    });
    built.boxed()
}

fn list(item: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    prop::collection::vec(item, 0..4).prop_map(Json::from)
}

fn labels() -> impl Strategy<Value = Json> {
    let key = prop_oneof![
        Just("pod-template-hash".to_owned()),
        Just("controller-revision-hash".to_owned()),
        Just("kubernetes.io/hostname".to_owned()),
        Just("topology.kubernetes.io/zone".to_owned()),
        Just("failure-domain.beta.kubernetes.io/zone".to_owned()),
        "[a-z]{0,5}",
    ];
    prop::collection::btree_map(key, text(), 0..5).prop_map(|map| json!(map))
}

fn metadata() -> BoxedStrategy<Json> {
    let owner = object(vec![
        field("apiVersion", text()),
        field("kind", text()),
        field("name", text()),
        field("uid", text()),
        field("controller", truth()),
        field("blockOwnerDeletion", truth()),
    ]);
    let fields = prop_oneof![
        Just(json!({"f:spec": {"f:renewTime": {}}})),
        Just(json!({"f:metadata": {"f:annotations": {"f:spec": {}}}})),
        Just(json!({"f:metadata": {}, "f:spec": {}})),
        Just(json!({"f:status": {}})),
    ];
    let write = object(vec![
        field("manager", text()),
        field("operation", text()),
        field("time", time(0)),
        field("fieldsType", text()),
        field("fieldsV1", fields),
    ]);
    object(vec![
        field("name", name()),
        field("namespace", name()),
        field("uid", text()),
        field("resourceVersion", text()),
        field("generation", number()),
        field("creationTimestamp", time(0)),
        field("deletionTimestamp", time(0)),
        field("deletionGracePeriodSeconds", number()),
        field("labels", labels()),
        field("annotations", labels()),
        field("ownerReferences", list(owner)),
        field("finalizers", list(text())),
        field("managedFields", list(write)),
    ])
}

fn lease() -> BoxedStrategy<Json> {
    let spec = object(vec![
        field("holderIdentity", text()),
        field("leaseDurationSeconds", number()),
        field("acquireTime", time(6)),
        field("renewTime", time(6)),
        field("leaseTransitions", number()),
        field("strategy", text()),
        field("preferredHolder", text()),
    ]);
    object(vec![field("metadata", metadata()), field("spec", spec)])
}

fn condition() -> BoxedStrategy<Json> {
    let kind = prop_oneof![
        Just("Ready"),
        Just("ContainersReady"),
        Just("DisruptionTarget"),
        Just("Other")
    ];
    let status = prop_oneof![Just("True"), Just("False"), Just("Unknown")];
    object(vec![
        field("type", kind.prop_map(Json::from)),
        field("status", status.prop_map(Json::from)),
        field("lastTransitionTime", time(0)),
        field("reason", text()),
        field("message", text()),
    ])
}

fn node() -> BoxedStrategy<Json> {
    let kind = prop_oneof![Just("Hostname"), Just("InternalIP")].prop_map(Json::from);
    let address = object(vec![field("type", kind), field("address", text())]);
    let status =
        object(vec![field("addresses", list(address)), field("conditions", list(condition()))]);
    object(vec![field("metadata", metadata()), field("status", status)])
}

fn container_status() -> BoxedStrategy<Json> {
    let terminated = object(vec![
        field("exitCode", number()),
        field("signal", number()),
        field("reason", text()),
        field("message", text()),
        field("startedAt", time(0)),
        field("finishedAt", time(0)),
    ]);
    let state = object(vec![
        field("running", object(vec![field("startedAt", time(0))])),
        field("waiting", object(vec![field("reason", text()), field("message", text())])),
        field("terminated", terminated),
    ]);
    object(vec![
        field("name", container_name()),
        field("state", state.clone()),
        field("lastState", state),
        field("ready", truth()),
        field("restartCount", number()),
        field("image", text()),
    ])
}

/// Few enough that a status finds its container.
fn container_name() -> impl Strategy<Value = Json> {
    prop_oneof![Just("a"), Just("b"), Just("c")].prop_map(Json::from)
}

fn pod() -> BoxedStrategy<Json> {
    let container = object(vec![field("name", container_name()), field("image", text())]);
    let spec = object(vec![
        field("containers", list(container)),
        field("nodeName", text()),
        field("hostNetwork", truth()),
        field("hostname", name()),
        field("subdomain", name()),
        field("setHostnameAsFQDN", truth()),
        field("hostnameOverride", name()),
        field("serviceAccountName", text()),
    ]);
    let status = object(vec![
        field("phase", text()),
        field("conditions", list(condition())),
        field("message", text()),
        field("reason", text()),
        field("hostIP", text()),
        field("podIP", text()),
        field("podIPs", list(object(vec![field("ip", text())]))),
        field("startTime", time(0)),
        field("containerStatuses", list(container_status())),
        field("qosClass", text()),
    ]);
    object(vec![field("metadata", metadata()), field("spec", spec), field("status", status)])
}

// The same in protobuf.

fn string(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn int(json: &Json) -> Option<i32> {
    json.as_i64().map(|number| number.try_into().unwrap())
}

fn stamp(json: &Json) -> Option<jiff::Timestamp> {
    json.as_str().map(|text| text.parse().unwrap())
}

fn seconds(json: &Json) -> Option<meta::Time> {
    let stamp = stamp(json)?;
    Some(meta::Time { seconds: Some(stamp.as_second()), nanos: Some(0) })
}

/// As Go counts: nanoseconds are never negative.
fn micros(json: &Json) -> Option<meta::MicroTime> {
    let stamp = stamp(json)?.as_nanosecond();
    let seconds = stamp.div_euclid(1_000_000_000).try_into().unwrap();
    let nanos = stamp.rem_euclid(1_000_000_000).try_into().unwrap();
    Some(meta::MicroTime { seconds: Some(seconds), nanos: Some(nanos) })
}

fn each<T>(json: &Json, make: fn(&Json) -> T) -> Vec<T> {
    json.as_array().into_iter().flatten().map(make).collect()
}

fn some<T>(json: &Json, make: fn(&Json) -> T) -> Option<T> {
    json.is_object().then(|| make(json))
}

fn strings(json: &Json) -> BTreeMap<String, String> {
    serde_json::from_value(json.clone()).unwrap_or_default()
}

fn metadata_of(json: &Json) -> meta::ObjectMeta {
    meta::ObjectMeta {
        name: string(&json["name"]),
        namespace: string(&json["namespace"]),
        uid: string(&json["uid"]),
        resource_version: string(&json["resourceVersion"]),
        generation: json["generation"].as_i64(),
        creation_timestamp: seconds(&json["creationTimestamp"]),
        deletion_timestamp: seconds(&json["deletionTimestamp"]),
        deletion_grace_period_seconds: json["deletionGracePeriodSeconds"].as_i64(),
        labels: strings(&json["labels"]),
        annotations: strings(&json["annotations"]),
        owner_references: each(&json["ownerReferences"], |owner| meta::OwnerReference {
            api_version: string(&owner["apiVersion"]),
            kind: string(&owner["kind"]),
            name: string(&owner["name"]),
            uid: string(&owner["uid"]),
            controller: owner["controller"].as_bool(),
            block_owner_deletion: owner["blockOwnerDeletion"].as_bool(),
        }),
        finalizers: each(&json["finalizers"], |text| string(text).unwrap()),
        managed_fields: each(&json["managedFields"], |write| meta::ManagedFieldsEntry {
            manager: string(&write["manager"]),
            operation: string(&write["operation"]),
            time: seconds(&write["time"]),
            fields_type: string(&write["fieldsType"]),
            fields_v1: some(&write["fieldsV1"], |owned| meta::FieldsV1 {
                raw: Some(owned.to_string().into_bytes()),
            }),
            ..meta::ManagedFieldsEntry::default()
        }),
        ..meta::ObjectMeta::default()
    }
}

fn lease_of(json: &Json) -> coordination::Lease {
    coordination::Lease {
        metadata: some(&json["metadata"], metadata_of),
        spec: some(&json["spec"], |spec| coordination::LeaseSpec {
            holder_identity: string(&spec["holderIdentity"]),
            lease_duration_seconds: int(&spec["leaseDurationSeconds"]),
            acquire_time: micros(&spec["acquireTime"]),
            renew_time: micros(&spec["renewTime"]),
            lease_transitions: int(&spec["leaseTransitions"]),
            strategy: string(&spec["strategy"]),
            preferred_holder: string(&spec["preferredHolder"]),
        }),
    }
}

fn node_of(json: &Json) -> core::Node {
    core::Node {
        metadata: some(&json["metadata"], metadata_of),
        status: some(&json["status"], |status| core::NodeStatus {
            addresses: each(&status["addresses"], |address| core::NodeAddress {
                r#type: string(&address["type"]),
                address: string(&address["address"]),
            }),
            conditions: each(&status["conditions"], |condition| core::NodeCondition {
                r#type: string(&condition["type"]),
                status: string(&condition["status"]),
                last_transition_time: seconds(&condition["lastTransitionTime"]),
                reason: string(&condition["reason"]),
                message: string(&condition["message"]),
                ..core::NodeCondition::default()
            }),
            ..core::NodeStatus::default()
        }),
        ..core::Node::default()
    }
}

fn state_of(json: &Json) -> core::ContainerState {
    core::ContainerState {
        waiting: some(&json["waiting"], |waiting| core::ContainerStateWaiting {
            reason: string(&waiting["reason"]),
            message: string(&waiting["message"]),
        }),
        running: some(&json["running"], |running| core::ContainerStateRunning {
            started_at: seconds(&running["startedAt"]),
        }),
        terminated: some(&json["terminated"], |end| core::ContainerStateTerminated {
            exit_code: int(&end["exitCode"]),
            signal: int(&end["signal"]),
            reason: string(&end["reason"]),
            message: string(&end["message"]),
            started_at: seconds(&end["startedAt"]),
            finished_at: seconds(&end["finishedAt"]),
            ..core::ContainerStateTerminated::default()
        }),
    }
}

fn spec_of(json: &Json) -> core::PodSpec {
    core::PodSpec {
        containers: each(&json["containers"], |container| core::Container {
            name: string(&container["name"]),
            image: string(&container["image"]),
            ..core::Container::default()
        }),
        node_name: string(&json["nodeName"]),
        host_network: json["hostNetwork"].as_bool(),
        hostname: string(&json["hostname"]),
        subdomain: string(&json["subdomain"]),
        set_hostname_as_fqdn: json["setHostnameAsFQDN"].as_bool(),
        hostname_override: string(&json["hostnameOverride"]),
        service_account_name: string(&json["serviceAccountName"]),
        ..core::PodSpec::default()
    }
}

fn status_of(json: &Json) -> core::PodStatus {
    core::PodStatus {
        phase: string(&json["phase"]),
        conditions: each(&json["conditions"], |condition| core::PodCondition {
            r#type: string(&condition["type"]),
            status: string(&condition["status"]),
            last_transition_time: seconds(&condition["lastTransitionTime"]),
            reason: string(&condition["reason"]),
            message: string(&condition["message"]),
            ..core::PodCondition::default()
        }),
        message: string(&json["message"]),
        reason: string(&json["reason"]),
        host_ip: string(&json["hostIP"]),
        pod_ip: string(&json["podIP"]),
        pod_ips: each(&json["podIPs"], |ip| core::PodIp { ip: string(&ip["ip"]) }),
        start_time: seconds(&json["startTime"]),
        container_statuses: each(&json["containerStatuses"], |status| core::ContainerStatus {
            name: string(&status["name"]),
            state: some(&status["state"], state_of),
            last_state: some(&status["lastState"], state_of),
            ready: status["ready"].as_bool(),
            restart_count: int(&status["restartCount"]),
            image: string(&status["image"]),
            ..core::ContainerStatus::default()
        }),
        qos_class: string(&json["qosClass"]),
        ..core::PodStatus::default()
    }
}

fn pod_of(json: &Json) -> core::Pod {
    core::Pod {
        metadata: some(&json["metadata"], metadata_of),
        spec: some(&json["spec"], spec_of),
        status: some(&json["status"], status_of),
    }
}

type Read = Result<Seen, Unreadable>;

/// Both are the same object, or neither has a name.
fn agree(json: Read, protobuf: Read) -> Result<(), TestCaseError> {
    match (json, protobuf) {
        (Err(Unreadable::Nameless), Err(Unreadable::Nameless)) => Ok(()),
        (json, protobuf) => {
            prop_assert_eq!(json.unwrap(), protobuf.unwrap());
            Ok(())
        }
    }
}

proptest! {
    #[test]
    fn leases_are_the_same(json in lease()) {
        let message = lease_of(&json).encode_to_vec();
        agree(read::lease(&json.to_string()), read::lease_in_protobuf(&message))?;
    }

    #[test]
    fn nodes_are_the_same(json in node()) {
        let message = node_of(&json).encode_to_vec();
        agree(read::node(&json.to_string()), read::node_in_protobuf(&message))?;
    }

    #[test]
    fn pods_are_the_same(json in pod()) {
        let message = pod_of(&json).encode_to_vec();
        agree(read::pod(&json.to_string()), read::pod_in_protobuf(&message))?;
    }

    #[test]
    fn nonsense_is_survived(mut json in pod(), at in any::<prop::sample::Index>(), byte: u8) {
        json["metadata"]["name"] = "x".into();
        let mut message = pod_of(&json).encode_to_vec();
        let at = at.index(message.len());
        message[at] = byte;
        for read in [read::lease_in_protobuf, read::pod_in_protobuf, read::node_in_protobuf] {
            let _ = read(&message);
            let _ = read(&message[..at]);
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_marked_as_the_api_server_marks_them_and_counted() {
    let json = json!({"metadata": {"name": "x"}, "spec": {"holderIdentity": "a####b"}});
    let mut message = lease_of(&json).encode_to_vec();
    let at = message.windows(4).position(|window| window == b"####").unwrap();
    message[at..at + 4].copy_from_slice(b"\xe2\x82\xff\xc3");
    let seen = read::lease_in_protobuf(&message).unwrap();
    let Said::Object(leadership::observation::Object::Lock(lock)) = seen.said else { panic!() };
    assert_eq!(lock.holder.as_deref(), Some("a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"));
    assert!(seen.flaw.is_some_and(|flaw| flaw.contains("UTF-8")));
}

#[test]
fn a_time_that_was_never_set_is_none() {
    for time in [
        meta::MicroTime { seconds: None, nanos: None },
        meta::MicroTime { seconds: Some(-62_135_596_800), nanos: Some(0) },
    ] {
        let json = json!({"metadata": {"name": "x"}, "spec": {}});
        let mut lease = lease_of(&json);
        lease.spec.as_mut().unwrap().renew_time = Some(time);
        let seen = read::lease_in_protobuf(&lease.encode_to_vec()).unwrap();
        assert_eq!(seen, read::lease(&json.to_string()).unwrap());
    }
}

#[test]
fn the_end_of_a_list_is_marked_the_same() {
    let marked = |mark: &str| json!({"metadata": {"resourceVersion": "7", "annotations": {"k8s.io/initial-events-end": mark}}});
    for (json, ends) in [(marked("true"), true), (marked("false"), false), (json!({}), false)] {
        let annotations = json["metadata"]["annotations"].as_object().into_iter().flatten();
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let metadata = meta::ObjectMeta {
            resource_version: json["metadata"]["resourceVersion"].as_str().map(str::to_owned),
            annotations: annotations.map(|(key, value)| (key.clone(), text(value))).collect(),
            ..meta::ObjectMeta::default()
        };
        let pod = core::Pod { metadata: Some(metadata), ..core::Pod::default() };
        for known in [read::known(&json.to_string()), read::known_in_protobuf(&pod.encode_to_vec())]
        {
            assert_eq!(known.ends_list(), ends, "{json}");
            assert_eq!(known.resource_version.0.is_some(), json != json!({}));
        }
    }
}

#[test]
fn a_group_that_nobody_knows_is_passed_over() {
    const BEGIN: u8 = 12 << 3 | 3;
    const END: u8 = 12 << 3 | 4;
    const NUMBER: [u8; 2] = [1 << 3, 7];
    let lease = lease_of(&json!({"metadata": {"name": "x"}, "spec": {}})).encode_to_vec();
    let with = |group: &[u8]| read::lease_in_protobuf(&[&lease, group].concat());
    let plain = with(&[]).unwrap();
    let full = [&[BEGIN][..], &NUMBER, &[BEGIN, END], &NUMBER, &[END], &NUMBER].concat();
    assert_eq!(with(&full).unwrap(), plain);
    for cut in 1..6 {
        assert!(with(&full[..cut]).is_err(), "it does not end");
    }
    assert!(with(&[BEGIN, 13 << 3 | 4]).is_err(), "it ends as another");
    assert!(with(&[[BEGIN; 1000], [END; 1000]].concat()).is_err(), "it is too deep");
}
