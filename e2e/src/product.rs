//! The binaries that users run.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{Process, eventually, free_port, our_program};

/// A running `leadership-exporter`.
pub struct Exporter {
    /// Its process.
    pub process: Process,
    /// The port that it serves on.
    pub port: u16,
    /// What it records.
    pub recording: PathBuf,
}

impl Exporter {
    /// Starts it with a kubeconfig and waits until it answers.
    ///
    /// # Errors
    /// When it does not answer within ten seconds.
    pub fn start(kubeconfig: &Path, dir: &Path, extra: &[&str]) -> Result<Self> {
        let path = kubeconfig.to_str().context("a path that is not text")?;
        Self::start_with(dir, &[&["--kubeconfig", path], extra].concat(), true)
    }

    /// The same without a recording, whose writing would be measured, too.
    ///
    /// # Errors
    /// When it does not answer within ten seconds.
    pub fn unrecorded(kubeconfig: &Path, dir: &Path) -> Result<Self> {
        let path = kubeconfig.to_str().context("a path that is not text")?;
        Self::start_with(dir, &["--kubeconfig", path], false)
    }

    /// Starts it with the simulated cluster and waits until it answers.
    ///
    /// # Errors
    /// When it does not answer within ten seconds.
    pub fn demo(dir: &Path) -> Result<Self> {
        Self::start_with(dir, &["--demo"], true)
    }

    fn start_with(dir: &Path, flags: &[&str], recorded: bool) -> Result<Self> {
        let port = free_port()?;
        let recording = dir.join(format!("recording-{port}.jsonl"));
        let mut command = our_program("leadership-exporter")?;
        if recorded {
            command.arg("--record").arg(&recording);
        }
        command.args(flags);
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let log = dir.join(format!("exporter-{port}.log"));
        let process = Process::start(&mut command, &log)?;
        let exporter = Self { process, port, recording };
        eventually(Duration::from_secs(10), "the exporter answers", || {
            Ok(exporter.get("/livez").ok().map(|_| ()))
        })
        .with_context(|| exporter.process.tail())?;
        Ok(exporter)
    }

    /// The status code and body of a page.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn get(&self, path: &str) -> Result<(u16, String)> {
        self.get_with(path, "")
    }

    /// The same, with more headers, each of which ends its line.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn get_with(&self, path: &str, headers: &str) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer without a body")?;
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Ok((code.context("an answer without a status")?, body.to_owned()))
    }

    /// The value of the sample of this name whose labels contain all of `labels`.
    ///
    /// # Errors
    /// When the page cannot be read, or two samples fit.
    pub fn sample(&self, name: &str, labels: &[&str]) -> Result<Option<f64>> {
        match self.samples(name, labels)?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            many => bail!("more than one sample fits {name}{labels:?}: {many:?}"),
        }
    }

    /// The values of all samples of this name whose labels have all of these.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub fn samples(&self, name: &str, labels: &[&str]) -> Result<Vec<f64>> {
        let (code, page) = self.get("/metrics")?;
        if code != 200 {
            bail!("/metrics answers {code}");
        }
        let value = |line: &str| {
            let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']))?;
            let fits = labels.iter().all(|label| rest.contains(label));
            rest.rsplit(' ').next().filter(|_| fits)?.parse().ok()
        };
        Ok(page.lines().filter_map(value).collect())
    }

    /// Waits until a sample has a value that suits.
    ///
    /// # Errors
    /// When it has not after `patience`.
    pub fn until(
        &self,
        patience: Duration,
        name: &str,
        labels: &[&str],
        suits: impl Fn(f64) -> bool,
    ) -> Result<f64> {
        eventually(patience, &format!("{name}{labels:?} suits"), || {
            Ok(self.sample(name, labels)?.filter(|value| suits(*value)))
        })
        .with_context(|| self.process.tail())
    }
}

/// Runs `fleet-top` to its end.
///
/// # Errors
/// When it cannot be started.
pub fn fleet_top(args: &[&str]) -> Result<Output> {
    Ok(our_program("fleet-top")?.args(args).output()?)
}

/// The whole lines of a recording: it may grow while it is read, and then ends anywhere.
///
/// # Errors
/// When it cannot be read.
pub fn recorded(recording: &Path) -> Result<Vec<u8>> {
    let mut lines = std::fs::read(recording)?;
    let whole = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    lines.truncate(whole);
    Ok(lines)
}

/// The JSON lines that `fleet-top events` makes of what has been recorded so far.
///
/// # Errors
/// When it fails, or does not print JSON.
pub fn replay(recording: &Path) -> Result<Vec<serde_json::Value>> {
    let whole = recording.with_extension("whole.jsonl");
    std::fs::write(&whole, recorded(recording)?)?;
    let path = whole.to_str().context("a path that is not text")?;
    let output = fleet_top(&["events", "--replay", path, "-o", "json"])?;
    if !output.status.success() {
        bail!("fleet-top events failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
