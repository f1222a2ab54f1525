use std::time::Duration;

use thiserror::Error;

/// Why a host could not be worked on. Texts are whole sentences for a person; none holds a secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TransportError {
    /// Nothing answered: refused, no route, unknown name. Worth trying again.
    #[error("{address} cannot be reached: {reason}.")]
    Unreachable { address: String, reason: String },
    #[error("{address} did not answer within {} s ({step}).", .after.as_secs())]
    TimedOut { address: String, step: String, after: Duration },
    /// It answered, but what was offered did not let us in.
    #[error("{user}@{address} refused to log us in. {reason}")]
    LoginRefused { user: String, address: String, reason: String },
    /// It let us in, but does not do what was asked.
    #[error("{address} does not do what was asked of it: {reason}.")]
    Refused { address: String, reason: String },
    /// What it shows is not what is known of it.
    #[error("{0}")]
    HostKey(String),
    /// The connection was there and is not any more. Worth trying again.
    #[error("The connection to {address} was lost: {reason}.")]
    Lost { address: String, reason: String },
    /// Something that the settings name cannot be used: a key file, an agent, a credential.
    #[error("{0}")]
    Settings(String),
    /// sudo or doas did not let us.
    #[error("{0}")]
    Become(String),
    /// The host answers in a way that no host should.
    #[error("{address} answered with what is no part of the protocol: {reason}.")]
    Protocol { address: String, reason: String },
}

impl TransportError {
    /// Whether the same may work a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Lost { .. })
    }

    /// Whether what was offered was refused: the same once more is refused again, and may lock an account or bar an address.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::LoginRefused { .. } | Self::Become(_))
    }
}
