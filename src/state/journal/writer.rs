use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::codec::{self, Line};
use super::replay::VERSION;
use super::space::Space;
use super::{JournalError, Record, Started};
use crate::state::State;

/// An open journal. Appends from many tasks are written and synced together.
#[derive(Debug)]
pub struct Journal {
    waiting: Mutex<Waiting>,
}

/// What is not with the thread that writes yet.
#[derive(Debug)]
struct Waiting {
    appends: Vec<Append>,
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    sender: mpsc::Sender<Vec<Append>>,
    /// Gives how many syncs it took.
    thread: JoinHandle<u64>,
}

#[derive(Debug)]
struct Append {
    line: Vec<u8>,
    done: oneshot::Sender<Result<(), String>>,
}

impl Journal {
    /// Begins a journal that builds on `base`; what was unresolved before is kept in it.
    pub fn create(path: &Path, base: &State, unresolved: &[Started]) -> Result<Self, JournalError> {
        let io_error = |source| JournalError::Io { path: path.to_owned(), source };
        begin(path, base, unresolved)?;
        let file = OpenOptions::new().read(true).write(true).mode(0o600).open(path).map_err(io_error)?;
        let space = Space::after_last_line(file).map_err(io_error)?;
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || write_all(space, &receiver))
            .map_err(io_error)?;
        let writer = Some(Writer { sender, thread });
        Ok(Self { waiting: Mutex::new(Waiting { appends: Vec::new(), writer }) })
    }

    /// Appends a record; returns once it is on disk.
    pub async fn append(&self, record: &Record) -> Result<(), JournalError> {
        let stopped = |reason: String| JournalError::Stopped(reason);
        let line = codec::encode(record).map_err(stopped)?;
        let (done, answer) = oneshot::channel();
        self.waiting().appends.push(Append { line, done });
        // Whoever can go on now does so first, and one sync is for what all of them have to say: the ends of changes and
        // the starts of those that take their places.
        tokio::task::yield_now().await;
        self.waiting().hand_over();
        answer.await.map_err(|_| stopped("its thread has ended".into()))?.map_err(stopped)
    }

    /// Writes what is waiting still and ends: from now on the file may be folded into the state. Gives how often the disk
    /// was waited for; `None` if the journal had ended before.
    pub fn close(&self) -> Option<u64> {
        let mut waiting = self.waiting();
        waiting.hand_over();
        let Writer { sender, thread } = waiting.writer.take()?;
        drop(sender);
        // It only panics if it was to be lost anyway: the state has all that it could have said.
        let syncs = thread.join().ok()?;
        tracing::debug!(syncs, "the journal is complete");
        Some(syncs)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

impl Waiting {
    fn hand_over(&mut self) {
        if self.appends.is_empty() {
            return;
        }
        let appends = std::mem::take(&mut self.appends);
        if let Some(writer) = &self.writer {
            // If its thread has ended, the answers' other ends are dropped with what could not be sent.
            let _ = writer.sender.send(appends);
        }
    }
}

/// Says in the journal that its records are in the state file about to be put in place.
pub fn fold_into(path: &Path, digest: &str) -> Result<(), JournalError> {
    let io_error = |source| JournalError::Io { path: path.to_owned(), source };
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error(error)),
    };
    let line = codec::line(&Line::Folding { digest: digest.to_owned() }).map_err(JournalError::Stopped)?;
    Space::after_last_line(file).and_then(|mut space| space.write(&line)).map_err(io_error)
}

/// Ends a journal whose records are in the state file: removes it, or keeps only what is unresolved.
pub fn finish(path: &Path, state: &State, unresolved: &[Started]) -> Result<(), JournalError> {
    if !unresolved.is_empty() {
        return begin(path, state, unresolved);
    }
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(JournalError::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

fn begin(path: &Path, base: &State, unresolved: &[Started]) -> Result<(), JournalError> {
    let header = Line::Journal { version: VERSION, lineage: base.lineage.clone(), serial: base.serial };
    let mut text = codec::line(&header).map_err(JournalError::Stopped)?;
    for started in unresolved {
        text.extend(codec::encode(&Record::Started(started.clone())).map_err(JournalError::Stopped)?);
    }
    let text = String::from_utf8_lossy(&text);
    crate::manager::write_new(path, &*text)
        .map_err(|source| JournalError::Io { path: PathBuf::from(path), source })
}

/// Writes what is waiting, syncs once, answers all. After a failure nothing more is written: what is on disk
/// then stays a true beginning.
fn write_all(mut space: Space, receiver: &mpsc::Receiver<Vec<Append>>) -> u64 {
    let mut failure: Option<String> = None;
    let mut syncs = 0;
    let mut bytes = Vec::new();
    while let Ok(mut batch) = receiver.recv() {
        batch.extend(receiver.try_iter().flatten());
        if failure.is_none() {
            bytes.clear();
            for append in &batch {
                bytes.extend_from_slice(&append.line);
            }
            failure = space.write(&bytes).err().map(|e| e.to_string());
            syncs += 1;
        }
        for append in batch {
            // The task may be gone after an interrupt.
            let _ = append.done.send(failure.clone().map_or(Ok(()), Err));
        }
    }
    syncs
}
