use addrs::AbsResourceInstance;
use diag::{Diagnostic, Diagnostics};
use state::State;
use state::journal::{Record, Started};

use crate::Operation;

/// Changes that an earlier run began and whose end is not in the journal.
#[derive(Clone)]
pub struct RecoverRequest {
    pub operation: Operation,
    /// With the finished records folded in.
    pub state: State,
    pub started: Vec<Started>,
}

/// What became of them.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// To be folded into the state; each ends the change whose token it carries.
    pub records: Vec<Record>,
    /// Nobody can tell yet: to be kept in the journal, and given to the next plan and apply, which refuse to touch
    /// these addresses until the object is imported or [`acknowledge`]d not to exist.
    pub unresolved: Vec<Started>,
}

/// Asks the providers what became of changes that were begun but not finished.
pub async fn recover(_request: RecoverRequest) -> (Recovery, Diagnostics) {
    todo!("engine helper")
}

/// A person's word that an unresolved change did not happen: the record that ends it and leaves the state as it is.
pub fn acknowledge(
    _state: &State,
    _unresolved: &[Started],
    _address: &AbsResourceInstance,
) -> Result<Vec<Record>, Diagnostic> {
    todo!("engine helper")
}

/// Why an address with an unresolved change is not touched.
pub(crate) fn refusal(started: &Started) -> Diagnostic {
    Diagnostic::error(
        "Earlier change with unknown outcome",
        format!(
            "An earlier run asked to {} {} and ended before the answer came, and it is not known whether that happened. To plan it now could make a second one.\n\nLook whether the object exists. If it does, take it over with \"groma import {} ID\"; if it does not, say so with \"groma state resolve {}\".",
            started.action, started.address, started.address, started.address
        ),
    )
    .address(&started.address)
}
