//! The stream under a connection: sees whether anything comes at all, gives up when nothing can be sent, and can be cut.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Sleep;

/// A stream that can be watched and cut by its [`Scissors`].
///
/// The SSH library looks at nothing else while it writes, so a link that is cut in the middle of a big write would
/// hang until the kernel gives up, a quarter of an hour later.
pub(super) struct Wire<S> {
    inner: S,
    shared: Arc<Shared>,
    /// How long a write may take.
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

/// Watches and cuts a [`Wire`].
#[derive(Clone)]
pub(super) struct Scissors(Arc<Shared>);

#[derive(Default)]
struct Shared {
    cut: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
    heard: Mutex<Vec<u8>>,
    first: Notify,
}

impl<S> Wire<S> {
    pub(super) fn new(inner: S, patience: Duration) -> (Self, Scissors) {
        let shared = Arc::new(Shared::default());
        (Self { inner, shared: Arc::clone(&shared), patience, waiting: None }, Scissors(shared))
    }
}

impl Scissors {
    /// Makes every read and write fail from now on.
    pub(super) fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    /// Resolves once the first bytes have come.
    pub(super) async fn first_bytes(&self) {
        self.0.first.notified().await;
    }

    /// The first bytes that came, as text for a person.
    pub(super) fn beginning(&self) -> String {
        let heard = self.0.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let line = heard.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        String::from_utf8_lossy(line).chars().map(|c| if c.is_control() { '.' } else { c }).collect()
    }
}

impl Shared {
    fn check(&self) -> io::Result<()> {
        match self.cut.load(Ordering::Acquire) {
            true => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "closed by groma")),
            false => Ok(()),
        }
    }

    fn hear(&self, bytes: &[u8]) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() < HEARD {
            if heard.is_empty() && !bytes.is_empty() {
                self.first.notify_one();
            }
            let room = (HEARD - heard.len()).min(bytes.len());
            heard.extend_from_slice(bytes.get(..room).unwrap_or_default());
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.shared.reader.register(cx.waker());
        self.shared.check()?;
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        self.shared.hear(buffer.filled().get(before..).unwrap_or_default());
        polled
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Keeps the time while a write waits.
    fn timed<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.waiting = None;
            return polled;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match waiting.as_mut().poll(cx) {
            Poll::Ready(()) => {
                let reason = format!("nothing could be sent for {} s", patience.as_secs());
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.shared.writer.register(cx.waker());
        self.shared.check()?;
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.timed(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.writer.register(cx.waker());
        self.shared.check()?;
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.timed(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.check()?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// How much of the beginning is kept for error messages.
const HEARD: usize = 80;
