use diag::Diagnostics;
use state::State;

use crate::ApplyRequest;

/// Does what a plan says. The state is true however it ends: everything a provider answered went through the
/// recorder and is in it.
pub async fn apply(_request: ApplyRequest) -> (State, Diagnostics) {
    todo!("engine helper")
}
