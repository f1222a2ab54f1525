//! From a connection, the settings and an SSH configuration to the servers on the way: whom to log in as, where, with what.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config::{Config, Found, Jump, Proxy, tokens};
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
    /// Which of an agent's keys are offered.
    pub agent_keys: AgentKeys,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum AgentKeys {
    All,
    /// Those that key files name: `IdentitiesOnly`.
    OfFiles,
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
    agent_keys: AgentKeys,
}

/// What connections are read against.
pub(super) struct Atlas<'a> {
    pub settings: &'a Settings,
    pub config: Option<&'a Config>,
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
            agent_keys: self.agent_keys,
        }
    }

    /// What people call the server.
    pub(super) fn address(&self) -> String {
        Target { address: self.host.clone(), port: Some(self.port), ..Target::default() }.to_string()
    }
}

impl Atlas<'_> {
    /// All servers on the way to a target, the target last.
    pub(super) fn route(&self, target: &Target) -> Result<Vec<Hop>, TransportError> {
        let mut hops = Vec::new();
        self.extend(&mut hops, target, &mut Vec::new()).map_err(TransportError::Settings)?;
        Ok(hops)
    }

    /// Adds the way to a target. `path` holds the targets that led here, to see a circle.
    fn extend(&self, hops: &mut Vec<Hop>, target: &Target, path: &mut Vec<Target>) -> Result<(), String> {
        let place = Target { jumps: Vec::new(), ..target.clone() };
        if path.contains(&place) || path.len() > LONGEST {
            return Err(format!(
                "The SSH configuration leads to {} through itself ({}): give it `ProxyJump none`.",
                target.address,
                path.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            ));
        }
        path.push(place);
        let found = self.config.map(|config| config.lookup(&target.address)).unwrap_or_default();
        let said;
        let jumps = match target.jumps.as_slice() {
            [] => {
                said = self.jumps(target, &found)?;
                said.as_slice()
            }
            jumps => jumps,
        };
        for (i, jump) in jumps.iter().enumerate() {
            // Only the first one's own way counts: the others are reached through those before them.
            match i == 0 {
                true => self.extend(hops, jump, path)?,
                false => {
                    let found = self.config.map(|config| config.lookup(&jump.address)).unwrap_or_default();
                    hops.push(self.hop(jump, found)?);
                }
            }
        }
        path.pop();
        hops.push(self.hop(target, found)?);
        Ok(())
    }

    /// The servers that the SSH configuration puts before a target.
    fn jumps(&self, target: &Target, found: &Found) -> Result<Vec<Target>, String> {
        let jumps = match &found.proxy {
            Proxy::Unsaid | Proxy::Direct => return Ok(Vec::new()),
            Proxy::Jumps(jumps) => jumps,
            Proxy::Command(command) => {
                return Err(format!(
                    "The SSH configuration reaches {} by `ProxyCommand {command}`, which groma does not run: use ProxyJump, or \
                     name jump hosts in the connection.",
                    target.address,
                ));
            }
        };
        let host = found.host_name.clone().unwrap_or_else(|| target.address.clone());
        let expand = |text: &str| {
            tokens(text, |token| match token {
                'h' => Some(host.as_str()),
                'n' => Some(target.address.as_str()),
                _ => None,
            })
        };
        let target = |Jump { user, host, port }: &Jump| Target {
            user: user.clone(),
            address: expand(host),
            port: *port,
            ..Target::default()
        };
        Ok(jumps.iter().map(target).collect())
    }

    fn hop(&self, target: &Target, found: Found) -> Result<Hop, String> {
        let settings = self.settings;
        let credential = match &target.credential {
            None => &settings.login,
            Some(name) => {
                settings.credentials.get(name).ok_or_else(|| unknown_credential(name, target, settings))?
            }
        };
        let host = found.host_name.unwrap_or_else(|| target.address.clone());
        let own = own_name();
        // What is said of this host alone comes before what is said of many.
        let named = credential.user.as_ref().filter(|_| target.credential.is_some());
        let user = target
            .user
            .as_ref()
            .or(named)
            .or(found.user.as_ref())
            .or(credential.user.as_ref())
            .or(own.as_ref());
        let user = user.cloned().ok_or_else(|| {
            format!("Nothing says which user to log in as to {target}: set `user` in the provider block.")
        })?;
        let required = credential.private_key_files.iter();
        let required =
            required.map(|path| KeyFile { path: expand(path, settings), presence: Presence::Required });
        let home = settings.home.as_deref().map(|home| home.to_string_lossy().into_owned());
        let optional = found.identity_files.iter().map(|file| {
            let path = tokens(file, |token| match token {
                'h' => Some(host.as_str()),
                'n' => Some(target.address.as_str()),
                'r' => Some(user.as_str()),
                'u' => own.as_deref(),
                'd' => home.as_deref(),
                _ => None,
            });
            KeyFile { path: expand(Path::new(&path), settings), presence: Presence::Optional }
        });
        Ok(Hop {
            port: target.port.or(found.port).unwrap_or(22),
            host_keys: target.host_keys.clone(),
            credential_name: target.credential.clone(),
            credential: Arc::new(credential.clone()),
            key_files: required.chain(optional).collect(),
            agent_keys: if found.identities_only { AgentKeys::OfFiles } else { AgentKeys::All },
            host,
            user,
        })
    }
}

fn unknown_credential(name: &str, target: &Target, settings: &Settings) -> String {
    let known: Vec<_> = settings.credentials.keys().map(String::as_str).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!(
        "The connection to {target} names the credential {name:?}, which the provider block does not have (it has {known})."
    )
}

/// A path with `~` and relative ones resolved.
fn expand(path: &Path, settings: &Settings) -> PathBuf {
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

/// Servers that lead to one another, at most.
const LONGEST: usize = 16;
