//! What both binaries cost under load: a simulated API server with thousands of leases and pods in
//! a process of its own, and each binary pinned to one core. Prints a table; asserts nothing.
//!
//! `cargo build --release --bins && target/release/load [LEASES PODS [SECONDS]]`

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use e2e::cost::Cost;
use e2e::process::{Process, eventually, now, our_program};
use e2e::product::Exporter;
use observe::clock;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use simulator::Scene;
use tempfile::TempDir;

/// Leases are renewed this often, as client-go does by default.
const RENEWED_EVERY: Duration = Duration::from_secs(2);
/// Nodes of the simulated cluster.
const NODES: usize = 1_000;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let first = args.next();
    if first.as_deref() == Some("serve") {
        return serve(&args.next().context("a file for the kubeconfig")?, &numbers(args)?);
    }
    let sizes = numbers(first.into_iter().chain(args))?;
    let dir = TempDir::new()?;
    let kubeconfig = dir.path().join("kubeconfig");
    let mut command = Command::new("taskset");
    command.args(["-c", "1"]).arg(std::env::current_exe()?).arg("serve").arg(&kubeconfig);
    command.args(sizes.iter().map(ToString::to_string));
    let mut server = Process::start(&mut command, &dir.path().join("server.log"))?;
    server.ready()?;
    let [leases, pods, seconds] = sizes;
    println!("{leases} leases renewed every 2 s, {pods} pods, {NODES} nodes; {seconds} s of each");
    println!("| binary | processor | resident | peak | first list | lag | renewals seen |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    exporter(&kubeconfig, dir.path(), seconds)?;
    screen(&kubeconfig, seconds)
}

/// Leases, pods, seconds; what is not given is as the documents say.
fn numbers(args: impl Iterator<Item = String>) -> Result<[usize; 3]> {
    let mut sizes = [5_000, 20_000, 30];
    for (size, arg) in sizes.iter_mut().zip(args) {
        *size = arg.parse().with_context(|| format!("{arg} is not a number"))?;
    }
    Ok(sizes)
}

/// Serves the load until standard input ends.
fn serve(kubeconfig: &str, sizes: &[usize; 3]) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let scene = Scene::load(sizes[0], sizes[1], NODES, RENEWED_EVERY);
    let simulation = runtime.block_on(simulator::start(scene, || clock::now().into()))?;
    std::fs::write(
        kubeconfig,
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: load\nclusters:\n- name: load\n  \
             cluster: {{server: '{}'}}\ncontexts:\n- name: load\n  context: {{cluster: load, user: load}}\n\
             users:\n- name: load\n  user: {{}}\n",
            simulation.url()
        ),
    )?;
    println!("ready");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn pin(pid: u32) -> Result<()> {
    let done = Command::new("taskset").args(["-a", "-c", "-p", "0", &pid.to_string()]).output()?;
    if !done.status.success() {
        bail!("taskset: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(())
}

/// What a process costs for `seconds`.
fn watch(pid: u32, seconds: usize, mut each: impl FnMut() -> Result<()>) -> Result<String> {
    let (before, begun) = (Cost::of(pid)?, now());
    for _ in 0..seconds / 5 {
        std::thread::sleep(Duration::from_secs(5));
        each()?;
    }
    let (after, passed) = (Cost::of(pid)?, now() - begun);
    let share = (after.seconds - before.seconds) / passed.as_secs_f64() * 100.0;
    Ok(format!(
        "{share:.1} % of a core | {} MiB | {} MiB",
        after.resident / 1024,
        after.peak / 1024
    ))
}

fn exporter(kubeconfig: &Path, dir: &Path, seconds: usize) -> Result<()> {
    let begun = now();
    let exporter = Exporter::unrecorded(kubeconfig, dir)?;
    let pid = exporter.process.id();
    pin(pid)?;
    eventually(Duration::from_mins(1), "the exporter is ready", || {
        Ok((exporter.get("/readyz")?.0 == 200).then_some(()))
    })?;
    let first = (now() - begun).as_secs_f64();
    exporter.until(Duration::from_mins(1), "leadership_watch_up", &["pods"], |up| up > 0.5)?;
    let events = ["resource=\"leases\"", "applied"];
    let seen = |name, labels: &[&str]| {
        Ok::<_, anyhow::Error>(exporter.sample(name, labels)?.unwrap_or(0.0))
    };
    let (from, at) = (seen("leadership_watch_events_total", &events)?, now());
    // Prometheus would come every 15 s or more; every 5 s is a hard case.
    let cost = watch(pid, seconds, || exporter.get("/metrics").map(|_| ()))?;
    let rate =
        (seen("leadership_watch_events_total", &events)? - from) / (now() - at).as_secs_f64();
    let lag = seen("leadership_watch_lag_seconds", &["resource=\"leases\""])? * 1e3;
    println!(
        "| leadership-exporter, scraped every 5 s | {cost} | {first:.2} s | {lag:.0} ms | {rate:.0}/s |"
    );
    Ok(())
}

fn screen(kubeconfig: &Path, seconds: usize) -> Result<()> {
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
    let cost = watch(pid, seconds, || Ok(()));
    child.kill()?;
    child.wait()?;
    println!("| fleet-top, 200x50 | {} | | | |", cost?);
    Ok(())
}
