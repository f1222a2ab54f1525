//! Reading and writing whole files.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What a file is written with: permission bits, of which the process's umask takes some away.
#[derive(Clone, Copy)]
pub(crate) struct Modes {
    pub file: u32,
    /// Of folders that have to be made.
    pub folder: u32,
}

/// The content of a file, if there is one.
pub(crate) async fn read(path: PathBuf) -> io::Result<Option<Vec<u8>>> {
    blocking(move || match fs::read(&path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    })
    .await
}

/// Writes a file so that it is always there as a whole: beside it first, then into its place. Missing folders are made.
pub(crate) async fn write(path: PathBuf, content: Vec<u8>, modes: Modes) -> io::Result<()> {
    blocking(move || write_now(&path, &content, modes)).await
}

/// Removes a file; it is fine if there is none.
pub(crate) async fn remove(path: PathBuf) -> io::Result<()> {
    blocking(move || match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
    .await
}

/// Reads permission bits: three or four octal digits.
pub(crate) fn parse_mode(text: &str) -> Option<u32> {
    let octal = (3..=4).contains(&text.len()) && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    octal.then(|| u32::from_str_radix(text, 8).ok()).flatten()
}

fn write_now(path: &Path, content: &[u8], modes: Modes) -> io::Result<()> {
    // A link stays a link: what it points to is written.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(modes.folder).create(folder)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{:016x}.tmp", rand::random::<u64>()));
    let beside = folder.join(beside);
    let written = write_new(&beside, content, modes.file).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
