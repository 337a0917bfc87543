//! One request, one answer: what is asked of a cluster beside its watches.

use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use leadership::text::clean;
use serde_json::Value;
use tokio::time::timeout;

use crate::access::Cluster;
use crate::watch::causes;

/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(15);

/// Bytes of an answer that is read whole.
const WHOLE: usize = 4 << 20;

/// Why there is no good answer.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// There is none at all, for this reason.
    Silence(String),
    /// The API server refuses, in these words.
    Refused(StatusCode, String),
}

impl Refusal {
    /// What happened, for people.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Silence(why) => why.clone(),
            Self::Refused(StatusCode::UNAUTHORIZED, said) => {
                format!("the API server does not take our credentials: {said}; log in again")
            }
            Self::Refused(code, said) => format!("the API server answered {code}: {said}"),
        }
    }
}

/// Sends what `request` makes; once more with new credentials if the old ones are not taken any more.
pub(crate) async fn ask(
    cluster: &Cluster,
    request: impl Fn() -> http::Result<Request<Body>>,
) -> Result<Body, Refusal> {
    let session = cluster.session();
    match send(&session.client, request()).await {
        Err(Refusal::Refused(StatusCode::UNAUTHORIZED, _)) => {
            let renewed = cluster.renew(session.generation).await;
            renewed.map_err(|error| Refusal::Silence(error.to_string()))?;
            send(&cluster.session().client, request()).await
        }
        answer => answer,
    }
}

/// The same, for an answer that is one JSON object.
pub(crate) async fn ask_object(
    cluster: &Cluster,
    request: impl Fn() -> http::Result<Request<Body>>,
) -> Result<Value, Refusal> {
    let bytes = ask_bytes(cluster, request, WHOLE).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Refusal::Silence(format!("the answer is no JSON object: {error}")))
}

/// The same, for an answer of at most so many bytes.
pub(crate) async fn ask_bytes(
    cluster: &Cluster,
    request: impl Fn() -> http::Result<Request<Body>>,
    most: usize,
) -> Result<Vec<u8>, Refusal> {
    let body = ask(cluster, request).await?;
    match timeout(PATIENCE, Limited::new(body, most).collect()).await {
        Ok(Ok(all)) => Ok(all.to_bytes().into()),
        Ok(Err(error)) => Err(Refusal::Silence(format!("the answer broke: {error}"))),
        Err(_) => Err(Refusal::Silence(format!("the answer did not end within {PATIENCE:?}"))),
    }
}

async fn send(
    client: &kube::Client,
    request: http::Result<Request<Body>>,
) -> Result<Body, Refusal> {
    let request = request.map_err(|error| Refusal::Silence(format!("no such request: {error}")))?;
    let late = |_| Refusal::Silence(format!("the API server did not answer within {PATIENCE:?}"));
    let answer = timeout(PATIENCE, client.send(request)).await.map_err(late)?;
    let answer = answer
        .map_err(|error| Refusal::Silence(causes("no answer from the API server", &error)))?;
    let (head, body) = answer.into_parts();
    if head.status.is_success() {
        return Ok(body);
    }
    let said: Value = serde_json::from_slice(&whole(body).await).unwrap_or_default();
    let reason = head.status.canonical_reason().unwrap_or("no reason given");
    let message = clean(said["message"].as_str().unwrap_or(reason));
    Err(Refusal::Refused(head.status, message.to_string()))
}

/// What a refusal says; nothing where that breaks or takes too long.
async fn whole(body: Body) -> Vec<u8> {
    match timeout(PATIENCE, Limited::new(body, WHOLE).collect()).await {
        Ok(Ok(all)) => all.to_bytes().into(),
        _ => Vec::new(),
    }
}
