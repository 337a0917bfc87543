//! The accept loop: bounded in connections, in time for a request, in time for an answer, and in
//! the time it takes to stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::deadline::Deadline;
use crate::door::{Door, Stream};

/// What clients may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// From the beginning of a connection, or the end of an answer, to the end of the next
    /// request's header. It bounds idleness too, so scrapers connect anew for each scrape: one
    /// round trip a minute, for which a silent client cannot hold a place.
    pub request: Duration,
    /// From the first byte of an answer that is not taken at once to its last byte.
    pub answer: Duration,
    /// For open requests, after we were asked to stop.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            request: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            stop: Duration::from_secs(4),
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
    let places = Arc::new(Semaphore::new(limits.connections));
    tokio::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (door, router, open) = (Arc::clone(&door), router.clone(), open.watcher());
                tokio::spawn(async move {
                    match timeout(limits.request, door.accept(stream)).await {
                        Ok(Ok(stream)) => {
                            if let Err(error) = open.watch(connection(stream, router, limits)).await
                            {
                                tracing::debug!("a connection broke: {error}");
                            }
                        }
                        Ok(Err(error)) => tracing::debug!("a handshake failed: {error}"),
                        Err(_) => tracing::debug!("a handshake took too long"),
                    }
                    drop(place);
                });
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

type Connection = http1::Connection<TokioIo<Deadline<Stream>>, TowerToHyperService<Router>>;

fn connection(stream: Stream, router: Router, limits: Limits) -> Connection {
    let io = TokioIo::new(Deadline::new(stream, limits.answer));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .serve_connection(io, TowerToHyperService::new(router))
}
