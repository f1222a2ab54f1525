//! Connections to the API servers of a cluster, each through one of its hosts.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use provider_host::kit::{Failure, Host, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

use super::access::{self, Access};

/// Connects through the host that did last, and through the others in turn where it does not any more.
#[derive(Clone)]
pub(super) struct Connector(Arc<Ways>);

/// The ways to a cluster's API.
struct Ways {
    hosts: Vec<Way>,
    kubeconfig: String,
    last: AtomicUsize,
}

/// The way through one host.
struct Way {
    host: Host,
    /// What its kubeconfig says, once it has been read.
    access: Mutex<Option<Arc<Access>>>,
}

/// An encrypted connection to an API server.
pub(super) struct Wire(TlsStream<Box<dyn Stream>>);

/// Why no host reaches the API: of each host.
#[derive(Clone, Debug)]
pub(super) struct Unreachable(pub Vec<(String, Reason)>);

#[derive(Clone, Debug)]
pub(super) struct Reason {
    pub text: String,
    /// Another machine answers in the place of the host.
    pub other_machine: bool,
}

impl Connector {
    pub(super) fn new(hosts: Vec<Host>, kubeconfig: &str) -> Self {
        let hosts = hosts.into_iter().map(|host| Way { host, access: Mutex::default() }).collect();
        Self(Arc::new(Ways { hosts, kubeconfig: kubeconfig.to_owned(), last: AtomicUsize::default() }))
    }

    /// The same with the way through each host alone.
    pub(super) fn each(&self) -> impl Iterator<Item = (String, Self)> {
        let kubeconfig = &self.0.kubeconfig;
        self.0
            .hosts
            .iter()
            .map(|way| (way.host.name().to_owned(), Self::new(vec![way.host.clone()], kubeconfig)))
    }
}

impl Ways {
    async fn connect(&self) -> Result<Wire, Unreachable> {
        let first = self.last.load(Ordering::Relaxed);
        let mut reasons = Vec::new();
        for (at, way) in self.hosts.iter().enumerate().cycle().skip(first).take(self.hosts.len()) {
            let connected = timeout(MOST, way.connect(&self.kubeconfig)).await;
            match connected
                .unwrap_or_else(|_| Err(format!("nothing came of it within {} s", MOST.as_secs()).into()))
            {
                Ok(wire) => {
                    self.last.store(at, Ordering::Relaxed);
                    return Ok(wire);
                }
                Err(reason) => {
                    tracing::debug!(host = way.host.name(), reason = reason.text, "no way to the API");
                    reasons.push((way.host.name().to_owned(), reason));
                    // Also if nobody waits any longer: the next attempt begins with the next host.
                    self.last.store((at + 1) % self.hosts.len(), Ordering::Relaxed);
                }
            }
        }
        Err(Unreachable(reasons))
    }
}

impl Way {
    async fn connect(&self, kubeconfig: &str) -> Result<Wire, Reason> {
        let access = self.access(kubeconfig).await?;
        let wire = self.by(&access).await;
        if wire.is_err() {
            // Its kubeconfig may be about to change: it is read anew the next time.
            *self.access.lock().await = None;
        }
        wire
    }

    async fn access(&self, kubeconfig: &str) -> Result<Arc<Access>, Reason> {
        let mut known = self.access.lock().await;
        if let Some(access) = known.as_ref() {
            return Ok(Arc::clone(access));
        }
        let access = Arc::new(access::read(&self.host, kubeconfig).await?);
        *known = Some(Arc::clone(&access));
        Ok(access)
    }

    async fn by(&self, access: &Access) -> Result<Wire, Reason> {
        let Access { address, port, name, tls } = access;
        let place = format!("its API server {address}:{port}");
        let stream = match timeout(PATIENCE, self.host.dial(address, *port)).await {
            Ok(stream) => stream.map_err(Failure::from)?,
            Err(_) => {
                return Err(
                    format!("{place} did not accept a connection within {} s", PATIENCE.as_secs()).into()
                );
            }
        };
        match timeout(PATIENCE, tls.connect(name.clone(), stream)).await {
            Ok(Ok(stream)) => Ok(Wire(stream)),
            Ok(Err(error)) => Err(format!("{place} is not trusted or does not trust us: {error}").into()),
            Err(_) => Err(format!("{place} did not greet within {} s", PATIENCE.as_secs()).into()),
        }
    }
}

impl From<Failure> for Reason {
    fn from(failure: Failure) -> Self {
        let text = failure.detail().trim_end_matches('.').to_owned();
        Self { text, other_machine: failure.other_machine }
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self { text, other_machine: false }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<_> =
            self.0.iter().map(|(host, reason)| format!("through {host}: {}", reason.text)).collect();
        f.write_str(&texts.join("; "))
    }
}

impl std::error::Error for Unreachable {}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = Unreachable;
    type Future = BoxFuture<'static, Result<Self::Response, Unreachable>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Unreachable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _uri: Uri) -> Self::Future {
        let ways = Arc::clone(&self.0);
        Box::pin(async move { ways.connect().await.map(TokioIo::new) })
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// How long all of connecting through one host may take: one that is down must not hold up what the others can do.
const MOST: Duration = Duration::from_secs(15);
/// How long one step of connecting may take.
const PATIENCE: Duration = Duration::from_secs(10);
