//! Becoming root: the command line, and the password where sudo asks for one.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::script::quote;
use crate::connection::Raise;
use crate::transport::{Process, TransportError};

/// The command that runs `text` by the host's shell, as root if asked for.
pub(super) fn command(text: &str, raise: Raise, password: Option<&str>, id: &str) -> String {
    let shell = format!("/bin/sh -c {}", quote(text));
    match (raise, password) {
        (Raise::None, _) => format!("exec {shell}"),
        (Raise::Sudo, None) => format!("exec sudo -n -- {shell}"),
        (Raise::Sudo, Some(_)) => format!("exec sudo -S -p {} -- {shell}", quote(&prompt(id))),
        (Raise::Doas, _) => format!("exec doas -n {shell}"),
    }
}

fn prompt(id: &str) -> String {
    format!("[{id}]")
}

/// Gives sudo its password, once: more tries would lock accounts. Ends when the shell runs, which says `ID-up`.
pub(super) async fn give_password(
    process: &mut Process,
    password: &str,
    id: &str,
    host: &str,
    timeout: Duration,
) -> Result<(), TransportError> {
    let timed_out = |_| TransportError::TimedOut {
        address: host.to_owned(),
        step: "waiting for sudo".into(),
        after: timeout,
    };
    tokio::time::timeout(timeout, async {
        let broken = |error: std::io::Error| TransportError::Lost { address: host.to_owned(), reason: error.to_string() };
        process.stdin.write_all(format!("{password}\n").as_bytes()).await.map_err(broken)?;
        process.stdin.flush().await.map_err(broken)?;
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let (up, prompt) = (format!("{id}-up\n"), prompt(id));
        loop {
            tokio::select! {
                read = process.stdout.read_buf(&mut out) => if read.map_err(broken)? == 0 { return Err(refused(&said(&err, &prompt), host)) },
                read = process.stderr.read_buf(&mut err) => if read.map_err(broken)? == 0 && !out.ends_with(up.as_bytes()) {
                    return Err(refused(&said(&err, &prompt), host));
                },
            }
            if out.ends_with(up.as_bytes()) {
                return Ok(());
            }
            if String::from_utf8_lossy(&err).matches(&prompt).count() > 1 {
                return Err(refused("the password is wrong", host));
            }
        }
    })
    .await
    .map_err(timed_out)?
}

fn said(errors: &[u8], prompt: &str) -> String {
    String::from_utf8_lossy(errors).replace(prompt, "").trim().to_owned()
}

/// What sudo or doas said when they did not let us, if it is that.
pub(super) fn refusal(error: &TransportError, raise: Raise, host: &str) -> Option<TransportError> {
    let TransportError::Lost { reason, .. } = error else { return None };
    if raise == Raise::None {
        return None;
    }
    let name = raise.name();
    let (_, said) = reason.split_once("saying: ").unwrap_or(("", reason));
    let ours =
        said.contains(&format!("{name}:")) || reason.contains("status 126") || reason.contains("status 127");
    ours.then(|| refused(said, host))
}

fn refused(said: &str, host: &str) -> TransportError {
    let way_out = if said.contains("password is required") || said.contains("Authentication required") {
        "Set become_password in the provider block (or in the credential that the host uses), or let the user become root without a password."
    } else if said.contains("password is wrong") || said.contains("incorrect password") {
        "Check become_password in the provider block or in the credential that the host uses."
    } else if said.contains("not in the sudoers")
        || said.contains("not allowed")
        || said.contains("not permitted")
    {
        "Let the user run /bin/sh as root, or log in as another user."
    } else if said.contains("not found") {
        "Install it on the host, set become to another way, or log in as root with become = \"none\"."
    } else {
        "Log in and try the same by hand to see why."
    };
    TransportError::Become(format!(
        "Becoming root on {host} was refused: {}. {way_out}",
        said.trim_end_matches('.')
    ))
}
