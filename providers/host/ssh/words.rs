//! The SSH library's errors and a server's texts as words for a person.

use russh::{AlgorithmKind, Error};

/// Why the library gave up.
pub(super) fn library(error: &Error) -> String {
    match error {
        Error::Disconnect | Error::HUP | Error::RecvError | Error::SendError => {
            "it was closed by the other side".into()
        }
        Error::KeepaliveTimeout => "nothing was heard of it any more".into(),
        Error::NoAuthMethod => "the server accepts no more ways to log in".into(),
        Error::IO(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "it was closed by the other side".into()
        }
        Error::IO(error) => error.to_string(),
        Error::NoCommonAlgo { kind, ours, theirs } => {
            let kind = match kind {
                AlgorithmKind::Kex => "key exchange",
                AlgorithmKind::Key => "host key algorithm",
                AlgorithmKind::Cipher => "cipher",
                AlgorithmKind::Compression => "compression",
                AlgorithmKind::Mac => "message authentication code",
            };
            format!("no {kind} in common: it has {}, we have {}", clean(&theirs.join(", ")), ours.join(", "))
        }
        Error::Version => "its first line is not that of an SSH server".into(),
        Error::WrongServerSig => "it does not hold the key that it shows".into(),
        other => other.to_string(),
    }
}

/// A text of the other side: one line, without what would steer a terminal, and not without end.
pub(super) fn clean(text: &str) -> String {
    let line = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let short: String = line.take(LONGEST).collect();
    if short.is_empty() { "it gives no reason".into() } else { short }
}

const LONGEST: usize = 300;
