use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use crate::command::{command, feed, run};
use crate::host::{self, Setting};
use crate::plan::{Existing, Plan, Reach};
use crate::record::{HostRecord, Record};
use crate::{image, machine, network, paths, processes, ssh, teardown};

/// A lab that is up. Dropping it takes it down, unless it is to be kept or was only opened.
#[derive(Debug)]
pub struct Lab {
    record: Record,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Down,
    Keep,
}

impl Lab {
    /// Boots the hosts of a plan and waits until all answer.
    pub fn up(plan: &Plan) -> Result<Lab> {
        let begun = Instant::now();
        plan.check()?;
        machine::prepare()?;
        let base = image::base(plan)?;
        let _lock = Lock::take(&plan.name)?;
        if plan.existing == Existing::Reuse
            && let Some(lab) = Lab::reuse(plan)
        {
            return Ok(lab);
        }
        teardown::down(&plan.name)?;
        let lab = Lab { record: claim(plan, &base)?, end: End::Down };
        let mut lab = lab.boot(plan)?;
        lab.record.took = begun.elapsed();
        lab.record.save()?;
        Ok(lab)
    }

    /// Opens a lab that another process has up; it stays up.
    pub fn open(name: &str) -> Result<Lab> {
        Ok(Lab { record: Record::load(name)?, end: End::Keep })
    }

    /// Leaves the lab up when this process ends, for others.
    pub fn keep(&mut self) -> Result<()> {
        self.end = End::Keep;
        self.record.owner = None;
        self.record.save()
    }

    /// Takes the lab down and says if that failed, which dropping cannot.
    pub fn down(mut self) -> Result<()> {
        self.end = End::Keep;
        teardown::down(&self.record.name)
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// A host by its name.
    pub fn host(&self, name: &str) -> Result<&HostRecord> {
        self.record.host(name)
    }

    /// The system's ssh client, set to reach this lab's hosts by their names; arguments follow.
    pub fn ssh_client(&self) -> Command {
        ssh::client(&self.record.ssh_config)
    }

    /// Runs a shell command on a host as root, through ssh.
    pub fn ssh(&self, host: &str, line: &str) -> Result<Output> {
        self.host(host)?;
        let mut client = self.ssh_client();
        client.args([host, line]).stdin(std::process::Stdio::null());
        client.output().context("`ssh` cannot be started")
    }

    /// Runs a command on a host as root without ssh, and returns what it printed: to look at a host whose ssh is
    /// not to be trusted, or not there.
    pub fn inside(&self, host: &str, words: &[&str]) -> Result<String> {
        run(&mut host::inside(self.leader(host)?, words))
    }

    /// The fingerprints of the keys that a host has now, which a fault may have changed.
    pub fn fingerprints(&self, host: &str) -> Result<Vec<String>> {
        Ok(host::host_keys(&self.host(host)?.root, "")?.1)
    }

    /// The process id of a host's systemd on this machine; below `/proc/ID/root` is all that the host sees.
    pub fn leader(&self, name: &str) -> Result<u32> {
        self.host(name)?;
        host::leader(self.name(), name).with_context(|| format!("the host {name} is not up"))
    }

    fn reuse(plan: &Plan) -> Option<Lab> {
        let record = Record::load(&plan.name).ok()?;
        let lab = Lab { record, end: End::Keep };
        let same = lab.record.hosts.len() == plan.hosts.len()
            && plan.hosts.iter().all(|wanted| {
                lab.host(&wanted.name)
                    .is_ok_and(|host| host.reach == wanted.reach && host.sudo == wanted.sudo)
            });
        let up = |host: &HostRecord| host::answers(lab.name(), host, host.bastion.as_deref());
        (same && lab.record.hosts.iter().all(up)).then_some(lab)
    }

    fn boot(mut self, plan: &Plan) -> Result<Lab> {
        let record = &mut self.record;
        network::create(&record.name, record.network)?;
        let key = &record.private_key;
        run(command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "groma-lab", "-f"]).arg(key))?;
        let public_key = fs::read_to_string(key.with_extension("pub"))?;
        let password_hash = hash(&record.base, &record.admin_password)?;
        let ports: Vec<_> = plan
            .hosts
            .iter()
            .enumerate()
            .map(|(i, host)| network::ports(&host.name, host.reach, record.network, i))
            .collect();
        let names: String = plan
            .hosts
            .iter()
            .zip(&ports)
            .map(|(host, ports)| format!("{} {}\n", ports[0].address, host.name))
            .collect();
        let bastion =
            plan.hosts.iter().find(|host| host.reach == Reach::Bastion).map(|host| host.name.as_str());
        let setting = Setting {
            lab: &record.name,
            base: &record.base,
            purpose: plan.purpose,
            private_key: key,
            public_key: &public_key,
            password_hash: password_hash.trim(),
            bastion,
            names: &names,
        };
        let hosts = thread::scope(|scope| {
            let started: Vec<_> = plan
                .hosts
                .iter()
                .zip(&ports)
                .map(|(host, ports)| {
                    let setting = &setting;
                    scope.spawn(move || -> Result<HostRecord> {
                        let record = host::prepare(setting, host, ports)?;
                        host::start(setting.lab, &host.name)?;
                        let leader = host::wait(setting.lab, &record, record.bastion.as_deref())?;
                        Ok(HostRecord { leader, ..record })
                    })
                })
                .collect();
            started
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a thread of the lab ended"))))
                .collect::<Result<Vec<_>>>()
        })?;
        record.hosts = hosts;
        self.save()?;
        Ok(self)
    }

    /// Writes what other processes read.
    fn save(&self) -> Result<()> {
        fs::write(&self.record.known_hosts, ssh::known_hosts(&self.record.hosts))?;
        fs::write(&self.record.ssh_config, ssh::config(&self.record))?;
        self.record.save()
    }
}

#[expect(clippy::print_stderr, reason = "dropping has no other way to say that it failed")]
impl Drop for Lab {
    fn drop(&mut self) {
        if self.end == End::Down
            && let Err(error) = teardown::down(&self.record.name)
        {
            eprintln!(
                "the lab {} is not all down: {error:#}; `cargo xtask lab down --all` tries again",
                self.record.name
            );
        }
    }
}

/// Takes a free network, and writes the record so that nobody else takes it.
fn claim(plan: &Plan, base: &Path) -> Result<Record> {
    let _lock = Lock::take("")?;
    let network = network::free()?;
    let folder = paths::run(&plan.name);
    let record = Record {
        name: plan.name.clone(),
        owner: processes::Identity::myself(),
        network,
        link: network::link(network),
        gateway: network::gateway(network),
        base: base.to_owned(),
        private_key: folder.join("id_ed25519"),
        admin_password: machine::random()?,
        known_hosts: folder.join("known_hosts"),
        ssh_config: folder.join("ssh_config"),
        hosts: Vec::new(),
        took: Duration::ZERO,
    };
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    record.save()?;
    Ok(record)
}

/// A password as /etc/shadow has it, made by the image's own openssl.
fn hash(base: &Path, password: &str) -> Result<String> {
    let mut openssl = command("chroot", [base]);
    openssl.args(["openssl", "passwd", "-6", "-stdin"]);
    let hash = feed(&mut openssl, password.as_bytes())?;
    ensure!(hash.starts_with("$6$"), "openssl printed no hash of a password");
    Ok(hash)
}

/// Keeps other processes from making a lab of the same name; the empty name stands for all labs' networks.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    pub(crate) fn take(lab: &str) -> Result<Lock> {
        loop {
            let lock = Lock::open(lab)?;
            lock.file.lock().with_context(|| format!("{} cannot be locked", lock.path.display()))?;
            if lock.is_there() {
                return Ok(lock);
            }
            lock.leave();
        }
    }

    pub(crate) fn try_take(lab: &str) -> Result<Option<Lock>> {
        let lock = Lock::open(lab)?;
        match lock.file.try_lock() {
            Ok(()) if lock.is_there() => Ok(Some(lock)),
            Ok(()) | Err(TryLockError::WouldBlock) => {
                lock.leave();
                Ok(None)
            }
            Err(TryLockError::Error(error)) => Err(error).context("the lab's lock"),
        }
    }

    fn open(lab: &str) -> Result<Lock> {
        fs::create_dir_all(paths::RUN).with_context(|| format!("{} cannot be made", paths::RUN))?;
        let path = Path::new(paths::RUN).join(format!("{lab}.lock"));
        let file = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Lock { path, file })
    }

    /// Whether the file that is locked is still the one that others see.
    fn is_there(&self) -> bool {
        let ours = self.file.metadata().map(|file| file.ino());
        let seen = fs::metadata(&self.path).map(|file| file.ino());
        matches!((ours, seen), (Ok(ours), Ok(seen)) if ours == seen)
    }

    /// Forgets a lock that another process holds.
    fn leave(self) {
        let mut lock = self;
        lock.path = PathBuf::new();
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is held, so that whoever waits for it finds it gone and makes another.
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
