//! One connection to one server, logged in: from a stream to channels.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use russh::client::{Config, Handle, Msg};
use russh::keys::Algorithm;
use russh::{Channel, ChannelOpenFailure, Disconnect, SshId};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep, timeout};

use super::auth::Login;
use super::client::{Client, Failure, Fate};
use super::slots::{Slot, Slots};
use super::trust::{Distrust, Expectation, same_type};
use super::wire::{Scissors, Wire};
use super::words;
use crate::settings::Limits;
use crate::transport::TransportError;

/// A connection that is logged in.
pub(super) struct Link {
    handle: Handle<Client>,
    pub fate: Fate,
    pub address: String,
    slots: Arc<Slots>,
    scissors: Scissors,
    patience: Duration,
}

/// A connection whose server is known to be the right one.
pub(super) struct Greeted {
    handle: Handle<Client>,
    fate: Fate,
    scissors: Scissors,
    address: String,
}

/// Why there is no connection.
pub(super) enum Refusal {
    Error(TransportError),
    /// The server showed a key of a type that is not the pinned one; another one may be.
    OtherKey {
        error: TransportError,
        shown: Algorithm,
    },
}

/// Exchanges banners and keys, and checks the server's key. `without` are types of host keys not to ask for.
pub(super) async fn greet<S>(
    stream: S,
    expectation: Arc<Expectation>,
    limits: &Limits,
    now: SystemTime,
    without: &[Algorithm],
) -> Result<Greeted, Refusal>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let address = expectation.address.clone();
    let config = Arc::new(config(&expectation, limits, without));
    let (wire, scissors) = Wire::new(stream, limits.keepalive * (KEEPALIVES + 1));
    let fate = Fate::default();
    let client = Client { expectation, now, fate: fate.clone() };
    let patience = limits.connect_timeout;
    let timed_out = |step: &str| {
        scissors.cut();
        Refusal::Error(TransportError::TimedOut {
            address: address.clone(),
            step: step.to_owned(),
            after: patience,
        })
    };
    let greeting = Box::pin(russh::client::connect_stream(config, wire, client));
    let result = {
        let mut greeting = greeting;
        let begun = timeout(patience, async {
            tokio::select! {
                biased;
                result = &mut greeting => Some(result),
                () = scissors.first_bytes() => None,
            }
        });
        match begun.await {
            Err(_) => return Err(timed_out("waiting for its greeting")),
            Ok(Some(result)) => result,
            Ok(None) => match timeout(patience, greeting).await {
                Err(_) => return Err(timed_out("exchanging keys")),
                Ok(result) => result,
            },
        }
    };
    match result {
        Ok(handle) => Ok(Greeted { handle, fate, scissors, address }),
        Err(failure) => {
            scissors.cut();
            Err(refusal(failure, &address, &scissors))
        }
    }
}

fn config(expectation: &Expectation, limits: &Limits, without: &[Algorithm]) -> Config {
    let wanted = |types: Vec<Algorithm>| -> Vec<Algorithm> {
        types.into_iter().filter(|one| !without.iter().any(|other| same_type(one, other))).collect()
    };
    Config {
        client_id: SshId::Standard("SSH-2.0-groma".into()),
        window_size: WINDOW,
        keepalive_interval: Some(limits.keepalive),
        keepalive_max: usize::try_from(KEEPALIVES).unwrap_or(usize::MAX),
        preferred: russh::Preferred {
            key: wanted(expectation.key_types()).into(),
            host_key_certificates: wanted(expectation.certificate_types()).into(),
            // Compressing what is mostly small costs more than it saves.
            compression: vec![russh::compression::NONE].into(),
            ..russh::Preferred::DEFAULT
        },
        nodelay: true,
        ..Config::default()
    }
}

fn refusal(failure: Failure, address: &str, scissors: &Scissors) -> Refusal {
    let address = address.to_owned();
    let library = match failure {
        Failure::HostKey { distrust: Distrust::No(text), .. } => {
            return Refusal::Error(TransportError::HostKey(text));
        }
        Failure::HostKey { distrust: Distrust::NotPinned(text), algorithm } => {
            return Refusal::OtherKey { error: TransportError::HostKey(text), shown: algorithm };
        }
        Failure::Library(error) => error,
    };
    let beginning = scissors.beginning();
    let is_ssh = beginning.starts_with("SSH-");
    let mut reason = words::library(&library);
    if !is_ssh && !beginning.is_empty() {
        reason.push_str(&format!("; it began with {beginning:?}"));
    }
    Refusal::Error(match library {
        russh::Error::Version => TransportError::Protocol { address, reason },
        russh::Error::IO(_) | russh::Error::Disconnect | russh::Error::HUP => {
            TransportError::Unreachable { address, reason }
        }
        _ => TransportError::Protocol { address, reason },
    })
}

impl Greeted {
    /// Logs in.
    pub(super) async fn log_in(mut self, login: Login<'_>, limits: &Limits) -> Result<Link, TransportError> {
        if let Err(error) = login.run(&mut self.handle).await {
            self.scissors.cut();
            return Err(error);
        }
        Ok(Link {
            handle: self.handle,
            fate: self.fate,
            address: self.address,
            slots: Slots::new(limits.sessions),
            scissors: self.scissors,
            patience: limits.connect_timeout,
        })
    }

    pub(super) fn fate(&self) -> Fate {
        self.fate.clone()
    }
}

impl Link {
    pub(super) fn is_alive(&self) -> bool {
        !self.handle.is_closed()
    }

    /// Opens a channel for a process; waits a while when all that the server grants are in use.
    pub(super) async fn session(&self) -> Result<(Channel<Msg>, Slot), TransportError> {
        let (mut refusals, mut since) = (0, None);
        loop {
            let taken = timeout(self.patience, self.slots.take()).await;
            let mut slot = taken.map_err(|_| self.grants_no_more())?;
            match timeout(self.patience, self.handle.channel_open_session()).await {
                Ok(Ok(channel)) => {
                    slot.granted();
                    return Ok((channel, slot));
                }
                Ok(Err(russh::Error::ChannelOpenFailure(reason))) => {
                    refusals += 1;
                    let impatient = since.get_or_insert_with(Instant::now).elapsed() > self.patience;
                    // One that ended a moment ago may still count.
                    let may_wait = refusals == 1 || slot.refused() || refusals <= 3;
                    if impatient || !may_wait {
                        let reason = format!("it grants no session ({})", describe(&reason));
                        return Err(TransportError::Refused { address: self.address.clone(), reason });
                    }
                    sleep(MOMENT).await;
                }
                Ok(Err(_)) => return Err(self.lost()),
                Err(_) => return Err(self.hangs("opening a channel")),
            }
        }
    }

    /// Opens a channel for one more process, if the server grants it at once.
    pub(super) async fn another_session(&self) -> Result<(Channel<Msg>, Slot), TransportError> {
        let mut slot = self.slots.free().ok_or_else(|| self.grants_no_more())?;
        match timeout(self.patience, self.handle.channel_open_session()).await {
            Ok(Ok(channel)) => {
                slot.granted();
                Ok((channel, slot))
            }
            Ok(Err(russh::Error::ChannelOpenFailure(_))) => {
                slot.refused();
                Err(self.grants_no_more())
            }
            Ok(Err(_)) => Err(self.lost()),
            Err(_) => Err(self.hangs("opening a channel")),
        }
    }

    fn grants_no_more(&self) -> TransportError {
        let reason = "all the sessions that it grants one connection are in use (sshd: MaxSessions)";
        TransportError::Refused { address: self.address.clone(), reason: reason.into() }
    }

    /// Opens a stream from this server to another one.
    pub(super) async fn forward(
        &self,
        host: &str,
        port: u16,
        name: &str,
    ) -> Result<russh::ChannelStream<Msg>, TransportError> {
        let opening = self.handle.channel_open_direct_tcpip(host, port.into(), "127.0.0.1", 0);
        let unreachable = |reason: String| TransportError::Unreachable { address: name.to_owned(), reason };
        match timeout(self.patience, opening).await {
            Ok(Ok(channel)) => Ok(channel.into_stream()),
            Ok(Err(russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited))) => {
                let reason = format!("it forwards nothing to {name} (sshd: AllowTcpForwarding, PermitOpen)");
                Err(TransportError::Refused { address: self.address.clone(), reason })
            }
            Ok(Err(russh::Error::ChannelOpenFailure(reason))) => {
                Err(unreachable(format!("{} cannot connect to it ({})", self.address, describe(&reason))))
            }
            Ok(Err(_)) => Err(self.lost()),
            Err(_) => Err(TransportError::TimedOut {
                address: name.to_owned(),
                step: format!("connecting through {}", self.address),
                after: self.patience,
            }),
        }
    }

    /// Says goodbye and cuts the stream.
    pub(super) async fn close(&self) {
        self.fate.is("it was closed by groma".into());
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        if timeout(MOMENT, goodbye).await.is_err() || timeout(MOMENT, self.gone()).await.is_err() {
            self.scissors.cut();
        }
    }

    async fn gone(&self) {
        while self.is_alive() {
            sleep(MOMENT / 50).await;
        }
    }

    fn lost(&self) -> TransportError {
        TransportError::Lost { address: self.address.clone(), reason: self.fate.reason() }
    }

    fn hangs(&self, step: &str) -> TransportError {
        TransportError::TimedOut {
            address: self.address.clone(),
            step: step.to_owned(),
            after: self.patience,
        }
    }
}

fn describe(failure: &ChannelOpenFailure) -> &'static str {
    match failure {
        ChannelOpenFailure::AdministrativelyProhibited => "not allowed",
        ChannelOpenFailure::ConnectFailed => "no connection",
        ChannelOpenFailure::UnknownChannelType => "unknown to it",
        ChannelOpenFailure::ResourceShortage => "out of resources",
        ChannelOpenFailure::Other { .. } => "no reason given",
    }
}

/// Unanswered questions after which a connection is lost.
const KEEPALIVES: u32 = 3;
/// What a server may send on a channel ahead of us.
const WINDOW: u32 = 2 * 1024 * 1024;
const MOMENT: Duration = Duration::from_millis(100);
