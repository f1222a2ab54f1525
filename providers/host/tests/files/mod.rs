//! Folders, links, commands, downloads, archives.

mod archive;
mod command;
mod data;
mod directory;
mod download;
mod revision;
mod server;
mod symlink;
mod template;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use provider::simple::Access;
use value::Value;

/// An import id of `HOST KEY`.
fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path).map(|found| found.permissions().mode() & 0o7777).ok()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("can be set");
}

/// The names of all that is under a folder, but for `/var/lib`, which every host has.
fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let entry = entry.expect("can be listed");
            let name = entry.path().strip_prefix(folder).expect("is under it").display().to_string();
            found.push(name);
            if entry.file_type().expect("has a type").is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found.retain(|name| name != "var" && name != "var/lib");
    found.sort();
    found
}
