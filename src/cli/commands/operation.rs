//! What plan, apply, destroy, refresh and import share: a locked state with earlier crashes settled, and a plan of it.

use std::sync::Arc;

use ::plan::{Mode, Plan};
use config::Config;
use diag::{Diagnostic, Diagnostics};
use engine::{PlanRequest, RecoverRequest, Refresh, plan, recover};
use state::State;
use state::journal::{self, Started};
use state::manager::{LocalState, LockedState};

use crate::cli::arguments::{Lock, Operation as Args};
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::signals;
use crate::cli::views::TallyHooks;

/// A state under lock, ready to be planned against.
pub struct Session {
    pub locked: LockedState,
    pub state: State,
    /// Changes of an earlier run whose outcome nobody knows yet.
    pub unresolved: Vec<Started>,
    pub operation: engine::Operation,
    pub tally: Arc<TallyHooks>,
}

impl Session {
    /// Locks the state, and asks the providers what became of changes that an earlier run left unfinished.
    pub async fn open(
        context: &Context,
        mut operation: engine::Operation,
        state: &LocalState,
        lock: &Lock,
        name: &str,
    ) -> Result<Self, Failed> {
        let tally = Arc::new(TallyHooks::new(context.view.hooks()));
        operation.hooks = Arc::clone(&tally) as Arc<dyn engine::Hooks>;
        signals::listen(&operation.interrupt, &context.streams);
        let (locked, opened) = context.lock_state(state, lock, name)?;
        if opened.recovered && opened.unresolved.is_empty() {
            context.view.note("The last run was interrupted. What it had finished is in its journal and has been taken over.\n");
        }
        let mut session =
            Self { locked, state: opened.state, unresolved: opened.unresolved, operation, tally };
        if !session.unresolved.is_empty() {
            session.settle(context).await?;
        }
        Ok(session)
    }

    /// Finds out what became of unfinished changes and saves what was found.
    async fn settle(&mut self, context: &Context) -> Result<(), Failed> {
        let request = RecoverRequest {
            operation: self.operation.clone(),
            state: self.state.clone(),
            started: std::mem::take(&mut self.unresolved),
        };
        let (recovery, diagnostics) = recover(request).await;
        for record in recovery.records {
            journal::apply(record, &mut self.state);
        }
        self.unresolved = recovery.unresolved;
        let saved = self.locked.write(self.state.clone(), &self.unresolved);
        self.state = saved.map_err(|error| context.fail(state_error(&error)))?;
        context.show(&diagnostics)
    }

    /// Plans. The plan is shown by the caller, after the diagnostics' errors have been.
    pub async fn plan(&self, args: &Args, mode: Mode, options: PlanOptions) -> (Plan, Diagnostics) {
        let mut request = PlanRequest::new(self.operation.clone(), self.state.clone());
        request.mode = mode;
        request.targets.clone_from(&args.targets);
        request.force_replace.clone_from(&args.replace);
        request.refresh = if args.refresh { Refresh::Read } else { Refresh::Skip };
        request.generate_config = options.generate_config;
        request.unresolved.clone_from(&self.unresolved);
        plan(request).await
    }
}

/// What only some commands ask of a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanOptions {
    pub generate_config: engine::GenerateConfig,
}

/// The mode that the options ask for; contradictions are errors.
pub fn mode(context: &Context, args: &Args, command: Mode) -> Result<Mode, Failed> {
    let mode = if args.destroy || command == Mode::Destroy {
        Mode::Destroy
    } else if args.refresh_only || command == Mode::RefreshOnly {
        Mode::RefreshOnly
    } else {
        Mode::Normal
    };
    if mode == Mode::RefreshOnly && !args.refresh {
        return Err(context.fail(Diagnostic::error(
            "Incompatible refresh options",
            "It doesn't make sense to use -refresh-only at the same time as -refresh=false, because then there would be \
             nothing to do.",
        )));
    }
    if mode != Mode::Normal && !args.replace.is_empty() {
        return Err(context.fail(Diagnostic::error(
            "Incompatible replace options",
            "The -replace option is for a normal plan: it cannot be used together with -destroy or -refresh-only.",
        )));
    }
    Ok(mode)
}

/// The engine's operation for the options of a command.
pub fn prepare(context: &Context, config: Arc<Config>, args: &Args) -> Result<engine::Operation, Failed> {
    let mut operation = context.operation(config, context.prompting(args.input))?;
    operation.parallelism = args.parallelism;
    Ok(operation)
}
