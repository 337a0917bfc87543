//! Questions about others, for who serves what a cluster shows: whose token is this, and may they get this path?
//!
//! Nothing is kept of a token here, and no error holds one.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use leadership::text::clean;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::access::{Cluster, Session};

/// How long the API server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of an answer that are read.
const ANSWER: usize = 256 << 10;

const TOKEN_REVIEWS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
const ACCESS_REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// What an account must be allowed to create, in which API group, to ask these questions.
pub const RESOURCES: [(&str, &str); 2] =
    [("authentication.k8s.io", "tokenreviews"), ("authorization.k8s.io", "subjectaccessreviews")];

/// Somebody whom the API server knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Person {
    /// The name that rights are bound to.
    pub username: String,
    /// Tells accounts of one name apart; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// The groups that rights are bound to.
    pub groups: Vec<String>,
    /// What authorizers may want to know beyond that.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Vec<String>>,
}

impl Person {
    /// Whether this is nobody in particular.
    #[must_use]
    pub fn anonymous(&self) -> bool {
        self.username.is_empty()
            || self.username == "system:anonymous"
            || self.groups.iter().any(|group| group == "system:unauthenticated")
    }
}

/// Why the API server did not say. Then nothing is known, and nobody may be let in.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// It gave no answer.
    #[error("the API server gives no answer about {0}: {1}")]
    Away(&'static str, String),
    /// It did not answer in time.
    #[error("the API server did not answer about {0} in time")]
    Late(&'static str),
    /// We may not ask.
    #[error("the API server does not let us ask: {1}; allow the account to create {0}")]
    Forbidden(&'static str, String),
    /// Something else than an answer.
    #[error("the API server answered {1} about {0}: {2}")]
    Refused(&'static str, StatusCode, String),
    /// An answer that makes no sense.
    #[error("the API server's answer about {0} cannot be read: {1}")]
    Sense(&'static str, String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reviewed<T: Default> {
    status: T,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Known {
    authenticated: bool,
    user: Option<Person>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Allowed {
    allowed: bool,
    denied: bool,
}

impl Cluster {
    /// Whose token this is; nobody's if it is not good.
    ///
    /// # Errors
    /// When the API server does not say.
    pub async fn who(&self, token: &str) -> Result<Option<Person>, ReviewError> {
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token},
        });
        let known: Reviewed<Known> = self.ask(TOKEN_REVIEWS, RESOURCES[0].1, &review).await?;
        Ok(known.status.user.filter(|_| known.status.authenticated))
    }

    /// Whether somebody may get this path of an HTTP server: the verb `get` of a nonResourceURL.
    ///
    /// # Errors
    /// When the API server does not say.
    pub async fn may_get(&self, person: &Person, path: &str) -> Result<bool, ReviewError> {
        let mut spec = json!({"nonResourceAttributes": {"path": path, "verb": "get"}});
        spec["user"] = json!(person.username);
        spec["groups"] = json!(person.groups);
        spec["uid"] = json!(person.uid);
        spec["extra"] = json!(person.extra);
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
        });
        let said: Reviewed<Allowed> = self.ask(ACCESS_REVIEWS, RESOURCES[1].1, &review).await?;
        Ok(said.status.allowed && !said.status.denied)
    }

    /// Asks; once more with new credentials if ours have run out.
    async fn ask<T: for<'a> Deserialize<'a>>(
        &self,
        path: &'static str,
        what: &'static str,
        review: &Value,
    ) -> Result<T, ReviewError> {
        let session = self.session();
        match self.create(&session, path, what, review).await {
            Err(ReviewError::Refused(_, StatusCode::UNAUTHORIZED, _)) => {
                let renewed = timeout(PATIENCE, self.renew(session.generation)).await;
                let renewed = renewed.map_err(|_| ReviewError::Late(what))?;
                renewed.map_err(|error| ReviewError::Away(what, error.to_string()))?;
                self.create(&self.session(), path, what, review).await
            }
            answer => answer,
        }
    }

    async fn create<T: for<'a> Deserialize<'a>>(
        &self,
        session: &Session,
        path: &'static str,
        what: &'static str,
        review: &Value,
    ) -> Result<T, ReviewError> {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Body::from(review.to_string().into_bytes()));
        let request = request.map_err(|error| ReviewError::Sense(what, error.to_string()))?;
        let exchange = async {
            let answer = session.client.send(request).await;
            let away = |error: &dyn std::error::Error| ReviewError::Away(what, causes(error));
            let (head, body) = answer.map_err(|error| away(&error))?.into_parts();
            let body = Limited::new(body, ANSWER).collect().await;
            let body = body.map_err(|error| ReviewError::Away(what, error.to_string()))?;
            Ok((head.status, body.to_bytes()))
        };
        let (status, body) =
            timeout(PATIENCE, exchange).await.map_err(|_| ReviewError::Late(what))??;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| ReviewError::Sense(what, error.to_string()));
        }
        Err(refused(what, status, &body))
    }
}

/// The error with all its causes.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn refused(what: &'static str, status: StatusCode, body: &[u8]) -> ReviewError {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = clean(said["message"].as_str().unwrap_or_default()).to_string();
    if status == StatusCode::FORBIDDEN {
        return ReviewError::Forbidden(what, said);
    }
    ReviewError::Refused(what, status, said)
}
