//! A connection whose client must take an answer in time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Fails when what is ready to be sent is not taken whole within the limit, however often a byte of it is. A page that is sent
/// while it is written has a limit for the whole beside this one.
///
/// The clock starts with the first byte that the client does not take at once. It stops with the
/// next successful flush, which hyper asks for only once it has handed over all that it has.
#[derive(Debug)]
pub(super) struct Deadline<T> {
    inner: T,
    limit: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<T> Deadline<T> {
    pub(super) fn new(inner: T, limit: Duration) -> Self {
        Self { inner, limit, stalled: None }
    }

    /// What to say while the client takes nothing more.
    fn pending<R>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<R>> {
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        let text = format!("the client did not take the answer within {limit:?}");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Deadline<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Deadline<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.inner).poll_write(cx, buf) {
            Poll::Pending => self.pending(cx),
            ready @ Poll::Ready(_) => ready,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.inner).poll_write_vectored(cx, bufs) {
            Poll::Pending => self.pending(cx),
            ready @ Poll::Ready(_) => ready,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TLS takes bytes in before it can send them.
        match Pin::new(&mut self.inner).poll_flush(cx) {
            Poll::Pending => self.pending(cx),
            Poll::Ready(flushed) => {
                self.stalled = None;
                Poll::Ready(flushed)
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.inner).poll_shutdown(cx) {
            Poll::Pending => self.pending(cx),
            ready @ Poll::Ready(_) => ready,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_cut() {
        let (ours, _theirs) = duplex(16);
        let error = Deadline::new(ours, LIMIT).write_all(&[0; 64]).await;
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_a_byte_now_and_then_is_cut_too() {
        let (ours, mut theirs) = duplex(16);
        let slow = tokio::spawn(async move {
            for _ in 0..64 {
                sleep(Duration::from_secs(1)).await;
                theirs.read_u8().await.ok()?;
            }
            Some(())
        });
        let error = Deadline::new(ours, LIMIT).write_all(&[0; 1024]).await;
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(slow.await.unwrap(), None, "the reader was cut off early");
    }

    #[tokio::test(start_paused = true)]
    async fn each_answer_has_its_own_limit() {
        let (ours, mut theirs) = duplex(16);
        let mut ours = Deadline::new(ours, LIMIT);
        let reader = tokio::spawn(async move {
            for _ in 0..3 {
                sleep(LIMIT * 9 / 10).await;
                theirs.read_exact(&mut [0; 64]).await.unwrap();
            }
        });
        for _ in 0..3 {
            ours.write_all(&[0; 64]).await.unwrap();
            ours.flush().await.unwrap();
        }
        reader.await.unwrap();
    }
}
