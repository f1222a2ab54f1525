use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::file::{LockedFile, beside, next_path, read_unlocked, write_new};
use crate::journal::{self, Journal, JournalError};
use crate::lock::LockInfo;
use crate::state::State;
use crate::v4;

/// Files that hold a state: where it is read from, where it is written to, and where the old one is kept.
#[derive(Clone, Debug)]
pub struct LocalState {
    path: PathBuf,
    /// `None` for no backup (`-backup=-`).
    backup: Option<PathBuf>,
    /// `-state-out`.
    out: Option<PathBuf>,
}

/// A state read under the lock; dropped, it releases the lock.
#[derive(Debug)]
pub struct LockedState {
    location: LocalState,
    file: Option<LockedFile>,
    info_path: Option<PathBuf>,
    /// As it was read (journal included): what a new snapshot is compared with.
    base: State,
    /// The text of the file as it was read, for the backup.
    original: Option<String>,
    backed_up: bool,
    /// Records of an earlier journal are in `base` and not in the file yet.
    recovered: bool,
}

/// A state and what an earlier run left open.
#[derive(Debug)]
pub struct Opened {
    pub state: State,
    /// Changes that were begun and whose outcome is not known.
    pub unresolved: Vec<journal::Started>,
    /// True when a journal was folded in: the state file is behind `state`.
    pub recovered: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ManagerError {
    #[error("the state is locked")]
    Locked(Box<LockInfo>),
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: {source}", path = path.display())]
    Read { path: PathBuf, source: v4::ReadError },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("The state cannot be written: {0}")]
    Encode(String),
    #[error(
        "The new state has the lineage {new:?} and the existing one {existing:?}: they are states of different things. \
         Make sure that you push to the right place; -force overrides this check."
    )]
    Lineage { existing: String, new: String },
    #[error(
        "The existing state has serial {existing}, which is not older than the new one's, {new}. Pull it, look at what \
         changed, and raise the serial of yours; -force overrides this check."
    )]
    Serial { existing: u64, new: u64 },
}

impl LocalState {
    /// A state file with its backup beside it (`NAME.backup`).
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let mut backup = path.clone().into_os_string();
        backup.push(".backup");
        Self { path, backup: Some(backup.into()), out: None }
    }

    #[must_use]
    pub fn with_backup(mut self, backup: Option<PathBuf>) -> Self {
        self.backup = backup;
        self
    }

    /// Writes go to another file, the one that is read stays as it is.
    #[must_use]
    pub fn with_out(mut self, out: Option<PathBuf>) -> Self {
        self.out = out;
        self
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is anything: the file, or what an interrupted run left of it.
    pub fn exists(&self) -> bool {
        [&self.path, &next_path(&self.path), &self.journal_path()].into_iter().any(|path| path.exists())
    }

    /// Whether both are the same file, however they are written.
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.path == other.path
            || resolved(&self.path).is_some_and(|path| Some(path) == resolved(&other.path))
    }

    /// Reads without locking, as `show` and `output` do. An absent file is an empty state.
    pub fn read(&self) -> Result<Opened, ManagerError> {
        let text = read_unlocked(&self.path).map_err(|e| io_error(&self.path, e))?;
        self.open(text.as_deref())
    }

    /// Locks and reads. With `lock` false the lock is left out (`-lock=false`); waits up to `timeout` for it.
    pub fn lock(
        &self,
        info: LockInfo,
        lock: Locking,
        timeout: Duration,
    ) -> Result<(LockedState, Opened), ManagerError> {
        let target = self.out.as_ref().unwrap_or(&self.path);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(|e| io_error(folder, e))?;
        }
        let (file, info_path) = match lock {
            Locking::Skip => (None, None),
            Locking::Take => {
                let file = self.wait_for_lock(target, timeout)?;
                let info_path = info_path(target);
                let info = LockInfo { path: target.display().to_string(), ..info };
                let text = serde_json::to_string(&info).map_err(|e| ManagerError::Encode(e.to_string()))?;
                write_new(&info_path, &text).map_err(|e| io_error(&info_path, e))?;
                (Some(file), Some(info_path))
            }
        };
        let mut locked = LockedState {
            location: self.clone(),
            file,
            info_path,
            base: State::default(),
            original: None,
            backed_up: false,
            recovered: false,
        };
        locked.original = locked.read_text()?;
        let opened = self.open(locked.original.as_deref())?;
        locked.base = opened.state.clone();
        locked.recovered = opened.recovered;
        Ok((locked, opened))
    }

    /// Removes a lock file whose process is gone. `Ok(false)` when there is none; held locks are an error.
    pub fn force_unlock(&self, id: &str) -> Result<bool, ManagerError> {
        let info_path = info_path(&self.path);
        let Some(info) = read_info(&info_path) else { return Ok(false) };
        if LockedFile::lock(&self.path).map_err(|e| io_error(&self.path, e))?.is_none() || info.id != id {
            return Err(ManagerError::Locked(Box::new(info)));
        }
        std::fs::remove_file(&info_path).map_err(|e| io_error(&info_path, e))?;
        Ok(true)
    }

    fn wait_for_lock(&self, target: &Path, timeout: Duration) -> Result<LockedFile, ManagerError> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(file) = LockedFile::lock(target).map_err(|e| io_error(target, e))? {
                return Ok(file);
            }
            if Instant::now() >= deadline {
                return Err(ManagerError::Locked(Box::new(
                    read_info(&info_path(target)).unwrap_or_default(),
                )));
            }
            std::thread::sleep(RETRY.min(timeout));
        }
    }

    /// The state in a file's text with the journal beside it folded in.
    fn open(&self, text: Option<&str>) -> Result<Opened, ManagerError> {
        let mut state = match text {
            None => State::default(),
            Some(text) if text.trim().is_empty() => State::default(),
            Some(text) => {
                v4::read(text).map_err(|source| ManagerError::Read { path: self.path.clone(), source })?
            }
        };
        let left = journal::replay(&self.journal_path(), &digest(text.unwrap_or_default()), &mut state)?;
        Ok(Opened { state, unresolved: left.unresolved, recovered: left.folded })
    }

    fn journal_path(&self) -> PathBuf {
        beside(self.out.as_ref().unwrap_or(&self.path), "journal")
    }
}

/// Whether to take the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    Take,
    Skip,
}

impl LockedState {
    /// Opens the journal for the changes of an apply. Unresolved ones from before must be given to be kept.
    ///
    /// What an earlier journal brought in is written to the state file first, for the new one replaces it.
    pub fn journal(&mut self, unresolved: &[journal::Started]) -> Result<Journal, ManagerError> {
        if self.recovered {
            self.write(self.base.clone(), unresolved)?;
        }
        Ok(Journal::create(&self.location.journal_path(), &self.base, unresolved)?)
    }

    /// Writes a snapshot if it differs from what was read; the serial goes up by one. Answers what is now in the file.
    ///
    /// Once it is on disk the journal is done with; `unresolved` starts are kept in a new one.
    pub fn write(
        &mut self,
        mut state: State,
        unresolved: &[journal::Started],
    ) -> Result<State, ManagerError> {
        if state.lineage.is_empty() {
            state.lineage = if self.base.lineage.is_empty() {
                uuid::Uuid::new_v4().to_string()
            } else {
                self.base.lineage.clone()
            };
        }
        state.serial = self.base.serial;
        let journal = self.location.journal_path();
        let journal_left = journal.exists();
        if !journal_left && same_content(&state, &self.base) && !self.base.lineage.is_empty() {
            return Ok(self.base.clone());
        }
        state.serial = self.base.serial + 1;
        self.put(&state)?;
        journal::finish(&journal, &state, unresolved)?;
        self.recovered = false;
        Ok(state)
    }

    /// Puts a whole state in place as `state push` does: its own lineage and serial are kept and checked.
    pub fn push(&mut self, state: &State, force: bool) -> Result<(), ManagerError> {
        if !force && !self.base.lineage.is_empty() {
            if state.lineage != self.base.lineage {
                return Err(ManagerError::Lineage {
                    existing: self.base.lineage.clone(),
                    new: state.lineage.clone(),
                });
            }
            if state.serial < self.base.serial
                || (state.serial == self.base.serial && !same_content(state, &self.base))
            {
                return Err(ManagerError::Serial { existing: self.base.serial, new: state.serial });
            }
        }
        self.put(state)
    }

    /// Releases the lock now and says what went wrong, if anything.
    pub fn unlock(mut self) -> Result<(), ManagerError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), ManagerError> {
        // First the info, then the lock: whoever takes the lock next must not find ours.
        if let Some(path) = self.info_path.take() {
            std::fs::remove_file(&path).map_err(|e| io_error(&path, e))?;
        }
        self.file = None;
        Ok(())
    }

    fn target(&self) -> &Path {
        self.location.out.as_ref().unwrap_or(&self.location.path)
    }

    fn read_text(&mut self) -> Result<Option<String>, ManagerError> {
        let path = self.location.path.clone();
        match &mut self.file {
            Some(file) if self.location.out.is_none() => {
                file.read().map(Some).map_err(|e| io_error(&path, e))
            }
            _ => read_unlocked(&path).map_err(|e| io_error(&path, e)),
        }
    }

    fn put(&mut self, state: &State) -> Result<(), ManagerError> {
        let text = v4::write(state).map_err(|e| ManagerError::Encode(e.to_string()))?;
        let target = self.target().to_owned();
        if let (Some(backup), Some(original)) = (&self.location.backup, &self.original)
            && !self.backed_up
            && !original.trim().is_empty()
        {
            write_new(backup, original).map_err(|e| io_error(backup, e))?;
            self.backed_up = true;
        }
        journal::fold_into(&self.location.journal_path(), &digest(&text))?;
        match &mut self.file {
            Some(file) => file.write(&text),
            None => write_new(&target, &text),
        }
        .map_err(|e| io_error(&target, e))?;
        self.base = state.clone();
        Ok(())
    }
}

impl Drop for LockedState {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            tracing::warn!(%error, "the state lock's info file could not be removed");
        }
    }
}

/// Equal apart from serial, lineage and version.
fn same_content(a: &State, b: &State) -> bool {
    a.outputs == b.outputs && a.resources == b.resources && a.check_results == b.check_results
}

/// The SHA-256 of a state file's text, by which the journal knows that it was folded in.
pub(super) fn digest(text: &str) -> String {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    sha2::Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn io_error(path: &Path, source: io::Error) -> ManagerError {
    ManagerError::Io { path: path.to_owned(), source }
}

/// The path without links, `.` and `..`; of a file that is not there, at least its folder's.
fn resolved(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

fn info_path(state: &Path) -> PathBuf {
    beside(state, "lock.info")
}

fn read_info(path: &Path) -> Option<LockInfo> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

const RETRY: Duration = Duration::from_millis(200);
