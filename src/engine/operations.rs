use diag::Diagnostics;
use plan::Plan;
use state::State;

use crate::{ApplyRequest, PlanRequest};

/// Compares configuration and state and says what would be done. The plan is partial (`errored`) when the
/// diagnostics hold errors; everything that does not depend on what failed is planned.
pub async fn plan(_request: PlanRequest) -> (Plan, Diagnostics) {
    todo!("engine helper")
}

/// Does what a plan says. The state is true however it ends: everything a provider answered went through the
/// recorder and is in it.
pub async fn apply(_request: ApplyRequest) -> (State, Diagnostics) {
    todo!("engine helper")
}
