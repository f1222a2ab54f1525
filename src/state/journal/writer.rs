use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use tokio::sync::oneshot;

use super::codec::{self, Line};
use super::replay::VERSION;
use super::{JournalError, Record, Started};
use crate::state::State;

/// An open journal. Appends from many tasks are written and synced together.
#[derive(Debug)]
pub struct Journal {
    sender: mpsc::Sender<Append>,
}

struct Append {
    line: Vec<u8>,
    done: oneshot::Sender<Result<(), String>>,
}

impl Journal {
    /// Begins a journal that builds on `base`; what was unresolved before is kept in it.
    pub fn create(path: &Path, base: &State, unresolved: &[Started]) -> Result<Self, JournalError> {
        let io_error = |source| JournalError::Io { path: path.to_owned(), source };
        begin(path, base, unresolved)?;
        let file = OpenOptions::new().append(true).mode(0o600).open(path).map_err(io_error)?;
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || write_all(file, &receiver))
            .map_err(io_error)?;
        Ok(Self { sender })
    }

    /// Appends a record; returns once it is on disk.
    pub async fn append(&self, record: &Record) -> Result<(), JournalError> {
        let stopped = |reason: String| JournalError::Stopped(reason);
        let line = codec::encode(record).map_err(stopped)?;
        let (done, answer) = oneshot::channel();
        self.sender.send(Append { line, done }).map_err(|_| stopped("its thread has ended".into()))?;
        answer.await.map_err(|_| stopped("its thread has ended".into()))?.map_err(stopped)
    }
}

/// Says in the journal that its records are in the state file about to be put in place.
pub fn fold_into(path: &Path, digest: &str) -> Result<(), JournalError> {
    let io_error = |source| JournalError::Io { path: path.to_owned(), source };
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error(error)),
    };
    let line = codec::line(&Line::Folding { digest: digest.to_owned() }).map_err(JournalError::Stopped)?;
    cut_torn_line(&mut file)
        .and_then(|()| file.write_all(&line))
        .and_then(|()| file.sync_data())
        .map_err(io_error)
}

/// Cuts off a last line that has no newline, and leaves the file's cursor at the end.
fn cut_torn_line(file: &mut File) -> io::Result<()> {
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1) as u64;
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole)).map(|_| ())
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
    crate::manager::write_new(path, &text)
        .map_err(|source| JournalError::Io { path: PathBuf::from(path), source })
}

/// Writes what is waiting, syncs once, answers all. After a failure nothing more is written: what is on disk
/// then stays a true beginning.
fn write_all(mut file: File, receiver: &mpsc::Receiver<Append>) {
    let mut failure: Option<String> = None;
    while let Ok(first) = receiver.recv() {
        let mut batch = vec![first];
        batch.extend(receiver.try_iter());
        if failure.is_none() {
            let bytes: Vec<u8> = batch.iter().flat_map(|append| append.line.iter().copied()).collect();
            failure = file.write_all(&bytes).and_then(|()| file.sync_data()).err().map(|e| e.to_string());
        }
        for append in batch {
            // The task may be gone after an interrupt.
            let _ = append.done.send(failure.clone().map_or(Ok(()), Err));
        }
    }
}
