//! Answers that may have megabytes: bounded in number, compressed on request, written off the
//! threads that watch, and sent piece by piece while they are written.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;
use observe::clock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::spawn_blocking;

use super::{PLAIN, negotiate};

/// How many may be written at once. A slow client holds its own until it is cut; whoever comes
/// later waits for one of them.
const AT_ONCE: usize = 40;

/// Bytes of a piece, about.
const PIECE: usize = 64 << 10;

/// Pieces that wait for the client. The writer waits, too, when there are more.
const AHEAD: usize = 4;

/// Whoever has not taken all of an answer by then is cut. A connection's own deadline begins anew with each piece.
const LONGEST: Duration = Duration::from_secs(30);

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
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
    ) -> Response {
        let gzip = negotiate::gzip(headers);
        let Ok(permit) = Arc::clone(&self.0).acquire_owned().await else {
            return broken("nothing hands out pages any more");
        };
        let (pieces, taken) = mpsc::channel(AHEAD);
        // A page of a large cluster takes tens of milliseconds: too long for a thread that also watches.
        spawn_blocking(move || match encode(write, gzip, Outlet(pieces.clone())) {
            Ok(()) => drop(pieces.blocking_send(Piece::End)),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            Err(error) => tracing::error!(%error, "the page could not be written"),
        });
        respond(body(taken, permit), gzip, content_type)
    }
}

/// What the writer passes on.
enum Piece {
    Bytes(Bytes),
    /// All of it was written: without this it must not look whole.
    End,
}

/// Where the writer writes to. It waits for the client, and fails when that is gone.
struct Outlet(mpsc::Sender<Piece>);

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Piece::Bytes(Bytes::copy_from_slice(bytes));
        self.0.blocking_send(piece).map_err(|_| ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the page, plain or compressed.
fn encode(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    gzip: bool,
    outlet: Outlet,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(PIECE, outlet);
    if gzip {
        // Level 1: the higher ones take ten times as long for a fifth of the size.
        let mut encoder = BufWriter::new(GzEncoder::new(&mut out, Compression::new(1)));
        write(&mut encoder)?;
        encoder.into_inner().map_err(io::Error::from)?.finish()?;
    } else {
        write(&mut out)?;
    }
    out.flush()
}

/// The pieces as they come. The permit is given back when the last one was sent or the client was cut.
fn body(taken: mpsc::Receiver<Piece>, permit: OwnedSemaphorePermit) -> Body {
    let rest = (taken, permit, clock::now());
    Body::from_stream(stream::try_unfold(rest, async |(mut taken, permit, began)| {
        if clock::since(began) > LONGEST {
            return Err(io::Error::new(ErrorKind::TimedOut, "the client did not take the answer"));
        }
        match taken.recv().await {
            Some(Piece::Bytes(bytes)) => Ok(Some((bytes, (taken, permit, began)))),
            Some(Piece::End) => Ok(None),
            None => Err(io::Error::other("the page broke off")),
        }
    }))
}

fn respond(body: Body, gzip: bool, content_type: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::VARY, "accept, accept-encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let mut response = (headers, body).into_response();
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

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn given(
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
    ) -> Result<Bytes, axum::Error> {
        let answer = Answers::default().give(&HeaderMap::new(), "text/plain", write).await;
        answer.into_body().collect().await.map(http_body_util::Collected::to_bytes)
    }

    #[tokio::test]
    async fn an_answer_of_many_pieces_is_whole() {
        let text: Vec<u8> = (0..9 * PIECE).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let written = text.clone();
        let taken = given(move |out| written.chunks(1000).try_for_each(|it| out.write_all(it)));
        assert!(taken.await.unwrap() == text);
    }

    #[tokio::test]
    async fn what_breaks_off_does_not_look_whole() {
        let fails = |out: &mut dyn Write| {
            out.write_all(b"half")?;
            Err(io::Error::other("no more"))
        };
        assert!(given(fails).await.is_err());
        let panics = |out: &mut dyn Write| {
            out.write_all(b"half")?;
            panic!("it happens")
        };
        assert!(given(panics).await.is_err());
    }

    #[tokio::test]
    async fn nobody_writes_for_a_client_that_is_gone() {
        let answers = Answers::default();
        let (ended, writer) = tokio::sync::oneshot::channel();
        let write = move |out: &mut dyn Write| {
            let result = (0..99).try_for_each(|_| out.write_all(&vec![0; PIECE]));
            let _ = ended.send(result.as_ref().map_err(io::Error::kind).copied());
            result
        };
        drop(answers.give(&HeaderMap::new(), "text/plain", write).await);
        assert_eq!(writer.await.unwrap(), Err(ErrorKind::BrokenPipe));
        assert_eq!(answers.0.available_permits(), AT_ONCE);
    }
}
