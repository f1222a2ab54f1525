//! Where a lab keeps its things, and what they are called: one place, so that leftovers are found by name.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The file that says all about a lab that is up.
pub fn record(lab: &str) -> PathBuf {
    run(lab).join("lab.json")
}

/// A lab's state, gone after a restart of the machine.
pub fn run(lab: &str) -> PathBuf {
    Path::new(RUN).join(lab)
}

/// A lab's hosts' file systems.
pub fn data(lab: &str) -> PathBuf {
    Path::new(DATA).join(lab)
}

/// One host's folder: `root` (merged), `upper`, `work`, `volumes`, `boot.sh`, `console.log`.
pub fn host(lab: &str, host: &str) -> PathBuf {
    data(lab).join(host)
}

/// Says which process carries a slow link, when it is not the one that asked for it.
pub fn relay(lab: &str, host: &str) -> PathBuf {
    run(lab).join(format!("relay-{host}.json"))
}

/// The name of a host's network namespace, cgroups and nspawn machine. The dot stands in no lab's name, so that one
/// lab's names never begin another's.
pub fn unit(lab: &str, host: &str) -> String {
    format!("{}{host}", prefix(lab))
}

/// What the names of all namespaces and cgroups of a lab begin with.
pub fn prefix(lab: &str) -> String {
    format!("{PREFIX}-{lab}.")
}

/// The namespace that holds a lab's bridges.
pub fn switch(lab: &str) -> String {
    unit(lab, "switch")
}

/// The lab that a namespace or cgroup belongs to.
pub fn lab_of(unit: &str) -> Option<&str> {
    Some(unit.strip_prefix(PREFIX)?.strip_prefix('-')?.split_once('.')?.0)
}

/// The groma folder in the user's cache.
pub fn cache() -> Result<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    match (folder("XDG_CACHE_HOME"), folder("HOME")) {
        (Some(dir), _) => Ok(dir.join("groma").join("lab")),
        (None, Some(home)) => Ok(home.join(".cache").join("groma").join("lab")),
        (None, None) => bail!(
            "the lab keeps its base image in the user's cache, but neither XDG_CACHE_HOME nor HOME is set"
        ),
    }
}

/// Refuses names that do not fit into the names of interfaces and namespaces.
pub fn check_name(what: &str, name: &str, longest: usize) -> Result<()> {
    let fits = (1..=longest).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-');
    if !fits {
        bail!("the {what} {name:?} must be 1 to {longest} lower-case letters, digits and hyphens");
    }
    Ok(())
}

pub const RUN: &str = "/run/groma-lab";
pub const DATA: &str = "/var/lib/groma-lab";
pub const PREFIX: &str = "groma-lab";
