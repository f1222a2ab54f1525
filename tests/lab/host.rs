//! One host: its file system, keys, boot and end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::cgroups::Layout;
use crate::command::{command, run};
use crate::image::write;
use crate::network::Port;
use crate::plan::{HostPlan, Purpose, Reach, Sudo};
use crate::record::HostRecord;
use crate::{machine, network, paths, processes};

/// What all hosts of a lab share.
pub(crate) struct Setting<'a> {
    pub lab: &'a str,
    pub base: &'a Path,
    pub purpose: Purpose,
    pub private_key: &'a Path,
    pub public_key: &'a str,
    /// The password of admin as /etc/shadow has it.
    pub password_hash: &'a str,
    pub bastion: Option<&'a str>,
    /// Lines for /etc/hosts.
    pub names: &'a str,
}

/// Makes a host's file system and boot script, and returns what is known of the host before its first boot.
pub(crate) fn prepare(setting: &Setting, plan: &HostPlan, ports: &[Port]) -> Result<HostRecord> {
    let folder = paths::host(setting.lab, &plan.name);
    let root = mount(setting.base, &folder)?;
    let machine_id = machine::random()?;
    write(&root, "etc/machine-id", &format!("{machine_id}\n"), 0o444)?;
    write(&root, "etc/hostname", &format!("{}\n", plan.name), 0o644)?;
    write(&root, "etc/hosts", &format!("127.0.0.1 localhost\n{}", setting.names), 0o644)?;
    write(&root, "root/.ssh/authorized_keys", setting.public_key, 0o600)?;
    write(&root, "home/admin/.ssh/authorized_keys", setting.public_key, 0o600)?;
    let owner = fs::metadata(root.join("home/admin/.ssh"))?;
    let (user, group) =
        (std::os::unix::fs::MetadataExt::uid(&owner), std::os::unix::fs::MetadataExt::gid(&owner));
    std::os::unix::fs::chown(root.join("home/admin/.ssh/authorized_keys"), Some(user), Some(group))?;
    set_password(&root, setting.password_hash)?;
    set_sudo(&root, plan.sudo)?;
    let address = ports[0].address;
    let addresses: Vec<String> = ports.iter().map(|port| port.address.to_string()).collect();
    make_host_keys(&root)?;
    let (known_hosts, fingerprints) = host_keys(&root, &addresses.join(","))?;
    let script = script(setting, plan, ports, &folder)?;
    write(&folder, "boot.sh", &script, 0o755)?;
    Ok(HostRecord {
        name: plan.name.clone(),
        reach: plan.reach,
        address,
        inner_address: ports.get(1).map(|port| port.address),
        port: 22,
        users: vec!["root".to_owned(), "admin".to_owned()],
        sudo: plan.sudo,
        bastion: setting.bastion.filter(|_| plan.reach == Reach::Behind).map(str::to_owned),
        private_key: setting.private_key.to_owned(),
        known_hosts,
        fingerprints,
        machine_id,
        root,
        leader: 0,
    })
}

/// Mounts the overlay over the base image.
fn mount(base: &Path, folder: &Path) -> Result<PathBuf> {
    let place = |name: &str| folder.join(name);
    for name in ["root", "upper", "work"] {
        fs::create_dir_all(place(name))
            .with_context(|| format!("{} cannot be made", place(name).display()))?;
    }
    let options = format!(
        "lowerdir={},upperdir={},workdir={}",
        base.display(),
        place("upper").display(),
        place("work").display()
    );
    let root = place("root");
    run(command("mount", ["-t", "overlay", "-o", &options, "groma-lab"]).arg(&root))?;
    Ok(root)
}

fn set_password(root: &Path, hash: &str) -> Result<()> {
    let shadow = fs::read_to_string(root.join("etc/shadow"))?;
    let mut changed = String::new();
    for line in shadow.lines() {
        match line.strip_prefix("admin:").and_then(|rest| rest.split_once(':')) {
            Some((_, rest)) => changed.push_str(&format!("admin:{hash}:{rest}\n")),
            None => changed.push_str(&format!("{line}\n")),
        }
    }
    // Written over, so that owner and mode stay.
    fs::write(root.join("etc/shadow"), changed).context("the host's /etc/shadow")
}

/// Says whether sudo asks admin for the password.
pub(crate) fn set_sudo(root: &Path, sudo: Sudo) -> Result<()> {
    let rule = match sudo {
        Sudo::Free => "admin ALL=(ALL:ALL) NOPASSWD: ALL\n",
        Sudo::Asks => "Defaults:admin timestamp_timeout=0\nadmin ALL=(ALL:ALL) ALL\n",
    };
    write(root, "etc/sudoers.d/admin", rule, 0o440)
}

/// Gives a host new keys of its own.
pub(crate) fn make_host_keys(root: &Path) -> Result<()> {
    for kind in HOST_KEYS {
        let file = root.join(format!("etc/ssh/ssh_host_{kind}_key"));
        let _ = fs::remove_file(&file);
        run(command("ssh-keygen", ["-q", "-t", kind, "-N", "", "-C", "groma-lab", "-f"]).arg(&file))?;
    }
    Ok(())
}

/// The lines of a `known_hosts` file for a host's keys, and the keys' fingerprints.
pub(crate) fn host_keys(root: &Path, addresses: &str) -> Result<(Vec<String>, Vec<String>)> {
    let (mut lines, mut fingerprints) = (Vec::new(), Vec::new());
    for kind in HOST_KEYS {
        let public = root.join(format!("etc/ssh/ssh_host_{kind}_key.pub"));
        let text = fs::read_to_string(&public).with_context(|| public.display().to_string())?;
        let mut words = text.split_whitespace();
        let (Some(kind), Some(key)) = (words.next(), words.next()) else {
            bail!("{} is no key", public.display())
        };
        lines.push(format!("{addresses} {kind} {key}"));
        let shown = run(command("ssh-keygen", ["-l", "-E", "sha256", "-f"]).arg(&public))?;
        let fingerprint = shown.split_whitespace().nth(1).context("ssh-keygen prints a fingerprint")?;
        fingerprints.push(fingerprint.to_owned());
    }
    Ok((lines, fingerprints))
}

/// The script that boots a host: again when it reboots itself (systemd-nspawn then ends with 133) or is told to.
fn script(setting: &Setting, plan: &HostPlan, ports: &[Port], folder: &Path) -> Result<String> {
    let unit = paths::unit(setting.lab, &plan.name);
    let groups = Layout::detect()?.folders(&unit);
    let groups: Vec<String> =
        groups.iter().map(|folder| folder.join("cgroup.procs").display().to_string()).collect();
    let mut binds = Vec::new();
    if Path::new("/lib/modules").exists() {
        binds.push("--bind-ro=/lib/modules".to_owned());
    }
    if setting.purpose == Purpose::Kubernetes {
        binds.push("--bind=/dev/kmsg".to_owned());
        for volume in VOLUMES {
            let outside = folder.join("volumes").join(volume.replace('/', "-").trim_start_matches('-'));
            fs::create_dir_all(&outside)?;
            binds.push(format!("--bind={}:{volume}", outside.display()));
        }
    }
    Ok(format!(
        "#!/bin/sh
# Written by groma's lab: boots {unit}.
while :; do
rm -f {again}
{removing}
{making}
sh -c '
for group in {groups}; do echo 0 >\"$group\" || exit 1; done
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
exec systemd-nspawn --quiet --register=no --keep-unit --machine={unit} --directory={root} \\
  --network-namespace-path=/run/netns/{unit} --capability=all --system-call-filter=\"add_key keyctl bpf\" \\
  --resolv-conf=off --timezone=off --link-journal=no {binds} --boot
'
[ $? = 133 ] || [ -e {again} ] || break
done
{removing}
",
        again = folder.join("again").display(),
        removing = network::removing(setting.lab, &plan.name, ports),
        making = network::making(setting.lab, &plan.name, ports),
        groups = groups.join(" "),
        root = folder.join("root").display(),
        binds = binds.join(" "),
    ))
}

/// Starts a host's boot script, which outlives this process.
pub(crate) fn start(lab: &str, host: &str) -> Result<()> {
    let folder = paths::host(lab, host);
    Layout::detect()?.create(&paths::unit(lab, host))?;
    let console = fs::File::options().create(true).append(true).open(folder.join("console.log"))?;
    let mut boot = command("setsid", ["--fork", "sh"]);
    boot.arg(folder.join("boot.sh")).stdout(console.try_clone()?).stderr(console);
    let status = boot.status().context("`setsid` cannot be started")?;
    ensure!(status.success(), "the boot of {host} cannot be started");
    // `setsid` returns before the script runs; one that ended at once is told apart by `wait`.
    let deadline = Instant::now() + START;
    while supervisor(lab, host).is_none() && Instant::now() < deadline {
        sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Waits until a host's sshd answers to `from` (a host of the lab, or this machine) and its systemd has started
/// everything; returns the id of its systemd.
pub(crate) fn wait(lab: &str, host: &HostRecord, from: Option<&str>) -> Result<u32> {
    let deadline = Instant::now() + BOOT;
    while !answers(lab, host, from) {
        check_boot(lab, host, deadline, "its sshd does not answer")?;
        sleep(Duration::from_millis(50));
    }
    loop {
        if let Some(leader) = leader(lab, &host.name) {
            let state = inside(leader, &["systemctl", "is-system-running", "--wait"]).output()?;
            if state.status.success() {
                return Ok(leader);
            }
            let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
            if state == "degraded" {
                let failed = inside(leader, &["systemctl", "--failed", "--plain", "--no-legend"]).output()?;
                bail!("{}: units failed: {}", host.name, String::from_utf8_lossy(&failed.stdout).trim());
            }
        }
        check_boot(lab, host, deadline, "its systemd is not running")?;
        sleep(Duration::from_millis(50));
    }
}

fn check_boot(lab: &str, host: &HostRecord, deadline: Instant, what: &str) -> Result<()> {
    let alive = supervisor(lab, &host.name).is_some();
    if alive && Instant::now() < deadline {
        return Ok(());
    }
    let console = paths::host(lab, &host.name).join("console.log");
    let log = fs::read(&console).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    let last = lines[lines.len().saturating_sub(15)..].join("\n");
    let why = if alive {
        format!("{what} after {} s", BOOT.as_secs())
    } else {
        "it ended while booting".to_owned()
    };
    bail!("the host {} did not come up: {why}; the end of {}:\n{last}", host.name, console.display())
}

/// Whether something at the host's port says that it is sshd.
pub(crate) fn answers(lab: &str, host: &HostRecord, from: Option<&str>) -> bool {
    let probe = format!("exec 3<>/dev/tcp/{}/{} && head -c 4 <&3", host.address, host.port);
    let mut words: Vec<String> = ["timeout", "2", "bash", "-c", &probe].map(str::to_owned).to_vec();
    if let Some(from) = from {
        let namespace = format!("--net=/run/netns/{}", paths::unit(lab, from));
        words.splice(0..0, ["nsenter".to_owned(), namespace]);
    }
    let output = command(&words[0], &words[1..]).output();
    output.is_ok_and(|output| output.stdout == b"SSH-")
}

/// A command to run inside a host, as root and without ssh.
pub(crate) fn inside(leader: u32, words: &[&str]) -> Command {
    let target = leader.to_string();
    let mut all = vec!["--target", &target, "--all", "--wdns=/", "--"];
    all.extend(words);
    let mut inside = command("nsenter", all);
    inside.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    inside
}

/// The id of a host's systemd on this machine.
pub(crate) fn leader(lab: &str, host: &str) -> Option<u32> {
    let unit = paths::unit(lab, host);
    let nspawn: Vec<u32> = processes::with_command(&format!("--machine={unit} "))
        .into_iter()
        .filter(|&pid| processes::command_line(pid).starts_with("systemd-nspawn "))
        .collect();
    Layout::detect().ok()?.processes(&unit).into_iter().find(|&pid| {
        let parent = processes::status(pid, "PPid").and_then(|parent| parent.parse().ok());
        let first = processes::status(pid, "NSpid").is_some_and(|ids| {
            let ids: Vec<&str> = ids.split_whitespace().collect();
            ids.len() > 1 && ids.last() == Some(&"1")
        });
        first && parent.is_some_and(|parent: u32| nspawn.contains(&parent))
    })
}

/// The boot script's process.
pub(crate) fn supervisor(lab: &str, host: &str) -> Option<u32> {
    let script = paths::host(lab, host).join("boot.sh");
    let line = format!("sh {}", script.display());
    processes::all().into_iter().find(|&pid| processes::command_line(pid) == line)
}

/// The types of host keys, best first.
const HOST_KEYS: [&str; 2] = ["ed25519", "ecdsa"];
/// Folders that must not lie on the overlay.
const VOLUMES: &[&str] = &["/var/lib/containerd", "/var/lib/etcd", "/var/lib/kubelet"];
const START: Duration = Duration::from_secs(5);
const BOOT: Duration = Duration::from_mins(2);
