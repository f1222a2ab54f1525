use diag::Diagnostics;
use plan::Plan;
use state::State;

use crate::Operation;

/// Which graph `groma graph` shows.
#[derive(Clone, Copy, Debug)]
pub enum GraphKind<'a> {
    /// Resources and what they depend on: without `-type`.
    Resources,
    /// `-type=plan`, `-type=plan-refresh-only`
    Plan,
    /// `-type=plan-destroy`
    PlanDestroy,
    /// `-type=apply`; of a saved plan with `-plan=FILE`.
    Apply(Option<&'a Plan>),
}

/// A graph in the DOT language.
pub fn graph_dot(_operation: &Operation, _state: &State, _kind: GraphKind<'_>) -> (String, Diagnostics) {
    todo!("engine helper")
}
