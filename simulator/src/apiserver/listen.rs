//! Connections, wherever they come from.

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::ApiServer;
use super::fault::Outage;
use super::http::router;

impl ApiServer {
    /// Accepts and serves until dropped, and every connection with it.
    pub async fn serve(self, mut listener: impl Listener) {
        let router = router(&self);
        let mut faults = self.0.faults.subscribe();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                (socket, _) = listener.accept() => {
                    if !is_cut(&self) {
                        connections.spawn(answer(socket, router.clone()));
                    }
                }
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                _ = faults.changed() => {
                    if is_cut(&self) {
                        connections.abort_all();
                    }
                }
            }
        }
    }
}

fn is_cut(server: &ApiServer) -> bool {
    server.0.faults.borrow().outage == Some(Outage::Disconnected)
}

async fn answer(socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let service = TowerToHyperService::new(router);
    // A connection that fails is the client's to notice.
    drop(http1::Builder::new().serve_connection(TokioIo::new(socket), service).await);
}
