use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

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
        let pid = child.id();
        let (ended, memory_kb) = watch_memory(pid, || wait_without_reaping(pid));
        let time = start.elapsed();
        ended?;
        // Ended but not yet reaped: its times are still there to be read.
        let cpu = cpu_time(pid).context("the times of a process cannot be read")?;
        let status = child.wait()?;
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

fn wait_without_reaping(pid: u32) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process has an id")?;
    loop {
        match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The high-water mark of a process's resident memory.
fn peak_memory_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; user and system time are the 12th and 13th fields after it.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_A_SECOND))
}

/// What Linux counts the times of processes in, on every architecture that groma runs on.
const TICKS_A_SECOND: u64 = 100;
