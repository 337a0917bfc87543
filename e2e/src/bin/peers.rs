//! What it costs to watch one real API server: the exporter, kube-state-metrics, and kube's reflectors with whole
//! types, all at the same time. Prints a table; asserts nothing.
//!
//! `e2e/build && e2e/build-peers && cargo build --release --bins && target/release/peers [LEASES PODS [SECONDS]]`

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use e2e::cost::Cost;
use e2e::plane::{ControlPlane, NAMESPACE};
use e2e::process::{Process, eventually, free_port, go_program, now, our_program};
use e2e::product::Exporter;
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Pod;
use kube::Client;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

/// Leases are renewed this often, as client-go does by default.
const RENEWED_EVERY: Duration = Duration::from_secs(2);
/// Requests that are under way together while the cluster is filled.
const TOGETHER: usize = 16;
/// Pages that are asked of each for its figure.
const PAGES: usize = 20;
/// How long everybody has to know everything.
const PATIENCE: Duration = Duration::from_mins(3);

fn main() -> Result<()> {
    let [leases, pods, seconds] = sizes()?;
    let plane = ControlPlane::start()?;
    plane.runtime().block_on(fill(plane.client(), leases, pods))?;
    let renewals = plane.runtime().spawn(renew(plane.client(), leases));
    let kubeconfig = plane.kubeconfig();
    let mut peers = vec![exporter(&kubeconfig, &plane.dir())?];
    peers.push(kube_state_metrics(&kubeconfig, &plane.dir())?);
    peers.push(reflectors(&kubeconfig, &plane.dir())?);
    eventually(PATIENCE, "everybody knows all pods", || {
        Ok(peers.iter().all(|peer| peer.knows(pods)).then_some(()))
    })?;
    println!("{pods} pods, {leases} leases renewed every 2 s; {seconds} s of all three at once");
    println!("| program | processor | resident | peak | a page, median of {PAGES} | its size |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let before = peers.iter().map(Peer::cost).collect::<Result<Vec<_>>>()?;
    let begun = now();
    std::thread::sleep(Duration::from_secs(u64::try_from(seconds)?));
    let passed = (now() - begun).as_secs_f64();
    for (peer, before) in peers.iter().zip(before) {
        peer.tell(before, passed)?;
    }
    if renewals.is_finished() {
        bail!("the leases were not renewed to the end");
    }
    Ok(())
}

/// Leases, pods, seconds.
fn sizes() -> Result<[usize; 3]> {
    let mut sizes = [500, 10_000, 60];
    for (size, arg) in sizes.iter_mut().zip(std::env::args().skip(1)) {
        *size = arg.parse().with_context(|| format!("{arg} is not a number"))?;
    }
    Ok(sizes)
}

/// Somebody who watches.
struct Peer {
    name: &'static str,
    process: Process,
    page: Option<Page>,
}

/// Where a page is served, and how many pods it says are known.
struct Page {
    port: u16,
    known: fn(&str) -> usize,
}

impl Peer {
    fn cost(&self) -> Result<Cost> {
        Cost::of(self.process.id())
    }

    fn knows(&self, pods: usize) -> bool {
        let told = |page: &Page| get(page.port).is_ok_and(|text| (page.known)(&text) >= pods);
        self.page.as_ref().is_none_or(told)
    }

    fn tell(&self, before: Cost, passed: f64) -> Result<()> {
        let after = self.cost()?;
        let share = (after.seconds - before.seconds) / passed * 100.0;
        let mib = |kib: u64| kib.div_ceil(1024);
        let (name, resident, peak) = (self.name, mib(after.resident), mib(after.peak));
        print!("| {name} | {share:.2} % of a core | {resident} MiB | {peak} MiB |");
        let page = self.page.as_ref().map(|page| time(page.port)).transpose()?;
        println!("{}", page.unwrap_or_else(|| " | |".to_owned()));
        Ok(())
    }
}

/// How long pages take, as two cells.
fn time(port: u16) -> Result<String> {
    let mut took = Vec::with_capacity(PAGES);
    let mut size = 0;
    for _ in 0..PAGES {
        let begun = now();
        size = get(port)?.len();
        took.push((now() - begun).as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    Ok(format!(" {:.1} ms | {} KB |", took[PAGES / 2], size / 1000))
}

fn get(port: u16) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(stream, "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if !answer.contains(" 200 ") {
        bail!("a page was refused");
    }
    Ok(answer)
}

fn exporter(kubeconfig: &Path, dir: &Path) -> Result<Peer> {
    let Exporter { process, port, .. } = Exporter::unrecorded(kubeconfig, dir)?;
    let known = |page: &str| {
        let held = "leadership_objects{resource=\"pods\"} ";
        let line = page.lines().find_map(|line| line.strip_prefix(held));
        line.and_then(|value| value.parse().ok()).unwrap_or(0)
    };
    Ok(Peer { name: "leadership-exporter", process, page: Some(Page { port, known }) })
}

fn kube_state_metrics(kubeconfig: &Path, dir: &Path) -> Result<Peer> {
    let (port, telemetry) = (free_port()?, free_port()?);
    let mut command = go_program("kube-state-metrics")?;
    command
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["--host=127.0.0.1", "--telemetry-host=127.0.0.1"]);
    command.args([format!("--port={port}"), format!("--telemetry-port={telemetry}")]);
    command.arg("--resources=leases,pods");
    let process = Process::start(&mut command, &dir.join("kube-state-metrics.log"))?;
    let known = |page: &str| page.matches("\nkube_pod_info{").count();
    Ok(Peer {
        name: "kube-state-metrics 2.20, leases and pods",
        process,
        page: Some(Page { port, known }),
    })
}

fn reflectors(kubeconfig: &Path, dir: &Path) -> Result<Peer> {
    let mut command = our_program("reflector")?;
    command.env("KUBECONFIG", kubeconfig);
    let mut process = Process::start(&mut command, &dir.join("reflector.log"))?;
    process.ready()?;
    Ok(Peer { name: "two reflectors of kube, whole types", process, page: None })
}

async fn fill(client: Client, leases: usize, pods: usize) -> Result<()> {
    let elections = Api::<Lease>::namespaced(client.clone(), NAMESPACE);
    let running = Api::<Pod>::namespaced(client, NAMESPACE);
    let each = |place: usize| {
        let (elections, running) = (elections.clone(), running.clone());
        async move {
            if place < leases {
                let lease = serde_json::from_value(lease(place))?;
                elections.create(&PostParams::default(), &lease).await?;
            }
            let pod: Pod = serde_json::from_value(pod(place))?;
            running.create(&PostParams::default(), &pod).await?;
            let status = Patch::Merge(status(place));
            running.patch_status(&name(place), &PatchParams::default(), &status).await?;
            anyhow::Ok(())
        }
    };
    stream::iter(0..pods.max(leases)).map(each).buffer_unordered(TOGETHER).try_collect().await
}

/// Renews all leases evenly, until one cannot be renewed.
async fn renew(client: Client, leases: usize) -> Result<()> {
    let elections = Api::<Lease>::namespaced(client, NAMESPACE);
    let mut ticks = tokio::time::interval(RENEWED_EVERY / u32::try_from(leases)?.max(1));
    for place in (0..leases).cycle() {
        ticks.tick().await;
        let renewed = Patch::Merge(json!({"spec": {"renewTime": stamp()}}));
        elections.patch(&format!("lock-{place}"), &PatchParams::default(), &renewed).await?;
    }
    Ok(())
}

fn stamp() -> String {
    now().to_string()
}

fn name(place: usize) -> String {
    format!("controller-{:06x}-{place:05}", place / 3)
}

fn lease(place: usize) -> Value {
    json!({
        "metadata": {"name": format!("lock-{place}")},
        "spec": {
            "holderIdentity": format!("{}_7f9c2b1e-0000-4000-8000-{place:012}", name(place)),
            "leaseDurationSeconds": 15, "leaseTransitions": 1,
            "acquireTime": stamp(), "renewTime": stamp(),
        },
    })
}

/// A pod of the usual size: two containers, a dozen variables, probes.
fn pod(place: usize) -> Value {
    let env = |at: usize| json!({"name": format!("VARIABLE_{at}"), "value": format!("value-{at}")});
    let env: Vec<Value> = (0..12).map(env).collect();
    let probe = json!({"httpGet": {"path": "/healthz", "port": 8081}, "periodSeconds": 10});
    let container = |name: &str| {
        json!({
            "name": name, "image": "registry.example/controller:v1.2.3", "env": env,
            "args": ["--leader-elect", "--metrics-bind-address=:8080"],
            "livenessProbe": probe, "readinessProbe": probe,
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        })
    };
    json!({
        "metadata": {
            "name": name(place),
            "labels": {"app": format!("controller-{}", place / 3), "pod-template-hash": format!("{:06x}", place / 3)},
            "annotations": {"example.com/checksum": "0123456789abcdef0123456789abcdef"},
        },
        "spec": {"nodeName": format!("node-{}", place % 100), "containers": [container("manager"), container("proxy")]},
    })
}

fn status(place: usize) -> Value {
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"});
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition);
    let container = |name: &str| {
        json!({
            "name": name, "ready": true, "started": true, "restartCount": 0,
            "image": "registry.example/controller:v1.2.3", "imageID": "sha256:0123456789abcdef",
            "containerID": format!("containerd://{place:064}"),
            "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
        })
    };
    let address = format!("10.{}.{}.{}", place >> 16 & 255, place >> 8 & 255, place & 255);
    json!({"status": {
        "phase": "Running", "podIP": address, "podIPs": [{"ip": address}],
        "startTime": "2026-01-01T00:00:00Z", "conditions": conditions,
        "containerStatuses": [container("manager"), container("proxy")],
    }})
}
