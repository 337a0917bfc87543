use std::path::Path;
use std::time::Duration;

use leadership::observation::{Fact, Kind, Observation};
use simulator::{Faults, Scene};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::kinds::Row;
use crate::watch::{Outlet, Patience, Target, Watcher};

const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: dev
contexts:
- {name: dev, context: {cluster: near, user: me}}
- {name: prod, context: {cluster: far, user: me}}
- {name: torn, context: {cluster: nowhere, user: me}}
clusters:
- {name: near, cluster: {server: 'http://127.0.0.1:1'}}
- {name: far, cluster: {server: 'http://127.0.0.1:2'}}
users:
- {name: me, user: {token: secret}}
";

/// Tries the kubeconfig with `text`.
async fn with(text: &str, edit: impl FnOnce(&mut Access)) -> Result<Cluster, AccessError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config");
    std::fs::write(&path, text).unwrap();
    let mut access = Access { kubeconfig: Some(path), ..Access::default() };
    edit(&mut access);
    connect(&access).await
}

async fn refusal(text: &str, edit: impl FnOnce(&mut Access)) -> String {
    match with(text, edit).await {
        Ok(cluster) => panic!("{} should not be reached", cluster.name()),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_kubeconfig_without_contexts_is_named_with_what_to_do() {
    for (text, context) in [("", None), ("kind: Config\n", Some("prod"))] {
        let said = refusal(text, |access| access.context = context.map(str::to_owned)).await;
        assert!(said.contains("/config has no contexts; set KUBECONFIG"), "{said}");
        assert!(said.contains("--demo") && !said.contains("one of"), "{said}");
    }
}

#[tokio::test]
async fn a_password_in_an_address_is_refused_and_not_repeated() {
    let access = Access { url: Some("http://me:secret@x:1".to_owned()), ..Access::default() };
    let said = connect(&access).await.unwrap_err().to_string();
    assert!(said.contains("x:1") && said.contains("password"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[tokio::test]
async fn the_context_is_the_name() {
    let current = with(KUBECONFIG, |_| ()).await.unwrap();
    assert_eq!(current.name(), "dev");
    let asked = with(KUBECONFIG, |access| access.context = Some("prod".into())).await;
    assert_eq!(asked.unwrap().name(), "prod");
    let crossed = with(KUBECONFIG, |access| {
        access.cluster = Some("far".into());
        access.user = Some("me".into());
        access.impersonate = Some("jane".into());
        access.impersonate_groups = vec!["admins".into()];
    });
    assert_eq!(crossed.await.unwrap().name(), "dev");
}

#[tokio::test]
async fn what_does_not_exist_is_told_with_what_does() {
    let no_context = refusal(KUBECONFIG, |access| access.context = Some("x".into())).await;
    assert_eq!(
        no_context,
        "the kubeconfig has no context \"x\"; pass --context with one of: dev, prod, torn"
    );
    let no_cluster = refusal(KUBECONFIG, |access| access.cluster = Some("x".into())).await;
    assert!(no_cluster.ends_with("pass --cluster with one of: near, far"), "{no_cluster}");
    let no_user = refusal(KUBECONFIG, |access| access.user = Some("x".into())).await;
    assert!(no_user.ends_with("pass --user with one of: me"), "{no_user}");
    let torn = refusal(KUBECONFIG, |access| access.context = Some("torn".into())).await;
    assert!(torn.contains("\"nowhere\"") && torn.contains("near, far"), "{torn}");
    let text = KUBECONFIG.replace("current-context: dev", "");
    let no_current = refusal(&text, |_| ()).await;
    assert!(no_current.contains("--context with one of: dev, prod, torn"), "{no_current}");
}

#[tokio::test]
async fn files_that_are_no_kubeconfig_are_named() {
    let missing = refusal("", |access| access.kubeconfig = Some("/no/such/file".into())).await;
    assert!(missing.contains("/no/such/file") && missing.contains("No such file"), "{missing}");
    for text in ["{", "contexts: 7", "- a\n- b"] {
        let bad = refusal(text, |_| ()).await;
        assert!(bad.contains("cannot use the kubeconfig /"), "{bad}");
    }
    let paths = ["/no/a", "/no/b"].map(|path| Path::new(path).to_owned());
    let none = kubeconfig::merge(&paths).unwrap_err().to_string();
    assert!(none.contains("/no/a, /no/b") && none.contains("--demo"), "{none}");
    let text = KUBECONFIG.replace("http://127.0.0.1:1", "http://not a host");
    assert!(refusal(&text, |_| ()).await.contains("cannot be used"));
}

#[tokio::test]
async fn groups_need_a_user() {
    let alone = refusal(KUBECONFIG, |access| access.impersonate_groups = vec!["g".into()]).await;
    assert!(alone.contains("--as"), "{alone}");
}

#[tokio::test]
async fn an_url_stands_for_a_kubeconfig() {
    let good = with("{", |access| access.url = Some("http://127.0.0.1:1".into())).await;
    assert_eq!(good.unwrap().name(), "http://127.0.0.1:1");
    for url in ["", "127.0.0.1:1", "ftp://a", "http://", "/path", "http://a b"] {
        let bad = refusal("{", |access| access.url = Some(url.into())).await;
        assert!(bad.contains("write it as http://HOST:PORT"), "{bad}");
    }
}

fn plugin(server: &str, script: &str) -> String {
    let exec = serde_json::json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script],
        "interactiveMode": "IfAvailable", "installHint": "Install it.",
    });
    let text = KUBECONFIG.replace("{token: secret}", &format!("{{exec: {exec}}}"));
    text.replace("http://127.0.0.1:1", server)
}

#[tokio::test]
async fn a_plugin_that_fails_is_told() {
    let text = plugin("http://127.0.0.1:1", "echo please log in >&2; exit 3");
    let failed = refusal(&text, |_| ()).await;
    assert!(
        failed.contains("sh: it ended with exit status: 3 and said \"please log in\""),
        "{failed}"
    );
    assert!(failed.contains("kubectl get leases"), "{failed}");
    let text = text.replace("\"sh\"", "\"/no/such/plugin\"");
    let missing = refusal(&text, |_| ()).await;
    assert!(missing.contains("Install it."), "{missing}");
    assert!(missing.contains("/no/such/plugin: No such file"), "{missing}");
}

/// A plugin that notes how it was asked, and says a token.
const NOTING: &str = r#"echo "$KUBERNETES_EXEC_INFO" >> DIR/asked
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'"#;

/// A plugin that writes on the screen if it can, and notes what it could read from the keyboard.
const NOISY: &str = r#"echo drawn over >&2; read -r key; echo "key:$key" >> DIR/read
[ -t 0 ] && echo terminal >> DIR/read; [ -t 2 ] && echo terminal >> DIR/read
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'"#;

#[tokio::test]
async fn a_plugin_that_is_run_again_has_neither_keyboard_nor_screen() {
    let dir = tempfile::tempdir().unwrap();
    let script = NOISY.replace("DIR", dir.path().to_str().unwrap());
    let path = dir.path().join("config");
    std::fs::write(&path, plugin("http://127.0.0.1:1", &script)).unwrap();
    let access = Access { kubeconfig: Some(path), ..Access::default() };
    let cluster = connect(&access).await.unwrap();
    let read = || std::fs::read_to_string(dir.path().join("read")).unwrap_or_default();
    let before = read().lines().count();
    cluster.renew(0).await.unwrap();
    let later: Vec<String> = read().lines().skip(before).map(str::to_owned).collect();
    assert!(!later.is_empty() && later.iter().all(|line| line == "key:"), "{later:?}");
}

#[tokio::test]
async fn credentials_that_are_no_longer_taken_are_had_anew_without_the_terminal() {
    let sim = simulator::start(Scene::empty(), || crate::clock::now().into()).await.unwrap();
    sim.server().faults(|faults| faults.unauthorized = true);
    let dir = tempfile::tempdir().unwrap();
    let script = NOTING.replace("DIR", dir.path().to_str().unwrap());
    let path = dir.path().join("config");
    std::fs::write(&path, plugin(&sim.url(), &script)).unwrap();
    let access = Access { kubeconfig: Some(path), ..Access::default() };
    let cluster = connect(&access).await.unwrap();
    let asked = || std::fs::read_to_string(dir.path().join("asked")).unwrap();
    let before = asked().lines().count();
    let (out, mut facts) = mpsc::channel(16);
    let patience = Patience { first_pause: Duration::from_millis(10), ..Patience::default() };
    let target = Target::each(Row::of(Kind::Lease), &[]).remove(0);
    let watcher =
        Watcher::new(cluster.clone(), target, patience, Outlet::alone(out), Arc::default());
    let task = tokio::spawn(watcher.run());
    let mut next = async || {
        let next = timeout(Duration::from_secs(10), facts.recv()).await;
        next.expect("a fact in time").map(|Observation { fact, .. }| fact)
    };
    let lost = next().await;
    let told = matches!(&lost, Some(Fact::Lost { error, .. }) if error.contains("credentials"));
    assert!(told, "{lost:?}");
    sim.server().faults(|faults| *faults = Faults::default());
    assert!(matches!(next().await, Some(Fact::Listed { .. })));
    assert!(cluster.session().generation > 0);
    assert!(asked().lines().count() > before);
    let newest = asked().lines().last().unwrap_or_default().to_owned();
    assert!(newest.contains("\"interactive\":false"), "{newest}");
    task.abort();
}
