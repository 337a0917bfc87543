//! Events as they happen: server-sent events that can be taken up again where they broke off.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};

use super::{PLAIN, Site, api};
use crate::feed::{News, Reader, Start};

/// How many clients may follow at once.
pub(super) const FOLLOWERS: usize = 64;

/// A comment is sent when nothing was for so long: proxies and clients then know that we are there.
const BEAT: Duration = Duration::from_secs(15);

/// A stream ends after so long: whoever may not follow any more is then refused, and all others go on
/// where it ended.
const LIFE: Duration = Duration::from_hours(1);

/// When a client that lost us is to come back.
const RETRY: &str = "retry: 2000\n";

/// Where to begin.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EventsQuery {
    /// With everything that is remembered, instead of with what happens from now on.
    history: bool,
    /// After this id: what a page knows whose first request cannot have the header.
    after: Option<String>,
}

pub(super) async fn events(
    State(site): State<Arc<Site>>,
    query: Result<Query<EventsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(error) => return api::refused(&error),
    };
    let Ok(permit) = Arc::clone(&site.followers).try_acquire_owned() else {
        let why = format!("{FOLLOWERS} clients follow already; come back later\n");
        let later = [(header::RETRY_AFTER, "5")];
        return (StatusCode::SERVICE_UNAVAILABLE, PLAIN, later, why).into_response();
    };
    let last = headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default());
    let start = match last.filter(|id| !id.is_empty()).or(query.after.as_deref()) {
        Some(id) => Start::After(id),
        None if query.history => Start::Oldest,
        None => Start::Now,
    };
    let reader = site.source.feed().read(start);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body(reader, permit)).into_response()
}

/// One chunk for each event. What a client does not take stays in the feed, and a client that takes
/// nothing is cut as every other one is.
fn body(reader: Reader, permit: OwnedSemaphorePermit) -> Body {
    // Who loses us before the first event knows by this where to go on.
    let first = format!("{RETRY}id: {}\n\n", reader.last());
    let rest =
        stream::unfold((Some(first), reader, permit), async |(first, mut reader, permit)| {
            let chunk = match first {
                Some(first) => first,
                None => chunk(&mut reader).await?,
            };
            Some((Ok::<_, std::convert::Infallible>(chunk), (None, reader, permit)))
        });
    Body::from_stream(rest.take_until(sleep(LIFE)))
}

/// What is sent next; `None` when there will be nothing more.
async fn chunk(reader: &mut Reader) -> Option<String> {
    let Ok(news) = timeout(BEAT, reader.next()).await else {
        return Some(": still here\n\n".to_owned());
    };
    let (event, data) = match news? {
        News::Event(text) => ("leadership", text.to_string()),
        News::Gap(gap) => ("gap", serde_json::to_string(&gap).ok()?),
    };
    Some(format!("id: {}\nevent: {event}\ndata: {data}\n\n", reader.last()))
}
