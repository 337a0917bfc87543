//! Failures, as the API server words them.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::encoding::Encoding;
use super::protobuf;
use super::refusal::{Gone, Refused};
use super::resource::Resource;

/// A request that failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    code: StatusCode,
    reason: &'static str,
    message: String,
    /// Seconds.
    retry_after: Option<u32>,
}

impl Failure {
    pub(crate) fn new(code: StatusCode, reason: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, reason, message, retry_after: None }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn expired(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, "Expired", message)
    }

    /// As a server words it that has them switched off.
    pub(crate) fn no_streamed_lists() -> Self {
        let message = "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", message)
    }

    pub(crate) fn unavailable() -> Self {
        let message = "the server is currently unable to handle the request";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized")
    }

    pub(crate) fn forbidden(resource: Resource, verb: &str) -> Self {
        let group = resource.row().group;
        let plural = resource.row().plural;
        let message = format!(
            "{resource} is forbidden: User \"system:serviceaccount:default:default\" cannot {verb} resource \"{plural}\" in API group \"{group}\" at the cluster scope"
        );
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    pub(crate) fn not_acceptable() -> Self {
        let message = "only the following media types are accepted: application/json, application/json;as=PartialObjectMetadata, application/vnd.kubernetes.protobuf";
        Self::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message)
    }

    pub(crate) fn budget_spent() -> Self {
        let message = "Cannot evict pod as it would violate the pod's disruption budget.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
    }

    pub(crate) fn busy(seconds: u32) -> Self {
        let message = "too many requests, please try again later";
        let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message);
        Self { retry_after: Some(seconds), ..failure }
    }

    pub(crate) fn unknown_path() -> Self {
        let message = "the server could not find the requested resource";
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code.as_u16(),
        })
    }
}

impl From<Gone> for Failure {
    fn from(gone: Gone) -> Self {
        Self::expired(gone.to_string())
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let (code, reason) = match &refused {
            Refused::UnknownKind { .. } | Refused::Nameless(_) => {
                (StatusCode::BAD_REQUEST, "BadRequest")
            }
            Refused::Conflict { .. } => (StatusCode::CONFLICT, "Conflict"),
            Refused::AlreadyExists { .. } => (StatusCode::CONFLICT, "AlreadyExists"),
            Refused::NotFound { .. } => (StatusCode::NOT_FOUND, "NotFound"),
        };
        Self::new(code, reason, refused.to_string())
    }
}

impl Failure {
    /// The answer, in the encoding that was asked for.
    pub(crate) fn encoded(&self, encoding: Encoding) -> Response {
        let kind = [(header::CONTENT_TYPE, encoding.media_type())];
        let wait = self.retry_after.map(|seconds| [(header::RETRY_AFTER, seconds)]);
        let body = match encoding {
            Encoding::Json => self.to_json().to_string().into_bytes(),
            Encoding::Protobuf => protobuf::status(&self.to_json()),
        };
        (self.code, kind, wait, body).into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.encoded(Encoding::Json)
    }
}
