//! What can go wrong with a host, done on purpose, and undone.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::cgroups::Layout;
use crate::command::sh;
use crate::lab::Lab;
use crate::plan::Sudo;
use crate::relay::{Cable, Relay};
use crate::{host, network, paths, processes};

/// A state that a host is put into until it is undone.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The host's cable is pulled out; what is sent gets no answer.
    LinkCut,
    /// Frames come late, or not at all.
    SlowLink(Cable),
    /// sshd and all its sessions are killed, and it stays down: connections are refused.
    SshdDown,
    /// A small file system that is full is mounted at this path of the host.
    DiskFull(PathBuf),
    /// /etc is mounted read-only.
    ReadOnlyEtc,
    /// sudo asks admin for the password.
    SudoAsks,
    /// All that runs on the host has together so many hundredths of one processor.
    SlowCpu(u32),
    /// Nothing on the host runs; it takes connections and says nothing.
    Frozen,
    /// The host has other host keys than `known_hosts` says.
    NewHostKeys,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::LinkCut => f.write_str("link cut"),
            Fault::SlowLink(cable) => {
                write!(f, "{} ms of delay and {} % of loss", cable.delay.as_millis(), cable.loss * 100.0)
            }
            Fault::SshdDown => f.write_str("sshd down"),
            Fault::DiskFull(path) => write!(f, "disk full at {}", path.display()),
            Fault::ReadOnlyEtc => f.write_str("read-only /etc"),
            Fault::SudoAsks => f.write_str("sudo asks"),
            Fault::SlowCpu(percent) => write!(f, "{percent} % of a processor"),
            Fault::Frozen => f.write_str("frozen"),
            Fault::NewHostKeys => f.write_str("new host keys"),
        }
    }
}

/// A fault that is there; dropping it undoes it.
#[must_use = "the fault is undone when this is dropped"]
#[derive(Debug)]
pub struct Ongoing<'a> {
    lab: &'a Lab,
    host: String,
    fault: Fault,
    relay: Option<Relay>,
    undone: Undone,
}

#[derive(Debug, PartialEq, Eq)]
enum Undone {
    Yes,
    No,
}

impl Ongoing<'_> {
    /// Undoes it and says if that failed, which dropping cannot.
    pub fn undo(mut self) -> Result<()> {
        self.undone = Undone::Yes;
        drop(self.relay.take());
        self.lab.undo(&self.host, &self.fault)
    }

    /// Leaves it; [`Lab::undo`] undoes it, also from another process. A slow link is carried by this process, so
    /// the returned relay must live as long.
    pub fn leave(mut self) -> Option<Relay> {
        self.undone = Undone::Yes;
        self.relay.take()
    }
}

#[expect(clippy::print_stderr, reason = "dropping has no other way to say that it failed")]
impl Drop for Ongoing<'_> {
    fn drop(&mut self) {
        if self.undone == Undone::No {
            drop(self.relay.take());
            if let Err(error) = self.lab.undo(&self.host, &self.fault) {
                eprintln!("{}: {} cannot be undone: {error:#}", self.host, self.fault);
            }
        }
    }
}

/// Faults that last.
impl Lab {
    /// Puts a host into a state that lasts until it is undone.
    pub fn fault(&self, host: &str, fault: Fault) -> Result<Ongoing<'_>> {
        let mut ongoing = Ongoing {
            lab: self,
            host: host.to_owned(),
            fault: fault.clone(),
            relay: None,
            undone: Undone::No,
        };
        let done = match &fault {
            Fault::LinkCut => self.set_link(host, "down"),
            Fault::SlowLink(cable) => self.slow_link(host, *cable).map(|relay| ongoing.relay = Some(relay)),
            Fault::SshdDown => self
                .inside(host, &["systemctl", "stop", "ssh.service"])
                .and_then(|_| self.kill_sessions(host)),
            Fault::DiskFull(path) => self.fill(host, path),
            Fault::ReadOnlyEtc => self
                .inside(host, &["mount", "--bind", "/etc", "/etc"])
                .and_then(|_| self.inside(host, &["mount", "-o", "remount,bind,ro", "/etc"]))
                .map(drop),
            Fault::SudoAsks => host::set_sudo(&self.host(host)?.root, Sudo::Asks),
            Fault::SlowCpu(percent) => Layout::detect()?.limit_cpu(&self.unit(host)?, Some(*percent)),
            Fault::Frozen => Layout::detect()?.freeze(&self.unit(host)?),
            Fault::NewHostKeys => self.new_host_keys(host),
        };
        if let Err(error) = done {
            ongoing.undone = Undone::Yes;
            // As far as it was done.
            let _ = self.undo(host, &fault);
            return Err(error.context(format!("{host}: {fault} cannot be done")));
        }
        Ok(ongoing)
    }

    /// Undoes a fault of a host, whoever did it; one that is not there is no error.
    pub fn undo(&self, host: &str, fault: &Fault) -> Result<()> {
        let undone = match fault {
            Fault::LinkCut => self.set_link(host, "up"),
            Fault::SlowLink(_) => self.plain_link(host),
            Fault::SshdDown => self.inside(host, &["systemctl", "start", "ssh.service"]).map(drop),
            Fault::DiskFull(path) => self.unmount(host, &path.display().to_string()),
            Fault::ReadOnlyEtc => self.unmount(host, "/etc"),
            Fault::SudoAsks => host::set_sudo(&self.host(host)?.root, self.host(host)?.sudo),
            Fault::SlowCpu(_) => Layout::detect()?.limit_cpu(&self.unit(host)?, None),
            Fault::Frozen => Layout::detect()?.thaw(&self.unit(host)?),
            Fault::NewHostKeys => self.old_host_keys(host),
        };
        undone.with_context(|| format!("{host}: {fault} cannot be undone"))
    }

    fn unit(&self, host: &str) -> Result<String> {
        Ok(paths::unit(self.name(), &self.host(host)?.name))
    }

    /// The bridge side of the host's cables.
    fn cables(&self, host: &str) -> Result<Vec<network::Port>> {
        let index = self.record().hosts.iter().position(|other| other.name == host);
        let index = index.with_context(|| format!("the lab {} has no host {host}", self.name()))?;
        Ok(network::ports(host, self.host(host)?.reach, self.record().network, index))
    }

    fn set_link(&self, host: &str, state: &str) -> Result<()> {
        let switch = paths::switch(self.name());
        for port in self.cables(host)? {
            sh(&format!("ip -n {switch} link set {} {state}", port.outside))?;
        }
        Ok(())
    }

    fn slow_link(&self, host: &str, cable: Cable) -> Result<Relay> {
        ensure!((0.0..=1.0).contains(&cable.loss), "{} is no part of 1", cable.loss);
        self.plain_link(host)?;
        let switch = paths::switch(self.name());
        let namespace = self.unit(host)?;
        let mut pairs = Vec::new();
        for port in self.cables(host)? {
            let (end, other) = (spliced(&port.outside, 'x'), spliced(&port.outside, 'y'));
            sh(&format!("ip -n {switch} link add {end} type veth peer name {other}"))?;
            // What is read from a cable must be frames as they are on a real one: short, and with their checksums.
            for (space, name) in [(&namespace, port.inside), (&switch, &other)] {
                sh(&format!("ip netns exec {space} ethtool -K {name} tx off tso off gso off gro off"))?;
            }
            sh(&format!("ip -n {switch} link set {} nomaster", port.outside))?;
            sh(&format!("ip -n {switch} link set {other} master {} up", port.bridge))?;
            sh(&format!("ip -n {switch} link set {end} up"))?;
            pairs.push((port.outside, end));
        }
        Relay::start(&switch, pairs, cable)
    }

    fn plain_link(&self, host: &str) -> Result<()> {
        self.stop_relay(host)?;
        let switch = paths::switch(self.name());
        let namespace = self.unit(host)?;
        for port in self.cables(host)? {
            let end = spliced(&port.outside, 'x');
            if sh(&format!("ip -n {switch} link show {end}")).is_err() {
                continue;
            }
            sh(&format!("ip -n {switch} link del {end}"))?;
            sh(&format!("ip -n {switch} link set {} master {} up", port.outside, port.bridge))?;
            sh(&format!("ip netns exec {namespace} ethtool -K {} tx on tso on gso on gro on", port.inside))?;
        }
        Ok(())
    }

    /// Ends the process that carries a slow link for the command line.
    fn stop_relay(&self, host: &str) -> Result<()> {
        let file = paths::relay(self.name(), host);
        let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
        let relay: processes::Identity = serde_json::from_str(&text)?;
        if relay.lives() && relay.pid != std::process::id() {
            processes::kill(relay.pid);
        }
        fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))
    }

    fn fill(&self, host: &str, path: &std::path::Path) -> Result<()> {
        let path = path.display().to_string();
        ensure!(path.starts_with('/'), "{path} is not an absolute path");
        self.inside(host, &["mkdir", "-p", &path])?;
        self.inside(host, &["mount", "-t", "tmpfs", "-o", "size=256k,mode=0755", "groma-lab", &path])?;
        let full = format!("of={path}/.groma-lab-full");
        // It ends with an error: that there is no space left is what is wanted.
        let _ = self.inside(host, &["dd", "if=/dev/zero", "bs=4k", &full]);
        let free = self.inside(host, &["stat", "-f", "-c", "%a", &path])?;
        ensure!(free.trim() == "0", "{path} still has {} free blocks", free.trim());
        Ok(())
    }

    fn unmount(&self, host: &str, path: &str) -> Result<()> {
        let mounts = self.inside(host, &["cat", "/proc/self/mounts"])?;
        if mounts.lines().any(|line| line.split(' ').nth(1) == Some(path)) {
            self.inside(host, &["umount", "--lazy", path])?;
        }
        Ok(())
    }

    fn new_host_keys(&self, host: &str) -> Result<()> {
        let record = self.host(host)?;
        let kept = record.root.join(KEPT_KEYS);
        ensure!(!kept.exists(), "the host has other keys already");
        let save = format!("mkdir -m 0700 /{KEPT_KEYS} && cp -p /etc/ssh/ssh_host_* /{KEPT_KEYS}");
        self.inside(host, &["sh", "-c", &save])?;
        host::make_host_keys(&record.root)?;
        self.inside(host, &["systemctl", "restart", "ssh.service"]).map(drop)
    }

    fn old_host_keys(&self, host: &str) -> Result<()> {
        if !self.host(host)?.root.join(KEPT_KEYS).exists() {
            return Ok(());
        }
        let back =
            format!("cp -p /{KEPT_KEYS}/* /etc/ssh && rm -r /{KEPT_KEYS} && systemctl restart ssh.service");
        self.inside(host, &["sh", "-c", &back]).map(drop)
    }
}

/// Blows that a host recovers from by itself.
impl Lab {
    /// Kills all ssh sessions of a host; sshd takes new ones.
    pub fn kill_sessions(&self, host: &str) -> Result<()> {
        self.kill_sshd_where(host, |line| !line.contains("[listener]"))
    }

    /// Kills sshd with all its sessions; the host's systemd starts it again within a second.
    pub fn kill_sshd(&self, host: &str) -> Result<()> {
        self.kill_sshd_where(host, |_| true)
    }

    fn kill_sshd_where(&self, host: &str, killed: impl Fn(&str) -> bool) -> Result<()> {
        for pid in Layout::detect()?.processes(&self.unit(host)?) {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if name.trim() == "sshd" && killed(&processes::command_line(pid)) {
                processes::kill(pid);
            }
        }
        Ok(())
    }

    /// Takes a host's power away and gives it back; returns when it answers again. What lay in its file system is
    /// still there, faults of its link and its mounts are not.
    pub fn reboot(&self, host: &str) -> Result<()> {
        let again = paths::host(self.name(), &self.host(host)?.name).join("again");
        fs::write(&again, "").with_context(|| format!("{} cannot be written", again.display()))?;
        let before = self.leader(host)?;
        self.cut_power(host)?;
        let deadline = Instant::now() + PATIENCE;
        while host::leader(self.name(), host).is_none_or(|leader| leader == before) {
            ensure!(Instant::now() < deadline, "{host} does not boot again");
            sleep(Duration::from_millis(20));
        }
        self.wait(host)
    }

    /// Takes a host's power away.
    pub fn power_off(&self, host: &str) -> Result<()> {
        self.cut_power(host)?;
        let deadline = Instant::now() + PATIENCE;
        while host::supervisor(self.name(), host).is_some() {
            ensure!(Instant::now() < deadline, "{host} does not go down");
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Gives a host its power back, and waits until it answers.
    pub fn power_on(&self, host: &str) -> Result<()> {
        if host::supervisor(self.name(), host).is_some() {
            bail!("{host} is up");
        }
        host::start(self.name(), host)?;
        self.wait(host)
    }

    /// Waits until a host answers and has started everything.
    pub fn wait(&self, host: &str) -> Result<()> {
        let record = self.host(host)?;
        host::wait(self.name(), record, record.bastion.as_deref()).map(drop)
    }

    fn cut_power(&self, host: &str) -> Result<()> {
        let leader = self.leader(host)?;
        Layout::detect()?.thaw(&self.unit(host)?)?;
        // The kernel kills with the first process of a host all others.
        processes::kill(leader);
        Ok(())
    }
}

/// The names of the two ends of the cable that is put between a host's and the bridge.
fn spliced(outside: &str, end: char) -> String {
    format!("{end}{outside}")
}

/// Below a host's root.
const KEPT_KEYS: &str = "root/.groma-lab-host-keys";
const PATIENCE: Duration = Duration::from_mins(1);
