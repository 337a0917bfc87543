//! The simulated network under a real client and a real server.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::serve::Listener;
use http::{Request, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use kube::client::{Body, ConfigExt};
use kube::{Client, Config};
use leadership::time::Time;
use tower::ServiceBuilder;
use turmoil::net::{TcpListener, TcpStream};

use crate::access::Cluster;
use crate::access::transport::{CONNECT, pool};
use crate::clock;

const PORT: u16 = 80;

/// What was asked when: the path, without its parameters.
pub(super) type Asked = Arc<Mutex<Vec<(Time, String)>>>;

/// A way to the host `api` that writes down what is asked.
pub(super) fn cluster(asked: Asked) -> Cluster {
    let config = Config::new(Uri::from_static("http://api"));
    let connector = tower::service_fn(|_: Uri| Box::pin(connect()));
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .map_request(move |request: Request<Body>| {
            let path = request.uri().path().to_owned();
            asked.lock().unwrap().push((clock::now(), path));
            request
        })
        .service(pool(connector));
    Cluster::through(Client::new(service, "default"))
}

async fn connect() -> io::Result<Wire> {
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    let stream = tokio::time::timeout(CONNECT, TcpStream::connect(("api", PORT))).await;
    stream.map_err(late)?.map(|stream| Wire(TokioIo::new(stream)))
}

/// The client's end of a connection.
struct Wire(TokioIo<TcpStream>);

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Where the simulated API server listens.
pub(super) struct Port(TcpListener);

impl Port {
    pub(super) async fn open() -> io::Result<Self> {
        TcpListener::bind(("0.0.0.0", PORT)).await.map(Self)
    }
}

impl Listener for Port {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            if let Ok(accepted) = self.0.accept().await {
                return accepted;
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}
