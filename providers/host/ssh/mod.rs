//! The SSH transport: one connection a host, its processes as channels of it.

mod auth;
mod client;
mod config;
mod config_lines;
mod dial;
mod keys;
mod known_hosts;
mod learn;
mod link;
mod network;
mod pipe;
mod process;
mod route;
mod signer;
mod slots;
#[cfg(test)]
mod tests;
mod trust;
mod wire;
mod words;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use russh::Channel;
use russh::client::Msg;
use tokio::sync::watch;

use self::link::Link;
use self::network::Node;
use self::process::Running;
use self::slots::Slot;
use crate::transport::{Process, Stream, Transport, TransportError, place};

pub(crate) use dial::tcp;
pub(crate) use network::Servers;

/// A host that is reached by SSH. Connects when the first process is started.
pub(crate) struct Ssh {
    node: Result<Arc<Node>, TransportError>,
    /// Tells the processes of this transport to end; each closing has its own.
    closing: Mutex<watch::Sender<bool>>,
}

impl Ssh {
    fn new(node: Result<Arc<Node>, TransportError>) -> Self {
        Self { node, closing: Mutex::default() }
    }

    async fn start(
        &self,
        node: &Node,
        link: &Link,
        (channel, slot): (Channel<Msg>, Slot),
        command: &str,
    ) -> Result<Process, TransportError> {
        let running = Running {
            address: link.address.clone(),
            fate: link.fate.clone(),
            _slot: slot,
            patience: node.limits().connect_timeout,
            closing: self.closing.lock().unwrap_or_else(PoisonError::into_inner).subscribe(),
        };
        process::start(channel, command, running).await
    }
}

#[async_trait]
impl Transport for Ssh {
    async fn open(&self, command: &str) -> Result<Process, TransportError> {
        let node = self.node.as_ref().map_err(Clone::clone)?;
        let link = node.link().await?;
        let (link, session) = match link.session().await {
            Ok(session) => (link, session),
            // It was lost while nobody looked, and nothing has been started: once more on a new one.
            Err(TransportError::Lost { .. }) => {
                let link = node.link().await?;
                let session = link.session().await?;
                (link, session)
            }
            Err(error) => return Err(error),
        };
        self.start(node, &link, session, command).await
    }

    async fn open_another(&self, command: &str) -> Result<Process, TransportError> {
        let node = self.node.as_ref().map_err(Clone::clone)?;
        let link = node.link().await?;
        let session = link.another_session().await?;
        self.start(node, &link, session, command).await
    }

    async fn dial(&self, address: &str, port: u16) -> Result<Box<dyn Stream>, TransportError> {
        let node = self.node.as_ref().map_err(Clone::clone)?;
        let name = place(address, port);
        let stream = match node.link().await?.forward(address, port, &name).await {
            // It was lost while nobody looked: once more on a new one.
            Err(TransportError::Lost { .. }) => node.link().await?.forward(address, port, &name).await?,
            stream => stream?,
        };
        Ok(Box::new(stream))
    }

    async fn close(&self) {
        let closing = std::mem::take(&mut *self.closing.lock().unwrap_or_else(PoisonError::into_inner));
        closing.send_replace(true);
        // Others may go through this host.
        if let Ok(node) = &self.node
            && Arc::strong_count(node) == 1
            && let Some(link) = node.take()
        {
            link.close().await;
        }
    }

    fn refusal(&self) -> Option<TransportError> {
        self.node.as_ref().ok().and_then(|node| node.refusal())
    }

    fn forget_refusal(&self) {
        if let Ok(node) = &self.node {
            node.forget_refusal();
        }
    }
}
