//! Bearer tokens, about which the API server is asked: who is this, and may they get this path?

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderValue;
use leadership::time::Delta;
use observe::access::Cluster;
use observe::clock;
use observe::review::{Person, ReviewError};
use tokio::sync::Semaphore;

use super::cache::Cache;
use super::counts::Reason;
use super::secret::Marker;

/// How long the API server's word on a good token holds, and its leave for a path: a token that is withdrawn is
/// refused after no longer than this.
const GOOD: Delta = Delta::from_secs(60);
/// How long its word on a bad token holds, and its refusal: a right that is given works after no longer than this.
const BAD: Delta = Delta::from_secs(10);

/// Questions to the API server at once; strangers with new tokens wait for each other.
const QUESTIONS: usize = 4;

/// No token is longer. Those of service accounts have about a thousand bytes.
const LONGEST: usize = 8 << 10;

/// Asks the API server, and remembers what it said.
#[derive(Debug)]
pub(super) struct Tokens {
    cluster: Cluster,
    marker: Marker,
    people: Cache<Option<Arc<Person>>>,
    leave: Cache<bool>,
    questions: Semaphore,
    complaint: Mutex<Option<String>>,
}

impl Tokens {
    pub(super) fn new(cluster: Cluster) -> Self {
        Self {
            cluster,
            marker: Marker::default(),
            people: Cache::default(),
            leave: Cache::default(),
            questions: Semaphore::new(QUESTIONS),
            complaint: Mutex::default(),
        }
    }

    /// Lets in who has a good token and may get the path.
    pub(super) async fn admit(
        &self,
        authorization: Option<&HeaderValue>,
        path: &str,
    ) -> Result<(), Reason> {
        let token = authorization.and_then(token).ok_or(Reason::Credentials)?;
        let person = self.person(token).await?.ok_or(Reason::Credentials)?;
        if self.may(token, &person, path).await? { Ok(()) } else { Err(Reason::Rights) }
    }

    async fn person(&self, token: &str) -> Result<Option<Arc<Person>>, Reason> {
        let mark = self.marker.mark(&[token.as_bytes()]);
        if let Some(known) = self.people.get(mark, clock::now()) {
            return Ok(known);
        }
        let _turn = self.questions.acquire().await.map_err(|_| Reason::Unknown)?;
        // Somebody with the same token may have been before us.
        if let Some(known) = self.people.get(mark, clock::now()) {
            return Ok(known);
        }
        let said = self.cluster.who(token).await;
        let person = self.told(said)?.filter(|person| !person.anonymous()).map(Arc::new);
        let lasts = if person.is_some() { GOOD } else { BAD };
        self.people.keep(mark, person.clone(), clock::now(), lasts);
        Ok(person)
    }

    async fn may(&self, token: &str, person: &Person, path: &str) -> Result<bool, Reason> {
        let mark = self.marker.mark(&[token.as_bytes(), path.as_bytes()]);
        if let Some(known) = self.leave.get(mark, clock::now()) {
            return Ok(known);
        }
        let _turn = self.questions.acquire().await.map_err(|_| Reason::Unknown)?;
        if let Some(known) = self.leave.get(mark, clock::now()) {
            return Ok(known);
        }
        let allowed = self.told(self.cluster.may_get(person, path).await)?;
        let lasts = if allowed { GOOD } else { BAD };
        self.leave.keep(mark, allowed, clock::now(), lasts);
        Ok(allowed)
    }

    /// Says once what keeps us from knowing, and once that we know again.
    fn told<T>(&self, said: Result<T, ReviewError>) -> Result<T, Reason> {
        let complaint = said.as_ref().err().map(ToString::to_string);
        let mut last = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != complaint {
            if let Some(error) = &complaint {
                tracing::error!(%error, "clients cannot be checked, so nobody new is let in");
            } else {
                tracing::info!("clients can be checked again");
            }
            last.clone_from(&complaint);
        }
        drop(last);
        said.map_err(|_| Reason::Unknown)
    }
}

fn token(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let good = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST;
    good.then_some(token)
}
