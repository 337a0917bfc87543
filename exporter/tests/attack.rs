//! What attacks cost: figures for SECURITY.md, not a test of right and wrong but for the scraper that must be served.
//! Run by hand: `cargo test --release -p leadership-exporter --test attack -- --ignored --nocapture`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use observe::clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long each attack lasts.
const ATTACK: Duration = Duration::from_secs(15);
/// No scraper waits longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the scraper is that must be served, and where those are that scrape without a pause: what one address is
/// served is limited.
const SCRAPER: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

struct Exporter {
    child: Child,
    address: SocketAddr,
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start() -> Exporter {
    let mut child = Command::new(env!("CARGO_BIN_EXE_leadership-exporter"))
        .args(["--demo", "--web.listen-address=127.0.0.1:0", "--log-format=text"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = lines.find_map(|line| {
        let line = line.unwrap();
        let (_, rest) = line.split_once("serving on http://")?;
        rest.split('/').next().unwrap().parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    Exporter { child, address: said.unwrap() }
}

impl Exporter {
    /// Memory in MiB, and open file descriptors.
    fn cost(&self) -> (u64, usize) {
        let process = format!("/proc/{}", self.child.id());
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        (kilobytes >> 10, std::fs::read_dir(format!("{process}/fd")).unwrap().count())
    }
}

/// One scrape from an address; how long it took, if it succeeded.
async fn scrape(from: Ipv4Addr, address: SocketAddr) -> Option<Duration> {
    let began = clock::now();
    let talk = async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let mut stream = socket.connect(address).await?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await?;
        let mut page = Vec::new();
        stream.read_to_end(&mut page).await?;
        std::io::Result::Ok(page)
    };
    let page = timeout(PATIENCE, talk).await.ok()?.ok()?;
    (page.starts_with(b"HTTP/1.1 200") && page.ends_with(b"\r\n0\r\n\r\n"))
        .then(|| clock::since(began))
}

/// Scrapes twice a second while something else goes on, and prints how that went.
async fn scraped(what: &str, exporter: &Exporter, attacked: &AtomicUsize) -> usize {
    let (mut took, mut failed, mut worst) = (Vec::new(), 0, (0, 0));
    let began = clock::now();
    while clock::since(began) < ATTACK {
        match scrape(SCRAPER, exporter.address).await {
            Some(time) => took.push(time),
            None => failed += 1,
        }
        let (memory, files) = exporter.cost();
        worst = (worst.0.max(memory), worst.1.max(files));
        sleep(Duration::from_millis(500)).await;
    }
    took.sort();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    let longest = took.last().copied().unwrap_or_default();
    println!(
        "{what}: {} scrapes, {failed} failed, median {median:.1?}, longest {longest:.1?}; at most {} MiB and {} files; {} attacks",
        took.len(),
        worst.0,
        worst.1,
        attacked.load(Ordering::Relaxed)
    );
    failed
}

/// Sends a header byte by byte until it is cut, and comes back.
async fn slow(address: SocketAddr, count: Arc<AtomicUsize>) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(address).await {
            count.fetch_add(1, Ordering::Relaxed);
            while stream.write_all(b"G").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Connects, says nothing, and comes back when it is cut.
async fn silent(address: SocketAddr, count: Arc<AtomicUsize>) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(address).await {
            count.fetch_add(1, Ordering::Relaxed);
            let _ = stream.read(&mut [0; 16]).await;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Scrapes without a pause.
async fn storm(address: SocketAddr, count: Arc<AtomicUsize>) {
    loop {
        if scrape(ATTACKER, address).await.is_some() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute and 20,000 file descriptors"]
async fn a_scraper_is_served_whatever_others_do() {
    let exporter = start();
    let address = exporter.address;
    let count = Arc::new(AtomicUsize::new(0));
    assert_eq!(scraped("nothing else", &exporter, &count).await, 0);

    let mut clients = JoinSet::new();
    (0..10_000).for_each(|_| drop(clients.spawn(slow(address, Arc::clone(&count)))));
    let failed = scraped("10,000 slow headers", &exporter, &count).await;
    clients.shutdown().await;
    assert_eq!(failed, 0);

    count.store(0, Ordering::Relaxed);
    (0..10_000).for_each(|_| drop(clients.spawn(silent(address, Arc::clone(&count)))));
    let failed = scraped("10,000 silent connections", &exporter, &count).await;
    clients.shutdown().await;
    assert_eq!(failed, 0);

    count.store(0, Ordering::Relaxed);
    (0..64).for_each(|_| drop(clients.spawn(storm(address, Arc::clone(&count)))));
    let failed = scraped("64 scrapers without a pause", &exporter, &count).await;
    clients.shutdown().await;
    assert_eq!(failed, 0);
}
