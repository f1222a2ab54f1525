//! The apply journal: a file beside the state to which records are added, one a line, synced in groups, with zeros behind
//! them as room for more.
//!
//! Before a provider is asked to change something a [`Record::Started`] is on disk; before anything that
//! depends on the answer begins, a [`Record::Finished`] is. On the next start the journal is folded into
//! the state; a start without an end is a change whose outcome is unknown.

mod codec;
mod replay;
mod space;
mod writer;

pub use replay::{Replayed, apply, replay};
pub use writer::{Journal, finish, fold_into};

use std::sync::Arc;

use addrs::{AbsProviderConfig, AbsResourceInstance, DeposedKey, Name};
use value::Value;

use crate::object::ObjectState;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A change is about to be asked of a provider.
    Started(Started),
    /// What an instance's object is now; `None` when it is gone.
    Finished {
        token: Option<String>,
        address: AbsResourceInstance,
        deposed: Option<DeposedKey>,
        provider: AbsProviderConfig,
        object: Option<Arc<ObjectState>>,
    },
    /// The current object becomes a deposed one (create before destroy).
    Deposed { address: AbsResourceInstance, provider: AbsProviderConfig, key: DeposedKey },
    /// A root output is set or removed.
    Output { name: Name, value: Option<Value>, sensitive: bool },
}

/// A change that was begun.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    pub token: String,
    pub address: AbsResourceInstance,
    pub deposed: Option<DeposedKey>,
    pub provider: AbsProviderConfig,
    /// `create`, `update`, `delete`.
    pub action: String,
    pub schema_version: u64,
    /// The planned object and the configuration, in msgpack against the schema's implied type; unknowns kept,
    /// write-only and ephemeral values nulled.
    pub planned: Vec<u8>,
    pub config: Vec<u8>,
    pub private: Vec<u8>,
    pub dependencies: Arc<[addrs::ConfigResource]>,
    pub create_before_destroy: bool,
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: std::path::PathBuf, source: std::io::Error },
    #[error(
        "{path}, line {line}: {reason} The journal holds what the last, interrupted apply had done. If it cannot be \
         repaired, move it away and compare the objects it names with the state.", path = path.display()
    )]
    Invalid { path: std::path::PathBuf, line: usize, reason: String },
    #[error(
        "{path} belongs to the state with lineage {lineage:?} and serial {serial}, but the state file has lineage \
         {found_lineage:?} and serial {found_serial}: the file was replaced after an apply was interrupted. Restore the state \
         file it belongs to, or move the journal away if its changes are known to be in this one.", path = path.display()
    )]
    Mismatch {
        path: std::path::PathBuf,
        lineage: String,
        serial: u64,
        found_lineage: String,
        found_serial: u64,
    },
    #[error("the journal's writer has stopped after an earlier failure: {0}")]
    Stopped(String),
}
