use std::error::Error;

use thiserror::Error;

/// Why something could not be had. Texts are whole sentences for a person; none holds a secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FetchError {
    #[error("The URL cannot be used: {0}.")]
    Invalid(String),
    #[error("The file {name} cannot be read: {reason}.")]
    File { name: String, reason: String },
    /// No connection, or no safe one.
    #[error("{address} cannot be reached: {reason}.")]
    Unreachable { address: String, reason: String, again: bool },
    /// `challenge` says how a server that wants a log-in wants it (`WWW-Authenticate`).
    #[error("The server answered {url} with {status}.")]
    Status { url: String, status: String, again: bool, challenge: Option<String> },
    #[error("The server leads from {url} {reason}.")]
    Redirect { url: String, reason: String },
    /// The answer has begun and did not come to its end.
    #[error("{url} was cut off: {reason}.")]
    Cut { url: String, reason: String },
}

impl FetchError {
    /// Whether the same may work a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { again, .. } | Self::Status { again, .. } => *again,
            Self::Cut { .. } => true,
            Self::Invalid(_) | Self::File { .. } | Self::Redirect { .. } => false,
        }
    }

    pub(super) fn file(name: &str, error: &std::io::Error) -> Self {
        Self::File { name: name.to_owned(), reason: error.to_string() }
    }

    pub(super) fn cut(url: &str, error: &dyn Error) -> Self {
        Self::Cut { url: url.to_owned(), reason: causes(error) }
    }

    pub(super) fn stalled(url: &str) -> Self {
        Self::Cut { url: url.to_owned(), reason: "nothing came for a minute".into() }
    }
}

/// An error with what lies under it.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}
