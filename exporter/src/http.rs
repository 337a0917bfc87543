//! What is served, and how a client is kept from holding us up.

mod deadline;
mod landing;
mod negotiate;
pub mod serve;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use leadership::observation::Kind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::build::BUILD;
use crate::metrics::{self, Picture};
use crate::process::Process;
use crate::source::Source;
use crate::text::Format;

/// How many pages may be in memory at once. A page can have megabytes, and a slow client holds
/// its page until it is cut; whoever comes later waits for one of them.
const PAGES: usize = 40;

/// What the routes read.
#[derive(Debug)]
struct Site {
    source: Source,
    pages: Arc<Semaphore>,
}

/// Plain text, for people and probes.
const PLAIN: [(HeaderName, &str); 2] = [
    (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// All routes over one source.
pub fn router(source: Source) -> Router {
    let site = Arc::new(Site { source, pages: Arc::new(Semaphore::new(PAGES)) });
    Router::new()
        .route("/", get(landing))
        .route("/metrics", get(metrics))
        .route("/livez", get(livez))
        .route("/healthz", get(livez))
        .route("/readyz", get(readyz))
        .fallback(missing)
        .method_not_allowed_fallback(not_allowed)
        .with_state(site)
}

async fn landing(State(site): State<Arc<Site>>) -> Response {
    let page = landing::page(&site.source);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, landing::POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, page).into_response()
}

async fn metrics(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let format = negotiate::format(&headers);
    let gzip = negotiate::gzip(&headers);
    let Ok(permit) = Arc::clone(&site.pages).acquire_owned().await else {
        return broken("nothing hands out pages any more");
    };
    // A page of a large cluster takes tens of milliseconds: too long for a thread that also watches.
    let written = tokio::task::spawn_blocking(move || write(&site.source, format, gzip)).await;
    match written.map_err(io::Error::from).flatten() {
        Ok(page) => respond(page, gzip, format, permit),
        Err(error) => broken(&format!("the page could not be written: {error}")),
    }
}

/// The page, plain or compressed.
fn write(source: &Source, format: Format, gzip: bool) -> io::Result<Vec<u8>> {
    let snapshot = source.snapshot();
    let picture = Picture {
        snapshot: &snapshot,
        published: source.selection().of(&snapshot),
        expected: source.expected(),
        stats: source.stats(),
        build: &BUILD,
        process: &Process::read(),
    };
    let mut page = Vec::new();
    if !gzip {
        metrics::write(&picture, format, &mut page)?;
        return Ok(page);
    }
    // Level 1: the higher ones take ten times as long for a fifth of the size.
    let mut encoder = GzEncoder::new(page, Compression::new(1));
    metrics::write(&picture, format, &mut encoder)?;
    encoder.finish()
}

/// A page that gives its permit back when its last byte was sent or its client was cut.
struct Sent {
    page: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.page
    }
}

fn respond(page: Vec<u8>, gzip: bool, format: Format, permit: OwnedSemaphorePermit) -> Response {
    let sent = Bytes::from_owner(Sent { page, _permit: permit });
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::VARY, "accept, accept-encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let mut response = (headers, Body::from(sent)).into_response();
    if gzip {
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    response
}

fn broken(why: &str) -> Response {
    tracing::error!("{why}");
    (StatusCode::INTERNAL_SERVER_ERROR, PLAIN, format!("{why}\n")).into_response()
}

/// Whether we ourselves work; the API server may be away.
async fn livez(State(site): State<Arc<Site>>) -> Response {
    if site.source.alive() {
        (PLAIN, "ok\n").into_response()
    } else {
        let why = "the loop that watches the cluster has ended; restart this exporter\n";
        (StatusCode::INTERNAL_SERVER_ERROR, PLAIN, why).into_response()
    }
}

/// Whether there is something to tell: the first complete list of leases was read.
async fn readyz(State(site): State<Arc<Site>>) -> Response {
    let snapshot = site.source.snapshot();
    let leases = snapshot.watch(Kind::Lease);
    if site.source.recorded() || leases.is_some_and(|watch| watch.listed) {
        return (PLAIN, "ok\n").into_response();
    }
    let error = leases.and_then(|watch| watch.last_error.as_deref());
    let why = error.map_or(String::new(), |error| format!(": {error}"));
    let body = format!(
        "not ready: no complete list of leases has been read from {} yet{why}\n",
        site.source.name()
    );
    (StatusCode::SERVICE_UNAVAILABLE, PLAIN, body).into_response()
}

async fn missing() -> Response {
    let hint = "not found; there are /, /metrics, /livez and /readyz\n";
    (StatusCode::NOT_FOUND, PLAIN, hint).into_response()
}

async fn not_allowed() -> Response {
    let hint = "only GET and HEAD are answered here\n";
    let allow = [(header::ALLOW, "GET, HEAD")];
    (StatusCode::METHOD_NOT_ALLOWED, PLAIN, allow, hint).into_response()
}
