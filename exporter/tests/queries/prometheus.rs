//! A real Prometheus, filled with samples of the past.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use leadership::time::Time;
use serde_json::Value;
use tempfile::TempDir;

/// How often, and with what pause, it is asked whether it is ready.
const LOOKS: u32 = 400;
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Prometheus {
    child: Child,
    port: u16,
    _home: TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn installed() -> bool {
    ["prometheus", "promtool"].iter().all(|name| {
        let asked = Command::new(name).arg("--version").output();
        asked.is_ok_and(|answer| answer.status.success())
    })
}

impl Prometheus {
    /// With samples in the form of `OpenMetrics`, each with its time.
    pub(crate) fn start(samples: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (file, data) = (home.path().join("samples"), home.path().join("data"));
        std::fs::write(&file, samples).unwrap();
        let filled = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([&file, &data])
            .output()
            .unwrap();
        assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
        let config = home.path().join("prometheus.yml");
        std::fs::write(&config, "global: {}\n").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            // A series that ends leaves no mark when it is filled in: it counts for less than a step.
            .args(["--storage.tsdb.retention.time=50y", "--query.lookback-delta=14s"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let prometheus = Self { child, port, _home: home };
        for _ in 0..LOOKS {
            if prometheus.get("/-/ready").is_some_and(|body| body.contains("Ready")) {
                return prometheus;
            }
            thread::sleep(PAUSE);
        }
        panic!("prometheus never was ready");
    }

    /// How many series a query has between two times.
    pub(crate) fn series(&self, query: &str, from: Time, to: Time) -> usize {
        let encoded = query.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
        let (from, to) = (from.as_micros() / 1_000_000, to.as_micros() / 1_000_000);
        let path = format!("/api/v1/query_range?query={encoded}&start={from}&end={to}&step=15");
        let answer = self.get(&path).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        answer["data"]["result"].as_array().unwrap().len()
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer.split_once("\r\n\r\n")?.1.to_owned())
    }
}
