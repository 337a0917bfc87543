//! A real Prometheus.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::process::{Process, eventually, folder, free_port};

/// A running Prometheus that scrapes one target every second.
pub struct Prometheus {
    port: u16,
    process: Process,
}

/// The programs that there are: what is installed, and the current one if `e2e/build` made it.
#[must_use]
pub fn programs() -> Vec<PathBuf> {
    let all = [PathBuf::from("prometheus"), folder().join("bin/prometheus")];
    all.into_iter().filter(|it| Command::new(it).arg("--version").output().is_ok()).collect()
}

impl Prometheus {
    /// Starts it with one target and waits until it answers.
    ///
    /// # Errors
    /// When it does not answer within twenty seconds.
    pub fn start(program: &Path, dir: &Path, target: u16) -> Result<Self> {
        let targets = json!([{"targets": [format!("127.0.0.1:{target}")]}]);
        let scrape =
            json!({"job_name": "leadership", "honor_labels": true, "static_configs": targets});
        Self::start_with(program, dir, &json!({"scrape_configs": [scrape]}))
    }

    /// Starts it with one scrape and these groups of rules, whose alerts go to the Alertmanager on port
    /// `alertmanager`.
    ///
    /// # Errors
    /// When it does not answer within twenty seconds.
    pub fn with_alerts(
        program: &Path,
        dir: &Path,
        scrape: &Value,
        rules: &Value,
        alertmanager: u16,
    ) -> Result<Self> {
        // What is JSON is YAML.
        let file = dir.join("rules.yaml");
        std::fs::write(&file, rules.to_string())?;
        let targets = json!([{"targets": [format!("127.0.0.1:{alertmanager}")]}]);
        let config = json!({
            "scrape_configs": [scrape],
            "rule_files": [file],
            "alerting": {"alertmanagers": [{"static_configs": targets}]},
        });
        Self::start_with(program, dir, &config)
    }

    fn start_with(program: &Path, dir: &Path, config: &Value) -> Result<Self> {
        let port = free_port()?;
        let home = dir.join(format!("prometheus-{port}"));
        std::fs::create_dir_all(&home)?;
        let file = home.join("prometheus.yml");
        let mut config = config.clone();
        config["global"] = json!({"scrape_interval": "1s"});
        std::fs::write(&file, config.to_string())?;
        let mut command = Command::new(program);
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.tsdb.path={}", home.join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let process = Process::start(&mut command, &home.join("log"))?;
        let prometheus = Self { port, process };
        eventually(Duration::from_secs(20), "Prometheus answers", || {
            Ok(prometheus.get("/-/ready").ok().filter(|body| body.contains("Ready")))
        })
        .with_context(|| prometheus.process.tail())?;
        Ok(prometheus)
    }

    /// The value of an instant query with exactly one result; none if there is no result.
    ///
    /// # Errors
    /// When Prometheus does not answer, or not in JSON.
    pub fn query(&self, query: &str) -> Result<Option<f64>> {
        let encoded = query.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
        let answer: Value =
            serde_json::from_str(&self.get(&format!("/api/v1/query?query={encoded}"))?)?;
        let value = answer["data"]["result"][0]["value"][1].as_str();
        Ok(value.and_then(|text| text.parse().ok()))
    }

    /// Waits until an instant query has a value that suits.
    ///
    /// # Errors
    /// When it has not after `patience`.
    pub fn until(
        &self,
        patience: Duration,
        query: &str,
        suits: impl Fn(f64) -> bool,
    ) -> Result<f64> {
        eventually(patience, &format!("{query} suits"), || {
            Ok(self.query(query)?.filter(|value| suits(*value)))
        })
        .with_context(|| self.process.tail())
    }

    fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an answer without a body")?;
        Ok(body.to_owned())
    }
}

/// Passes requests for `/metrics` on to `target`, asking for the text format: this Prometheus always
/// prefers OpenMetrics, and cannot be told otherwise. Lives as long as the test.
///
/// # Errors
/// When there is no free port.
pub fn text_only(target: u16) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            // A scrape that fails shows up as a target that is down.
            let _ = pass_on(client, target);
        }
    });
    Ok(port)
}

fn pass_on(mut client: TcpStream, target: u16) -> Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    let mut server = TcpStream::connect(("127.0.0.1", target))?;
    write!(server, "GET /metrics HTTP/1.0\r\nAccept: text/plain;version=0.0.4\r\n\r\n")?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    client.write_all(&answer)?;
    Ok(())
}
