//! Chromium without a screen, spoken to over its pipe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// Nothing that is asked takes that long.
const BOUND: Duration = Duration::from_secs(20);
/// How often, and with what pause, a condition is looked at.
const LOOKS: u32 = 400;
const PAUSE: Duration = Duration::from_millis(50);

/// A browser with one page.
pub(crate) struct Chromium {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    asked: u64,
    session: String,
    /// What pages complained of.
    pub(crate) complaints: Vec<String>,
    _home: TempDir,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, if there is one.
pub(crate) fn installed() -> Option<&'static str> {
    let works = |name: &&str| {
        let asked = Command::new(name).arg("--version").stdout(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    NAMES.into_iter().find(works)
}

impl Chromium {
    pub(crate) fn start(program: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        // It reads and writes what it is told on descriptors 3 and 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 1>/dev/null 2>&1", program])
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .args(["--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", home.path().display()))
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            for message in BufReader::new(stdout).split(0).map_while(Result::ok) {
                if sender.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    return;
                }
            }
        });
        let (session, complaints) = (String::new(), Vec::new());
        let mut browser =
            Self { child, stdin, messages, asked: 0, session, complaints, _home: home };
        let page = browser.ask("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": page["targetId"], "flatten": true});
        let session = browser.ask("Target.attachToTarget", attach);
        session["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Asks and waits for the answer; what pages complain of meanwhile is kept.
    #[expect(clippy::needless_pass_by_value, reason = "questions are made where they are asked")]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut question = json!({"id": self.asked, "method": method, "params": params});
        if !self.session.is_empty() {
            question["sessionId"] = json!(self.session);
        }
        self.stdin.write_all(question.to_string().as_bytes()).unwrap();
        self.stdin.write_all(&[0]).unwrap();
        loop {
            let message = self.messages.recv_timeout(BOUND).unwrap();
            if message["id"] == self.asked {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            let method = message["method"].as_str().unwrap_or_default();
            let entry = &message["params"]["entry"];
            if method == "Runtime.exceptionThrown"
                || (method == "Log.entryAdded" && entry["level"] == "error")
            {
                self.complaints.push(message["params"].to_string());
            }
        }
    }

    /// A window of this width, in the dark or in the light.
    pub(crate) fn look(&mut self, width: u32, dark: bool) {
        let size =
            json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.ask("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// Whether pages may run scripts.
    pub(crate) fn scripts(&mut self, run: bool) {
        self.ask("Emulation.setScriptExecutionDisabled", json!({"value": !run}));
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.ask("Page.navigate", json!({"url": url}));
        self.until("document.readyState", |it| it == "complete");
    }

    /// The value of an expression on the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let question = json!({"expression": expression, "returnByValue": true});
        self.ask("Runtime.evaluate", question)["result"]["value"].clone()
    }

    /// Looks until the value is as wanted.
    pub(crate) fn until(&mut self, expression: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut value = Value::Null;
        for _ in 0..LOOKS {
            value = self.value(expression);
            if wanted(&value) {
                return value;
            }
            thread::sleep(PAUSE);
        }
        panic!("{expression} never was as wanted: {value}; {:?}", self.complaints);
    }

    /// A picture of the whole page, as PNG in base 64.
    pub(crate) fn picture(&mut self) -> String {
        let question = json!({"captureBeyondViewport": true});
        self.ask("Page.captureScreenshot", question)["data"].as_str().unwrap().to_owned()
    }
}
