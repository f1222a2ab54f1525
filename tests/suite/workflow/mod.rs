//! The command line from end to end, without a peer.

mod eksd_adoption;
mod eksd_authorities;
mod eksd_modules;
mod eksd_pki;
mod eksd_refusals;
mod handovers;
mod interrupted;
mod modules;
mod operations;
mod places;
mod plans;
mod quickstart;
mod state_commands;

use crate::harness::Sandbox;

/// The files under a folder of the sandbox, in name order, relative to it.
fn all_files(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![sandbox.path(folder)];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                pending.push(path);
            } else {
                found.push(
                    path.strip_prefix(sandbox.dir()).expect("it was found there").display().to_string(),
                );
            }
        }
    }
    found.sort();
    found
}
