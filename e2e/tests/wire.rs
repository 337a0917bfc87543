//! What is read of a real API server in protobuf is what its JSON says, list by list and event by event.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::plane::ControlPlane;
use kube::Client;
use leadership::observation::{Fact, Kind, Object};
use observe::access::{Access, connect};
use observe::clock;
use observe::drive::{self, Live, Options};
use observe::kinds::{ROWS, Row};
use observe::read::Said;
use observe::recording::Reader;
use observe::watch::{Encoding, KindStats};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);
const KINDS: [Kind; 4] = [Kind::Lease, Kind::NodeLease, Kind::Pod, Kind::Node];
/// How long the watches in JSON are asked to last; everything happens in this time.
const WATCHED: Duration = Duration::from_secs(8);

#[derive(Deserialize)]
struct List<'a> {
    metadata: Value,
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Line<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// A change as the fold is told of it.
type Change = (&'static str, Object);

fn path(row: &Row, parameters: &str) -> String {
    let prefix = if row.group.is_empty() { "/api" } else { "/apis" };
    let namespace = row.namespace().map(|it| format!("/namespaces/{it}")).unwrap_or_default();
    format!("{prefix}/{}{namespace}/{}?{parameters}", row.api_version(), row.resource)
}

async fn text(client: &Client, path: &str) -> Result<String> {
    let request = http::Request::get(path).header("Accept", "application/json");
    Ok(client.request_text(request.body(Vec::new())?).await?)
}

fn read(row: &Row, json: &str) -> Result<Object> {
    match (row.read)(json)?.said {
        Said::Object(object) => Ok(object),
        Said::NoLock(key) => anyhow::bail!("{key} is no lock"),
    }
}

/// All objects of a kind as JSON says them, and the version to go on from.
async fn listed(client: &Client, row: &Row) -> Result<(Vec<Object>, String)> {
    let text = text(client, &path(row, "")).await?;
    let list: List = serde_json::from_str(&text)?;
    let objects = list.items.iter().map(|item| read(row, item.get()));
    let objects: Vec<Object> = objects.collect::<Result<_>>()?;
    let version = list.metadata["resourceVersion"].as_str().context("no version")?;
    Ok((objects.into_iter().filter(|it| it.kind() == row.kind).collect(), version.to_owned()))
}

/// All changes since a version as JSON says them.
async fn changes(client: &Client, row: &Row, version: &str) -> Result<Vec<Change>> {
    let asked = format!(
        "watch=1&resourceVersion={version}&timeoutSeconds={seconds}",
        seconds = WATCHED.as_secs()
    );
    let text = text(client, &path(row, &asked)).await?;
    let mut changes = Vec::new();
    for line in text.lines() {
        let line: Line = serde_json::from_str(line)?;
        let change = if line.r#type == "DELETED" { "deleted" } else { "applied" };
        changes.push((change, read(row, line.object.get())?));
    }
    Ok(changes.into_iter().filter(|(_, object)| object.kind() == row.kind).collect())
}

async fn create(client: &Client, path: &str, object: &Value) -> Result<()> {
    let request = http::Request::post(path).header("Content-Type", "application/json");
    let _: Value = client.request(request.body(serde_json::to_vec(object)?)?).await?;
    Ok(())
}

async fn merge(client: &Client, path: &str, change: &Value) -> Result<()> {
    let request = http::Request::patch(path).header("Content-Type", "application/merge-patch+json");
    let _: Value = client.request(request.body(serde_json::to_vec(change)?)?).await?;
    Ok(())
}

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const NODE_LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
const PODS: &str = "/api/v1/namespaces/default/pods";

/// Holders that nobody would write who means well.
const HOLDERS: [&str; 6] = [
    "plain-1_5f2c",
    "esc\u{1b}[2J\u{202e}\"quoted\"\\\nline",
    "",
    "número-é-漢字-🦀",
    "}{\"f:spec\":",
    "k8s\u{0}\u{1}\u{7f}",
];

async fn populate(client: &Client) -> Result<()> {
    for (place, holder) in HOLDERS.iter().enumerate() {
        let lease = json!({
            "metadata": {"name": format!("hostile-{place}"), "labels": {"a": "b", "c": ""}},
            "spec": {
                "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": place,
                "acquireTime": "2026-01-02T03:04:05.678901Z", "renewTime": "1969-12-31T23:59:58.500000Z",
            },
        });
        create(client, LEASES, &lease).await?;
    }
    let bare = json!({"metadata": {"name": "bare", "annotations": {"spec": "7"}}});
    create(client, LEASES, &bare).await?;
    let node = json!({
        "metadata": {"name": "node-1", "labels": {"topology.kubernetes.io/zone": "z"}},
    });
    create(client, "/api/v1/nodes", &node).await?;
    let heartbeat = json!({
        "metadata": {"name": "node-1"},
        "spec": {"holderIdentity": "node-1", "leaseDurationSeconds": 40},
    });
    create(client, NODE_LEASES, &heartbeat).await
}

/// Everything that happens while both look.
async fn stir(client: &Client) -> Result<()> {
    for (place, holder) in HOLDERS.iter().rev().enumerate() {
        let now =
            jiff::Timestamp::from(clock::now()).strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let spec =
            json!({"spec": {"holderIdentity": holder, "renewTime": now, "leaseTransitions": null}});
        merge(client, &format!("{LEASES}/hostile-{place}"), &spec).await?;
    }
    merge(client, &format!("{NODE_LEASES}/node-1"), &json!({"spec": {"leaseDurationSeconds": 41}}))
        .await?;
    let ready = json!({"status": {
        "conditions": [{"type": "Ready", "status": "False"}],
        "addresses": [{"type": "Hostname", "address": "machine"}],
    }});
    merge(client, "/api/v1/nodes/node-1/status", &ready).await?;
    let status = json!({"status": {
        "phase": "Running", "podIP": "10.1.2.3", "podIPs": [{"ip": "10.1.2.3"}, {"ip": "fd00::1"}],
        "startTime": "2026-01-02T03:04:05Z",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:04:06Z"}],
        "containerStatuses": [{
            "name": "main", "image": "x", "imageID": "", "ready": true, "restartCount": 2,
            "state": {"running": {"startedAt": "2026-01-02T03:04:05Z"}},
            "lastState": {"terminated": {"exitCode": -1, "reason": "OOMKilled", "finishedAt": "2026-01-02T03:04:04Z"}},
        }],
    }});
    merge(client, &format!("{PODS}/told/status"), &status).await?;
    for gone in [format!("{LEASES}/bare"), format!("{PODS}/told?gracePeriodSeconds=0")] {
        let request = http::Request::delete(gone).body(Vec::new())?;
        let _: Value = client.request(request).await?;
    }
    Ok(())
}

/// Waits until every watch has a list, and a stream in protobuf.
async fn until_streaming(live: &Live) -> Result<()> {
    let begun = |stats: &KindStats| stats.opened.get() > 0 && stats.listed_by().is_some();
    let all = || KINDS.iter().all(|kind| begun(live.stats.of(*kind)));
    let started = clock::now();
    while !all() {
        ensure!(clock::since(started) < PATIENCE, "no stream");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for kind in KINDS {
        let encoding = live.stats.of(kind).encoding();
        ensure!(encoding == Some(Encoding::Protobuf), "{kind:?} is watched in {encoding:?}");
    }
    Ok(())
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn protobuf_says_what_json_says() -> Result<()> {
    let plane = ControlPlane::start()?;
    plane.create_pod("told", "node-1")?;
    plane.runtime().block_on(compare(&plane))
}

async fn compare(plane: &ControlPlane) -> Result<()> {
    let client = plane.client();
    populate(&client).await?;
    let access = Access { kubeconfig: Some(plane.kubeconfig()), ..Access::default() };
    let record = plane.dir().join("wire.jsonl");
    let options = Options {
        namespaces: Vec::new(),
        look_up_pods: false,
        kinds: KINDS.to_vec(),
        record: Some(record.clone()),
        catalogue: observe::catalogue::built_in(),
    };
    let rows: Vec<&Row> = ROWS.iter().filter(|row| KINDS.contains(&row.kind)).collect();
    let mut expected = Vec::new();
    for row in &rows {
        expected.push(listed(&client, row).await?);
    }
    let live = drive::start(connect(&access).await?, options)?;
    until_streaming(&live).await?;
    let watches =
        rows.iter().zip(&expected).map(|(row, (_, version))| changes(&client, row, version));
    let (stirred, changes) = tokio::join!(stir(&client), futures::future::try_join_all(watches));
    stirred?;
    let (changes, unreadable) = (changes?, KINDS.map(|kind| live.stats.of(kind).unreadable.get()));
    drop(live);
    ensure!(unreadable == [0; 4], "unreadable: {unreadable:?}");
    let facts = recorded(&record)?;
    for ((row, (objects, _)), expected) in rows.iter().zip(expected).zip(changes) {
        compared(row, &objects, &expected, &facts)?;
    }
    Ok(())
}

fn recorded(record: &std::path::Path) -> Result<Vec<Fact>> {
    let file = std::io::BufReader::new(std::fs::File::open(record)?);
    Reader::new(file).map(|observation| Ok(observation?.fact)).collect()
}

/// A recording says what the fold reads of an object; JSON is compared as it would be recorded.
fn compared(row: &Row, listed: &[Object], changed: &[Change], facts: &[Fact]) -> Result<()> {
    let lists = facts.iter().filter_map(|fact| match fact {
        Fact::Listed { kind, objects } if *kind == row.kind => Some(objects),
        _ => None,
    });
    let list = lists.into_iter().next().with_context(|| format!("no list of {:?}", row.kind))?;
    for object in listed.iter().filter(|object| ours(object)) {
        ensure!(list.contains(object), "not listed: {object:#?}\nbut {list:#?}");
    }
    let got: Vec<Change> =
        facts.iter().filter_map(change).filter(|(_, it)| it.kind() == row.kind).collect();
    let got: Vec<&Change> = got.iter().filter(|(_, object)| ours(object)).collect();
    let wanted: Vec<&Change> = changed.iter().filter(|(_, object)| ours(object)).collect();
    println!("{}: {} listed, {} changes", row.kind.label(), listed.len(), wanted.len());
    ensure!(!wanted.is_empty(), "nothing happened to {:?}", row.kind);
    ensure!(got == wanted, "got {got:#?}\nwanted {wanted:#?}");
    Ok(())
}

fn change(fact: &Fact) -> Option<Change> {
    match fact {
        Fact::Applied(object) => Some(("applied", object.clone())),
        Fact::Deleted(object) => Some(("deleted", object.clone())),
        _ => None,
    }
}

/// The control plane's own leases go on being renewed after the watches in JSON have ended.
fn ours(object: &Object) -> bool {
    object.namespace() != Some(&"kube-system".into())
}
