use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use engine::Recorder;
use state::journal::{Journal, JournalError, Record, Started};

/// Records an apply in the journal beside the state, and keeps count of what is still open.
pub struct JournalRecorder {
    journal: Journal,
    open: Mutex<BTreeMap<String, Started>>,
}

impl JournalRecorder {
    pub fn new(journal: Journal) -> Self {
        Self { journal, open: Mutex::default() }
    }

    /// Changes that were begun and whose end was not recorded, as after a second interrupt.
    pub fn unresolved(&self) -> Vec<Started> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Ends the journal, so that it can be folded into the state.
    pub fn close(&self) {
        self.journal.close();
    }

    async fn append(&self, record: &Record) -> Result<(), Diagnostics> {
        self.journal.append(record).await.map_err(|error| journal_failed(&error).into())
    }
}

#[async_trait]
impl Recorder for JournalRecorder {
    async fn started(&self, started: Started) -> Result<(), Diagnostics> {
        let token = started.token.clone();
        let record = Record::Started(started);
        self.append(&record).await?;
        if let Record::Started(started) = record {
            self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(token, started);
        }
        Ok(())
    }

    async fn finished(&self, record: Record) -> Result<(), Diagnostics> {
        self.append(&record).await?;
        if let Record::Finished { token: Some(token), .. } = &record {
            self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
        }
        Ok(())
    }
}

fn journal_failed(error: &JournalError) -> Diagnostic {
    Diagnostic::error(
        "Failed to write the apply journal",
        format!(
            "Progress cannot be saved, so nothing more is started: {error}. Changes in flight are being finished, and \
             the state is saved at the end if that is possible. Free some space or mend the folder, and apply again."
        ),
    )
}
