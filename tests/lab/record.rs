use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::plan::{Reach, Sudo};
use crate::{paths, processes};

/// A lab that is up, as `lab.json` has it, for other processes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    pub name: String,
    /// The process that will take the lab down; nobody will if there is none.
    pub owner: Option<processes::Identity>,
    /// Which pair of 10.222.x.0/24 networks is the lab's.
    pub network: u8,
    /// This machine's interface and address in the outer network.
    pub link: String,
    pub gateway: Ipv4Addr,
    pub base: PathBuf,
    /// The private key that root and admin accept on every host (OpenSSH format, Ed25519).
    pub private_key: PathBuf,
    /// The password of admin on every host, for logging in and for a sudo that asks.
    pub admin_password: String,
    pub known_hosts: PathBuf,
    /// For `ssh -F`: every host by its name, through the bastion where needed.
    pub ssh_config: PathBuf,
    pub hosts: Vec<HostRecord>,
    /// How long it took from the call until all hosts answered.
    pub took: Duration,
}

/// A host that is up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HostRecord {
    pub name: String,
    pub reach: Reach,
    pub address: Ipv4Addr,
    /// The bastion's address in the network behind it.
    pub inner_address: Option<Ipv4Addr>,
    pub port: u16,
    pub users: Vec<String>,
    pub sudo: Sudo,
    /// The bastion's name, if the host is behind it.
    pub bastion: Option<String>,
    pub private_key: PathBuf,
    /// Lines of a `known_hosts` file, one for each type of key.
    pub known_hosts: Vec<String>,
    /// `SHA256:...`, one for each type of key, in the same order.
    pub fingerprints: Vec<String>,
    pub machine_id: String,
    /// The host's file system on this machine, without what is mounted inside the host.
    pub root: PathBuf,
    /// The process id of the host's systemd on this machine, as of the last boot that the lab made; a host that
    /// reboots by itself has a new one (`Lab::leader` looks).
    pub leader: u32,
}

impl Record {
    /// The record of a lab that is up.
    pub fn load(lab: &str) -> Result<Record> {
        let path = paths::record(lab);
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "there is no lab {lab} ({} cannot be read); `cargo xtask lab up` makes one",
                path.display()
            )
        })?;
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))
    }

    /// Writes it so that a reader sees the old or the new one.
    pub fn save(&self) -> Result<()> {
        let path = paths::record(&self.name);
        let next = path.with_extension("next");
        fs::write(&next, serde_json::to_string_pretty(self)?)
            .and_then(|()| fs::rename(&next, &path))
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// A host by its name.
    pub fn host(&self, name: &str) -> Result<&HostRecord> {
        self.hosts.iter().find(|host| host.name == name).with_context(|| {
            let names: Vec<&str> = self.hosts.iter().map(|host| host.name.as_str()).collect();
            format!("the lab {} has no host {name}; it has {}", self.name, names.join(", "))
        })
    }
}
