//! From a connection and the settings to the servers on the way: whom to log in as, where, with what.

use std::path::PathBuf;
use std::sync::Arc;

use super::keys::{KeyFile, Presence};
use crate::connection::Target;
use crate::settings::{Credential, Settings};
use crate::transport::TransportError;

/// One server on the way to a host, with everything that decides how to get in.
#[derive(Clone)]
pub(super) struct Hop {
    /// What is connected to: `HostName` of the SSH configuration if it has one.
    pub host: String,
    pub port: u16,
    pub user: String,
    pub host_keys: Vec<String>,
    /// Which of the credentials is used; none: the provider block's own.
    pub credential_name: Option<String>,
    pub credential: Arc<Credential>,
    pub key_files: Vec<KeyFile>,
}

/// What makes two ways to a server the same one, so that they share its connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct HopKey {
    host: String,
    port: u16,
    user: String,
    host_keys: Vec<String>,
    credential: Option<String>,
    key_files: Vec<PathBuf>,
}

impl Hop {
    pub(super) fn key(&self) -> HopKey {
        HopKey {
            host: self.host.to_ascii_lowercase(),
            port: self.port,
            user: self.user.clone(),
            host_keys: self.host_keys.clone(),
            credential: self.credential_name.clone(),
            key_files: self.key_files.iter().map(|file| file.path.clone()).collect(),
        }
    }

    /// What people call the server.
    pub(super) fn address(&self) -> String {
        Target { address: self.host.clone(), port: Some(self.port), ..Target::default() }.to_string()
    }
}

/// All servers on the way to a target, the target last.
pub(super) fn route(target: &Target, settings: &Settings) -> Result<Vec<Hop>, TransportError> {
    let mut hops = Vec::new();
    for jump in &target.jumps {
        hops.extend(route(jump, settings)?);
    }
    hops.push(hop(target, settings)?);
    Ok(hops)
}

fn hop(target: &Target, settings: &Settings) -> Result<Hop, TransportError> {
    let credential = match &target.credential {
        None => &settings.login,
        Some(name) => {
            settings.credentials.get(name).ok_or_else(|| unknown_credential(name, target, settings))?
        }
    };
    let user = target.user.as_ref().or(credential.user.as_ref()).cloned();
    let user = user.or_else(own_name).ok_or_else(|| {
        TransportError::Settings(format!(
            "Nothing says which user to log in as to {target}: set `user` in the provider block."
        ))
    })?;
    let files = credential.private_key_files.iter();
    Ok(Hop {
        host: target.address.clone(),
        port: target.port.unwrap_or(22),
        user,
        host_keys: target.host_keys.clone(),
        credential_name: target.credential.clone(),
        credential: Arc::new(credential.clone()),
        key_files: files
            .map(|path| KeyFile { path: expand(path, settings), presence: Presence::Required })
            .collect(),
    })
}

fn unknown_credential(name: &str, target: &Target, settings: &Settings) -> TransportError {
    let known: Vec<_> = settings.credentials.keys().map(String::as_str).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    TransportError::Settings(format!(
        "The connection to {target} names the credential {name:?}, which the provider block does not have (it has {known})."
    ))
}

/// A path with `~` and relative ones resolved.
fn expand(path: &std::path::Path, settings: &Settings) -> PathBuf {
    match (path.strip_prefix("~"), &settings.home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => settings.working_dir.join(path),
    }
}

/// The name of the user that groma runs as, by the machine's list of users.
fn own_name() -> Option<String> {
    let id = rustix::process::geteuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut lines = users.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    })
}
