//! The binary as a user meets it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

const BINARY: &str = env!("CARGO_BIN_EXE_leadership-exporter");

/// How often, and with what pause, a condition is looked at.
const LOOKS: u32 = 400;
const PAUSE: Duration = Duration::from_millis(50);

/// A running exporter; killed when a test gives up on it.
struct Exporter {
    child: Child,
    address: String,
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    // Not the cluster of whoever runs the tests, and no port that another test, or anybody else, may have.
    command.args(args).env("HOME", "/nonexistent").env_remove("KUBECONFIG");
    command.env("LEADERSHIP_EXPORTER_WEB_LISTEN_ADDRESS", "127.0.0.1:0");
    command
}

fn start(args: &[&str]) -> Exporter {
    let mut child =
        command(args).args(["--log-format", "text"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let address = loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended: {said}");
        if let Some((_, rest)) = line.split_once("serving on http://") {
            break rest.split('/').next().unwrap().to_owned();
        }
        said.push_str(&line);
    };
    // A full pipe would stop it.
    thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Exporter { child, address }
}

impl Exporter {
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks until the answer is as wanted.
    fn until(&self, path: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut answer = String::new();
        for _ in 0..LOOKS {
            answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            thread::sleep(PAUSE);
        }
        panic!("{path} never became what was wanted: {answer}");
    }

    fn terminate(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        for _ in 0..LOOKS / 4 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(PAUSE);
        }
        panic!("it did not end within 5 s");
    }
}

fn failed(args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, stdout } = command(args).output().unwrap();
    assert!(stdout.is_empty());
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn the_demo_is_watched_over_http_and_ends_when_asked() {
    let mut exporter = start(&["--demo"]);
    exporter.until("/readyz", |answer| answer.starts_with("HTTP/1.1 200"));
    let page = exporter.until("/metrics", |page| {
        page.contains("\nleadership_leader_info{")
            && page.contains("\nleadership_watch_up{resource=\"pods\"} 1\n")
    });
    for line in ["leadership_watch_up{resource=\"leases\"} 1", "process_resident_memory_bytes "] {
        assert!(page.contains(line), "{page}");
    }
    assert!(exporter.get("/").contains("a simulated cluster"));
    // An idle client must not delay the end.
    let _idle = TcpStream::connect(&exporter.address).unwrap();
    assert_eq!(exporter.terminate().code(), Some(0));
}

#[test]
fn it_starts_and_says_so_while_the_api_server_is_away() {
    // Nothing listens on a port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let config = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: away\n\
         clusters: [{{name: c, cluster: {{server: 'http://{free}'}}}}]\n\
         users: [{{name: u, user: {{}}}}]\n\
         contexts: [{{name: away, context: {{cluster: c, user: u}}}}]\n"
    );
    std::fs::write(file.path(), config).unwrap();
    let mut exporter = start(&["--kubeconfig", file.path().to_str().unwrap(), "--pods=off"]);
    let answer = exporter.until("/readyz", |answer| answer.contains("yet: "));
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("from away yet"), "{answer}");
    let page = exporter.get("/metrics");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("\nleadership_watch_up{resource=\"leases\"} 0\n"), "{page}");
    assert!(!page.contains("resource=\"pods\""), "{page}");
    assert!(exporter.get("/livez").starts_with("HTTP/1.1 200"));
    assert_eq!(exporter.terminate().code(), Some(0));
}

const RECORDING: &str = r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"listed","kind":"Lease","objects":[{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"ns","name":"x","uid":"u1"},"spec":{"holderIdentity":"a_1","leaseDurationSeconds":15,"acquireTime":"2026-11-22T14:00:00.000000Z","renewTime":"2026-11-22T15:00:00.000000Z","leaseTransitions":3}}]}
{"at":"2026-11-22T15:00:02.020000Z","fact":"applied","object":{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"ns","name":"x","uid":"u1"},"spec":{"holderIdentity":"a_1","leaseDurationSeconds":15,"acquireTime":"2026-11-22T14:00:00.000000Z","renewTime":"2026-11-22T15:00:02.000000Z","leaseTransitions":3}}}
"#;

fn recording(lines: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines).unwrap();
    file
}

fn path(file: &tempfile::NamedTempFile) -> &str {
    Path::to_str(file.path()).unwrap()
}

#[test]
fn a_recording_is_served_as_it_ended() {
    let file = recording(RECORDING);
    let mut exporter = start(&["--replay", path(&file)]);
    assert!(exporter.get("/readyz").starts_with("HTTP/1.1 200"));
    let page = exporter.get("/metrics");
    assert!(
        page.contains("lease=\"x\",lock_kind=\"lease\",component=\"\",holder=\"a_1\""),
        "{page}"
    );
    let state = "leadership_lease_state{namespace=\"ns\",lease=\"x\",lock_kind=\"lease\",component=\"\",state=\"held\"} 1\n";
    assert!(page.contains(state), "{page}");
    assert_eq!(exporter.terminate().code(), Some(0));
}

#[test]
fn a_recording_that_cannot_be_read_is_refused_with_its_line() {
    let file = recording(&format!("{RECORDING}nonsense\n"));
    let (code, text) = failed(&["--replay", path(&file)]);
    assert_eq!(code, Some(1));
    assert!(text.contains("leadership-exporter: error: ") && text.contains("line 3"), "{text}");
    assert!(text.contains(path(&file)), "{text}");

    let (code, text) = failed(&["--replay", "/nonexistent/file"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("/nonexistent/file") && text.contains("--replay"), "{text}");
}

#[test]
fn an_address_in_use_is_named_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, text) = failed(&["--demo", "--web.listen-address", &address]);
    assert_eq!(code, Some(1));
    assert_eq!(
        text,
        format!(
            "leadership-exporter: error: cannot listen on {address}: another program listens there; \
             stop it, or choose another address with --web.listen-address\n"
        )
    );
}

#[test]
fn without_a_cluster_it_says_what_to_do() {
    let (code, text) = failed(&[]);
    assert_eq!(code, Some(1));
    assert!(text.starts_with("leadership-exporter: error: "), "{text}");
    assert!(text.contains("--kubeconfig") && text.contains("--demo"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn mistakes_of_usage_have_their_own_exit_code() {
    let (code, text) = failed(&["--no-such-flag"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("--no-such-flag"), "{text}");
}

#[test]
fn a_bad_web_config_is_refused_with_file_line_and_key() {
    let file = recording("basic_auth_users:\n  alice: hunter2\n");
    let (code, text) = failed(&["--demo", "--web.config.file", path(&file)]);
    assert_eq!(code, Some(1));
    let place = format!("error: {}:2: basic_auth_users: alice: ", path(&file));
    assert!(text.contains(&place) && !text.contains("hunter2"), "{text}");
    let (code, text) = failed(&["--demo", "--web.config.file", "/nonexistent/web.yml"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("/nonexistent/web.yml") && text.contains("--web.config.file"), "{text}");
}

#[test]
fn a_recording_cannot_say_who_may_see_it() {
    let file = recording(RECORDING);
    let (code, text) = failed(&["--replay", path(&file), "--auth", "kubernetes"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("--auth") && text.contains("--replay"), "{text}");
}

#[test]
fn no_log_holds_what_a_client_is_known_by() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = command(&["--demo", "--auth=kubernetes", "--log-level=trace"])
        .args(["--web.listen-address", &port.to_string()])
        .stderr(log.reopen().unwrap())
        .spawn()
        .unwrap();
    let exporter = Exporter { child, address: port.to_string() };
    for _ in 0..LOOKS {
        if TcpStream::connect(port).is_ok() {
            break;
        }
        thread::sleep(PAUSE);
    }
    let mut stream = TcpStream::connect(port).unwrap();
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a-secret-that-nobody-may-read\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    drop(exporter);
    let said = std::fs::read_to_string(log.path()).unwrap();
    assert!(said.contains("serving on"), "{said}");
    assert!(!said.contains("a-secret") && !answer.contains("a-secret"), "a log holds a token");
}

#[test]
fn an_exporter_can_be_probed() {
    let exporter = start(&["--demo"]);
    let url = format!("http://{}/livez", exporter.address);
    assert!(command(&["probe", &url]).status().unwrap().success());
    let (code, text) = failed(&["probe", &url, "--expect", "401"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("/livez answered 200 and not 401"), "{text}");
}
