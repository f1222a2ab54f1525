use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

/// The state file, held open and locked.
#[derive(Debug)]
pub struct LockedFile {
    path: PathBuf,
    file: File,
    /// It did not exist before it was locked: removed again if nothing is written.
    created: bool,
    written: bool,
}

impl LockedFile {
    /// Opens (creating it if need be) and locks the file. `Ok(None)` when another process holds the lock.
    pub fn lock(path: &Path) -> io::Result<Option<Self>> {
        let existed = path.try_exists()?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { path: path.to_owned(), file, created: !existed, written: false })),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The content, with an interrupted write completed first.
    pub fn read(&mut self) -> io::Result<String> {
        let next = next_path(&self.path);
        if let Ok(content) = std::fs::read_to_string(&next) {
            self.write_in_place(&content)?;
            std::fs::remove_file(&next)?;
        }
        let mut content = String::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_string(&mut content)?;
        Ok(content)
    }

    /// Replaces the content so that a crash at any moment leaves the old or the new one.
    pub fn write(&mut self, content: &str) -> io::Result<()> {
        let next = next_path(&self.path);
        write_new(&next, content)?;
        self.write_in_place(content)?;
        std::fs::remove_file(&next)
    }

    fn write_in_place(&mut self, content: &str) -> io::Result<()> {
        self.written = true;
        if self.file.metadata()?.permissions().mode() & 0o077 != 0 {
            self.file.set_permissions(PermissionsExt::from_mode(0o600))?;
        }
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(content.as_bytes())?;
        self.file.set_len(content.len() as u64)?;
        self.file.sync_all()
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        if self.created && !self.written && self.file.metadata().is_ok_and(|m| m.len() == 0) {
            // Best effort: an empty file left behind reads as no state.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// What the state file would be after an interrupted write: that write's content, or the file's own.
pub fn read_unlocked(path: &Path) -> io::Result<Option<String>> {
    for path in [&next_path(path), path] {
        match std::fs::read_to_string(path) {
            Ok(content) => return Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Writes a file that appears whole or not at all, readable by its owner only.
pub fn write_new(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".groma-").tempfile_in(folder)?;
    temporary.write_all(content.as_ref())?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|e| e.error)?;
    File::open(folder)?.sync_all()
}

/// `.NAME.next`, beside the state file.
pub fn next_path(path: &Path) -> PathBuf {
    beside(path, "next")
}

/// `.NAME.SUFFIX`, beside the state file.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{suffix}"))
}
