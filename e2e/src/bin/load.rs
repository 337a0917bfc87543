//! What both binaries cost under load: a simulated API server in a process of its own, pinned to one core, and each binary
//! pinned to the other. Prints a table, and on standard error whether the picture was true; asserts nothing.
//!
//! `cargo build --release --bins && target/release/load [WORKLOAD...]`; without a workload, all of them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use e2e::cost::Cost;
use e2e::process::{Process, eventually, now, our_program};
use e2e::product::Exporter;
use e2e::tls::Front;
use observe::clock;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use simulator::{Scene, Size};
use tempfile::TempDir;
use tokio::runtime::Builder;

/// Prometheus would come every 15 s or more; this often is a hard case.
const SCRAPED_EVERY: Duration = Duration::from_secs(5);

/// The most changes of a resource that the watch cache of a real server keeps.
const HISTORY: usize = 102_400;

/// Threads of the server.
const WORKERS: usize = 4;

/// client-go's default.
const RENEWED: Duration = Duration::from_secs(2);

/// A cluster: elections and nodes, whose leases make the stream, and pods, which make the memory.
struct Workload {
    name: &'static str,
    size: Size,
    /// So long is each binary measured.
    scrapes: usize,
}

const fn workload(name: &'static str, [leases, nodes, pods, pod_changes]: [usize; 4]) -> Workload {
    let size = Size { leases, pods, nodes, renew_every: RENEWED, pod_changes, takeovers: 1 };
    Workload { name, size, scrapes: 6 }
}

/// Few pods for so many elections.
const ELECTIONS: Workload = workload("elections", [5_000, 1_000, 20_000, 10]);

const LARGE: Workload = workload("L", [5_000, 5_000, 150_000, 500]);

const WORKLOADS: [Workload; 8] = [
    workload("S", [50, 10, 300, 1]),
    workload("M", [500, 500, 15_000, 50]),
    ELECTIONS,
    // 4,000 a second.
    Workload {
        name: "renewals",
        size: Size { renew_every: Duration::from_millis(1250), ..ELECTIONS.size },
        ..ELECTIONS
    },
    LARGE,
    workload("XL", [5_000, 15_000, 300_000, 1_000]),
    // As when the control plane begins anew: every lease passes to another in ten seconds.
    Workload { name: "flap", size: Size { takeovers: 5_000, ..LARGE.size }, ..LARGE },
    // Each lease is renewed four times a second.
    Workload {
        name: "storm",
        size: Size { renew_every: Duration::from_millis(250), pod_changes: 5_000, ..LARGE.size },
        scrapes: 12,
    },
];

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, kubeconfig, name] = args.as_slice()
        && serve == "serve"
    {
        return self::serve(Path::new(kubeconfig), &named(name)?.size);
    }
    let wanted = args.iter().map(|name| named(name)).collect::<Result<Vec<_>>>()?;
    let all = wanted.is_empty().then(|| WORKLOADS.iter()).into_iter().flatten();
    println!(
        "| workload | lease events | exporter | resident | peak | first list | fleet-top | resident | peak |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    wanted.into_iter().chain(all).try_for_each(measure)
}

fn named(name: &str) -> Result<&'static Workload> {
    let found = WORKLOADS.iter().find(|workload| workload.name == name);
    let names = || WORKLOADS.map(|workload| workload.name).join(", ");
    found.with_context(|| format!("there is no workload {name}; there are {}", names()))
}

/// Measures both binaries, one after the other.
fn measure(workload: &Workload) -> Result<()> {
    let dir = TempDir::new()?;
    let kubeconfig = dir.path().join("kubeconfig");
    let mut command = Command::new("taskset");
    command.args(["-c", "1"]).arg(std::env::current_exe()?);
    command.arg("serve").arg(&kubeconfig).arg(workload.name);
    let mut server = Process::start(&mut command, &dir.path().join("server.log"))?;
    server.ready()?;
    let (name, scrapes) = (workload.name, workload.scrapes);
    let (before, begun) = (Cost::of(server.id())?, now());
    let exporter = exporter(&kubeconfig, dir.path(), scrapes)?;
    println!("| {name} | {exporter} | {} |", screen(&kubeconfig, scrapes)?);
    let share = Cost::of(server.id())?.share_since(before, now() - begun);
    eprintln!("{name}: the server took {share:.0} % of its core");
    Ok(())
}

/// Serves the load until standard input ends.
fn serve(kubeconfig: &Path, size: &Size) -> Result<()> {
    // On one core, but as on several nobody waits until a list of everybody else's is written.
    let runtime = Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    let scene = Scene::load(*size).history(HISTORY);
    let simulation = runtime.block_on(simulator::start(scene, || clock::now().into()))?;
    let server = simulation.url().trim_start_matches("http://").parse()?;
    std::fs::write(kubeconfig, reached_by(&runtime.block_on(Front::start(server))?))?;
    println!("ready");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A kubeconfig.
fn reached_by(front: &Front) -> String {
    let Front { port, certificate } = front;
    let authority = BASE64_STANDARD.encode(certificate);
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: load\nclusters:\n- name: load\n  \
         cluster: {{server: 'https://127.0.0.1:{port}', certificate-authority-data: {authority}}}\n\
         contexts:\n- name: load\n  context: {{cluster: load, user: load}}\n\
         users:\n- name: load\n  user: {{}}\n"
    )
}

fn pin(pid: u32) -> Result<()> {
    let done = Command::new("taskset").args(["-a", "-c", "-p", "0", &pid.to_string()]).output()?;
    if !done.status.success() {
        bail!("taskset: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(())
}

/// What a process costs.
fn cost(pid: u32, scrapes: usize, mut each: impl FnMut() -> Result<()>) -> Result<String> {
    let (before, begun) = (Cost::of(pid)?, now());
    for _ in 0..scrapes {
        std::thread::sleep(SCRAPED_EVERY);
        each()?;
    }
    let after = Cost::of(pid)?;
    let share = after.share_since(before, now() - begun);
    let mib = |kib: u64| kib / 1024;
    Ok(format!("{share:.1} % | {} MiB | {} MiB", mib(after.resident), mib(after.peak)))
}

/// What a page of the exporter counts.
struct Seen {
    renewals: f64,
    /// Terms that it saw end.
    ended: f64,
    /// As the leases count them themselves.
    takeovers: f64,
    relists: f64,
}

impl Seen {
    fn by(exporter: &Exporter) -> Result<Self> {
        let sum = |name, labels: &[&str]| {
            exporter.samples(name, labels).map(|values| values.iter().sum::<f64>())
        };
        Ok(Self {
            renewals: sum("leadership_watch_events_total", &["resource=\"leases\"", "applied"])?,
            ended: sum("leadership_transitions_total", &[])?,
            takeovers: sum("leadership_reported_transitions", &[])?,
            relists: sum("leadership_watch_relists_total", &[])?,
        })
    }

    /// Says what went otherwise than the scene played it.
    fn compare(&self, before: &Self) {
        let ended = self.ended - before.ended;
        let takeovers = self.takeovers - before.takeovers;
        let relists = self.relists - before.relists;
        eprintln!(
            "the exporter saw {ended} leaders go at {takeovers} takeovers, and had to list {relists} times again"
        );
    }
}

/// Its row: the renewals that it saw in a second, its cost, and how long it took to be ready.
fn exporter(kubeconfig: &Path, dir: &Path, scrapes: usize) -> Result<String> {
    let begun = now();
    let exporter = Exporter::unrecorded(kubeconfig, dir)?;
    let pid = exporter.process.id();
    pin(pid)?;
    eventually(Duration::from_mins(1), "the exporter is ready", || {
        Ok((exporter.get("/readyz")?.0 == 200).then_some(()))
    })?;
    let first = (now() - begun).as_secs_f64();
    exporter.until(Duration::from_mins(1), "leadership_watch_up", &["pods"], |up| up > 0.5)?;
    let (before, at) = (Seen::by(&exporter)?, now());
    let cost = cost(pid, scrapes, || exporter.get("/metrics").map(|_| ()))?;
    let after = Seen::by(&exporter)?;
    let rate = (after.renewals - before.renewals) / (now() - at).as_secs_f64();
    after.compare(&before);
    Ok(format!("{rate:.0}/s | {cost} | {first:.2} s"))
}

/// Its row, on 200x50.
fn screen(kubeconfig: &Path, scrapes: usize) -> Result<String> {
    let path: PathBuf = our_program("fleet-top")?.get_program().into();
    let mut command = CommandBuilder::new(path);
    command.args(["--kubeconfig".as_ref(), kubeconfig.as_os_str()]);
    command.env("TERM", "xterm-256color");
    let size = PtySize { rows: 50, cols: 200, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size)?;
    let mut child = pair.slave.spawn_command(command)?;
    let pid = child.process_id().context("a process without an id")?;
    pin(pid)?;
    let mut reader = pair.master.try_clone_reader()?;
    // Somebody has to read the terminal, or the program waits.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    std::thread::sleep(Duration::from_secs(15));
    let cost = cost(pid, scrapes, || Ok(()));
    child.kill()?;
    child.wait()?;
    cost
}
