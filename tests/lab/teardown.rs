//! Taking labs down, also what a killed run left: everything is found by its name, nothing is taken from memory.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cgroups::Layout;
use crate::command::{command, run, sh};
use crate::record::Record;
use crate::{network, paths, processes};

/// Takes a lab down: processes, cgroups, mounts, namespaces, links, files. One that is not there is no error.
pub fn down(lab: &str) -> Result<()> {
    paths::check_name("lab's name", lab, 20)?;
    // The scripts first: they would boot again what is killed.
    let boot = format!("sh {}/", paths::data(lab).display());
    processes::with_command(&boot)
        .into_iter()
        .filter(|&pid| processes::command_line(pid).starts_with(&boot))
        .for_each(processes::kill);
    relays(lab).iter().filter(|relay| relay.lives()).for_each(|relay| processes::kill(relay.pid));
    let layout = Layout::detect()?;
    let units: Vec<String> =
        layout.units().into_iter().filter(|unit| unit.starts_with(&paths::prefix(lab))).collect();
    for unit in &units {
        layout.thaw(unit)?;
    }
    for unit in &units {
        layout.remove(unit)?;
    }
    unmount(&paths::data(lab))?;
    for namespace in network::namespaces()?.iter().filter(|name| name.starts_with(&paths::prefix(lab))) {
        sh(&format!("ip netns del {namespace}"))?;
    }
    remove_nspawn_folders(lab);
    for folder in [paths::data(lab), paths::run(lab)] {
        remove(&folder)?;
    }
    network::sweep()
}

/// The names of all labs of which anything is there.
pub fn labs() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in [paths::RUN, paths::DATA] {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        names.extend(folders.filter_map(|entry| entry.file_name().into_string().ok()));
    }
    let mut units = network::namespaces().unwrap_or_default();
    units.extend(Layout::detect().map(|layout| layout.units()).unwrap_or_default());
    names.extend(units.iter().filter_map(|unit| paths::lab_of(unit)).map(str::to_owned));
    names
}

/// The labs whose owner ended without taking them down. One that nobody owns stays until it is taken down by name.
pub fn stale() -> BTreeSet<String> {
    let mut names = labs();
    names.retain(|lab| match Record::load(lab) {
        Ok(record) => record.owner.is_some_and(|owner| !owner.lives()),
        // Without a record nobody can use it; but one that comes up at this moment has none yet.
        Err(_) => crate::lab::Lock::try_take(lab).is_ok_and(|lock| lock.is_some()),
    });
    names
}

/// All of a lab that this machine has, one line each: for tests that nothing stays.
pub fn leftovers(lab: &str) -> Result<Vec<String>> {
    let prefix = paths::prefix(lab);
    let data = format!("{}/", paths::data(lab).display());
    let mut found = Vec::new();
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    found.extend(
        mounts
            .lines()
            .filter(|line| line.contains(&data) || line.contains(&prefix))
            .map(|line| format!("mount {line}")),
    );
    found.extend(
        network::namespaces()?
            .into_iter()
            .filter(|name| name.starts_with(&prefix))
            .map(|name| format!("namespace {name}")),
    );
    found.extend(
        Layout::detect()?
            .units()
            .into_iter()
            .filter(|name| name.starts_with(&prefix))
            .map(|name| format!("cgroup {name}")),
    );
    for text in [&data, &prefix] {
        let pids = processes::with_command(text);
        found.extend(pids.into_iter().map(|pid| format!("process {pid} {}", processes::command_line(pid))));
    }
    for folder in [paths::run(lab), paths::data(lab)] {
        if folder.exists() {
            found.push(format!("folder {}", folder.display()));
        }
    }
    let used: BTreeSet<String> =
        labs().iter().filter_map(|lab| Record::load(lab).ok()).map(|record| record.link).collect();
    found.extend(
        network::links()?.into_iter().filter(|link| !used.contains(link)).map(|link| format!("link {link}")),
    );
    Ok(found)
}

/// The processes that carry a lab's slow links for the command line.
fn relays(lab: &str) -> Vec<processes::Identity> {
    let entries = fs::read_dir(paths::run(lab)).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("relay-"));
    files.filter_map(|file| serde_json::from_str(&fs::read_to_string(file.path()).ok()?).ok()).collect()
}

/// Unmounts all below a folder, innermost first.
fn unmount(folder: &Path) -> Result<()> {
    for attempt in 0.. {
        let mounts = fs::read_to_string("/proc/self/mounts").context("the mounts of this process")?;
        let below: Vec<&str> = mounts
            .lines()
            .filter_map(|line| line.split(' ').nth(1))
            .filter(|place| Path::new(place).starts_with(folder))
            .collect();
        if below.is_empty() {
            return Ok(());
        }
        for place in below.iter().rev() {
            // What was killed needs a moment to let go of its files.
            if let Err(error) = run(&mut command("umount", [place])) {
                if attempt == ATTEMPTS {
                    bail!("{place} stays mounted: {error:#}");
                }
                sleep(Duration::from_millis(50));
            }
        }
    }
    unreachable!("the loop has no end")
}

/// What systemd-nspawn keeps for each machine and removes only when it ends by itself.
fn remove_nspawn_folders(lab: &str) {
    for folder in ["/run/systemd/nspawn/propagate", "/run/systemd/nspawn/unix-export"] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&paths::prefix(lab)) {
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

const ATTEMPTS: usize = 100;
