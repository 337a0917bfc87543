//! What containers print, and how clients read it.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch as signal;

use super::status::Failure;
use super::{ApiServer, Resource, locked};

/// Lines that are kept of one run of a container.
const KEPT: usize = 2_000;

/// A container of a pod and how often it was restarted.
type Key = (String, String, String, u64);

/// The lines of all containers.
pub(crate) type Logs = BTreeMap<Key, Lines>;

/// The newest lines of one run of a container, each with its number.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    lines: VecDeque<(Timestamp, String)>,
    /// Lines before the first one that is kept.
    forgotten: usize,
}

/// Query parameters of a log; absent ones are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Params {
    container: String,
    follow: String,
    previous: String,
    timestamps: String,
    since_seconds: Option<i64>,
    since_time: String,
    tail_lines: Option<usize>,
}

impl ApiServer {
    /// Lets the container that runs now print a line; nobody reads what a pod that is not there prints.
    pub fn print(&self, namespace: &str, pod: &str, container: &str, line: &str) {
        let Some(object) = self.get(Resource::Pods, namespace, pod) else { return };
        let run = restarts(&object, container);
        let key = (namespace.to_owned(), pod.to_owned(), container.to_owned(), run);
        let now = self.now();
        locked(&self.0.logs).entry(key).or_default().push(now, line);
        self.0.printed.send_modify(|count| *count += 1);
    }

    /// What a pod printed goes with it.
    pub(crate) fn forget_logs(&self, namespace: &str, pod: &str) {
        locked(&self.0.logs).retain(|(of, name, ..), _| of != namespace || name != pod);
    }
}

impl Lines {
    fn push(&mut self, at: Timestamp, line: &str) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
            self.forgotten += 1;
        }
        self.lines.push_back((at, line.to_owned()));
    }

    /// The number of the first line that these parameters ask for.
    fn first(&self, params: &Params, since: Option<Timestamp>) -> usize {
        let old = since.map_or(0, |since| self.lines.partition_point(|(at, _)| *at < since));
        let all = self.lines.len();
        let tail = params.tail_lines.map_or(0, |tail| all.saturating_sub(tail));
        self.forgotten + old.max(tail)
    }

    /// Lines from a number on, and the number of the next one.
    fn from(&self, number: usize, stamped: bool) -> (String, usize) {
        let skipped = number.saturating_sub(self.forgotten);
        let mut text = String::new();
        for (at, line) in self.lines.iter().skip(skipped) {
            if stamped {
                text = text + &at.to_string() + " ";
            }
            text = text + line + "\n";
        }
        (text, self.forgotten + self.lines.len())
    }
}

/// Answers the request for a log that nothing forbids.
pub(crate) fn log(
    server: &ApiServer,
    namespace: &str,
    pod: &str,
    params: &Params,
) -> Result<Response, Failure> {
    let object = server.store().get(Resource::Pods, namespace, pod)?;
    let container = chosen(&object, pod, &params.container)?;
    let mut run = restarts(&object, &container);
    if is(&params.previous) {
        run = run.checked_sub(1).ok_or_else(|| {
            let message =
                format!("previous terminated container {container:?} in pod {pod:?} not found");
            Failure::bad_request(message)
        })?;
    } else if let Some(reason) = waiting(&object, &container) {
        let message =
            format!("container {container:?} in pod {pod:?} is waiting to start: {reason}");
        return Err(Failure::bad_request(message));
    }
    let since = since(server, params)?;
    let key = (namespace.to_owned(), pod.to_owned(), container, run);
    let next = locked(&server.0.logs).get(&key).map_or(0, |lines| lines.first(params, since));
    let body = if is(&params.follow) && !is(&params.previous) {
        Body::from_stream(follow(server, key, next, is(&params.timestamps)))
    } else {
        let logs = locked(&server.0.logs);
        Body::from(
            logs.get(&key).map_or(String::new(), |it| it.from(next, is(&params.timestamps)).0),
        )
    };
    Ok(([(header::CONTENT_TYPE, "text/plain")], body).into_response())
}

/// A stream of lines until the container ends, its pod goes, or connections are cut.
fn follow(
    server: &ApiServer,
    key: Key,
    next: usize,
    stamped: bool,
) -> impl stream::Stream<Item = io::Result<Bytes>> + use<> {
    let follower = Follower {
        printed: server.0.printed.subscribe(),
        pods: server.0.changes[Resource::Pods as usize].subscribe(),
        breaks: server.0.breaks.subscribe(),
        server: server.clone(),
        key,
        next,
        stamped,
    };
    stream::unfold(Some(follower), async |follower| {
        let mut follower = follower?;
        match follower.next().await {
            Ok(Some(text)) => Some((Ok(text.into()), Some(follower))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
}

struct Follower {
    server: ApiServer,
    key: Key,
    next: usize,
    stamped: bool,
    printed: signal::Receiver<u64>,
    pods: signal::Receiver<u64>,
    breaks: signal::Receiver<u64>,
}

impl Follower {
    async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            // Whoever ends has printed its last line before.
            let ended = !self.runs();
            let (text, next) = locked(&self.server.0.logs)
                .get(&self.key)
                .map_or((String::new(), self.next), |lines| lines.from(self.next, self.stamped));
            self.next = next;
            if !text.is_empty() {
                return Ok(Some(text));
            }
            if ended {
                return Ok(None);
            }
            tokio::select! {
                _ = self.breaks.changed() => return Err(io::ErrorKind::ConnectionReset.into()),
                _ = self.printed.changed() => {}
                _ = self.pods.changed() => {}
            }
        }
    }

    fn runs(&mut self) -> bool {
        self.pods.borrow_and_update();
        self.printed.borrow_and_update();
        let (namespace, pod, container, run) = &self.key;
        let object = self.server.get(Resource::Pods, namespace, pod);
        object.is_some_and(|object| {
            let ended = status(&object, container)
                .is_some_and(|it| it["state"].get("terminated").is_some());
            !ended && restarts(&object, container) == *run
        })
    }
}

fn is(flag: &str) -> bool {
    matches!(flag, "true" | "1")
}

fn since(server: &ApiServer, params: &Params) -> Result<Option<Timestamp>, Failure> {
    if let Some(seconds) = params.since_seconds {
        let past = server.now().saturating_sub(SignedDuration::from_secs(seconds));
        return Ok(past.ok());
    }
    if params.since_time.is_empty() {
        return Ok(None);
    }
    let parsed = params.since_time.parse();
    parsed.map(Some).map_err(|error| Failure::bad_request(format!("invalid sinceTime: {error}")))
}

/// The container that is meant; of several one must be named.
fn chosen(pod: &Value, name: &str, asked: &str) -> Result<String, Failure> {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let names: Vec<&str> = containers.filter_map(|it| it["name"].as_str()).collect();
    match names.as_slice() {
        [only] if asked.is_empty() => Ok((*only).to_owned()),
        _ if names.contains(&asked) => Ok(asked.to_owned()),
        _ if asked.is_empty() => Err(Failure::bad_request(format!(
            "a container name must be specified for pod {name}, choose one of: [{}]",
            names.join(" ")
        ))),
        _ => Err(Failure::bad_request(format!("container {asked} is not valid for pod {name}"))),
    }
}

fn status<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    let mut all = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
    all.find(|status| status["name"] == container)
}

fn restarts(pod: &Value, container: &str) -> u64 {
    status(pod, container).and_then(|status| status["restartCount"].as_u64()).unwrap_or_default()
}

/// Why a container that never ran does not; one that is to be restarted has a log.
fn waiting<'a>(pod: &'a Value, container: &str) -> Option<&'a str> {
    let status =
        status(pod, container).filter(|status| status["lastState"].get("terminated").is_none())?;
    status["state"]["waiting"]["reason"].as_str()
}

/// A log is a part of a pod, with a right of its own.
pub(crate) fn forbidden(namespace: &str, pod: &str) -> Failure {
    let message = format!(
        "pods {pod:?} is forbidden: User \"system:serviceaccount:default:default\" cannot get resource \"pods/log\" in API group \"\" in the namespace {namespace:?}"
    );
    Failure::new(StatusCode::FORBIDDEN, "Forbidden", message)
}
