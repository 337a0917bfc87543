//! The door before the real API server: tokens that are good, missing, foreign, expired and withdrawn, and an API server
//! that is away.

use std::time::Duration;

use anyhow::{Context, Result};
use e2e::account::Account;
use e2e::jwt::Signer;
use e2e::plane::ControlPlane;
use e2e::product::Exporter;
use e2e::release::Release;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;

const NAMESPACE: &str = "monitoring";
/// What the exporter says about a token that it has not seen.
fn status(exporter: &Exporter, path: &str, token: &str) -> Result<u16> {
    let header = format!("Authorization: Bearer {token}\r\n");
    Ok(exporter.get_with(path, if token.is_empty() { "" } else { &header })?.0)
}

/// An exporter with the rights of the chart, and an account that may read its page.
fn locked(plane: &ControlPlane) -> Result<(Exporter, Account<'_>)> {
    plane.create_namespace(NAMESPACE, "restricted")?;
    let release = Release::install(plane, "leader", NAMESPACE, &["auth.mode=kubernetes"])?;
    let own = plane.account(NAMESPACE, "leader-leadership-exporter")?;
    let reader = plane.account("default", "prometheus")?;
    let binding: ClusterRoleBinding = serde_json::from_value(json!({
        "metadata": {"name": "prometheus-reads"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
            "name": "monitoring-leader-leadership-exporter-reader",
        },
        "subjects": [{"kind": "ServiceAccount", "name": "prometheus", "namespace": "default"}],
    }))?;
    let bindings = Api::all(plane.client());
    plane.runtime().block_on(bindings.create(&PostParams::default(), &binding))?;
    let flags = release.flags()?;
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let exporter = Exporter::start(&own.kubeconfig, &plane.dir(), &flags)?;
    Ok((exporter, reader))
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn only_good_tokens_with_the_right_come_in() -> Result<()> {
    let plane = ControlPlane::start()?;
    let (exporter, reader) = locked(&plane)?;
    let stranger = plane.account("default", "stranger")?;
    let accounts: Api<ServiceAccount> = Api::namespaced(plane.client(), "default");
    let prometheus = plane.runtime().block_on(accounts.get("prometheus"))?;
    let uid = prometheus.metadata.uid.context("an account without uid")?;
    let signer = Signer::new(&plane.dir().join("api/signing.pem"))?;
    let ours = |from: i64, to: i64| signer.sign("default", "prometheus", &uid, from, to);

    let cases = [
        (reader.token.clone(), 200, "of the reader"),
        (String::new(), 401, "missing"),
        (stranger.token.clone(), 403, "of an account without the right"),
        // That ours is taken shows that the next ones are refused for their times and their key.
        (ours(-60, 600)?, 200, "made here"),
        (ours(-600, -60)?, 401, "expired"),
        (
            Signer::foreign()?.sign("default", "prometheus", &uid, -60, 600)?,
            401,
            "of a foreign key",
        ),
        (format!("{}x", reader.token), 401, "changed"),
        ("nonsense".to_owned(), 401, "no token at all"),
    ];
    for (token, expected, what) in &cases {
        assert_eq!(status(&exporter, "/metrics", token)?, *expected, "{what}");
        assert_eq!(status(&exporter, "/livez", token)?, 200, "{what}");
        let root = if *expected == 200 { 403 } else { *expected };
        assert_eq!(status(&exporter, "/", token)?, root, "{what}");
    }
    // An account that goes takes its tokens with it, as soon as the verdict on them is forgotten.
    let gone = plane.account("default", "short-lived")?;
    plane.runtime().block_on(accounts.delete("short-lived", &DeleteParams::default()))?;
    assert_eq!(status(&exporter, "/metrics", &gone.token)?, 401, "withdrawn");
    let log = exporter.process.tail();
    for (token, ..) in cases.iter().filter(|(token, ..)| token.len() > 8) {
        assert!(!log.contains(&**token), "the log holds a token");
    }
    Ok(())
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn while_the_api_server_is_away_nobody_new_comes_in() -> Result<()> {
    let mut plane = ControlPlane::start()?;
    let (exporter, token, other) = {
        let (exporter, reader) = locked(&plane)?;
        let other = plane.account("default", "prometheus")?;
        (exporter, reader.token, other.token)
    };
    assert_eq!(status(&exporter, "/metrics", &token)?, 200);
    plane.stop_apiserver();
    assert_eq!(status(&exporter, "/metrics", &token)?, 200, "what was found out still holds");
    assert_eq!(status(&exporter, "/metrics", &other)?, 503);
    assert_eq!(status(&exporter, "/metrics", "")?, 401);
    assert_eq!(status(&exporter, "/livez", "")?, 200);
    plane.start_apiserver()?;
    e2e::process::eventually(Duration::from_secs(30), "it lets in again", || {
        Ok((status(&exporter, "/metrics", &other)? == 200).then_some(()))
    })
}
