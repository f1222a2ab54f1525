//! `cargo xtask lab fault`.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use anyhow::{Context, Result, bail, ensure};
use lab::{Cable, Fault, Lab, paths, processes};

#[derive(clap::Args)]
pub struct Args {
    /// The lab's name.
    #[arg(long, default_value = super::DEFAULT)]
    name: String,
    host: String,
    kind: Kind,
    /// Make it good again.
    #[arg(long)]
    undo: bool,
    /// disk-full: where on the host the full file system is mounted.
    #[arg(long, default_value = "/srv/full")]
    path: PathBuf,
    /// slow-link: milliseconds added to each round trip.
    #[arg(long, default_value_t = 50)]
    delay: u64,
    /// slow-link: how many of a hundred frames get lost in each direction.
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// slow-cpu: hundredths of one processor for the whole host.
    #[arg(long, default_value_t = 5)]
    percent: u32,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// The cable is out.
    LinkCut,
    /// Frames come late, or not at all (--delay, --loss).
    SlowLink,
    /// sshd does not run, and its sessions are killed.
    SshdDown,
    /// A full file system is mounted (--path).
    DiskFull,
    /// /etc is mounted read-only.
    ReadOnlyEtc,
    /// sudo asks admin for the password.
    SudoAsks,
    /// The host has a part of one processor (--percent).
    SlowCpu,
    /// Nothing on the host runs.
    Frozen,
    /// The host has other host keys than before.
    NewHostKeys,
    /// Its ssh sessions are killed; sshd takes new ones.
    KillSessions,
    /// sshd and its sessions are killed; systemd starts sshd again.
    KillSshd,
    /// Its power is taken away and given back.
    Reboot,
    /// Its power is taken away (--undo: given back).
    PowerOff,
}

pub fn run(args: &Args) -> Result<()> {
    let lab = Lab::open(&args.name)?;
    let host = args.host.as_str();
    lab.host(host)?;
    let fault = match args.kind {
        Kind::LinkCut => Fault::LinkCut,
        Kind::SlowLink if args.undo => Fault::SlowLink(cable(args)),
        Kind::SlowLink => return start_carrier(args),
        Kind::SshdDown => Fault::SshdDown,
        Kind::DiskFull => Fault::DiskFull(args.path.clone()),
        Kind::ReadOnlyEtc => Fault::ReadOnlyEtc,
        Kind::SudoAsks => Fault::SudoAsks,
        Kind::SlowCpu => Fault::SlowCpu(args.percent),
        Kind::Frozen => Fault::Frozen,
        Kind::NewHostKeys => Fault::NewHostKeys,
        Kind::PowerOff if args.undo => return lab.power_on(host),
        Kind::PowerOff => return lab.power_off(host),
        Kind::KillSessions | Kind::KillSshd | Kind::Reboot if args.undo => {
            bail!("the host recovers from that by itself: there is nothing to undo")
        }
        Kind::KillSessions => return lab.kill_sessions(host),
        Kind::KillSshd => return lab.kill_sshd(host),
        Kind::Reboot => return lab.reboot(host),
    };
    if args.undo {
        return lab.undo(host, &fault);
    }
    lab.fault(host, fault)?.leave();
    Ok(())
}

/// Carries a slow link until it is killed by whoever undoes the fault or takes the lab down.
pub fn carry(args: &Args) -> Result<()> {
    let lab = Lab::open(&args.name)?;
    let _relay = lab.fault(&args.host, Fault::SlowLink(cable(args)))?.leave();
    let me = processes::Identity::myself().context("this process is in /proc")?;
    fs::write(paths::relay(&args.name, &args.host), serde_json::to_string(&me)?)?;
    loop {
        thread::park();
    }
}

/// Starts a process that carries the link when this one has ended.
fn start_carrier(args: &Args) -> Result<()> {
    ensure!((0.0..=100.0).contains(&args.loss), "--loss is a part of a hundred");
    let file = paths::relay(&args.name, &args.host);
    let before = fs::read_to_string(&file).ok();
    let mut carrier = Command::new("setsid")
        .arg(env::current_exe()?)
        .args(["lab", "carry", "--name", &args.name, &args.host, "slow-link"])
        .args(["--delay", &args.delay.to_string(), "--loss", &args.loss.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .context("`setsid` cannot be started")?;
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let now = fs::read_to_string(&file).ok();
        if now.is_some() && now != before {
            return Ok(());
        }
        if let Some(status) = carrier.try_wait()? {
            bail!("what is to carry the slow link ended with {status}");
        }
        ensure!(Instant::now() < deadline, "what is to carry the slow link does not begin");
        thread::sleep(Duration::from_millis(20));
    }
}

fn cable(args: &Args) -> Cable {
    Cable { delay: Duration::from_millis(args.delay), loss: args.loss / 100.0 }
}
