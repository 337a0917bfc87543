//! What is served, and how a client is kept from holding us up.

mod answer;
mod api;
mod deadline;
mod events;
mod landing;
mod negotiate;
mod seats;
pub mod serve;

use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use leadership::observation::Kind;
use tokio::sync::Semaphore;

use crate::build::BUILD;
use crate::door::Counts;
use crate::metrics::{self, Picture};
use crate::process::Process;
use crate::source::Source;
use crate::text::Format;
use answer::Answers;

/// What the routes read.
#[derive(Debug)]
struct Site {
    source: Source,
    answers: Answers,
    followers: Arc<Semaphore>,
}

/// Plain text, for people and probes.
const PLAIN: [(HeaderName, &str); 2] = [
    (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// All routes over one source.
pub fn router(source: Source) -> Router {
    let followers = Arc::new(Semaphore::new(events::FOLLOWERS));
    let site = Arc::new(Site { source, answers: Answers::default(), followers });
    Router::new()
        .route("/", get(landing))
        .route("/metrics", get(metrics))
        .route("/api/v1/leases", get(api::leases))
        .route("/api/v1/failovers", get(api::failovers))
        .route("/api/v1/events", get(events::events))
        .route("/api/v1/openapi.yaml", get(api::description))
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
        (header::CONTENT_SECURITY_POLICY, landing::POLICY.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, page).into_response()
}

async fn metrics(
    State(site): State<Arc<Site>>,
    door: Option<Extension<Arc<Counts>>>,
    headers: HeaderMap,
) -> Response {
    let format = negotiate::format(&headers);
    let asked = Arc::clone(&site);
    let write = move |out: &mut dyn io::Write| {
        let door = door.as_ref().map(|Extension(counts)| &**counts);
        write(&asked.source, door, format, out)
    };
    site.answers.give(&headers, format.content_type(), write).await
}

fn write(
    source: &Source,
    door: Option<&Counts>,
    format: Format,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let snapshot = source.snapshot();
    let picture = Picture {
        snapshot: &snapshot,
        published: source.selection().of(&snapshot),
        expected: source.expected(),
        stats: source.stats(),
        door,
        build: &BUILD,
        process: &Process::read(),
    };
    metrics::write(&picture, format, out)
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
    let hint = "not found; there are /, /metrics, /livez, /readyz, /api/v1/leases, /api/v1/failovers and /api/v1/events\n";
    (StatusCode::NOT_FOUND, PLAIN, hint).into_response()
}

async fn not_allowed() -> Response {
    let hint = "only GET and HEAD are answered here\n";
    let allow = [(header::ALLOW, "GET, HEAD")];
    (StatusCode::METHOD_NOT_ALLOWED, PLAIN, allow, hint).into_response()
}
