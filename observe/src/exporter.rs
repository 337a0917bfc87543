//! What a leadership-exporter sees, for those who may not watch the cluster themselves.
//!
//! Its picture is asked for again and again, its events come as a stream that is taken up where it broke off. Times
//! are those of the exporter's clock.

mod sight;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode, header};
use kube::client::Body;
use leadership::snapshot::Snapshot;
use serde::Deserialize;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::access::{self, Access, AccessError, Cluster};
use crate::ask::{self, Refusal};
use crate::clock;
use crate::drive::{EVENTS, Live};
use sight::Sight;

/// The form of answers that is understood.
const SCHEMA: &str = "leadership-exporter/v1";

/// The shortest time between two pictures. One that takes long is asked for less often.
const EVERY: Duration = Duration::from_secs(1);
/// An exporter and the network are busy with us for at most one part in so many of the time.
const SHARE: u32 = 5;

/// Bytes of a picture: tens of thousands of elections.
const PICTURE: usize = 256 << 20;

/// A way to one exporter. Nothing has been asked of it yet.
#[derive(Clone)]
pub struct Exporter {
    server: Cluster,
    /// What stands before the paths of its API.
    root: String,
}

#[derive(Deserialize)]
struct Leases {
    schema: String,
    snapshot: Snapshot,
}

/// Reads the address, and the token if there is one.
///
/// # Errors
/// When it is no address, or the token cannot be read.
pub async fn connect(url: &str, token: Option<&std::path::Path>) -> Result<Exporter, AccessError> {
    let url = url.trim_end_matches('/').to_owned();
    let token_file = token.map(std::path::Path::to_owned);
    let access = Access { url: Some(url), token_file, ..Access::default() };
    // The client puts the path of the address before every path itself.
    Ok(Exporter { server: access::connect(&access).await?, root: "/api/v1".to_owned() })
}

impl Exporter {
    /// Its URL.
    #[must_use]
    pub fn name(&self) -> &str {
        self.server.name()
    }

    /// Starts to read. Returns at once; an exporter that is away is tried again for ever, and what it
    /// told last stays, marked as blind.
    ///
    /// Must be called in a tokio runtime.
    #[must_use]
    pub fn follow(&self) -> Live {
        let (snapshot_out, snapshots) = watch::channel(Arc::new(Snapshot::default()));
        let (event_out, events) = broadcast::channel(EVENTS);
        let mut tasks = JoinSet::new();
        tasks.spawn(self.clone().pictures(snapshot_out));
        tasks.spawn(stream::follow(self.clone(), event_out));
        Live::of(snapshots, events, tasks)
    }

    async fn pictures(self, out: watch::Sender<Arc<Snapshot>>) {
        let mut sight = Sight::default();
        loop {
            let began = clock::now();
            let shown = match self.picture().await {
                Ok(picture) => sight.seen(picture, clock::now()),
                Err(error) => sight.missed(began, clock::now(), &error),
            };
            out.send_replace(shown);
            sleep(EVERY.max(clock::since(began) * SHARE)).await;
        }
    }

    async fn picture(&self) -> Result<Snapshot, String> {
        let uri = format!("{}/leases", self.root);
        let request =
            || Request::get(&uri).header(header::ACCEPT, "application/json").body(Body::empty());
        let bytes = ask::ask_bytes(&self.server, request, PICTURE).await;
        let bytes = bytes.map_err(|refusal| told(&refusal))?;
        let Leases { schema, snapshot } = serde_json::from_slice(&bytes)
            .map_err(|error| format!("the exporter's answer cannot be read: {error}; is it one of ours, and of this version?"))?;
        if schema != SCHEMA {
            return Err(format!(
                "the exporter speaks {schema:?} and we {SCHEMA:?}: one of the two is too old"
            ));
        }
        Ok(snapshot)
    }
}

/// Who is let in.
const TOKEN: &str =
    "--exporter-token-file names a file with the token of an account that may read it";

fn told(refusal: &Refusal) -> String {
    let text = refusal.told().replace("API server", "exporter");
    match refusal {
        Refusal::Refused(StatusCode::NOT_FOUND, _) => {
            format!("{text}; the address has no exporter, or one that is too old")
        }
        // Nobody logs in to an exporter.
        Refusal::Refused(StatusCode::UNAUTHORIZED, said) => {
            format!("the exporter does not take our credentials: {said}; {TOKEN}")
        }
        Refusal::Refused(StatusCode::FORBIDDEN, _) => format!("{text}; {TOKEN}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests;
