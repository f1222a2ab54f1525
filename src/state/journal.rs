//! The apply journal: an append-only file beside the state, one record a line, synced in groups.
//!
//! Before a provider is asked to change something a [`Record::Started`] is on disk; before anything that
//! depends on the answer begins, a [`Record::Finished`] is. On the next start the journal is folded into
//! the state; a start without an end is a change whose outcome is unknown.

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
