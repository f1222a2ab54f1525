//! What the provider block says: how to log in, whom to trust, how long to wait.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::connection::Raise;

/// The provider block, checked, with defaults filled in.
#[derive(Clone)]
pub(crate) struct Settings {
    /// How to log in where a connection names no credential.
    pub login: Credential,
    /// By name.
    pub credentials: BTreeMap<String, Credential>,
    pub trust: Trust,
    /// `~/.ssh/config` or another file, if it is to be honoured.
    pub ssh_config: Option<PathBuf>,
    pub raise: Raise,
    /// Addresses of hosts that are gone for good.
    pub lost: Vec<String>,
    pub limits: Limits,
    /// For `~` in paths.
    pub home: Option<PathBuf>,
    /// What relative paths are against.
    pub working_dir: PathBuf,
    /// `SSH_AUTH_SOCK`.
    pub agent_socket: Option<PathBuf>,
    /// The current time, against which host certificates are judged.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// One way to log in. All of what is set is tried: keys in order, then the agent, then the password.
#[derive(Clone, Default)]
pub(crate) struct Credential {
    pub user: Option<String>,
    /// A private key in PEM or OpenSSH form.
    pub private_key: Option<String>,
    pub private_key_files: Vec<PathBuf>,
    /// For encrypted keys.
    pub passphrase: Option<String>,
    /// An OpenSSH certificate for the key, as text; `KEY-cert.pub` beside a key file is found by itself.
    pub certificate: Option<String>,
    /// Whether the agent's keys are offered.
    pub agent: bool,
    pub password: Option<String>,
    /// For sudo.
    pub become_password: Option<String>,
}

/// Which host keys are accepted where a connection pins none.
#[derive(Clone)]
pub(crate) struct Trust {
    pub known_hosts: Vec<PathBuf>,
    /// More lines of `known_hosts`, as text.
    pub known_hosts_text: Option<String>,
    pub unknown: UnknownHost,
}

/// What happens with a host that `known_hosts` does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnknownHost {
    Refuse,
    /// Its key is written into the first `known_hosts` file, and refused if it changes: trust on first use.
    AcceptNew,
    /// No check at all, asked for by name.
    Insecure,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a connection and each step of its start.
    pub connect_timeout: Duration,
    /// How often an idle connection is asked whether it lives; it is lost after three unanswered times.
    pub keepalive: Duration,
    /// Channels a connection (sshd: `MaxSessions`, 10).
    pub sessions: usize,
    /// Connections that are being made at once (sshd: `MaxStartups`, 10:30:100).
    pub startups: usize,
    /// How long a host may take for one script before it counts as hanging.
    pub script_timeout: Duration,
}
