//! The routes and their limits, over real sockets in this process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

mod fixture;

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use leadership::event::{Event, What};
use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use leadership_exporter::http::router;
use leadership_exporter::http::serve::{Limits, listen, serve};
use leadership_exporter::source::Source;
use observe::watch::WatchStats;
use rstest::rstest;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Nothing in these tests takes that long.
const BOUND: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(source: Source, limits: Limits) -> Server {
    let listener = listen("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let asked = async {
        let _ = stopped.await;
    };
    let ended = tokio::spawn(serve(listener, Arc::default(), router(source), limits, asked));
    Server { address, stop, ended }
}

async fn fixed() -> Server {
    let source = Source::fixed("a test".to_owned(), Arc::new(fixture::snapshot()));
    start(source, Limits::default()).await
}

/// A source whose pictures the test makes.
fn live() -> (watch::Sender<Arc<Snapshot>>, Source) {
    let (sender, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let stats = Arc::new(WatchStats::default());
    (sender, Source::live("a test".to_owned(), vec![Kind::Lease], snapshots, stats))
}

/// Sends a request and reads until the server closes.
async fn exchange(address: SocketAddr, request: &str) -> Vec<u8> {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    };
    timeout(BOUND, talk).await.unwrap()
}

/// The head and the body of an answer, which the old version of the protocol sends in one piece.
async fn ask(address: SocketAddr, method: &str, path: &str, more: &str) -> (String, Vec<u8>) {
    let request = format!("{method} {path} HTTP/1.0\r\nhost: x\r\nconnection: close\r\n{more}\r\n");
    let answer = exchange(address, &request).await;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}

async fn get(address: SocketAddr, path: &str) -> (String, String) {
    let (head, body) = ask(address, "GET", path, "").await;
    (head, String::from_utf8(body).unwrap())
}

#[rstest]
#[case("GET", "/", 200, "cattle-fleet-system")]
#[case("GET", "/metrics", 200, "leadership_leader_info{")]
#[case("GET", "/livez", 200, "ok")]
#[case("GET", "/healthz", 200, "ok")]
#[case("GET", "/readyz", 200, "ok")]
#[case("GET", "/metric", 404, "/metrics")]
#[case("POST", "/metrics", 405, "GET")]
#[case("HEAD", "/metrics", 200, "")]
#[tokio::test]
async fn routes(#[case] method: &str, #[case] path: &str, #[case] status: u16, #[case] says: &str) {
    let server = fixed().await;
    let (head, body) = ask(server.address, method, path, "").await;
    assert!(head.starts_with(&format!("HTTP/1.0 {status} ")), "{head}");
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains(says), "{body}");
    assert_eq!(body.is_empty(), method == "HEAD");
}

#[tokio::test]
async fn a_scraper_gets_the_format_and_the_compression_it_asks_for() {
    let server = fixed().await;
    let (head, plain) = ask(server.address, "GET", "/metrics", "").await;
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    assert!(!head.contains("content-encoding"), "{head}");

    let accept = "accept: application/openmetrics-text;version=1.0.0\r\naccept-encoding: gzip\r\n";
    let (head, zipped) = ask(server.address, "GET", "/metrics", accept).await;
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(zipped.len() * 4 < plain.len());
    let mut page = String::new();
    GzDecoder::new(&*zipped).read_to_string(&mut page).unwrap();
    assert!(page.starts_with("# HELP ") && page.ends_with("\n# EOF\n"), "{page}");
}

#[tokio::test]
async fn two_scrapes_of_one_instant_are_the_same_but_for_the_process_itself() {
    let server = fixed().await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        let (_, page) = get(server.address, "/metrics").await;
        let lines = page.lines().filter(|line| !line.starts_with("process_"));
        pages.push(lines.collect::<Vec<_>>().join("\n"));
    }
    assert!(pages[0] == pages[1] && pages[0].len() > 10_000);
}

#[tokio::test]
async fn the_landing_page_runs_nothing_that_strangers_wrote() {
    let mut snapshot = fixture::snapshot();
    snapshot.elections = vec![Arc::new(fixture::held("a", "<script>alert(1)</script>", "\"'&"))];
    let server =
        start(Source::fixed("<b>".to_owned(), Arc::new(snapshot)), Limits::default()).await;
    let (head, body) = get(server.address, "/").await;
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    assert!(body.contains("&lt;script&gt;alert(1)") && !body.contains("<script>alert"), "{body}");
    assert!(body.contains("&lt;b&gt;"), "{body}");
}

#[tokio::test]
async fn ready_means_that_leases_were_listed_and_alive_that_newer_pictures_can_come() {
    let (sender, source) = live();
    let server = start(source, Limits::default()).await;
    let (head, body) = get(server.address, "/readyz").await;
    assert!(head.contains(" 503 ") && body.contains("no complete list of leases"), "{body}");
    assert!(get(server.address, "/livez").await.0.contains(" 200 "));
    let (head, page) = get(server.address, "/metrics").await;
    assert!(
        head.contains(" 200 ") && page.contains("leadership_watch_up{resource=\"leases\"} 0\n")
    );

    let mut away = fixture::snapshot();
    away.watches[0].listed = false;
    sender.send_replace(Arc::new(away));
    let (head, body) = get(server.address, "/readyz").await;
    assert!(head.contains(" 503 ") && body.contains("connection reset"), "{body}");

    sender.send_replace(Arc::new(fixture::snapshot()));
    assert!(get(server.address, "/readyz").await.0.contains(" 200 "));

    drop(sender);
    let (head, body) = get(server.address, "/livez").await;
    assert!(head.contains(" 500 ") && body.contains("restart"), "{body}");
    assert!(get(server.address, "/metrics").await.1.contains("leadership_leader_info{"));
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_request_is_cut() {
    let limits = Limits { request: Duration::from_millis(200), ..Limits::default() };
    let source = Source::fixed("a test".to_owned(), Arc::default());
    let server = start(source, limits).await;
    let answer = exchange(server.address, "GET /metrics HTTP/1.1\r\nhost: ").await;
    assert_eq!(answer, b"", "closed without an answer");
}

/// A page that does not fit into the buffers of a connection.
fn large() -> Source {
    Source::fixed("a test".to_owned(), Arc::new(fixture::many(2_000)))
}

/// Asks for a page and reads none of it but its first bytes.
async fn lazy(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    timeout(BOUND, stream.read_exact(&mut first)).await.unwrap().unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    stream
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut_and_the_next_one_is_served() {
    let answer = Duration::from_millis(300);
    // One place: the second client is accepted only once the first one is gone.
    let server = start(large(), Limits { answer, connections: 1, ..Limits::default() }).await;
    let mut stream = lazy(server.address).await;
    assert!(get(server.address, "/livez").await.0.contains(" 200 "));
    let mut rest = Vec::new();
    let _ = timeout(BOUND, stream.read_to_end(&mut rest)).await.unwrap();
    assert!(rest.len() < 20_000_000, "the first one got only {} bytes", rest.len());
}

#[tokio::test]
async fn whoever_takes_no_pages_leaves_some_to_others() {
    let server = start(large(), Limits { share: 2, ..Limits::default() }).await;
    let _greedy = [lazy(server.address).await, lazy(server.address).await];
    let (head, body) = get(server.address, "/metrics").await;
    assert!(head.starts_with("HTTP/1.0 503 ") && body.contains("of your address"), "{head}");
    assert!(get(server.address, "/readyz").await.0.contains(" 200 "), "probes are let through");
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(server.address).await.unwrap();
    other.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut page = Vec::new();
    timeout(BOUND, other.read_to_end(&mut page)).await.unwrap().unwrap();
    assert!(page.starts_with(b"HTTP/1.1 200 ") && page.len() > 20_000_000);
}

/// Follows the events and takes nothing beyond the beginning.
async fn lazy_follower(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /api/v1/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\n\n") {
        head.push(timeout(BOUND, stream.read_u8()).await.unwrap().unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 200"));
    stream
}

#[tokio::test]
async fn a_follower_that_takes_nothing_is_cut_and_a_quiet_one_is_not() {
    let answer = Duration::from_millis(300);
    let (_sender, source) = live();
    let feed = Arc::clone(source.feed());
    let server = start(source, Limits { answer, ..Limits::default() }).await;
    let mut lazy = lazy_follower(server.address).await;
    let quiet = lazy_follower(server.address).await;
    // Quiet for longer than an answer may take.
    tokio::time::sleep(answer * 2).await;
    let holder: Arc<str> = "x".repeat(100_000).into();
    let event =
        Event { at: fixture::NOW, lease: None, what: What::Released { holder, soft: false } };
    let flood = async {
        loop {
            feed.push(&event);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let mut quiet_lines = tokio::io::BufReader::new(quiet).lines();
    // Whoever reads makes room. That the server has gone shows when it is written to.
    let cut = async {
        while lazy.write_all(b"\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let told =
        async { while !quiet_lines.next_line().await.unwrap().unwrap().contains("event: ") {} };
    tokio::select! {
        () = flood => unreachable!("it never ends"),
        both = timeout(BOUND, async { tokio::join!(cut, told) }) => {
            both.expect("the one is cut and the other is told");
        }
    }
}

#[tokio::test]
async fn followers_do_not_delay_the_end() {
    let (_sender, source) = live();
    let feed = Arc::clone(source.feed());
    let server = start(source, Limits { stop: BOUND, ..Limits::default() }).await;
    let mut follower = lazy_follower(server.address).await;
    feed.close();
    server.stop.send(()).unwrap();
    let mut rest = Vec::new();
    timeout(BOUND / 4, follower.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.ends_with(b"\r\n0\r\n\r\n"), "a proper end: {rest:?}");
    timeout(BOUND / 4, server.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn stopping_waits_for_open_answers_but_not_for_ever() {
    let stop = Duration::from_millis(300);
    let server = start(large(), Limits { stop, ..Limits::default() }).await;
    let _stream = lazy(server.address).await;
    server.stop.send(()).unwrap();
    timeout(BOUND, server.ended).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn an_answer_that_is_taken_is_sent_whole_while_stopping() {
    let server = start(large(), Limits::default()).await;
    let mut stream = lazy(server.address).await;
    server.stop.send(()).unwrap();
    let mut rest = Vec::new();
    timeout(BOUND, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.ends_with(b"\n") && rest.len() > 20_000_000, "{}", rest.len());
    timeout(BOUND, server.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn every_address_is_listened_on() {
    let listener = listen(":0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connected = TcpStream::connect(("127.0.0.1", port)).await;
    assert!(connected.is_ok(), "{connected:?}");
}
