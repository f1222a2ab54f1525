use std::collections::HashMap;
use std::sync::Arc;

use diag::Diagnostics;
use lang::{CallContext, Reference, Scope};
use state::State;
use value::Value;

use crate::Operation;
use crate::eval::ModuleTable;
use crate::graph::{Purpose, config_graph, cycle_error, order};
use crate::program::{Program, Times};
use crate::session::{Expansions, Phase, Session};
use crate::stored::{Configure, evaluate_stored};

/// What `groma console` evaluates against.
#[derive(Clone)]
pub struct ConsoleRequest {
    pub operation: Operation,
    pub state: State,
}

/// The root module as expressions see it, with resources as the state has them.
pub struct ConsoleScope {
    session: Session,
    root: Arc<ModuleTable>,
}

/// Prepares a scope; where the configuration is in error, what depends on it is unknown.
pub async fn console_scope(request: ConsoleRequest) -> (ConsoleScope, Diagnostics) {
    let ConsoleRequest { operation, state } = request;
    let now = operation.environment.now();
    let times = Times { now: Some(now), plan: Some(now) };
    let (program, mut diagnostics) = Program::build(&operation, &state, times);
    let (graph, findings) = config_graph(&program, Purpose::Static, &HashMap::new());
    diagnostics.extend(findings);
    let cyclic = order(&graph).is_none();
    if cyclic {
        diagnostics.extend(cycle_error(&graph, &program, &[]));
    }
    let session = Session::new(operation, program, Phase::Plan, Expansions::Evaluated);
    if !cyclic {
        let walked = evaluate_stored(&session, &graph, &state, Configure::No).await;
        diagnostics.extend(walked.diagnostics);
    }
    let root = session.tables().root();
    (ConsoleScope { session, root }, diagnostics)
}

impl Scope for ConsoleScope {
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics> {
        self.session.surroundings.scope(&self.root).resolve(reference)
    }

    fn functions(&self) -> &CallContext {
        &self.session.program().module(self.root.module).context
    }
}
