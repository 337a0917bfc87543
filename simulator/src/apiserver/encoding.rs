//! The two encodings of answers, and which of them a client gets.

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde_json::{Value, json};

use super::protobuf;
use super::resource::Resource;
use super::status::Failure;

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Json,
    Protobuf,
}

/// In which form a list or a watch is answered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Form {
    pub(super) encoding: Encoding,
    /// Nothing but metadata.
    pub(super) metadata_only: bool,
}

impl Encoding {
    /// The media type of a list or an error.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/vnd.kubernetes.protobuf",
        }
    }

    /// The media type of a watch.
    pub(super) fn stream_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/vnd.kubernetes.protobuf;stream=watch",
        }
    }

    /// An event of a watch over this resource. The object has its kind and version; in protobuf only an error says them.
    pub(super) fn event(self, resource: Resource, word: &str, object: &Value) -> Bytes {
        match (self, protobuf::fields(resource)) {
            (Self::Protobuf, Some(fields)) => {
                let row = resource.row();
                let object = if word == "ERROR" {
                    protobuf::status(object)
                } else {
                    let message = protobuf::message(fields, object);
                    protobuf::enveloped(&row.api_version(), row.kind, &message)
                };
                protobuf::event(word, &protobuf::extension(&object)).into()
            }
            _ => format!("{}\n", json!({"type": word, "object": object})).into(),
        }
    }
}

impl Form {
    /// The first form of those that the `Accept` header names which there is; weights are not looked at.
    pub(super) fn negotiated(
        headers: &HeaderMap,
        resource: Resource,
        watching: bool,
        without_protobuf: bool,
    ) -> Result<Self, Failure> {
        let in_protobuf = !without_protobuf && protobuf::fields(resource).is_some();
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let mut wanted = accept.unwrap_or("*/*").split(',');
        wanted
            .find_map(|clause| Self::of(clause, watching, in_protobuf))
            .ok_or_else(Failure::not_acceptable)
    }

    /// What a list is asked for in metadata and what a watch is asked for go by two names, and a real server refuses the
    /// wrong one.
    fn of(clause: &str, watching: bool, in_protobuf: bool) -> Option<Self> {
        let mut parts = clause.split(';').map(str::trim);
        let encoding = match parts.next()? {
            "application/json" | "application/*" | "*/*" => Encoding::Json,
            "application/vnd.kubernetes.protobuf" if in_protobuf => Encoding::Protobuf,
            _ => return None,
        };
        let metadata = if watching { "PartialObjectMetadata" } else { "PartialObjectMetadataList" };
        match parts.find_map(|part| part.strip_prefix("as=")) {
            None => Some(Self { encoding, metadata_only: false }),
            Some(form) if form == metadata && encoding == Encoding::Json => {
                Some(Self { encoding, metadata_only: true })
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str, resource: Resource, without: bool) -> Option<(Encoding, bool)> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().ok()?)]);
        let form = Form::negotiated(&headers, resource, true, without).ok()?;
        Some((form.encoding, form.metadata_only))
    }

    #[test]
    fn the_first_form_that_there_is_wins() {
        const BOTH: &str = "application/vnd.kubernetes.protobuf;stream=watch,application/json";
        const ALONE: &str = "application/vnd.kubernetes.protobuf";
        const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io, application/json";
        let json = Some((Encoding::Json, false));
        let protobuf = Some((Encoding::Protobuf, false));
        for (accept, resource, without, expected) in [
            (BOTH, Resource::Leases, false, protobuf),
            (BOTH, Resource::Pods, false, protobuf),
            (BOTH, Resource::Nodes, false, protobuf),
            (BOTH, Resource::Deployments, false, json),
            (BOTH, Resource::Leases, true, json),
            (ALONE, Resource::Leases, true, None),
            (METADATA, Resource::ConfigMaps, false, Some((Encoding::Json, true))),
            ("application/json;as=PartialObjectMetadataList", Resource::ConfigMaps, false, None),
            (TABLE, Resource::Pods, false, json),
            ("*/*", Resource::Pods, false, json),
            ("text/html", Resource::Pods, false, None),
        ] {
            assert_eq!(negotiated(accept, resource, without), expected, "{accept} {resource}");
        }
    }
}
