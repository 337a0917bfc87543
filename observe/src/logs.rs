//! What the containers of a pod print.

use std::collections::VecDeque;

use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use kube::client::Body;
use leadership::snapshot::PodName;
use leadership::text::clean;
use leadership::time::Time;

use crate::access::Cluster;
use crate::ask::{self, Refusal};
use crate::watch::{causes, encoded};

/// The container that kubectl takes, where a pod says which.
const DEFAULT: &str = "/metadata/annotations/kubectl.kubernetes.io~1default-container";

/// Bytes of a line; a longer one comes in pieces.
const LONGEST_LINE: usize = 1 << 20;

/// Which lines of its log, and whether to wait for more.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of which container; of the pod's default or only one if there is none.
    pub container: Option<String>,
    /// Go on until the container ends.
    pub follow: bool,
    /// Of the container's run before this one.
    pub previous: bool,
    /// At most so many of the last lines that are there.
    pub tail: Option<u64>,
    /// Nothing older than so many seconds.
    pub since_seconds: Option<u64>,
    /// Nothing older than this, by the clock of the pod's node.
    pub since: Option<Time>,
}

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The account may not.
    #[error("cannot read the log of pod {pod}: {said}; allow the account to get pods/log")]
    Forbidden {
        /// Whose.
        pod: PodName,
        /// The API server's words.
        said: String,
    },
    /// There is no such pod any more.
    #[error("there is no pod {0} any more")]
    Gone(PodName),
    /// The container has not run yet; trying again helps.
    #[error("pod {pod} prints nothing yet: {said}")]
    NotStarted {
        /// Whose.
        pod: PodName,
        /// The API server's words.
        said: String,
    },
    /// The container has not been restarted.
    #[error("pod {pod} has no earlier log: {said}; leave --previous away")]
    NoPrevious {
        /// Whose.
        pod: PodName,
        /// The API server's words.
        said: String,
    },
    /// There is no such container.
    #[error("pod {pod} has no container \"{container}\"; it has: {known}")]
    NoContainer {
        /// Whose.
        pod: PodName,
        /// What was asked for.
        container: String,
        /// What there is.
        known: String,
    },
    /// Anything else; trying again may help.
    #[error("cannot read the log of pod {pod}: {why}")]
    Broken {
        /// Whose.
        pod: PodName,
        /// In words.
        why: String,
    },
}

impl LogError {
    /// Whether the same may succeed a little later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::NotStarted { .. } | Self::Broken { .. })
    }

    fn of(pod: &PodName, refusal: &Refusal) -> Self {
        let pod = pod.clone();
        match refusal {
            Refusal::Refused(StatusCode::FORBIDDEN, said) => {
                Self::Forbidden { pod, said: said.clone() }
            }
            Refusal::Refused(StatusCode::NOT_FOUND, _) => Self::Gone(pod),
            Refusal::Refused(StatusCode::BAD_REQUEST, said)
                if said.contains("waiting to start") =>
            {
                Self::NotStarted { pod, said: said.clone() }
            }
            Refusal::Refused(StatusCode::BAD_REQUEST, said) if said.contains("previous") => {
                Self::NoPrevious { pod, said: said.clone() }
            }
            other => Self::Broken { pod, why: other.told() },
        }
    }
}

/// One line as a container printed it, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, by the clock of its node; in nanoseconds, that lines of one microsecond can be told apart.
    pub at: Option<jiff::Timestamp>,
    /// The same in the server's own words.
    pub stamp: String,
    /// What; any bytes.
    pub text: Vec<u8>,
}

/// A log as it comes in.
pub struct Log {
    pod: PodName,
    /// Which container is read; none where that is left to the API server.
    pub container: Option<String>,
    /// The others, where the pod has more than one.
    pub others: Vec<String>,
    body: Body,
    ended: bool,
    rest: Vec<u8>,
    lines: VecDeque<Line>,
}

/// Begins to read a log.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn open(cluster: &Cluster, pod: &PodName, wanted: &Wanted) -> Result<Log, LogError> {
    let (container, others) = choose(cluster, pod, wanted.container.as_deref()).await?;
    let uri = uri(pod, container.as_deref(), wanted);
    let request = || {
        // Compressed streams wait for blocks to fill.
        Request::get(&uri).header(header::ACCEPT_ENCODING, "identity").body(Body::empty())
    };
    let body = ask::ask(cluster, request).await.map_err(|error| LogError::of(pod, &error))?;
    let (rest, lines) = (Vec::new(), VecDeque::new());
    Ok(Log { pod: pod.clone(), container, others, body, ended: false, rest, lines })
}

impl Log {
    /// Whether the next line is there already.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.lines.is_empty()
    }

    /// The next line; none at the end.
    ///
    /// Nothing is lost if this is dropped before it is ready.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn next(&mut self) -> Result<Option<Line>, LogError> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => self.take(&frame.into_data().unwrap_or_default()),
                Some(Err(error)) => {
                    let why = causes("the log broke", &error);
                    return Err(LogError::Broken { pod: self.pod.clone(), why });
                }
                None => self.end(),
            }
        }
    }

    fn take(&mut self, data: &[u8]) {
        self.rest.extend_from_slice(data);
        let mut start = 0;
        while let Some(length) = self.rest.iter().skip(start).position(|byte| *byte == b'\n') {
            let bytes = self.rest.get(start..start + length).unwrap_or_default();
            self.lines.push_back(line(bytes));
            start += length + 1;
        }
        self.rest.drain(..start);
        if self.rest.len() > LONGEST_LINE {
            let piece = std::mem::take(&mut self.rest);
            self.lines.push_back(line(&piece));
        }
    }

    fn end(&mut self) {
        self.ended = true;
        if !self.rest.is_empty() {
            let last = std::mem::take(&mut self.rest);
            self.lines.push_back(line(&last));
        }
    }
}

/// The container that is meant, and the others: what was asked for, what the pod says, or the first.
async fn choose(
    cluster: &Cluster,
    pod: &PodName,
    asked: Option<&str>,
) -> Result<(Option<String>, Vec<String>), LogError> {
    let uri = format!("{}?resourceVersion=0", path(pod));
    let object = ask::ask_object(cluster, || Request::get(&uri).body(Body::empty())).await;
    let object = match object {
        Ok(object) => object,
        // Whoever may read the log but not the pod knows the container, or there is only one.
        Err(Refusal::Refused(StatusCode::FORBIDDEN, _)) => {
            return Ok((asked.map(str::to_owned), Vec::new()));
        }
        Err(refusal) => return Err(LogError::of(pod, &refusal)),
    };
    let names = |pointer| {
        let list = object.pointer(pointer).and_then(serde_json::Value::as_array);
        list.into_iter().flatten().filter_map(|it| it["name"].as_str())
    };
    let every = names("/spec/containers").chain(names("/spec/initContainers"));
    let every = every.chain(names("/spec/ephemeralContainers")).collect::<Vec<_>>();
    let said = object.pointer(DEFAULT).and_then(serde_json::Value::as_str);
    let said = said.filter(|name| every.contains(name));
    let chosen = asked.or(said).or(names("/spec/containers").next());
    if let Some(container) = asked.filter(|name| !every.contains(name)) {
        let (container, known) = (container.to_owned(), every.join(", "));
        return Err(LogError::NoContainer { pod: pod.clone(), container, known });
    }
    let others = names("/spec/containers").filter(|name| Some(*name) != chosen);
    Ok((chosen.map(str::to_owned), others.map(|name| clean(name).to_string()).collect()))
}

fn path(pod: &PodName) -> String {
    format!("/api/v1/namespaces/{}/pods/{}", encoded(&pod.namespace), encoded(&pod.name))
}

/// Stamps are always asked for: they tell where to go on after a break.
fn uri(pod: &PodName, container: Option<&str>, wanted: &Wanted) -> String {
    let flag = |set: bool| set.then(|| "true".to_owned());
    let tail = wanted.tail.map(|lines| lines.to_string());
    let seconds = wanted.since_seconds.map(|seconds| seconds.to_string());
    // Of two limits the API server takes only one.
    let since = wanted.since.filter(|_| seconds.is_none()).map(second);
    let parameters = [
        ("container", container.map(str::to_owned)),
        ("follow", flag(wanted.follow)),
        ("previous", flag(wanted.previous)),
        ("tailLines", tail),
        ("sinceSeconds", seconds),
        ("sinceTime", since),
    ];
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let given = given.map(|(name, value)| format!("&{name}={}", encoded(&value)));
    format!("{}/log?timestamps=true{}", path(pod), given.collect::<String>())
}

/// Kubelets take no fractions.
fn second(time: Time) -> String {
    let micros = time.as_micros();
    Time::from_micros(micros.saturating_sub(micros.rem_euclid(1_000_000))).to_string()
}

/// Takes the stamp off a line; what has none is a line all the same.
fn line(bytes: &[u8]) -> Line {
    let (stamp, text) = match bytes.iter().position(|byte| *byte == b' ') {
        Some(space) => (bytes.get(..space), bytes.get(space + 1..)),
        None => (Some(bytes), Some(&[][..])),
    };
    let stamp = stamp.and_then(|stamp| std::str::from_utf8(stamp).ok());
    let at = stamp.and_then(|stamp| stamp.parse::<jiff::Timestamp>().ok());
    match (at, stamp, text) {
        (Some(at), Some(stamp), Some(text)) => {
            Line { at: Some(at), stamp: stamp.to_owned(), text: text.to_owned() }
        }
        _ => Line { at: None, stamp: String::new(), text: bytes.to_owned() },
    }
}

#[cfg(test)]
mod tests;
