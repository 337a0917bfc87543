//! Connections on the loopback interface.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::ApiServer;
use super::fault::Outage;
use super::http::router;

/// Accepts and serves until dropped, and every connection with it.
pub(crate) async fn listen(listener: TcpListener, server: ApiServer) {
    let router = router(&server);
    let mut faults = server.0.faults.subscribe();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(_) if is_cut(&server) => {}
                Ok((socket, _)) => {
                    connections.spawn(serve(socket, router.clone()));
                }
                // Out of file descriptors, most likely: they come back as connections end.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            _ = faults.changed() => {
                if is_cut(&server) {
                    connections.abort_all();
                }
            }
        }
    }
}

fn is_cut(server: &ApiServer) -> bool {
    server.0.faults.borrow().outage == Some(Outage::Disconnected)
}

async fn serve(socket: TcpStream, router: Router) {
    // Without it small events wait for the client's acknowledgement.
    if socket.set_nodelay(true).is_err() {
        return;
    }
    let service = TowerToHyperService::new(router);
    // A connection that fails is the client's to notice.
    drop(http1::Builder::new().serve_connection(TokioIo::new(socket), service).await);
}
