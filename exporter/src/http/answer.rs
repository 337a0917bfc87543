//! Answers that may have megabytes: bounded in number, compressed on request, written off the
//! threads that watch.

use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{PLAIN, negotiate};

/// How many may be in memory at once. A slow client holds its own until it is cut; whoever comes
/// later waits for one of them.
const AT_ONCE: usize = 40;

/// Hands out the permits.
#[derive(Clone, Debug)]
pub(super) struct Answers(Arc<Semaphore>);

impl Default for Answers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Answers {
    /// What `write` writes, of this type, as these headers ask for it.
    pub(super) async fn give(
        &self,
        headers: &HeaderMap,
        content_type: &'static str,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()> + Send + 'static,
    ) -> Response {
        let gzip = negotiate::gzip(headers);
        let Ok(permit) = Arc::clone(&self.0).acquire_owned().await else {
            return broken("nothing hands out pages any more");
        };
        // A page of a large cluster takes tens of milliseconds: too long for a thread that also watches.
        let written = tokio::task::spawn_blocking(move || encode(write, gzip)).await;
        match written.map_err(io::Error::from).flatten() {
            Ok(page) => respond(page, gzip, content_type, permit),
            Err(error) => broken(&format!("the page could not be written: {error}")),
        }
    }
}

/// The page, plain or compressed.
fn encode(
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    gzip: bool,
) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    if !gzip {
        write(&mut page)?;
        return Ok(page);
    }
    // Level 1: the higher ones take ten times as long for a fifth of the size.
    let mut encoder = BufWriter::new(GzEncoder::new(page, Compression::new(1)));
    write(&mut encoder)?;
    encoder.flush()?;
    encoder.into_inner().map_err(io::Error::from)?.finish()
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

fn respond(
    page: Vec<u8>,
    gzip: bool,
    content_type: &'static str,
    permit: OwnedSemaphorePermit,
) -> Response {
    let sent = Bytes::from_owner(Sent { page, _permit: permit });
    let headers = [
        (header::CONTENT_TYPE, content_type),
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
