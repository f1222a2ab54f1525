//! Reaching a server by TCP.

use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::transport::TransportError;

/// Looks a name up and connects to the first of its addresses that answers.
pub(crate) async fn tcp(
    name: &str,
    host: &str,
    port: u16,
    patience: Duration,
) -> Result<TcpStream, TransportError> {
    let timed_out = |step: &str| TransportError::TimedOut {
        address: name.to_owned(),
        step: step.to_owned(),
        after: patience,
    };
    let unreachable = |reason: String| TransportError::Unreachable { address: name.to_owned(), reason };
    let looked_up = timeout(patience, tokio::net::lookup_host((host, port))).await;
    let addresses: Vec<SocketAddr> = looked_up
        .map_err(|_| timed_out("looking up its name"))?
        .map_err(|error| unreachable(format!("its name cannot be looked up ({error})")))?
        .collect();
    if addresses.is_empty() {
        return Err(unreachable("its name has no address".into()));
    }
    let stream = timeout(patience, race(&addresses)).await.map_err(|_| timed_out("connecting by TCP"))?;
    let stream = stream.map_err(|error| unreachable(error.to_string()))?;
    // Small packets go out at once: each step of the protocol waits for one.
    stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
    Ok(stream)
}

/// Tries all addresses, each a moment after the one before it: one that swallows packets does not hold up the others.
async fn race(addresses: &[SocketAddr]) -> std::io::Result<TcpStream> {
    let attempts = addresses.iter().zip(0u32..).map(|(address, i)| async move {
        sleep(STAGGER * i).await;
        TcpStream::connect(address).await
    });
    let mut attempts: FuturesUnordered<_> = attempts.collect();
    let mut failure = None;
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or_else(|| std::io::ErrorKind::AddrNotAvailable.into()))
}

const STAGGER: Duration = Duration::from_millis(250);
