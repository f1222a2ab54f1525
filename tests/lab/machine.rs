//! What this machine must have to be a lab.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{command, run};

/// Checks that this process may do what a lab needs. The error says in one line why it cannot.
pub fn check() -> Result<()> {
    ensure!(cfg!(target_os = "linux"), "the lab needs Linux: its hosts are namespaces of this machine");
    ensure!(
        rustix::process::geteuid().is_root(),
        "the lab needs root: it mounts file systems and makes namespaces"
    );
    crate::cgroups::Layout::detect().map(drop)
}

/// Checks that this machine can run a lab, and installs what is missing.
pub fn prepare() -> Result<()> {
    check()?;
    allow_watches()?;
    let missing: Vec<&str> =
        COMMANDS.iter().filter(|(command, _)| !on_path(command)).map(|&(_, package)| package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let wanted = missing.join(" ");
    ensure!(
        on_path("apt-get"),
        "the lab needs what Debian calls {wanted}, and there is no apt-get to install it"
    );
    let apt = |args: &[&str]| run(command("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive"));
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(missing);
    apt(&install)
        .or_else(|_| apt(&["update"]).and_then(|_| apt(&install)))
        .map(|_| ())
        .with_context(|| format!("the lab needs {wanted}"))
}

/// Lets systemd and kubelets of many hosts watch files at once: Linux gives each user 128 such watchers, and all hosts are root's.
fn allow_watches() -> Result<()> {
    const PATH: &str = "/proc/sys/fs/inotify/max_user_instances";
    const ENOUGH: u32 = 2048;
    let text = fs::read_to_string(PATH).context(PATH)?;
    if text.trim().parse::<u32>().is_ok_and(|most| most >= ENOUGH) {
        return Ok(());
    }
    fs::write(PATH, ENOUGH.to_string()).with_context(|| format!("{PATH} must be at least {ENOUGH}"))
}

/// The kernel's release: a host's modules are this machine's.
pub(crate) fn kernel() -> Result<String> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").context("the kernel's release")?;
    Ok(release.trim().to_owned())
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let also = ["/usr/sbin", "/sbin"].map(Path::new);
    env::split_paths(&path).any(|dir| dir.join(program).is_file())
        || also.iter().any(|dir| dir.join(program).is_file())
}

/// A random text of 32 hexadecimal digits.
pub(crate) fn random() -> Result<String> {
    let uuid = fs::read_to_string("/proc/sys/kernel/random/uuid").context("the kernel's random numbers")?;
    let text: String = uuid.chars().filter(char::is_ascii_hexdigit).collect();
    if text.len() != 32 {
        bail!("the kernel's random uuid {uuid:?} is none");
    }
    Ok(text)
}

/// The commands that the lab runs, and the Debian packages that have them.
const COMMANDS: &[(&str, &str)] = &[
    ("debootstrap", "debootstrap"),
    ("systemd-nspawn", "systemd-container"),
    ("ip", "iproute2"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("gpg", "gpg"),
    ("dpkg-scanpackages", "dpkg-dev"),
    ("ethtool", "ethtool"),
    ("nsenter", "util-linux"),
];
