//! Writing a host key down at first sight.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Adds what `line` says to a `known_hosts` file, which is read again under a lock: another groma may have been faster.
/// The file is replaced in one step, so that nobody reads half a line.
pub(super) fn append(
    file: &Path,
    line: impl FnOnce(&str) -> Result<Option<String>, String>,
) -> Result<(), String> {
    let failed = |error: io::Error| format!("The host key cannot be written to {}: {error}.", file.display());
    // A link stays a link.
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    let lock = private().create(true).truncate(false).open(beside(&file, ".lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let old = match fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed(error)),
    };
    let Some(line) = line(&String::from_utf8_lossy(&old))? else {
        return Ok(());
    };
    replace(&file, &old, &line).map_err(failed)
}

fn replace(file: &Path, old: &[u8], line: &str) -> io::Result<()> {
    let next = beside(file, ".next");
    let mut out = private().create(true).truncate(true).open(&next)?;
    out.write_all(old)?;
    if old.last().is_some_and(|byte| *byte != b'\n') {
        out.write_all(b"\n")?;
    }
    writeln!(out, "{line}")?;
    out.sync_all()?;
    fs::rename(&next, file)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// A name of our own in the same folder.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.groma{ending}"))
}
