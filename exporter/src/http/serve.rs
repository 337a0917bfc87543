//! The accept loop: bounded in connections, in time for a request, in time for an answer, and in
//! the time it takes to stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::PLAIN;
use super::deadline::Deadline;
use super::seats::{Seat, Seats};
use crate::door::{Door, Stream};

/// What clients may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once. One more makes the one leave that has asked for nothing for longest, and
    /// waits if all have asked for something.
    pub connections: usize,
    /// Of these, how many one address may have that asked for something else than probes: fewer than there are pages, so
    /// that whoever takes none of them leaves some to the others.
    pub share: usize,
    /// From the beginning of a connection to the end of its handshake, and from there to the end of
    /// the request's header. There is one request a connection, so scrapers connect anew for each
    /// scrape: one round trip a minute, for which a silent client cannot hold a seat.
    pub request: Duration,
    /// From the first byte that is not taken at once to the last of what was ready to be sent: of a page that is its next
    /// piece, and there is a limit for the whole.
    pub answer: Duration,
    /// For open requests, after we were asked to stop: all of it is over within three seconds.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            share: 20,
            request: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            stop: Duration::from_millis(2_500),
        }
    }
}

/// Listens on `HOST:PORT`, or on `:PORT` for all addresses of both families.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn listen(address: &str) -> io::Result<TcpListener> {
    let Some(port) = address.strip_prefix(':') else {
        return TcpListener::bind(address).await;
    };
    match TcpListener::bind(format!("[::]:{port}")).await {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            // No IPv6 on this machine.
            TcpListener::bind(format!("0.0.0.0:{port}")).await
        }
        bound => bound,
    }
}

/// Serves behind the door until `stop` is ready, then lets open requests end within the limit.
pub async fn serve(
    listener: TcpListener,
    door: Arc<Door>,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let router = door.in_front_of(router);
    let open = GracefulShutdown::new();
    let mut seats = Seats::new(limits.connections, limits.share);
    tokio::pin!(stop);
    loop {
        let accepted = async {
            let (stream, client) = listener.accept().await?;
            Ok((stream, seats.take(client.ip()).await))
        };
        let accepted: io::Result<_> = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, seat)) => {
                let visit = Visit { door: Arc::clone(&door), router: router.clone(), limits };
                tokio::spawn(visit.host(stream, seat, open.watcher()));
            }
            Err(error) => pause(&error).await,
        }
    }
    drop(listener);
    if timeout(limits.stop, open.shutdown()).await.is_err() {
        tracing::warn!("stopped before all clients had their answers");
    }
}

/// The client went away before it was accepted, or we are out of file descriptors: trying again
/// at once would not help with the latter.
async fn pause(error: &io::Error) {
    tracing::warn!("cannot accept a connection: {error}");
    sleep(Duration::from_millis(100)).await;
}

/// One connection.
struct Visit {
    door: Arc<Door>,
    router: Router,
    limits: Limits,
}

impl Visit {
    async fn host(self, stream: TcpStream, seat: Seat, open: Watcher) {
        let handshake = timeout(self.limits.request, self.door.accept(stream));
        let stream = tokio::select! {
            () = seat.asked_to_leave() => return tracing::debug!("a handshake made room"),
            stream = handshake => stream,
        };
        let stream = match stream {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!("a handshake failed: {error}"),
            Err(_) => return tracing::debug!("a handshake took too long"),
        };
        let answers = TowerToHyperService::new(self.router);
        let service = service_fn(|request: Request<Incoming>| {
            seat.keep();
            let answer =
                (Door::probed(request.uri().path()) || seat.serve()).then(|| answers.call(request));
            async {
                match answer {
                    Some(answer) => answer.await,
                    None => Ok(too_many()),
                }
            }
        });
        tokio::select! {
            () = seat.asked_to_leave() => tracing::debug!("a silent connection made room"),
            ended = open.watch(connection(stream, service, self.limits)) => {
                if let Err(error) = ended {
                    tracing::debug!("a connection broke: {error}");
                }
            }
        }
    }
}

/// What a client is told whose share is taken.
fn too_many() -> Response {
    let why = "too many requests of your address are open; take the answers that are waiting\n";
    (StatusCode::SERVICE_UNAVAILABLE, PLAIN, why).into_response()
}

fn connection<S: HttpService<Incoming, ResBody = Body>>(
    stream: Stream,
    service: S,
    limits: Limits,
) -> http1::Connection<TokioIo<Deadline<Stream>>, S> {
    let io = TokioIo::new(Deadline::new(stream, limits.answer));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .keep_alive(false)
        .serve_connection(io, service)
}
