//! The one filter in front of every route but the probes.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use observe::clock;
use tokio::time::timeout;

use super::Door;
use super::config::Rules;
use super::counts::Reason;

/// How long a client waits for a decision: no scraper has more patience.
const PATIENCE: Duration = Duration::from_secs(10);

/// What kubelets ask, who have no credentials. Where a key is asked for, they learn the status and nothing else.
const PROBES: [&str; 3] = ["/livez", "/healthz", "/readyz"];

/// How refusals are told.
const REFUSALS: [(Reason, StatusCode, &str); 4] = [
    (Reason::Credentials, StatusCode::UNAUTHORIZED, "credentials are missing, or are not good"),
    (
        Reason::Rights,
        StatusCode::FORBIDDEN,
        "you may not get this; the right to get this path as a nonResourceURL is missing",
    ),
    (Reason::Rate, StatusCode::TOO_MANY_REQUESTS, "too many requests; come back later"),
    (
        Reason::Unknown,
        StatusCode::SERVICE_UNAVAILABLE,
        "whether you may get this cannot be found out now; the exporter's log may have more",
    ),
];

impl Door {
    /// Whether a path is for probes.
    pub(crate) fn probed(path: &str) -> bool {
        PROBES.contains(&path)
    }
}

pub(super) async fn filter(
    State(door): State<Arc<Door>>,
    request: Request,
    next: Next,
) -> Response {
    let rules = door.rules();
    let rules = rules.as_deref();
    let mut answer = if Door::probed(request.uri().path()) {
        let answer = next.run(request).await;
        if door.locked(rules) { brief(&answer) } else { answer }
    } else {
        let (path, authorization) =
            (request.uri().path(), request.headers().get(header::AUTHORIZATION));
        let admitted = door.admit(rules, authorization.cloned(), path.to_owned());
        match timeout(PATIENCE, admitted).await.unwrap_or(Err(Reason::Unknown)) {
            Ok(()) => next.run(request).await,
            Err(reason) => door.refuse(reason),
        }
    };
    for (name, value) in rules.iter().flat_map(|rules| &rules.headers) {
        answer.headers_mut().insert(name, value.clone());
    }
    answer
}

/// A probe's answer without its reasons, which name the cluster.
fn brief(answer: &Response) -> Response {
    let word = if answer.status().is_success() { "ok\n" } else { "not ok\n" };
    (answer.status(), word).into_response()
}

impl Door {
    async fn admit(
        &self,
        rules: Option<&Rules>,
        authorization: Option<HeaderValue>,
        path: String,
    ) -> Result<(), Reason> {
        if let Some(limit) = rules.and_then(|rules| rules.rate)
            && !self.rate.admits(limit, clock::now())
        {
            return Err(Reason::Rate);
        }
        let authorization = authorization.as_ref();
        if let Some(tokens) = &self.tokens {
            tokens.admit(authorization, &path).await?;
        }
        let users = rules.map(|rules| &rules.users).filter(|users| !users.is_empty());
        match users {
            Some(users) if !self.passwords.admit(users, authorization).await => {
                Err(Reason::Credentials)
            }
            _ => Ok(()),
        }
    }

    fn refuse(&self, reason: Reason) -> Response {
        self.counts.refuse(reason);
        let row = REFUSALS.iter().find(|(known, ..)| *known == reason);
        let (status, text) =
            row.map_or((StatusCode::FORBIDDEN, "no"), |(_, status, text)| (*status, *text));
        let mut answer = (status, format!("{text}\n")).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        match reason {
            Reason::Credentials => {
                let scheme = if self.tokens.is_some() { "Bearer" } else { "Basic" };
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
            }
            Reason::Rate | Reason::Unknown => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            Reason::Rights => {}
        }
        answer
    }
}
