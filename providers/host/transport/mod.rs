//! Ways to start a process on a host.

mod error;
mod local;

use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};

pub use error::TransportError;
pub use local::Local;

/// One host that processes can be started on.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Starts a command, a line for the host's `/bin/sh`, and connects first when there is no connection.
    async fn open(&self, command: &str) -> Result<Process, TransportError>;

    /// Starts a command beside others that run, or answers at once that the host grants no more.
    async fn open_another(&self, command: &str) -> Result<Process, TransportError> {
        self.open(command).await
    }

    /// Opens a TCP connection from the host to a server that it can reach, which nobody else may be able to.
    async fn dial(&self, address: &str, port: u16) -> Result<Box<dyn Stream>, TransportError>;

    /// Ends the connection and with it all processes.
    async fn close(&self);

    /// Why the host did not let us in, which is not tried again.
    fn refusal(&self) -> Option<TransportError> {
        None
    }

    /// Has a refused log-in be tried once more.
    fn forget_refusal(&self) {}
}

/// A byte stream to a server, as seen from a host.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A server as people write it.
pub fn place(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// A process on a host.
pub struct Process {
    pub stdin: Box<dyn AsyncWrite + Send + Unpin>,
    pub stdout: Box<dyn AsyncRead + Send + Unpin>,
    pub stderr: Box<dyn AsyncRead + Send + Unpin>,
    /// Its exit status once it ended (none if it was killed), or why the connection was lost.
    pub ended: BoxFuture<'static, Result<Option<i32>, TransportError>>,
}
