use addrs::{AbsProviderConfig, AbsResourceInstance, DeposedKey, Name};
use value::{Path, Str, Value};

use crate::action::{Action, Reason};

/// The planned change of one resource instance (or of one of its deposed objects).
#[derive(Clone, Debug)]
pub struct ResourceChange {
    pub address: AbsResourceInstance,
    /// Where the object was in the previous state, if it has been moved.
    pub previous_address: Option<AbsResourceInstance>,
    pub deposed: Option<DeposedKey>,
    pub provider: AbsProviderConfig,
    pub action: Action,
    pub reason: Reason,
    /// Of the schema's implied type, with marks; null for a creation.
    pub before: Value,
    /// Null for a deletion; unknown where only the change will tell.
    pub after: Value,
    /// What the provider gave with the plan, handed back to it on apply.
    pub private: Vec<u8>,
    /// The paths that force the replacement.
    pub required_replace: Vec<Path>,
    pub importing: Option<Importing>,
    /// Configuration generated for an import without a block.
    pub generated_config: Option<String>,
    pub create_before_destroy: bool,
}

impl ResourceChange {
    /// True when there is something to tell: an action, or an object that is imported or at another address.
    pub fn is_news(&self) -> bool {
        self.action != Action::NoOp || self.importing.is_some() || self.previous_address.is_some()
    }

    /// The same, but for what is only looked at again: the data of a check that could not be read.
    pub fn is_effective(&self) -> bool {
        self.is_news() && self.reason != Reason::ReadBecauseCheckNested
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Importing {
    /// `None` when not known yet.
    pub id: Option<Str>,
}

/// The planned change of a root output.
#[derive(Clone, Debug)]
pub struct OutputChange {
    pub name: Name,
    pub action: Action,
    pub before: Value,
    pub after: Value,
    pub sensitive: bool,
}
