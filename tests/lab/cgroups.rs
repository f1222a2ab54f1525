//! Control groups of a host's own, so that it sees its sub-tree as the root.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::processes;

/// How this machine has its cgroups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// One hierarchy for each controller (version 1, or hybrid): the mount points.
    Many(Vec<PathBuf>),
    /// One for all (version 2).
    One(PathBuf),
}

impl Layout {
    pub fn detect() -> Result<Layout> {
        Layout::parse(&fs::read_to_string("/proc/self/mounts").context("the mounts of this process")?)
    }

    fn parse(mounts: &str) -> Result<Layout> {
        let mut many = BTreeSet::new();
        for line in mounts.lines() {
            let mut fields = line.split(' ');
            let (_, Some(place), Some(kind)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            let place = Path::new(place);
            if place == Path::new(ROOT) && kind == "cgroup2" {
                return Ok(Layout::One(place.to_owned()));
            }
            if place.parent() == Some(Path::new(ROOT)) && matches!(kind, "cgroup" | "cgroup2") {
                many.insert(place.to_owned());
            }
        }
        ensure!(!many.is_empty(), "the lab needs cgroups mounted at {ROOT}");
        Ok(Layout::Many(many.into_iter().collect()))
    }

    /// The folders of a unit, one in each hierarchy.
    pub fn folders(&self, unit: &str) -> Vec<PathBuf> {
        match self {
            Layout::Many(hierarchies) => hierarchies.iter().map(|place| place.join(unit)).collect(),
            Layout::One(place) => vec![place.join(unit)],
        }
    }

    /// The names of all units of labs.
    pub fn units(&self) -> BTreeSet<String> {
        let places = self.folders("");
        let entries = places.iter().flat_map(|place| fs::read_dir(place).into_iter().flatten().flatten());
        entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| crate::paths::lab_of(name).is_some())
            .collect()
    }

    /// Makes a unit's groups.
    pub fn create(&self, unit: &str) -> Result<()> {
        if let Layout::One(place) = self {
            for controller in ["cpu", "cpuset", "io", "memory", "pids"] {
                // A controller that this machine does not hand down is one that hosts do without.
                let _ = fs::write(place.join("cgroup.subtree_control"), format!("+{controller}"));
            }
        }
        for folder in self.folders(unit) {
            fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            for file in ["cpuset.cpus", "cpuset.mems"] {
                // Version 1 lets nobody in before these are set.
                if let Layout::Many(_) = self
                    && folder.join(file).exists()
                {
                    fs::copy(folder.join("..").join(file), folder.join(file))
                        .with_context(|| format!("{} cannot be set", folder.join(file).display()))?;
                }
            }
        }
        Ok(())
    }

    /// All processes in a unit and the groups below it.
    pub fn processes(&self, unit: &str) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        for folder in self.folders(unit).iter().flat_map(|folder| below(folder)) {
            let procs = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            found.extend(procs.lines().filter_map(|line| line.parse::<u32>().ok()).filter(|&pid| pid != 0));
        }
        found
    }

    /// Kills all that is in a unit and removes it.
    pub fn remove(&self, unit: &str) -> Result<()> {
        self.thaw(unit)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.processes(unit).into_iter().for_each(processes::kill);
            let mut last = None;
            for folder in self.folders(unit).iter().flat_map(|folder| below(folder)) {
                if let Err(error) = fs::remove_dir(&folder)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    last = Some(format!("{}: {error}", folder.display()));
                }
            }
            let Some(last) = last else { return Ok(()) };
            if Instant::now() > deadline {
                bail!("the cgroups of {unit} cannot be removed: {last}");
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Stops all that runs in a unit where it stands.
    pub fn freeze(&self, unit: &str) -> Result<()> {
        self.set_frozen(unit, "FROZEN", "1")
    }

    /// Lets it go on.
    pub fn thaw(&self, unit: &str) -> Result<()> {
        self.set_frozen(unit, "THAWED", "0")
    }

    fn set_frozen(&self, unit: &str, many: &str, one: &str) -> Result<()> {
        let (folder, file, word) = match self {
            Layout::Many(_) => (self.controller("freezer")?.join(unit), "freezer.state", many),
            Layout::One(place) => (place.join(unit), "cgroup.freeze", one),
        };
        if !folder.exists() {
            return Ok(());
        }
        let file = folder.join(file);
        fs::write(&file, word).with_context(|| format!("{word} cannot be written to {}", file.display()))
    }

    /// Gives all that runs in a unit together so many hundredths of one processor; all there are if none is said.
    pub fn limit_cpu(&self, unit: &str, percent: Option<u32>) -> Result<()> {
        let (file, word) = match self {
            Layout::Many(_) => {
                let quota =
                    percent.map_or_else(|| "-1".to_owned(), |percent| (percent * PERIOD / 100).to_string());
                (self.controller("cpu")?.join(unit).join("cpu.cfs_quota_us"), quota)
            }
            Layout::One(place) => {
                let quota =
                    percent.map_or_else(|| "max".to_owned(), |percent| (percent * PERIOD / 100).to_string());
                (place.join(unit).join("cpu.max"), format!("{quota} {PERIOD}"))
            }
        };
        ensure!(
            file.exists(),
            "this machine hands no controller cpu down to cgroups: there is no {}",
            file.display()
        );
        fs::write(&file, &word).with_context(|| format!("{word} cannot be written to {}", file.display()))
    }

    /// How often a unit was held back because it had used up what [`Layout::limit_cpu`] left it.
    pub fn held_back(&self, unit: &str) -> Result<u64> {
        let file = match self {
            Layout::Many(_) => self.controller("cpu")?.join(unit),
            Layout::One(place) => place.join(unit),
        }
        .join("cpu.stat");
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let count = text.lines().find_map(|line| line.strip_prefix("nr_throttled ")?.parse().ok());
        count.with_context(|| format!("{} has no nr_throttled", file.display()))
    }

    fn controller(&self, name: &str) -> Result<&Path> {
        let Layout::Many(hierarchies) = self else { bail!("one hierarchy has no folder for {name}") };
        let found = hierarchies.iter().find(|place| {
            let here = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            here.split(',').any(|controller| controller == name)
        });
        found.map(PathBuf::as_path).with_context(|| format!("this machine has no cgroup controller {name}"))
    }
}

/// A folder and all below it, deepest first.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(below(&entry.path()));
        }
    }
    if folder.exists() {
        found.push(folder.to_owned());
    }
    found
}

const ROOT: &str = "/sys/fs/cgroup";
const PERIOD: u32 = 100_000;
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_layouts_apart() {
        let hybrid = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        let Ok(Layout::Many(found)) = Layout::parse(hybrid) else { panic!("hybrid is not one hierarchy") };
        assert_eq!(found, [Path::new("/sys/fs/cgroup/cpu,cpuacct"), Path::new("/sys/fs/cgroup/unified")]);
        let layout = Layout::Many(found);
        assert_eq!(layout.controller("cpu").expect("it is there"), Path::new("/sys/fs/cgroup/cpu,cpuacct"));
        assert!(layout.controller("freezer").is_err());
        let unified =
            Layout::parse("cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n").expect("it is unified");
        assert_eq!(unified, Layout::One(PathBuf::from(ROOT)));
        assert!(Layout::parse("proc /proc proc rw 0 0\n").is_err());
    }
}
