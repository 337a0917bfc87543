//! What the live screen costs while nothing but renewals happens: processor time and bytes written to
//! the terminal. Runs the real program on a pseudo terminal against a simulated API server in a
//! process of its own.
//!
//! `cargo bench -p fleet-top --bench idle`; `IDLE_SECONDS` measures for longer or shorter than 60 s.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use observe::clock;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use simulator::{Scene, Size};

/// Leases are renewed this often, as client-go does by default.
const RENEWED_EVERY: Duration = Duration::from_secs(2);

/// The first lists are over and the cadence is learned by then.
const SETTLED: Duration = Duration::from_secs(15);

/// The kernel's clock ticks in a second, as `/proc` counts processor time.
const TICKS: f64 = 100.0;

/// Leases, pods, columns and rows.
const CASES: [(usize, usize, u16, u16); 3] =
    [(8, 24, 80, 24), (50, 150, 120, 40), (5_000, 20_000, 200, 50)];

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    if let [_, serve, kubeconfig, leases, pods] = args.as_slice()
        && serve == "serve"
    {
        let number = |text: &str| text.parse().map_err(io::Error::other);
        return self::serve(Path::new(kubeconfig), number(leases)?, number(pods)?);
    }
    let seconds = std::env::var("IDLE_SECONDS").ok().and_then(|text| text.parse().ok());
    let measured = Duration::from_secs(seconds.unwrap_or(60));
    println!("| leases | screen | processor | written |\n| --- | --- | --- | --- |");
    CASES.iter().try_for_each(|case| run(*case, measured))
}

/// Serves until standard input ends.
fn serve(kubeconfig: &Path, leases: usize, pods: usize) -> io::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let nodes = (leases / 5).max(3);
    // Nothing but renewals and heartbeats.
    let (pod_changes, takeovers) = (0, 0);
    let renew_every = RENEWED_EVERY;
    let scene = Scene::load(Size { leases, pods, nodes, renew_every, pod_changes, takeovers });
    let simulation = runtime.block_on(simulator::start(scene, || clock::now().into()))?;
    let config = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: idle\n\
         clusters: [{{name: idle, cluster: {{server: '{}'}}}}]\n\
         users: [{{name: idle, user: {{}}}}]\n\
         contexts: [{{name: idle, context: {{cluster: idle, user: idle}}}}]\n",
        simulation.url()
    );
    std::fs::write(kubeconfig, config)?;
    println!("ready");
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A process that ends with us.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run((leases, pods, columns, rows): (usize, usize, u16, u16), time: Duration) -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let kubeconfig = directory.path().join("config");
    let mut server = Command::new(std::env::current_exe()?);
    server.arg("serve").arg(&kubeconfig).args([leases.to_string(), pods.to_string()]);
    let mut server = Ends(server.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
    let ready = server.0.stdout.take().map(BufReader::new);
    ready.ok_or_else(|| io::Error::other("no output"))?.read_line(&mut String::new())?;

    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_fleet-top"));
    command.args(["--kubeconfig".as_ref(), kubeconfig.as_os_str()]);
    command.env("TERM", "xterm-256color");
    let size = PtySize { rows, cols: columns, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).map_err(io::Error::other)?;
    let mut screen = pair.slave.spawn_command(command).map_err(io::Error::other)?;
    let pid = screen.process_id().ok_or_else(|| io::Error::other("no process"))?;
    let mut reader = pair.master.try_clone_reader().map_err(io::Error::other)?;
    let written = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&written);
    std::thread::spawn(move || {
        let mut buffer = [0; 16_384];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            counter.fetch_add(count as u64, Ordering::Relaxed);
        }
    });

    std::thread::sleep(SETTLED);
    let (begun, used, bytes) = (clock::now(), used(pid)?, written.load(Ordering::Relaxed));
    std::thread::sleep(time);
    let passed = (clock::now() - begun).as_secs_f64();
    let share = (self::used(pid)? - used) / passed * 100.0;
    let sent = u32::try_from(written.load(Ordering::Relaxed) - bytes).unwrap_or(u32::MAX);
    let rate = f64::from(sent) / passed / 1_000.0;
    println!("| {leases} | {columns}x{rows} | {share:.2} % of a core | {rate:.2} KB/s |");
    screen.kill()?;
    screen.wait()?;
    Ok(())
}

/// Seconds of processor time that a process has used.
fn used(pid: u32) -> io::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
    let both = ticks(11).zip(ticks(12)).map(|(user, system)| user + system);
    Ok(both.ok_or_else(|| io::Error::other("no times in stat"))? / TICKS)
}
