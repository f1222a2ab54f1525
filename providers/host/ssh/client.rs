//! What the SSH library asks of us while a connection lives.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use russh::client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelOpenFailure};

use super::trust::{Distrust, Expectation};
use super::words;

/// Checks the server's key, notes why a connection ended, and lets the server open nothing.
pub(super) struct Client {
    pub expectation: Arc<Expectation>,
    pub now: SystemTime,
    pub fate: Fate,
}

/// Why a connection ended, once it did.
#[derive(Clone, Default)]
pub(super) struct Fate(Arc<Mutex<Option<String>>>);

/// Why the library's loop ended.
#[derive(Debug)]
pub(super) enum Failure {
    Library(russh::Error),
    HostKey { distrust: Distrust, algorithm: russh::keys::Algorithm },
}

impl From<russh::Error> for Failure {
    fn from(error: russh::Error) -> Self {
        Self::Library(error)
    }
}

impl Fate {
    /// Notes a reason; the first one counts.
    pub(super) fn is(&self, reason: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
    }

    pub(super) fn known(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn reason(&self) -> String {
        self.known().unwrap_or_else(|| "it was closed".into())
    }
}

impl Handler for Client {
    type Error = Failure;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Failure> {
        let key = shown.public_key();
        let algorithm = key.algorithm();
        let shown = match shown {
            PublicKeyOrCertificate::PublicKey { .. } => PublicKeyOrCertificate::from(key),
            PublicKeyOrCertificate::Certificate(certificate) => certificate.clone().into(),
        };
        let (expectation, now) = (Arc::clone(&self.expectation), self.now);
        // A new key may be written to a file.
        let checked = tokio::task::spawn_blocking(move || expectation.check(&shown, now)).await;
        match checked {
            Ok(Ok(())) => Ok(true),
            Ok(Err(distrust)) => Err(Failure::HostKey { distrust, algorithm }),
            Err(_) => Err(Failure::Library(russh::Error::UnknownKey)),
        }
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Failure>) -> Result<(), Failure> {
        match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                self.fate.is(format!("the server closed it: {}", words::clean(&info.message)));
                Ok(())
            }
            DisconnectReason::Error(Failure::Library(error)) => {
                self.fate.is(words::library(&error));
                Err(Failure::Library(error))
            }
            DisconnectReason::Error(failure) => Err(failure),
        }
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Failure> {
        refuse(reply).await
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Failure> {
        refuse(reply).await
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Failure> {
        refuse(reply).await
    }

    async fn server_channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Failure> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Failure> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Failure> {
        refuse(reply).await
    }

    async fn server_channel_open_x11(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Failure> {
        refuse(reply).await
    }
}

/// The library accepts what a server opens unless told otherwise, and we never ask a server to open anything.
async fn refuse(reply: ChannelOpenHandle) -> Result<(), Failure> {
    reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
    Ok(())
}
