//! The door, over real sockets in this process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

mod authority;
mod certificates;
#[path = "../fixture/mod.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod fixture;
mod passwords;
mod probe;
mod tokens;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use leadership_exporter::door::Door;
use leadership_exporter::http::router;
use leadership_exporter::http::serve::{Limits, listen, serve};
use leadership_exporter::source::Source;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing in these tests takes that long.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

/// A web config file in a folder of its own.
pub(crate) struct Web {
    folder: TempDir,
}

impl Web {
    pub(crate) fn new(content: &str) -> Self {
        let web = Self { folder: tempfile::tempdir().unwrap() };
        web.write(content);
        web
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("web.yml")
    }

    pub(crate) fn write(&self, content: &str) {
        std::fs::write(self.path(), content).unwrap();
    }

    pub(crate) fn door(&self) -> Door {
        Door::new(Some(&self.path())).unwrap()
    }
}

/// Serves a fixed picture behind a door until the test ends.
pub(crate) async fn start(door: Door) -> SocketAddr {
    start_with(door, Limits::default()).await
}

pub(crate) async fn start_with(door: Door, limits: Limits) -> SocketAddr {
    let listener = listen("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let source = Source::fixed("a test".to_owned(), Arc::new(fixture::snapshot()));
    tokio::spawn(serve(listener, Arc::new(door), router(source), limits, std::future::pending()));
    address
}

/// The status, the head and the body of what is answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    path: &str,
    more: &str,
) -> std::io::Result<Answer> {
    let talk = async {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let text = timeout(BOUND, talk).await.unwrap()?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok(Answer { status, head: head.to_lowercase(), body: body.to_owned() })
}

/// The same without TLS.
pub(crate) async fn get(address: SocketAddr, path: &str, more: &str) -> Answer {
    ask(TcpStream::connect(address).await.unwrap(), path, more).await.unwrap()
}

/// Looks until it is so; files are looked at once a second.
pub(crate) async fn eventually(is_so: impl AsyncFn() -> bool) {
    let looks = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(BOUND, looks).await.unwrap();
}

#[tokio::test]
async fn without_rules_it_stands_open_and_sets_nothing() {
    let address = start(Door::new(None).unwrap()).await;
    let answer = get(address, "/metrics", "").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.contains("leadership_exporter_refused_requests_total{reason=\"rate\"} 0\n")
    );
    assert!(!answer.body.contains("leadership_exporter_web_config_current "));
}

#[tokio::test]
async fn headers_are_set_on_every_answer() {
    let web = Web::new(
        "http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=60\n    \
         Content-Security-Policy: default-src 'self'\n",
    );
    let address = start(web.door()).await;
    for path in ["/", "/metrics", "/livez", "/nothing"] {
        let head = get(address, path, "").await.head;
        assert!(head.contains("strict-transport-security: max-age=60"), "{path}: {head}");
        assert_eq!(head.matches("content-security-policy").count(), 1, "{path}: {head}");
    }
}

#[tokio::test]
async fn more_than_the_rate_is_sent_away_but_not_the_probes() {
    let web = Web::new("rate_limit:\n  interval: 1h\n  burst: 2\n");
    let address = start(web.door()).await;
    let mut said = Vec::new();
    for _ in 0..3 {
        said.push(get(address, "/metrics", "").await.status);
    }
    assert_eq!(said, [200, 200, 429]);
    assert!(get(address, "/", "").await.head.contains("retry-after: "));
    for _ in 0..5 {
        assert_eq!(get(address, "/livez", "").await.status, 200);
    }
}
