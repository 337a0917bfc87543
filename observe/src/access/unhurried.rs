//! Busy watches are read in batches.
//!
//! An API server sends each event by itself, and each wakes its reader: with a thousand a second, that costs more than what
//! is done with them. So a connection that brings one small piece after the other is left alone for a while after each
//! look. The runtime must not see its socket meanwhile, or it would be woken all the same.

use std::io;
use std::mem::replace;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use leadership::time::{Delta, Time};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tower::{BoxError, Service};

use crate::clock;

/// So long a busy connection is left alone: so much later events may be seen.
const REST: Duration = Duration::from_millis(20);

/// A connection is busy that brings so many small pieces
const MANY: u32 = 8;
/// within this time,
const SOON: Delta = Delta::from_millis(40);
/// until a rest brings no more bytes than two leases have.
const FEW: usize = 1024;

/// Whether whoever reads a connection's answers would rather have them in batches than at once. It comes with each answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace(Arc<AtomicBool>);

impl Pace {
    /// Events may come in batches, or everything is wanted at once.
    pub(crate) fn set_batches(&self, batches: bool) {
        self.0.store(batches, Ordering::Relaxed);
    }

    fn batches(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Makes such connections.
#[derive(Clone)]
pub(super) struct Connector(pub(super) HttpConnector);

impl Service<Uri> for Connector {
    type Response = TokioIo<Unhurried>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Service::poll_ready(&mut self.0, cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async { Ok(TokioIo::new(Unhurried::new(connecting.await?.into_inner()))) })
    }
}

/// A connection that is left alone for a while after each look, if it is busy.
pub(crate) struct Unhurried {
    socket: Socket,
    pace: Pace,
    /// Small pieces that came, and since when.
    pieces: u32,
    since: Time,
    /// Bytes that the last rest brought; none if there was none.
    brought: Option<usize>,
}

enum Socket {
    Awake(TcpStream),
    /// Out of the runtime's sight. Who waits to read is called when it wakes early.
    Resting(std::net::TcpStream, Pin<Box<Sleep>>, Option<Waker>),
    /// It could not be handed over.
    Lost,
}

impl Unhurried {
    fn new(socket: TcpStream) -> Self {
        let pace = Pace::default();
        Self { socket: Socket::Awake(socket), pace, pieces: 0, since: clock::now(), brought: None }
    }

    /// The socket, when it has rested.
    fn rested(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut TcpStream>> {
        if let Socket::Resting(_, rest, reader) = &mut self.socket {
            *reader = Some(cx.waker().clone());
            ready!(rest.as_mut().poll(cx));
            *reader = None;
        }
        Poll::Ready(self.awake())
    }

    /// The socket, at once.
    fn awake(&mut self) -> io::Result<&mut TcpStream> {
        if let Socket::Resting(..) = self.socket
            && let Socket::Resting(socket, _, reader) = replace(&mut self.socket, Socket::Lost)
        {
            self.socket = Socket::Awake(TcpStream::from_std(socket)?);
            reader.into_iter().for_each(Waker::wake);
        }
        match &mut self.socket {
            Socket::Awake(socket) => Ok(socket),
            Socket::Resting(..) | Socket::Lost => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Everything that came has been read.
    fn looked(&mut self) -> io::Result<()> {
        if self.pace.batches() && self.is_busy() {
            return self.rest();
        }
        self.brought = None;
        Ok(())
    }

    fn rest(&mut self) -> io::Result<()> {
        if let Socket::Awake(socket) = replace(&mut self.socket, Socket::Lost) {
            self.socket = Socket::Resting(socket.into_std()?, Box::pin(sleep(REST)), None);
            self.brought = Some(0);
        }
        Ok(())
    }

    /// Whether so much comes that the socket should be left alone.
    fn is_busy(&mut self) -> bool {
        if let Some(brought) = self.brought {
            return brought > FEW;
        }
        self.pieces += 1;
        if self.pieces < MANY {
            return false;
        }
        let now = clock::now();
        let soon = now - replace(&mut self.since, now) <= SOON;
        self.pieces = 0;
        soon
    }
}

impl AsyncRead for Unhurried {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(ready!(this.rested(cx))?).poll_read(cx, buf))?;
        let read = buf.filled().len() - before;
        this.brought = this.brought.map(|brought| brought + read);
        // A buffer that is full says that there may be more, and no bytes that there never will be.
        let is_all = read > 0 && buf.remaining() > 0;
        Poll::Ready(if is_all { this.looked() } else { Ok(()) })
    }
}

impl AsyncWrite for Unhurried {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.get_mut().awake()?).poll_write(cx, data)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.get_mut().awake()?).poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A TCP socket has no buffer of ours.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.get_mut().awake()?).poll_shutdown(cx)
    }
}

impl Connection for Unhurried {
    fn connected(&self) -> Connected {
        let connected = match &self.socket {
            Socket::Awake(socket) => socket.connected(),
            Socket::Resting(..) | Socket::Lost => Connected::new(),
        };
        connected.extra(self.pace.clone())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::*;

    const PIECES: u8 = 200;
    const PIECE: usize = 400;

    async fn pair() -> (Unhurried, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Unhurried::new(ours), listener.accept().await.unwrap().0)
    }

    /// Sends pieces one by one, and ends.
    fn trickle(mut theirs: TcpStream, pause: Duration) -> JoinHandle<TcpStream> {
        theirs.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            for number in 0..PIECES {
                theirs.write_all(&[number; PIECE]).await.unwrap();
                sleep(pause).await;
            }
            theirs.shutdown().await.unwrap();
            theirs
        })
    }

    /// All that comes, and in how many pieces.
    async fn all(ours: &mut Unhurried) -> (Vec<u8>, usize) {
        let (mut got, mut pieces) = (Vec::new(), 0);
        while ours.read_buf(&mut got).await.unwrap() > 0 {
            pieces += 1;
            got.reserve(1 << 16);
        }
        (got, pieces)
    }

    fn sent() -> Vec<u8> {
        (0..PIECES).flat_map(|number| [number; PIECE]).collect()
    }

    #[tokio::test]
    async fn a_busy_watch_comes_in_batches_and_whole() {
        let mut fewest = usize::MAX;
        // Where others keep the machine from sending so fast, it is not busy.
        for _ in 0..20 {
            let (mut ours, theirs) = pair().await;
            ours.pace.set_batches(true);
            let sending = trickle(theirs, Duration::from_millis(1));
            let (got, pieces) = all(&mut ours).await;
            assert_eq!(got, sent());
            sending.await.unwrap();
            fewest = fewest.min(pieces);
            if fewest < usize::from(PIECES) / 4 {
                return;
            }
        }
        panic!("{fewest} pieces at least");
    }

    #[tokio::test]
    async fn nothing_else_is_held_up() {
        let (mut ours, theirs) = pair().await;
        let sending = trickle(theirs, Duration::from_millis(1));
        while ours.read(&mut [0; 4 * FEW]).await.unwrap() > 0 {
            assert!(matches!(ours.socket, Socket::Awake(_)), "it rests unasked");
        }
        sending.await.unwrap();
        let (mut ours, mut theirs) = pair().await;
        ours.pace.set_batches(true);
        for _ in 0..3 * MANY {
            theirs.write_all(&[0; PIECE]).await.unwrap();
            assert_eq!(ours.read(&mut [0; 4 * FEW]).await.unwrap(), PIECE);
            assert!(matches!(ours.socket, Socket::Awake(_)), "it rests, and so little comes");
            sleep(Duration::from_millis(12)).await;
        }
    }

    #[tokio::test]
    async fn who_rests_can_write_and_sees_the_end() {
        let (mut ours, mut theirs) = pair().await;
        ours.rest().unwrap();
        ours.write_all(b"a").await.unwrap();
        assert_eq!(theirs.read_u8().await.unwrap(), b'a');
        theirs.write_all(b"b").await.unwrap();
        ours.rest().unwrap();
        drop(theirs);
        assert_eq!(ours.read_u8().await.unwrap(), b'b');
        assert!(ours.read_u8().await.is_err());
    }

    /// As on a connection whose watch has ended, and which is used again at once.
    #[tokio::test]
    async fn who_waits_to_read_is_not_forgotten_when_something_is_written() {
        let (mut ours, mut theirs) = pair().await;
        ours.rest().unwrap();
        let (mut reader, mut writer) = tokio::io::split(ours);
        let mut read = tokio::spawn(async move { reader.read_u8().await });
        tokio::task::yield_now().await;
        writer.write_all(b"a").await.unwrap();
        assert_eq!(theirs.read_u8().await.unwrap(), b'a');
        theirs.write_all(b"b").await.unwrap();
        let read = tokio::time::timeout(Duration::from_secs(5), &mut read).await;
        assert_eq!(read.expect("it was woken").unwrap().unwrap(), b'b');
    }

    #[tokio::test]
    async fn it_rests_no_more_when_little_comes() {
        let (mut ours, mut theirs) = pair().await;
        ours.pace.set_batches(true);
        ours.rest().unwrap();
        theirs.write_all(&[0; 2 * FEW]).await.unwrap();
        assert_eq!(ours.read(&mut [0; 4 * FEW]).await.unwrap(), 2 * FEW);
        assert!(matches!(ours.socket, Socket::Resting(..)));
        theirs.write_all(&[0; 1]).await.unwrap();
        assert_eq!(ours.read(&mut [0; 4 * FEW]).await.unwrap(), 1);
        assert!(matches!(ours.socket, Socket::Awake(_)));
    }
}
