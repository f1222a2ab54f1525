//! What the system's ssh client needs to reach a lab's hosts.

use std::path::Path;

use crate::record::{HostRecord, Record};

/// A configuration for `ssh -F` that knows every host by its name.
pub(crate) fn config(record: &Record) -> String {
    let mut text = String::from("# Written by groma's lab.\n");
    for host in &record.hosts {
        text.push_str(&format!("Host {}\n  HostName {}\n  Port {}\n", host.name, host.address, host.port));
        if let Some(bastion) = &host.bastion {
            text.push_str(&format!("  ProxyJump {bastion}\n"));
        }
    }
    text.push_str(&format!(
        "Host *\n  User root\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n  \
         GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n  ConnectTimeout 10\n",
        record.private_key.display(),
        record.known_hosts.display(),
    ));
    text
}

pub(crate) fn known_hosts(hosts: &[HostRecord]) -> String {
    hosts.iter().flat_map(|host| &host.known_hosts).map(|line| format!("{line}\n")).collect()
}

/// `ssh -F CONFIG`, before its arguments.
pub(crate) fn client(config: &Path) -> std::process::Command {
    let mut ssh = std::process::Command::new("ssh");
    ssh.arg("-F").arg(config);
    ssh
}
