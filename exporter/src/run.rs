//! From arguments to an exit code.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use observe::access::AccessError;
use observe::drive::{ReplayError, StartError};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinError;
use tracing::info;

use crate::args::{Args, Auth, Command};
use crate::build::BUILD;
use crate::door::{Door, DoorError};
use crate::http::{router, serve};
use crate::log;
use crate::probe::{self, ProbeError};
use crate::source::{self, Opened};

/// Why the exporter could not do its work. The text tells what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else listens there.
    #[error(
        "cannot listen on {0}: another program listens there; stop it, or choose another address with --web.listen-address"
    )]
    InUse(String),
    /// The address is not ours, or we may not have it.
    #[error("cannot listen on {0}: {1}; choose another address with --web.listen-address")]
    Listen(String, #[source] io::Error),
    /// What was asked for did not come.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// Who may come in cannot be decided.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// There is no way to a cluster.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The observation cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The recording cannot be opened.
    #[error("cannot read the recording {} (--replay): {}", .0.display(), .1)]
    Recording(PathBuf, #[source] io::Error),
    /// The recording cannot be understood.
    #[error("cannot replay {}: {}", .0.display(), .1)]
    Replay(PathBuf, #[source] ReplayError),
    /// The simulated cluster cannot start.
    #[error("cannot start the simulated cluster (--demo): {0}")]
    Demo(#[source] io::Error),
    /// The system refuses what every program gets.
    #[error("the operating system refuses threads or signals: {0}")]
    System(#[source] io::Error),
    /// We broke.
    #[error("reading the recording broke, which is a defect of this program: {0}")]
    Broken(#[from] JoinError),
}

/// How long the process may take to end after the last answer.
const END: Duration = Duration::from_millis(500);

/// Watches and serves until the process is asked to stop.
///
/// # Errors
/// When there is nothing to serve, or nowhere to serve it.
pub fn run(args: &Args) -> Result<(), Error> {
    // Pages and passwords, which take their time, have threads of their own. A second one here would only be woken up.
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Error::System)?;
    let result = match &args.command {
        None => runtime.block_on(until_stopped(args)),
        Some(Command::Probe { url, expect, wait }) => {
            let wait = Duration::from_secs(*wait);
            runtime.block_on(probe::probe(url, *expect, wait)).map_err(Error::from)
        }
    };
    runtime.shutdown_timeout(END);
    result
}

async fn until_stopped(args: &Args) -> Result<(), Error> {
    let stop = stop_requested().map_err(Error::System)?;
    tokio::pin!(stop);
    let door = Door::new(args.web_config.as_deref())?;
    let listener = serve::listen(&args.listen).await.map_err(|error| refused(args, error))?;
    let address = listener.local_addr().map_err(Error::System)?;
    // A credential plugin, or a long recording, may take its time.
    let opened = tokio::select! {
        () = &mut stop => return Ok(()),
        opened = source::open(args) => opened?,
    };
    let Opened { source, live, cluster, simulation } = opened;
    let door = match (args.auth, cluster) {
        (Auth::None, _) => door,
        (Auth::Kubernetes, Some(cluster)) => door.ask(cluster)?,
        (Auth::Kubernetes, None) => return Err(DoorError::Recording.into()),
    };
    let scheme = door.scheme();
    info!(version = BUILD.version, source = source.name(), "serving on {scheme}://{address}/");
    if let Some(live) = &live {
        tokio::spawn(log::events(live.events.resubscribe()));
        tokio::spawn(log::watches(live.snapshots.clone()));
        let selection = source.selection().clone();
        tokio::spawn(Arc::clone(source.feed()).follow(live.events.resubscribe(), selection));
    }
    let feed = Arc::clone(source.feed());
    let stop = async {
        stop.await;
        // Those who follow would otherwise be waited for.
        feed.close();
    };
    let door = Arc::new(door);
    serve::serve(listener, door, router(source), serve::Limits::default(), stop).await;
    // In this order, or the observation would complain that the simulated cluster is gone.
    drop(live);
    drop(simulation);
    Ok(())
}

fn refused(args: &Args, error: io::Error) -> Error {
    let address = args.listen.clone();
    match error.kind() {
        io::ErrorKind::AddrInUse => Error::InUse(address),
        _ => Error::Listen(address, error),
    }
}

/// Ready once the process got SIGTERM or SIGINT.
fn stop_requested() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => info!("stopping on SIGTERM"),
            _ = interrupt.recv() => info!("stopping on SIGINT"),
        }
    })
}
