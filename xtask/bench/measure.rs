use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use crate::peers;

/// What one run of one command took.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// By the clock on the wall.
    pub time: Duration,
    /// User and system time of all its threads: what a busy machine disturbs less.
    pub cpu: Duration,
    /// The most memory that was resident.
    pub memory_kb: u64,
}

impl Run {
    /// The one that took the processors less, of two.
    pub fn or_cheaper(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.cpu < self.cpu => other,
            _ => self,
        }
    }

    /// The quicker of two.
    pub fn or_quicker(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.time < self.time => other,
            _ => self,
        }
    }
}

/// A configuration in a folder of its own, for one program.
pub struct Case {
    program: PathBuf,
    folder: PathBuf,
}

impl Case {
    /// Writes the configuration and initialises the folder.
    pub fn new(program: &Path, folder: PathBuf, config: &str) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("main.tf"), config)?;
        let case = Self { program: program.to_owned(), folder };
        case.run(&["init"])?;
        Ok(case)
    }

    /// Forgets what was applied, so that an apply begins from nothing.
    pub fn forget_state(&self) -> Result<()> {
        for name in ["terraform.tfstate", "terraform.tfstate.backup"] {
            match fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Runs a command to its end; anything but success is an error that shows what it printed.
    pub fn run(&self, args: &[&str]) -> Result<Run> {
        let errors = self.folder.join("stderr");
        let before = children_cpu()?;
        let start = Instant::now();
        let mut child = Command::new(&self.program)
            .args(args)
            .arg("-no-color")
            .current_dir(&self.folder)
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_CLI_CONFIG_FILE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&errors)?)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.program.display()))?;
        let (status, memory_kb) = watch_memory(child.id(), || child.wait());
        let time = start.elapsed();
        let status = status?;
        let cpu = children_cpu()?.saturating_sub(before);
        ensure!(
            status.success(),
            "{} {args:?} ended with {status}:\n{}",
            self.program.display(),
            fs::read_to_string(&errors).unwrap_or_default()
        );
        Ok(Run { time, cpu, memory_kb })
    }
}

/// A folder that is removed again.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Result<Self> {
        let folder = peers::cache_dir()?.join(format!("bench-{}", std::process::id()));
        if folder.exists() {
            bail!("{} is in the way", folder.display());
        }
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Looks at a process's resident memory from another thread for as long as `work` takes.
fn watch_memory<T>(pid: u32, work: impl FnOnce() -> T) -> (T, u64) {
    let (ended, most) = (AtomicBool::new(false), AtomicU64::new(0));
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Acquire) {
                most.fetch_max(peak_memory_kb(pid), Ordering::AcqRel);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        let result = work();
        ended.store(true, Ordering::Release);
        result
    });
    (result, most.into_inner())
}

/// The high-water mark of a process's resident memory.
fn peak_memory_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// The times of all children that have been waited for; there is one at a time.
fn children_cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros).context("times are not negative")?))
}
