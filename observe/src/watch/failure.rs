//! What can go wrong with a watch, in words for people, and what helps.

use std::error::Error;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde::Deserialize;

use super::encoding::Raw;
use super::{Patience, Target};
use crate::clock::Stop;
use crate::read::loose::{Loose, Nested};
use crate::read::proto::{self, Malformed, Message, Value};

/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// Why a round ended that should not have.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) text: String,
    pub(super) remedy: Remedy,
    /// Wait at least so long.
    pub(super) wait: Duration,
    /// Whether the server may not be there at all, rather than unwilling.
    pub(super) away: bool,
    /// Whether a list that did not come as a stream may come page by page.
    pub(super) pages_help: bool,
    /// What the server answered, if it did.
    pub(super) code: Option<StatusCode>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Go on from the last version.
    Resume,
    /// Begin with a list.
    Relist,
    /// Read the credentials anew, then go on.
    Renew,
    /// None is needed: the cluster does not have such objects.
    None,
}

/// An error as the API server words it, in a body or in a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    message: Loose<String>,
    code: Loose<i32>,
    details: Nested<Details>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Details {
    retry_after_seconds: Loose<i32>,
}

impl Message for Status {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            3 => value.put(&mut self.message),
            5 => value.put(&mut self.details),
            6 => value.put(&mut self.code),
            _ => Ok(()),
        }
    }
}

impl Message for Details {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        if number == 5 { value.put(&mut self.retry_after_seconds) } else { Ok(()) }
    }
}

impl Status {
    pub(super) fn in_protobuf(message: &[u8]) -> Self {
        proto::read_beginning(message)
    }
}

impl Failure {
    pub(super) fn new(text: String, remedy: Remedy) -> Self {
        Self { text, remedy, wait: Duration::ZERO, away: false, pages_help: true, code: None }
    }

    /// What went wrong with what. The API server's own words often begin with the resource.
    pub(super) fn told_of(&self, target: &Target) -> String {
        let resource = target.row.qualified();
        if self.text.starts_with(&resource) {
            return self.text.clone();
        }
        match &target.namespace {
            Some(namespace) => format!("{resource} in {namespace}: {}", self.text),
            None => format!("{resource}: {}", self.text),
        }
    }

    pub(super) fn late(what: &str, patience: Duration) -> Self {
        let text = format!("the API server did not answer {what} within {patience:?}");
        Self { away: true, ..Self::new(text, Remedy::Resume) }
    }

    pub(super) fn stopped(stop: Stop) -> Self {
        Self::new(stop.to_string(), Remedy::Resume)
    }

    pub(super) fn stale(silence: Duration) -> Self {
        let text =
            format!("one more watch was silent for {silence:.1?}: the API server may be behind");
        Self::new(text, Remedy::Relist)
    }

    pub(super) fn still(version: &str) -> Self {
        let text = format!(
            "the API server may be behind: it lists nothing that was written since, and that as of version {version}"
        );
        Self::new(text, Remedy::Relist)
    }

    pub(super) fn brief(lived: Duration) -> Self {
        let text = format!("the API server ended the watch after only {lived:.1?}");
        Self::new(text, Remedy::Resume)
    }

    pub(super) fn transport(what: &str, error: &kube::Error) -> Self {
        Self { away: true, ..Self::new(causes(what, error), Remedy::Resume) }
    }

    /// A request that got no answer.
    pub(super) fn unanswered(error: &kube::Error) -> Self {
        Self { pages_help: false, ..Self::transport("no answer from the API server", error) }
    }

    /// An `ERROR` event.
    pub(super) fn in_stream(object: Raw<'_>, target: &Target, patience: &Patience) -> Self {
        let status = object.status();
        let code = status.code.0.and_then(|code| u16::try_from(code).ok());
        let code = code.and_then(|code| StatusCode::from_u16(code).ok());
        let code = code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut failure = Self::refused(code, &HeaderMap::new(), &status, target, patience);
        // Whatever the server could not encode would come again.
        if code == StatusCode::INTERNAL_SERVER_ERROR {
            failure.remedy = Remedy::Relist;
        }
        failure
    }

    /// An answer that is not a success.
    pub(super) fn refused(
        code: StatusCode,
        headers: &HeaderMap,
        status: &Status,
        target: &Target,
        patience: &Patience,
    ) -> Self {
        let said = status.message.0.as_deref();
        let said = said.unwrap_or_else(|| code.canonical_reason().unwrap_or("no reason given"));
        let resource = target.row.qualified();
        let (remedy, text) = match code.as_u16() {
            401 => (Remedy::Renew, format!("the API server does not take our credentials: {said}")),
            403 => (
                Remedy::Resume,
                format!("{said}; allow the account to {} {resource}", target.verbs.join(" and ")),
            ),
            404 if target.row.optional => (
                Remedy::None,
                format!("the API server does not serve {resource}, and need not: {said}"),
            ),
            404 => (Remedy::Relist, format!("the API server does not serve {resource}: {said}")),
            429 | 500..=599 => (Remedy::Resume, format!("the API server answered {code}: {said}")),
            _ => (Remedy::Relist, format!("the API server answered {code}: {said}")),
        };
        let least = match (remedy, code.as_u16()) {
            (Remedy::None, _) => patience.unserved,
            // Only people help.
            (_, 403 | 404) => patience.refused,
            _ => Duration::ZERO,
        };
        let wait = asked_wait(headers, status).unwrap_or_default().max(least);
        // So a load balancer answers for a server that is not there.
        let away = code.is_server_error() && wait.is_zero();
        // What is refused in any form, and a server that has enough to do.
        let pages_help = !matches!(code.as_u16(), 401 | 403 | 404 | 429 | 503);
        Self { text, remedy, wait, away, pages_help, code: Some(code) }
    }
}

/// The error with all its causes; kube's own wrapping says nothing.
pub(crate) fn causes(what: &str, error: &kube::Error) -> String {
    let mut text = what.to_owned();
    let mut cause = error.source();
    if cause.is_none() {
        text = format!("{text}: {error}");
    }
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    // Rustls gives the address of its manual.
    if let Some(link) = text.find(": https://docs.rs/") {
        text.truncate(link);
    }
    text
}

fn asked_wait(headers: &HeaderMap, status: &Status) -> Option<Duration> {
    let header = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let in_header = header.and_then(|text| text.trim().parse::<u64>().ok());
    let in_body = status.details.0.retry_after_seconds.0;
    let in_body = in_body.and_then(|seconds| u64::try_from(seconds).ok());
    let seconds = in_header.or(in_body)?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}
