//! A Kubernetes API server in this process, in which scripted electors behave as client-go does.
//!
//! It speaks HTTP on the loopback interface, so the whole real path of a client runs: list, page, watch, resume, relist.
//! Demos, tests and benchmarks use it. [`start`] a [`Scene`], point a client at [`Simulation::url`], and use
//! [`Simulation::server`] to write objects and to make things go wrong.
//!
//! The simulator reads no clock: time is what the caller's [`Now`] says, and waiting is tokio's.

mod apiserver;
mod elector;
mod objects;
mod scene;
#[cfg(test)]
mod virtual_time;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::serve::ListenerExt;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use apiserver::{
    Accounts, ApiServer, Faults, Outage, Refused, Resource, StreamedLists, Traffic,
};
pub use elector::{Candidate, End, Strings, Timing, elect};
pub use scene::{Scene, Size};

/// The clock: the wall clock of the server and, but for their offsets, of all nodes.
pub type Now = fn() -> Timestamp;

/// A running server with its scene; both end when this is dropped.
#[derive(Debug)]
pub struct Simulation {
    server: ApiServer,
    address: SocketAddr,
    /// Aborted on drop.
    _tasks: JoinSet<()>,
}

impl Simulation {
    /// Where the server listens: `http://127.0.0.1:PORT`. No authentication, no TLS.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The server, for direct writes and faults.
    #[must_use]
    pub fn server(&self) -> &ApiServer {
        &self.server
    }
}

/// Starts `scene` on a free port of 127.0.0.1. When this returns the scene's objects are there.
///
/// # Errors
/// If no port can be bound.
pub async fn start(scene: Scene, now: Now) -> io::Result<Simulation> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let server = ApiServer::new(&scene, now);
    let mut tasks = JoinSet::new();
    scene.play(&server, &mut tasks);
    // Without it small events wait for the client's acknowledgement; a socket that is gone is the client's to notice.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    tasks.spawn(server.clone().serve(listener));
    Ok(Simulation { server, address, _tasks: tasks })
}
