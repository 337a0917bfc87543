//! Questions about others: whose token is this, and may somebody do something?

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};

use super::ApiServer;
use super::http::parsed;
use super::status::Failure;

/// Whom the server knows, and who may get what.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// Names by their tokens.
    pub tokens: BTreeMap<String, String>,
    /// Names with the paths that they may get.
    pub leave: BTreeSet<(String, String)>,
    /// How many tokens were asked about.
    pub token_reviews: u64,
    /// How often it was asked who may get what.
    pub access_reviews: u64,
}

pub(super) fn router(server: &ApiServer) -> Router {
    Router::new()
        .route("/apis/authentication.k8s.io/v1/tokenreviews", post(token))
        .route("/apis/authorization.k8s.io/v1/subjectaccessreviews", post(access))
        .with_state(server.clone())
}

type Answer = Result<Response, Failure>;

async fn token(State(server): State<ApiServer>, body: Bytes) -> Answer {
    let mut review = parsed(&body)?;
    let status = server.accounts(|accounts| {
        accounts.token_reviews += 1;
        match accounts.tokens.get(review["spec"]["token"].as_str().unwrap_or_default()) {
            Some(name) => json!({
                "authenticated": true,
                "user": {"username": name, "uid": name, "groups": ["system:authenticated"]},
            }),
            None => json!({"user": {}, "error": "invalid bearer token"}),
        }
    });
    review["status"] = status;
    Ok(created(&review))
}

async fn access(State(server): State<ApiServer>, body: Bytes) -> Answer {
    let mut review = parsed(&body)?;
    let spec = &review["spec"];
    let asked = &spec["nonResourceAttributes"];
    let pair = |name: &str, path: &str| (name.to_owned(), path.to_owned());
    let wanted = match (spec["user"].as_str(), asked["path"].as_str(), asked["verb"].as_str()) {
        (Some(user), Some(path), Some("get")) => pair(user, path),
        _ => return Err(Failure::bad_request("only who may get a nonResourceURL is known here")),
    };
    let allowed = server.accounts(|accounts| {
        accounts.access_reviews += 1;
        accounts.leave.contains(&wanted)
    });
    review["status"] = json!({"allowed": allowed});
    Ok(created(&review))
}

fn created(review: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::CREATED, kind, review.to_string()).into_response()
}
