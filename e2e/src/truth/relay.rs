//! A wire between a client and the API server that delays or swallows what it carries, and breaks.
//!
//! Bytes pass as they are, so TLS holds from end to end.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use leadership::time::{Delta, Time};
use observe::clock;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use crate::plane::ControlPlane;

/// How long the server's bytes are under way.
#[derive(Clone, Debug)]
pub struct Weather {
    /// Usually, in milliseconds.
    pub usual: Range<i64>,
    /// In how many of 100 cases it takes longer.
    pub hiccups: u8,
    /// How much longer then, in milliseconds.
    pub hiccup: Range<i64>,
}

/// No delay of its own.
pub const CLEAR: Weather = Weather { usual: 0..1, hiccups: 0, hiccup: 0..1 };
/// 5 to 10 ms, and once in a hundred deliveries 0.1 to 0.8 s more.
pub const UNSTEADY: Weather = Weather { usual: 5..10, hiccups: 1, hiccup: 100..800 };

/// A listening relay. Its connections end when it is dropped.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    cut: Arc<AtomicBool>,
    reset: Arc<Notify>,
    task: AbortHandle,
}

impl Relay {
    /// Starts to relay connections to the API server.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub fn start(runtime: &Handle, plane: &ControlPlane, weather: &Weather) -> Result<Self> {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let port = listener.local_addr()?.port();
        let cut = Arc::new(AtomicBool::new(false));
        let (target, weather, reset) = (plane.port(), weather.clone(), Arc::default());
        let wire = Wire { target, weather, cut: Arc::clone(&cut), reset: Arc::clone(&reset) };
        let task = runtime.spawn(accept(listener, wire)).abort_handle();
        Ok(Self { port, cut, reset, task })
    }

    /// From now on nothing arrives any more, and nobody is told so.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    /// From now on what is sent arrives again; what was sent meanwhile is lost.
    pub fn mend(&self) {
        self.cut.store(false, Ordering::Relaxed);
    }

    /// Resets all connections, as a balancer does that has forgotten them.
    pub fn reset(&self) {
        self.reset.notify_waiters();
    }

    /// A kubeconfig whose server is this relay.
    ///
    /// # Errors
    /// When the control plane's own cannot be read, or the file not be written.
    pub fn kubeconfig(&self, plane: &ControlPlane) -> Result<PathBuf> {
        let text = std::fs::read_to_string(plane.kubeconfig())?;
        let direct = format!("127.0.0.1:{}", plane.port());
        let relayed = text.replace(&direct, &format!("127.0.0.1:{}", self.port));
        let path = plane.dir().join(format!("kubeconfig-{}", self.port));
        anyhow::ensure!(relayed != text, "{direct} is not in {}", plane.kubeconfig().display());
        write(&path, &relayed)?;
        Ok(path)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone, Debug)]
struct Wire {
    target: u16,
    weather: Weather,
    cut: Arc<AtomicBool>,
    reset: Arc<Notify>,
}

/// Its connections are its children: they end with it.
async fn accept(listener: TcpListener, wire: Wire) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let wire = wire.clone();
        connections.spawn(async move {
            // An API server that is away refuses: the client's connection is closed at once.
            if let Ok(server) = TcpStream::connect(("127.0.0.1", wire.target)).await {
                wire.join(client, server).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

impl Wire {
    async fn join(&self, mut client: TcpStream, mut server: TcpStream) {
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (client_in, client_out) = client.split();
        let (server_in, server_out) = server.split();
        // Who closes, closes both ways, as a server that dies does.
        tokio::select! {
            () = self.carry(client_in, server_out, &CLEAR) => {}
            () = self.carry(server_in, client_out, &self.weather) => {}
            () = self.reset.notified() => {
                // Closed so, a socket sends a reset.
                let _ = SockRef::from(&client).set_linger(Some(Duration::ZERO));
                let _ = SockRef::from(&server).set_linger(Some(Duration::ZERO));
            }
        }
    }

    async fn carry(
        &self,
        from: impl AsyncReadExt + Unpin,
        to: impl AsyncWriteExt + Unpin,
        weather: &Weather,
    ) {
        let (out, queue) = mpsc::unbounded_channel();
        tokio::join!(self.read(from, weather, out), deliver(queue, to));
    }

    async fn read(
        &self,
        mut from: impl AsyncReadExt + Unpin,
        weather: &Weather,
        out: mpsc::UnboundedSender<(Time, Vec<u8>)>,
    ) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let due = clock::now() + weather.delay();
            let lost = self.cut.load(Ordering::Relaxed);
            if !lost && out.send((due, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    }
}

/// In order: what comes after something late is late too.
async fn deliver(
    mut queue: mpsc::UnboundedReceiver<(Time, Vec<u8>)>,
    mut to: impl AsyncWriteExt + Unpin,
) {
    while let Some((due, bytes)) = queue.recv().await {
        let wait = clock::until(due);
        if wait > Duration::ZERO {
            tokio::time::sleep(wait).await;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

impl Weather {
    fn delay(&self) -> Delta {
        let more = if fastrand::u8(0..100) < self.hiccups {
            fastrand::i64(self.hiccup.clone())
        } else {
            0
        };
        let usual = 1_000 * self.usual.start..1_000 * self.usual.end;
        let usual = if self.usual.end == 1 { 0 } else { fastrand::i64(usual) };
        Delta::from_micros(usual) + Delta::from_millis(more)
    }
}
