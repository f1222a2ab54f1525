//! The base image that all hosts lie over: made once by debootstrap, then only read.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::command::{command, run};
use crate::plan::{Plan, Purpose};
use crate::{machine, paths, repository};

/// Returns the base image of a plan, making it first if need be. Others that need the same one wait meanwhile.
pub fn base(plan: &Plan) -> Result<PathBuf> {
    let wanted = Wanted::of(plan)?;
    let cache = paths::cache()?;
    fs::create_dir_all(&cache).with_context(|| format!("{} cannot be made", cache.display()))?;
    let base = cache.join(format!("base-{}", wanted.key));
    let lock = File::create(base.with_extension("lock"))?;
    lock.lock().with_context(|| format!("the lock of {}", base.display()))?;
    if !base.exists() {
        let next = base.with_extension("next");
        remove(&next)?;
        wanted.build(&cache, &next).context("the lab's base image cannot be made")?;
        fs::rename(&next, &base)?;
    }
    Ok(base)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

/// All that decides what an image holds.
struct Wanted {
    packages: Vec<String>,
    offered: Vec<String>,
    key: String,
}

impl Wanted {
    fn of(plan: &Plan) -> Result<Wanted> {
        let joined = |fixed: &[&str], more: &[String]| {
            let mut all: Vec<String> =
                fixed.iter().map(|&name| name.to_owned()).chain(more.iter().cloned()).collect();
            all.sort();
            all.dedup();
            all
        };
        let mut packages = joined(PACKAGES, &plan.packages);
        if plan.purpose == Purpose::Kubernetes {
            packages = joined(KUBERNETES_PACKAGES, &packages);
        }
        let mut offered = joined(OFFERED, &plan.offered);
        offered.retain(|name| !packages.contains(name));
        let mut digest = Sha256::new();
        for text in
            [SUITE, &packages.join(" "), &offered.join(" "), MOUNTS_UNIT, &machine::kernel()?, VERSION]
        {
            digest.update(text);
            digest.update("\n");
        }
        let key: String = digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Ok(Wanted { packages, offered, key })
    }

    fn build(&self, cache: &Path, root: &Path) -> Result<()> {
        let archives = cache.join("archives");
        fs::create_dir_all(&archives)?;
        // Both lists are resolved together; what is only offered is taken out of the download again.
        self.debootstrap(&archives, root, &self.packages)?;
        self.offer(cache, &archives, root)?;
        configure(root)?;
        modules(root)
    }

    fn debootstrap(&self, archives: &Path, root: &Path, packages: &[String]) -> Result<()> {
        let mut arguments = vec![
            "--variant=minbase".to_owned(),
            format!("--include={}", packages.join(",")),
            format!("--cache-dir={}", archives.display()),
            SUITE.to_owned(),
            root.display().to_string(),
        ];
        arguments
            .extend(std::env::var_os("GROMA_LAB_MIRROR").map(|mirror| mirror.to_string_lossy().into_owned()));
        run(&mut command("debootstrap", arguments)).map(|_| ())
    }

    /// Puts the packages that hosts can install into the image.
    fn offer(&self, cache: &Path, archives: &Path, root: &Path) -> Result<()> {
        let scratch = cache.join(format!("download-{}", self.key));
        remove(&scratch)?;
        let mut all = self.packages.clone();
        all.extend(self.offered.iter().cloned());
        let mut arguments = vec![
            "--download-only".to_owned(),
            "--variant=minbase".to_owned(),
            format!("--include={}", all.join(",")),
            format!("--cache-dir={}", archives.display()),
            SUITE.to_owned(),
            scratch.display().to_string(),
        ];
        arguments
            .extend(std::env::var_os("GROMA_LAB_MIRROR").map(|mirror| mirror.to_string_lossy().into_owned()));
        run(&mut command("debootstrap", arguments))?;
        let made = repository::create(root, &scratch.join("var/cache/apt/archives"));
        remove(&scratch)?;
        made
    }
}

/// Makes the image one of many hosts: nothing in it is of one host alone.
fn configure(root: &Path) -> Result<()> {
    for entry in fs::read_dir(root.join("etc/ssh"))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("ssh_host_") {
            fs::remove_file(entry.path())?;
        }
    }
    write(root, "etc/machine-id", "", 0o444)?;
    write(root, "etc/hostname", "", 0o644)?;
    write(root, "etc/doas.conf", "permit nopass admin\n", 0o440)?;
    write(root, "etc/dpkg/dpkg.cfg.d/groma-lab", "force-unsafe-io\n", 0o644)?;
    write(root, "etc/systemd/system/groma-lab-mounts.service", MOUNTS_UNIT, 0o644)?;
    let wants = root.join("etc/systemd/system/sysinit.target.wants");
    fs::create_dir_all(&wants)?;
    symlink("../groma-lab-mounts.service", wants.join("groma-lab-mounts.service"))?;
    for unit in MASKED {
        let path = root.join("etc/systemd/system").join(unit);
        let _ = fs::remove_file(&path);
        symlink("/dev/null", path)?;
    }
    let root = root.display();
    for line in [
        "useradd --create-home --shell /bin/bash admin".to_owned(),
        "mkdir -p -m 0700 /root/.ssh /home/admin/.ssh".to_owned(),
        "chown admin:admin /home/admin/.ssh".to_owned(),
        "apt-get clean".to_owned(),
    ] {
        run(&mut command("chroot", format!("{root} {line}").split(' ')))?;
    }
    Ok(())
}

/// Tells modprobe what the kernel has built in, where this machine has no modules to tell it.
fn modules(root: &Path) -> Result<()> {
    if Path::new("/lib/modules").exists() {
        return Ok(());
    }
    let mut names: Vec<String> = fs::read_dir("/sys/module")?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    for (sign, name) in
        [("/proc/sys/net/bridge", "br_netfilter"), ("/proc/net/ip_vs", "ip_vs"), ("/", "veth")]
    {
        if Path::new(sign).exists() {
            names.push(name.to_owned());
        }
    }
    names.sort();
    names.dedup();
    let list: String = names.iter().map(|name| format!("kernel/builtin/{name}.ko\n")).collect();
    let kernel = machine::kernel()?;
    let folder = format!("lib/modules/{kernel}");
    write(root, &format!("{folder}/modules.builtin"), &list, 0o644)?;
    write(root, &format!("{folder}/modules.order"), "", 0o644)?;
    run(&mut command("chroot", [root.as_os_str(), "depmod".as_ref(), kernel.as_ref()])).map(|_| ())
}

/// Writes a file of a root file system, and the folders above it.
pub(crate) fn write(root: &Path, path: &str, content: &str, mode: u32) -> Result<()> {
    let path = root.join(path);
    let put = || -> std::io::Result<()> {
        fs::create_dir_all(path.parent().expect("a file lies in a folder"))?;
        fs::write(&path, content)?;
        fs::set_permissions(&path, Permissions::from_mode(mode))
    };
    put().with_context(|| format!("{} cannot be written", path.display()))
}

const SUITE: &str = "bookworm";

/// Raised when the image must be made anew though its packages are the same.
const VERSION: &str = "1";

/// What every host has.
pub const PACKAGES: &[&str] = &[
    "ca-certificates",
    "curl",
    "dbus",
    "doas",
    "gpg",
    "iproute2",
    "iptables",
    "iputils-ping",
    "kmod",
    "libpam-systemd",
    "nftables",
    "openssh-server",
    "passwd",
    "procps",
    "sudo",
    "systemd",
    "systemd-resolved",
    "systemd-sysv",
    "tzdata",
    "unzip",
];

/// What a host for Kubernetes has beside it.
pub const KUBERNETES_PACKAGES: &[&str] = &["conntrack", "containerd", "ethtool", "ipset", "runc", "socat"];

/// Debian packages that hosts have not, and can install.
pub const OFFERED: &[&str] = &["chrony", "systemd-timesyncd", "tree", "zip"];

/// Units that act on their own in the middle of a test.
const MASKED: &[&str] = &[
    "apt-daily.service",
    "apt-daily.timer",
    "apt-daily-upgrade.service",
    "apt-daily-upgrade.timer",
    "console-getty.service",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
];

/// systemd-nspawn mounts version 1 hierarchies read-only, and a plain remount is refused as busy. It leaves /sys
/// writable, which tells systemd-networkd to wait for udev, and is this machine's.
const MOUNTS_UNIT: &str = "[Unit]
Description=Mounts of groma's lab
DefaultDependencies=no
Before=sysinit.target systemd-networkd.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'mount -o remount,bind,ro /sys'
ExecStart=/bin/sh -c 'test -e /sys/fs/cgroup/cgroup.controllers || for place in /sys/fs/cgroup/*/; do mount -o remount,bind,rw \"$place\" || exit 1; done'

[Install]
WantedBy=sysinit.target
";
