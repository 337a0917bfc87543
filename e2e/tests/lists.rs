//! Lists of a real API server: as streams where it serves them, in pages where it does not, and the same either way.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::plane::{ControlPlane, NAMESPACE};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, DeleteParams, PostParams};
use leadership::observation::{Fact, Kind, Object, Part};
use observe::access::{Access, connect};
use observe::clock;
use observe::drive::{self, Live, Options};
use observe::recording::Reader;
use observe::watch::{Encoding, ListedBy};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);
const KINDS: [Kind; 4] = [Kind::Lease, Kind::NodeLease, Kind::Pod, Kind::Deployment];
/// More than two pages.
const PODS: usize = 1_200;

#[test]
#[ignore = "needs Go: run e2e/run"]
fn lists_come_as_streams_where_they_are_served() -> Result<()> {
    let plane = ControlPlane::start()?;
    plane.runtime().block_on(listed(&plane, ListedBy::Stream))
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn lists_come_in_pages_where_streams_are_not_served() -> Result<()> {
    let plane = ControlPlane::start_with(&["--feature-gates=WatchList=false"])?;
    plane.runtime().block_on(listed(&plane, ListedBy::Pages))
}

async fn listed(plane: &ControlPlane, expected: ListedBy) -> Result<()> {
    let pods: Api<Pod> = Api::namespaced(plane.client(), NAMESPACE);
    let made = stream::iter(0..PODS).map(|number| create(&pods, number)).buffer_unordered(16);
    let made: BTreeSet<String> = made.try_collect().await?;
    let record = plane.dir().join("lists.jsonl");
    let access = Access { kubeconfig: Some(plane.kubeconfig()), ..Access::default() };
    let options = Options {
        namespaces: Vec::new(),
        look_up_pods: false,
        kinds: KINDS.to_vec(),
        record: Some(record.clone()),
        catalogue: observe::catalogue::built_in(),
    };
    let started = clock::now();
    let live = drive::start(connect(&access).await?, options)?;
    for kind in KINDS {
        let by = listed_by(&live, kind).await?;
        ensure!(by == expected, "{kind:?} were listed by {by:?}");
    }
    println!("{PODS} pods were listed by {expected:?} within {:?}", clock::since(started));
    pods.delete(&name(7), &DeleteParams::default().grace_period(0)).await?;
    pods.create(&PostParams::default(), &pod(PODS)?).await?;
    known(&live, PODS).await?;
    ensure!(live.stats.of(Kind::Pod).encoding() == Some(Encoding::Protobuf));
    drop(live);
    compare(&record, &made)
}

fn name(number: usize) -> String {
    format!("pod-{number:04}")
}

fn pod(number: usize) -> Result<Pod> {
    let containers = json!([{"name": "main", "image": "example/main"}]);
    let pod = json!({"metadata": {"name": name(number)}, "spec": {"containers": containers}});
    Ok(serde_json::from_value(pod)?)
}

async fn create(pods: &Api<Pod>, number: usize) -> Result<String> {
    pods.create(&PostParams::default(), &pod(number)?).await?;
    Ok(name(number))
}

async fn listed_by(live: &Live, kind: Kind) -> Result<ListedBy> {
    let started = clock::now();
    loop {
        if let Some(by) = live.stats.of(kind).listed_by() {
            return Ok(by);
        }
        ensure!(clock::since(started) < PATIENCE, "no list of {kind:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until one pod was created and one deleted, and so many are known.
async fn known(live: &Live, count: usize) -> Result<()> {
    let changed = |live: &Live| {
        let picture = live.snapshots.borrow().clone();
        let pods = picture.watches.iter().find(|watch| watch.kind == Kind::Pod);
        pods.is_some_and(|it| it.deleted == 1 && it.applied >= 1 && it.objects == count)
    };
    let started = clock::now();
    while !changed(live) {
        ensure!(clock::since(started) < PATIENCE, "{:?}", live.snapshots.borrow().watches);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// What was told: nobody was blind, pods came in parts, all of them and each once.
fn compare(record: &std::path::Path, made: &BTreeSet<String>) -> Result<()> {
    let file = std::io::BufReader::new(std::fs::File::open(record)?);
    let (mut parts, mut names) = (Vec::new(), Vec::new());
    for observation in Reader::new(file) {
        match observation?.fact {
            Fact::Lost { kind, error } => anyhow::bail!("{kind:?} were lost: {error}"),
            Fact::Page { part, pods } => {
                parts.push(part);
                names.extend(pods.into_iter().map(|pod| pod.name.to_string()));
            }
            Fact::Deleted(Object::Pod(pod)) => ensure!(*pod.name == *name(7)),
            _ => {}
        }
    }
    ensure!(parts == [Part::First, Part::Next, Part::Last], "{parts:?}");
    ensure!(names.len() == made.len() && names.iter().all(|it| made.contains(it)));
    ensure!(names.iter().collect::<BTreeSet<_>>().len() == made.len());
    Ok(())
}
