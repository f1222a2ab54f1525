//! What is mounted, and how it differs from what was asked for.

use super::line::{Line, plain};

/// A line of `/proc/self/mountinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Live {
    /// The folder of the file system that is shown.
    root: String,
    flags: Vec<String>,
    pub kind: String,
    source: String,
    /// Those of the file system, which all its mounts have in common.
    shared: Vec<String>,
}

/// Options that are on or off, with their opposites, and whether they belong to the mount or to the whole file system.
const FLAGS: [(&str, &str, bool); 7] = [
    ("ro", "rw", false),
    ("nosuid", "suid", false),
    ("nodev", "dev", false),
    ("noexec", "exec", false),
    ("nodiratime", "diratime", false),
    ("sync", "async", true),
    ("dirsync", "", true),
];

const ATIME: [&str; 3] = ["relatime", "noatime", "strictatime"];

/// Options with values that are compared, and only where the file system is in memory: what others make of theirs is their own.
const TMPFS: [&str; 5] = ["size", "nr_inodes", "mode", "uid", "gid"];

impl Live {
    pub(super) fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(' ').collect();
        let end = fields.iter().position(|field| *field == "-").filter(|at| *at >= 6)?;
        let options = |field: &str| field.split(',').map(plain).collect();
        Some(Self {
            root: plain(fields.get(3)?),
            flags: options(fields.get(5)?),
            kind: plain(fields.get(end + 1)?),
            source: plain(fields.get(end + 2)?),
            shared: options(fields.get(end + 3)?),
        })
    }

    /// What is mounted, as people write it.
    pub(super) fn device(&self) -> String {
        if self.root == "/" { self.source.clone() } else { format!("{}[{}]", self.source, self.root) }
    }

    /// Whether the source is what a line says, where the text tells.
    pub(super) fn is_from(&self, device: &str) -> bool {
        let text =
            |text: &str| if text.len() > 1 { text.trim_end_matches('/').to_owned() } else { text.to_owned() };
        text(&self.source) == text(device) && (self.root == "/" || !device.starts_with('/'))
    }

    /// Whether it is of the type that a line says.
    pub(super) fn is_of_type(&self, line: &Line) -> bool {
        let wanted = line.kind.as_str();
        line.is_bind()
            || wanted == "auto"
            || wanted == self.kind
            || self.kind.starts_with("fuse")
            || (wanted == "nfs" && self.kind == "nfs4")
    }

    /// The line that would mount it so.
    pub(super) fn line(&self, path: &str) -> Line {
        let mut options = self.flags.clone();
        if self.root != "/" {
            options.push("bind".into());
        }
        let (device, kind) = (self.device(), self.kind.clone());
        Line { device, path: path.to_owned(), kind, options, dump: 0, pass: 0 }
    }

    /// The options of a line, with what the mount contradicts said as it is.
    pub(super) fn options(&self, line: &Line) -> Vec<String> {
        let mut options = line.options.clone();
        let bind = line.is_bind();
        // These take over what others have set, so that only what is said counts.
        let inherits = bind || self.kind.starts_with("fuse");
        for (on, off, shared) in FLAGS {
            let said = options.iter().any(|option| option == on || option == off);
            if (inherits && !said) || (bind && shared) {
                continue;
            }
            let has = |list: &[String]| list.iter().any(|option| option == on);
            let is = has(&self.flags) || (!bind && has(&self.shared));
            if is != wants(&options, on, off) {
                options.retain(|option| option != on && option != off);
                let instead = if is { on } else { off };
                options.extend((!instead.is_empty()).then(|| instead.to_owned()));
            }
        }
        let atime = |list: &[String]| ATIME.into_iter().find(|name| list.iter().any(|option| option == name));
        let unclear = options.iter().any(|option| option == "atime" || option == "norelatime");
        let is = atime(&self.flags).unwrap_or("strictatime");
        let said = atime(&options);
        if !unclear && said.unwrap_or("relatime") != is && (said.is_some() || !inherits) {
            options.retain(|option| !ATIME.contains(&option.as_str()));
            options.push(is.to_owned());
        }
        if self.kind == "tmpfs" {
            for option in &mut options {
                self.correct(option);
            }
        }
        options
    }

    /// Says the value of an option as it is, where it is another one.
    fn correct(&self, option: &mut String) {
        let Some((name, wanted)) = option.split_once('=').filter(|(name, _)| TMPFS.contains(name)) else {
            return;
        };
        let found = self.shared.iter().find_map(|shared| shared.strip_prefix(name)?.strip_prefix('='));
        let default = match name {
            "mode" => Some("1777"),
            "uid" | "gid" => Some("0"),
            _ => None,
        };
        if let Some(found) = found.or(default)
            && let (Some(is), Some(to_be)) = (number(name, found), number(name, wanted))
            && is != to_be
        {
            *option = format!("{name}={found}");
        }
    }
}

/// Whether options, the last of which counts, ask for a flag.
fn wants(options: &[String], on: &str, off: &str) -> bool {
    options.iter().fold(false, |wanted, option| match option.as_str() {
        option if option == on => true,
        option if option == off => false,
        "user" | "users" => wanted || ["nosuid", "nodev", "noexec"].contains(&on),
        "owner" | "group" => wanted || ["nosuid", "nodev"].contains(&on),
        _ => wanted,
    })
}

/// The number that an option of a file system in memory means; none for parts of the memory and names.
fn number(name: &str, text: &str) -> Option<u64> {
    if name == "mode" {
        return u64::from_str_radix(text, 8).ok();
    }
    let unit = |text: &str| match text.chars().last().map(|c| c.to_ascii_lowercase()) {
        Some('k') => Some(10),
        Some('m') => Some(20),
        Some('g') => Some(30),
        Some('t') => Some(40),
        _ => None,
    };
    let shift = unit(text);
    let digits = if shift.is_some() { text.get(..text.len() - 1)? } else { text };
    let count = digits.parse::<u64>().ok()?.checked_mul(1 << shift.unwrap_or(0))?;
    // The kernel counts in pages.
    if name == "size" { count.checked_next_multiple_of(4096) } else { Some(count) }
}

/// What a remount must say so that nothing of before stays: the kernel's defaults, then the options.
pub(super) fn remount(line: &Line) -> String {
    let (first, defaults) = match line.is_bind() {
        true => ("remount,bind", "rw,suid,dev,exec"),
        false => ("remount", "rw,suid,dev,exec,relatime,diratime"),
    };
    let skip = ["bind", "rbind", "defaults"];
    let options = line.options.iter().filter(|option| !skip.contains(&option.as_str()));
    [first, defaults].into_iter().chain(options.map(String::as_str)).collect::<Vec<_>>().join(",")
}
