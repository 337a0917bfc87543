//! What a client asks before it asks for objects: version, groups, resources, health.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::resource::{ROWS, Row};

const VERBS: [&str; 6] = ["create", "delete", "get", "list", "update", "watch"];

pub(crate) fn router() -> Router {
    let mut documents = vec![
        ("/version".to_owned(), version()),
        ("/api".to_owned(), json!({"kind": "APIVersions", "versions": ["v1"]})),
        ("/apis".to_owned(), groups()),
    ];
    let mut by_root = BTreeMap::<String, Vec<&Row>>::new();
    for row in &ROWS {
        by_root.entry(row.root()).or_default().push(row);
    }
    documents.extend(by_root.into_iter().map(|(root, rows)| (root, resources(&rows))));
    let health =
        Router::new().route("/readyz", get(async || "ok")).route("/livez", get(async || "ok"));
    documents.into_iter().fold(health, |router, (path, document)| {
        let document = document.to_string();
        router.route(&path, get(async move || json_text(document)))
    })
}

fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn version() -> Value {
    json!({
        "major": "1", "minor": "36", "gitVersion": "v1.36.0+simulator", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "linux/amd64",
    })
}

fn groups() -> Value {
    let mut versions = BTreeMap::<&str, Vec<Value>>::new();
    for row in ROWS.iter().filter(|row| !row.group.is_empty()) {
        let version = json!({"groupVersion": row.api_version(), "version": row.version});
        let known = versions.entry(row.group).or_default();
        if !known.contains(&version) {
            known.push(version);
        }
    }
    let groups: Vec<Value> = versions
        .into_iter()
        .map(|(name, versions)| json!({"name": name, "preferredVersion": versions[0], "versions": versions}))
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn resources(rows: &[&Row]) -> Value {
    let api_version = rows.first().map(|row| row.api_version());
    let resources: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "name": row.plural, "singularName": row.kind.to_lowercase(), "kind": row.kind,
                "namespaced": row.namespaced, "verbs": VERBS,
            })
        })
        .collect();
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": resources})
}
