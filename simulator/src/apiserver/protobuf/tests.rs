//! Held against bytes that a kube-apiserver 1.36 sent, and against types that Kubernetes' own definitions were compiled to.

use std::collections::BTreeSet;
use std::time::Duration;

use k8s_pb::api::coordination::v1::Lease;
use k8s_pb::api::core::v1::{Node, Pod};
use k8s_pb::apimachinery::pkg::apis::meta::v1::Status;
use prost::Message as _;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::*;
use crate::apiserver::ApiServer;
use crate::apiserver::status::Failure;
use crate::scene::{Scene, Size};
use crate::virtual_time::now;

const SENT: [(Resource, &str, &[u8]); 3] = [
    (
        Resource::Leases,
        include_str!("../../../../observe/benches/events/lease.json"),
        include_bytes!("../../../../observe/benches/events/lease.pb"),
    ),
    (
        Resource::Leases,
        include_str!("../../../../observe/benches/events/node-lease.json"),
        include_bytes!("../../../../observe/benches/events/node-lease.pb"),
    ),
    (
        Resource::Pods,
        include_str!("../../../../observe/benches/events/pod.json"),
        include_bytes!("../../../../observe/benches/events/pod.pb"),
    ),
];

fn sent(resource: Resource, object: &Value) -> Vec<u8> {
    let row = resource.row();
    enveloped(&row.api_version(), row.kind, &message(fields(resource).unwrap(), object))
}

#[test]
fn what_a_real_server_sent_is_written_byte_for_byte() {
    for (resource, json, protobuf) in SENT {
        let written = sent(resource, &serde_json::from_str(json).unwrap());
        let differs = written.iter().zip(protobuf).position(|(one, other)| one != other);
        let shown = |bytes: &[u8]| {
            let from = differs.unwrap_or_default().saturating_sub(40);
            String::from_utf8_lossy(&bytes[from.min(bytes.len())..][..80.min(bytes.len() - from)])
                .into_owned()
        };
        assert!(written == protobuf, "{:?}\n{:?}", shown(&written), shown(protobuf));
    }
}

/// Paths of an object's fields that no row names.
fn unnamed(fields: Fields, object: &Value, path: &str, found: &mut BTreeSet<String>) {
    for (name, value) in object.as_object().into_iter().flatten() {
        if !names(fields).contains(name.as_str()) {
            found.insert(format!("{path}/{name}"));
        }
        for field in fields.iter().filter(|field| field.name == name) {
            let Shape::Message(inner) = field.shape else { continue };
            let one = std::slice::from_ref(value);
            for item in value.as_array().map_or(one, Vec::as_slice) {
                unnamed(inner, item, &format!("{path}/{name}"), found);
            }
        }
    }
    for field in fields {
        if let Shape::Inline(inner) = field.shape {
            // What stands among others is named here or there.
            let mut own = object.clone();
            let known = names(inner);
            own.as_object_mut().unwrap().retain(|name, _| known.contains(name.as_str()));
            unnamed(inner, &own, path, found);
        }
    }
}

fn names(fields: Fields) -> BTreeSet<&'static str> {
    let own = fields.iter().map(|field| field.name);
    let inline = fields.iter().filter_map(|field| match field.shape {
        Shape::Inline(inner) => Some(names(inner)),
        _ => None,
    });
    own.chain(inline.flatten()).collect()
}

fn again<M: prost::Message + Default>(bytes: &[u8]) -> Vec<u8> {
    M::decode(bytes).unwrap().encode_to_vec()
}

/// Written by us, and read and written by types that know all fields: a number or a type that is wrong would not come back.
fn is_sound(resource: Resource, object: &Value) {
    let mut fields_left_out = BTreeSet::new();
    let mut bare = object.clone();
    bare.as_object_mut()
        .unwrap()
        .retain(|name, _| !["kind", "apiVersion"].contains(&name.as_str()));
    unnamed(fields(resource).unwrap(), &bare, "", &mut fields_left_out);
    assert_eq!(fields_left_out, BTreeSet::new(), "of {object}");
    // Those types leave empty values of maps out.
    for (_, label) in bare["metadata"]["labels"].as_object_mut().into_iter().flatten() {
        *label = json!(format!("{label}."));
    }
    let bytes = message(fields(resource).unwrap(), &bare);
    let again = match resource {
        Resource::Leases => again::<Lease>(&bytes),
        Resource::Pods => again::<Pod>(&bytes),
        _ => again::<Node>(&bytes),
    };
    assert!(bytes == again, "{object}");
}

#[tokio::test(start_paused = true)]
async fn every_field_of_every_object_that_a_scene_makes_is_written() {
    for scene in
        [Scene::fleet(), Scene::load(Size { leases: 2, pods: 6, nodes: 2, ..Size::default() })]
    {
        let server = ApiServer::new(&scene, now);
        let mut tasks = JoinSet::new();
        scene.play(&server, &mut tasks);
        let mut checked = BTreeSet::new();
        for _ in 0..100 {
            sleep(Duration::from_secs(6)).await;
            for resource in [Resource::Leases, Resource::Pods, Resource::Nodes] {
                for object in server.list(resource) {
                    if checked.insert(object["metadata"]["resourceVersion"].to_string()) {
                        is_sound(resource, &object);
                    }
                }
            }
        }
        assert!(checked.len() > 200, "{}", checked.len());
    }
}

#[test]
fn an_error_is_a_status() {
    let bytes = status(&Failure::expired("too old").to_json());
    let message = &bytes[MAGIC.len() + 2 + 12 + 2..bytes.len() - END.len()];
    let read = Status::decode(message).unwrap();
    assert_eq!(read.encode_to_vec(), message);
    assert_eq!((read.code, read.message.as_deref()), (Some(410), Some("too old")));
}

#[test]
fn a_value_of_the_wrong_type_stays_one() {
    let lease = json!({"metadata": {"name": 7}, "spec": {"leaseDurationSeconds": "fifteen"}});
    let bytes = message(lease::LEASE, &lease);
    assert!(Lease::decode(&*bytes).is_err());
    assert!(bytes.windows(7).any(|part| part == b"fifteen"));
}
