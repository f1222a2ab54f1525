//! A bounded pipe between a channel's task and the streams of a [`Process`](crate::transport::Process).
//!
//! tokio's own pipes copy bytes and cannot tell the writer that the reader has gone; this one hands over whole chunks,
//! counts bytes, and ends with an error where a connection was lost, so that half an output is never taken for a whole one.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Makes a pipe that holds up to `capacity` bytes, and one chunk more.
pub(super) fn pipe(capacity: usize) -> (Sender, Receiver) {
    let shared = Arc::new(Shared { capacity, state: Mutex::default() });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

/// The end that is written to. Dropping it is the end of the stream.
pub(super) struct Sender(Arc<Shared>);

/// The end that is read from. Dropping it makes writes fail.
pub(super) struct Receiver(Arc<Shared>);

struct Shared {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    chunks: VecDeque<Bytes>,
    bytes: usize,
    end: Option<End>,
    abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

enum End {
    Clean,
    Failed(io::ErrorKind, String),
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake_reader(&mut self) {
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }

    fn wake_writer(&mut self) {
        if let Some(waker) = self.writer.take() {
            waker.wake();
        }
    }

    fn push(&mut self, chunk: Bytes) {
        self.bytes += chunk.len();
        self.chunks.push_back(chunk);
        self.wake_reader();
    }
}

impl Sender {
    /// Hands over a chunk, once there is room for it. Fails where nobody reads any more.
    pub(super) async fn send(&mut self, chunk: Bytes) -> io::Result<()> {
        std::future::poll_fn(|cx| self.poll_room(cx)).await?;
        if !chunk.is_empty() {
            self.0.state().push(chunk);
        }
        Ok(())
    }

    /// Ends the stream with an error, which the reader sees after what was sent before.
    pub(super) fn fail(self, kind: io::ErrorKind, reason: String) {
        let mut state = self.0.state();
        state.end.get_or_insert(End::Failed(kind, reason));
        state.wake_reader();
    }

    /// Resolves once nobody reads any more.
    pub(super) async fn abandoned(&self) {
        std::future::poll_fn(|cx| {
            let mut state = self.0.state();
            if state.abandoned {
                return Poll::Ready(());
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.state();
        if state.abandoned {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if state.bytes < self.0.capacity {
            return Poll::Ready(Ok(()));
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl AsyncWrite for Sender {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        std::task::ready!(self.poll_room(cx))?;
        let mut state = self.0.state();
        if state.end.is_some() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = self.0.capacity.saturating_sub(state.bytes).min(bytes.len());
        let taken = bytes.get(..room).unwrap_or_default();
        if !taken.is_empty() {
            state.push(Bytes::copy_from_slice(taken));
        }
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.state();
        state.end.get_or_insert(End::Clean);
        state.wake_reader();
        Poll::Ready(Ok(()))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.end.get_or_insert(End::Clean);
        state.wake_reader();
    }
}

impl Receiver {
    /// The next chunk as it was sent; none at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        std::future::poll_fn(|cx| self.poll_front(cx, |state| state.chunks.pop_front())).await
    }

    /// Waits for a chunk and lets `take` have of it what it wants; none at the end.
    fn poll_front(
        &self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&mut State) -> Option<Bytes>,
    ) -> Poll<io::Result<Option<Bytes>>> {
        let mut state = self.0.state();
        if state.chunks.is_empty() {
            return match &state.end {
                Some(End::Clean) => Poll::Ready(Ok(None)),
                Some(End::Failed(kind, reason)) => Poll::Ready(Err(io::Error::new(*kind, reason.clone()))),
                None => {
                    state.reader = Some(cx.waker().clone());
                    Poll::Pending
                }
            };
        }
        let chunk = take(&mut state);
        state.bytes = state.bytes.saturating_sub(chunk.as_ref().map_or(0, Bytes::len));
        state.wake_writer();
        Poll::Ready(Ok(chunk))
    }
}

impl AsyncRead for Receiver {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let room = buffer.remaining();
        let chunk = std::task::ready!(self.poll_front(cx, |state| {
            let front = state.chunks.front_mut()?;
            let taken = front.split_to(room.min(front.len()));
            if !front.has_remaining() {
                state.chunks.pop_front();
            }
            Some(taken)
        }))?;
        if let Some(chunk) = chunk {
            buffer.put_slice(&chunk);
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.abandoned = true;
        state.chunks.clear();
        state.bytes = 0;
        state.wake_writer();
    }
}
