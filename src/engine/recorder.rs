use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use diag::Diagnostics;
use state::journal::{Record, Started};

/// Where an apply makes its progress durable. Both calls return once a crash can no longer lose the record;
/// calls run concurrently, so that an implementation can commit many with one sync.
///
/// The engine asks a provider for a change only after `started` returned, and starts what depends on a change only
/// after `finished` did. An error stops the operation from starting anything more.
#[async_trait]
pub trait Recorder: Send + Sync {
    async fn started(&self, started: Started) -> Result<(), Diagnostics>;

    async fn finished(&self, record: Record) -> Result<(), Diagnostics>;
}

/// Keeps records in memory: for operations that have no state file, and tests.
#[derive(Debug, Default)]
pub struct MemoryRecorder(Mutex<Vec<Record>>);

impl MemoryRecorder {
    pub fn records(&self) -> Vec<Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn push(&self, record: Record) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }
}

#[async_trait]
impl Recorder for MemoryRecorder {
    async fn started(&self, started: Started) -> Result<(), Diagnostics> {
        self.push(Record::Started(started));
        Ok(())
    }

    async fn finished(&self, record: Record) -> Result<(), Diagnostics> {
        self.push(record);
        Ok(())
    }
}
