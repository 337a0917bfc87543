//! What is checked and set in an object before it is stored.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::refusal::Refused;
use super::resource::Resource;
use super::store::Key;
use crate::objects::seconds;

const SET_BY_SERVER: [&str; 2] = ["uid", "creationTimestamp"];

pub(super) fn identify(object: Value) -> Result<(Resource, Key, Map<String, Value>), Refused> {
    let text = |pointer: &str| {
        let value = object.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    let Some(resource) = Resource::of(&api_version, &kind) else {
        return Err(Refused::UnknownKind { api_version, kind });
    };
    let key = (text("/metadata/namespace"), text("/metadata/name"));
    match object {
        Value::Object(fields) if !key.1.is_empty() => Ok((resource, key, fields)),
        _ => Err(Refused::Nameless(kind)),
    }
}

pub(super) fn asked_version(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("metadata")?.get("resourceVersion")?.as_str()
}

pub(super) fn is_complete(fields: &Map<String, Value>) -> bool {
    let metadata = fields.get("metadata");
    SET_BY_SERVER.iter().all(|field| metadata.is_some_and(|m| m.get(field).is_some()))
}

/// Sets what the API server sets: identity and time of creation, kept over replacements.
pub(super) fn complete(
    fields: &mut Map<String, Value>,
    old: Option<&Value>,
    now: Timestamp,
    uid: &str,
) {
    let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    for (field, first) in SET_BY_SERVER.into_iter().zip([uid.to_owned(), seconds(now)]) {
        let kept = old.and_then(|old| old["metadata"].get(field)).cloned();
        metadata.entry(field).or_insert_with(|| kept.unwrap_or(Value::String(first)));
    }
}
