//! A real Alertmanager, and the one whom it wakes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use leadership::time::Time;
use serde_json::Value;

use crate::process::{Process, eventually, free_port, now};

/// What Debian calls it, and what everybody else does.
const NAMES: [&str; 2] = ["prometheus-alertmanager", "alertmanager"];

/// A running Alertmanager that sends everything at once to us.
pub struct Pager {
    /// Where it takes alerts.
    pub port: u16,
    process: Process,
    pages: Receiver<Page>,
}

/// One alert as it arrived.
#[derive(Clone, Debug)]
pub struct Page {
    /// When it arrived.
    pub at: Time,
    /// The alert, as the webhook has it.
    pub alert: Value,
}

impl Page {
    /// The value of a label; empty if there is none.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.alert["labels"][name].as_str().unwrap_or_default()
    }

    /// The text of an annotation; empty if there is none.
    #[must_use]
    pub fn annotation(&self, name: &str) -> &str {
        self.alert["annotations"][name].as_str().unwrap_or_default()
    }
}

/// The name of the program, if it is installed.
#[must_use]
pub fn installed() -> Option<&'static str> {
    NAMES.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok())
}

impl Pager {
    /// Starts it with these rules for what goes without saying, and waits until it answers.
    ///
    /// # Errors
    /// When it does not answer within twenty seconds.
    pub fn start(program: &str, dir: &Path, inhibitions: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/", listener.local_addr()?);
        let (sender, pages) = channel();
        std::thread::spawn(move || receive(&listener, &sender));
        let port = free_port()?;
        let config = dir.join("alertmanager.yml");
        let text = format!(
            "route: {{receiver: somebody, group_by: [alertname, namespace, lease], group_wait: 0s, group_interval: 1s}}\n\
             receivers: [{{name: somebody, webhook_configs: [{{url: '{url}', send_resolved: false}}]}}]\n\
             {inhibitions}"
        );
        std::fs::write(&config, text)?;
        let mut command = Command::new(program);
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.path={}", dir.join("alertmanager").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        command.arg("--cluster.listen-address=");
        let process = Process::start(&mut command, &dir.join("alertmanager.log"))?;
        eventually(Duration::from_secs(20), "Alertmanager answers", || {
            Ok(TcpStream::connect(("127.0.0.1", port)).ok().map(|_| ()))
        })
        .with_context(|| process.tail())?;
        Ok(Self { port, process, pages })
    }

    /// The next alert; none if none arrives in time.
    ///
    /// # Errors
    /// When nobody can receive any more.
    pub fn page(&self, patience: Duration) -> Result<Option<Page>> {
        match self.pages.recv_timeout(patience) {
            Ok(page) => Ok(Some(page)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                bail!("the receiver ended: {}", self.process.tail())
            }
        }
    }
}

/// Takes what Alertmanager sends, until the test ends.
fn receive(listener: &TcpListener, pages: &Sender<Page>) {
    for client in listener.incoming().map_while(Result::ok) {
        let Ok(message) = take(client) else { continue };
        let at = now();
        for alert in message["alerts"].as_array().into_iter().flatten() {
            if pages.send(Page { at, alert: alert.clone() }).is_err() {
                return;
            }
        }
    }
}

/// One request of a webhook, which is answered.
fn take(client: TcpStream) -> Result<Value> {
    client.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(client);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    reader
        .get_mut()
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
    Ok(serde_json::from_slice(&body)?)
}
