use std::sync::Arc;

use addrs::AbsResourceInstance;
use diag::Diagnostics;
use state::State;
use value::Str;

use crate::{Operation, Recorder};

/// `groma import ADDR ID`.
#[derive(Clone)]
pub struct ImportRequest {
    pub operation: Operation,
    pub state: State,
    /// Must have a resource block in the configuration.
    pub address: AbsResourceInstance,
    pub id: Str,
    pub recorder: Arc<dyn Recorder>,
}

/// Takes existing objects into the state. The state is unchanged when the diagnostics hold errors.
pub async fn import(_request: ImportRequest) -> (State, Diagnostics) {
    todo!("engine helper")
}
