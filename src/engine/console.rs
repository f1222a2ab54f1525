use diag::Diagnostics;
use lang::{CallContext, Reference, Scope};
use state::State;
use value::Value;

use crate::Operation;

/// What `groma console` evaluates against.
#[derive(Clone)]
pub struct ConsoleRequest {
    pub operation: Operation,
    pub state: State,
}

/// The root module as expressions see it, with resources as the state has them.
pub struct ConsoleScope {
    context: CallContext,
}

/// Prepares a scope; where the configuration is in error, what depends on it is unknown.
pub async fn console_scope(_request: ConsoleRequest) -> (ConsoleScope, Diagnostics) {
    todo!("engine helper")
}

impl Scope for ConsoleScope {
    fn resolve(&self, _reference: &Reference) -> Result<Value, Diagnostics> {
        todo!("engine helper")
    }

    fn functions(&self) -> &CallContext {
        &self.context
    }
}
