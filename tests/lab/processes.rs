//! What /proc says about processes.

use std::fs;

use serde::{Deserialize, Serialize};

/// A process, told apart from a later one with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: u32,
    /// In ticks since the machine's boot.
    pub started: u64,
}

impl Identity {
    pub fn of(pid: u32) -> Option<Identity> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // What stands behind the name, which may hold anything, begins with the third field.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        Some(Identity { pid, started: fields.get(19)?.parse().ok()? })
    }

    pub fn myself() -> Option<Identity> {
        Identity::of(std::process::id())
    }

    pub fn lives(&self) -> bool {
        Identity::of(self.pid).as_ref() == Some(self)
    }
}

/// All process ids of this machine.
pub fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// A process's command line, its words separated by blanks; empty for one that ended.
pub fn command_line(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ").trim_end().to_owned()
}

/// The processes whose command line holds `text`, but for this one.
pub fn with_command(text: &str) -> Vec<u32> {
    let me = std::process::id();
    all().into_iter().filter(|&pid| pid != me && command_line(pid).contains(text)).collect()
}

/// A line of /proc/PID/status.
pub fn status(pid: u32, field: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().to_owned())
}

/// Sends SIGKILL; a process that is gone is no error.
pub fn kill(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}
