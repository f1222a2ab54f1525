use std::path::Path;
use std::sync::Arc;

use ::plan::{Action, Mode, Plan};
use config::Variables;
use diag::{Diagnostic, Diagnostics};
use engine::{ApplyRequest, apply};
use plan::file::{self, PlanFile};
use state::State;
use state::journal::Started;

use super::operation::{self, PlanOptions, Session};
use crate::cli::VERSION;
use crate::cli::arguments::{ApplyArgs, RefreshArgs};
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;
use crate::cli::prompt::{Echo, ask};
use crate::cli::recorder::JournalRecorder;
use crate::cli::variables::Prompting;

/// `groma apply` and `groma destroy`.
pub async fn run(context: &Context, args: ApplyArgs, command: Mode) -> Result<Exit, Failed> {
    let mode = operation::mode(context, &args.operation, command)?;
    if context.view.is_json() && !args.auto_approve && args.plan.is_none() {
        return Err(context.fail(Diagnostic::error(
            "Plan file or auto-approve required",
            "Groma cannot ask for interactive approval when -json is set. You can either apply a saved plan file, or enable \
             the -auto-approve option.",
        )));
    }
    match &args.plan {
        Some(path) => apply_saved(context, &args, path).await,
        None => plan_and_apply(context, &args, mode, "Apply").await,
    }
}

/// `groma refresh`.
pub async fn refresh(context: &Context, args: RefreshArgs) -> Result<Exit, Failed> {
    let args = ApplyArgs { operation: args.operation, state: args.state, auto_approve: true, plan: None };
    let mode = operation::mode(context, &args.operation, Mode::RefreshOnly)?;
    plan_and_apply(context, &args, mode, "Refresh").await
}

async fn plan_and_apply(
    context: &Context,
    args: &ApplyArgs,
    mode: Mode,
    command: &str,
) -> Result<Exit, Failed> {
    let config = match mode {
        Mode::Destroy => context.load_config()?,
        Mode::Normal | Mode::RefreshOnly => context.load_present_config(command)?,
    };
    let operation = operation::prepare(context, config, &args.operation)?;
    let state = context.state(&operation.config, &args.state)?;
    let session =
        Session::open(context, operation, &state, &args.operation.lock, "OperationTypeApply").await?;
    let (plan, diagnostics) = session.plan(&args.operation, mode, PlanOptions::default()).await;
    if !diagnostics.has_errors() || !plan.changes.is_empty() || !plan.outputs.is_empty() {
        context.view.plan(&plan, &context.providers);
    }
    let asks = plan.is_applyable() && !args.auto_approve;
    // A refresh reads no data again: what the plan says of checks is all that there is to say.
    let said_again =
        mode == Mode::Normal && !asks && !diagnostics.has_errors() && !is_nothing(&plan, &session.state);
    context.show(&if said_again { without_checks(diagnostics) } else { diagnostics })?;
    if asks {
        approve(context, args, mode)?;
    }
    let mode = plan.mode;
    execute(context, session, plan, mode).await
}

/// What checks said of the plan helps to decide about it; where nobody is asked, the apply says what is true in the end.
fn without_checks(diagnostics: Diagnostics) -> Diagnostics {
    diagnostics.into_iter().filter(|diagnostic| !diagnostic.of_check).collect()
}

/// Applies a plan made earlier, with the configuration that is saved in it.
async fn apply_saved(context: &Context, args: &ApplyArgs, path: &Path) -> Result<Exit, Failed> {
    if !context.assignments.is_empty() && read_plan(context, path)?.plan.ephemeral_variables.is_empty() {
        return Err(context.fail(Diagnostic::error(
            "Can't set variables when applying a saved plan",
            "The -var and -var-file options cannot be used when applying a saved plan file, because a saved plan includes \
             the variable values that were set when it was created.",
        )));
    }
    let PlanFile { plan, config: files, workspace, .. } = read_plan(context, path)?;
    refuse_other_workspace(context, &workspace)?;
    let config = context.load_snapshot(files)?;
    let mut operation =
        engine::Operation::new(Arc::clone(&config), context.providers.clone(), context.process.environment());
    operation.version = VERSION.into();
    operation.workspace = context.working_dir.workspace().into();
    operation.dirs.cwd.clone_from(&context.process.start_dir);
    operation.parallelism = args.operation.parallelism;
    operation.variables = saved_variables(context, &config, &plan)?;
    let state = context.state(&config, &args.state)?;
    let session =
        Session::open(context, operation, &state, &args.operation.lock, "OperationTypeApply").await?;
    refuse_stale(context, &plan, &session.state)?;
    if plan.errored {
        return Err(context.fail(engine::incomplete_plan()));
    }
    // Whatever the plan is for, its tally counts everything.
    execute(context, session, plan, Mode::Normal).await
}

/// The plan's variables, with ephemeral ones given again.
fn saved_variables(context: &Context, config: &config::Config, plan: &Plan) -> Result<Variables, Failed> {
    if plan.ephemeral_variables.is_empty() {
        return Ok(Variables {
            values: plan.variables.clone(),
            set: plan.variables.keys().cloned().collect(),
        });
    }
    let (given, diagnostics) = crate::cli::variables::collect(
        &config.root,
        &context.assignments,
        &context.process,
        &context.sources,
        Prompting::Never,
    );
    let mut variables =
        Variables { values: plan.variables.clone(), set: plan.variables.keys().cloned().collect() };
    for name in &plan.ephemeral_variables {
        match given.values.get(name) {
            Some(value) => {
                variables.values.insert(name.clone(), value.clone());
            }
            None => return Err(context.show(&diagnostics).err().unwrap_or_else(|| {
                context.fail(Diagnostic::error(
                    "No value for required variable",
                    format!("The ephemeral variable \"{name}\" was set when the plan was made, and must be set again to apply it."),
                ))
            })),
        }
    }
    Ok(variables)
}

/// Reads a saved plan.
pub fn read_plan(context: &Context, path: &Path) -> Result<PlanFile, Failed> {
    let bytes = std::fs::read(path).map_err(|error| {
        context.fail(Diagnostic::error(
            "Failed to load the plan file",
            format!("{}: {error}. An argument of apply is the path of a plan saved by \"groma plan -out\"; to apply only a \
             part of the configuration use -target, to work in another folder -chdir.", path.display()),
        ))
    })?;
    file::read(&bytes, VERSION).map_err(|error| {
        context.fail(Diagnostic::error(
            "Failed to load the plan file",
            format!("{} cannot be applied. {error}", path.display()),
        ))
    })
}

fn refuse_other_workspace(context: &Context, planned: &str) -> Result<(), Failed> {
    let current = context.working_dir.workspace();
    if planned == current {
        return Ok(());
    }
    Err(context.fail(Diagnostic::error(
        "Saved plan is for another workspace",
        format!(
            "The given plan file was made in the workspace \"{planned}\", and \"{current}\" is selected. Select the other one \
             with \"groma workspace select\", or plan again."
        ),
    )))
}

fn refuse_stale(context: &Context, plan: &Plan, state: &State) -> Result<(), Failed> {
    let planned = &plan.previous_state;
    if planned.lineage == state.lineage && planned.serial == state.serial {
        return Ok(());
    }
    Err(context.fail(Diagnostic::error(
        "Saved plan is stale",
        format!(
            "The given plan file can no longer be applied because the state was changed by another operation after the plan \
             was created (the plan is for serial {}, the state has {}). Plan again.",
            planned.serial, state.serial
        ),
    )))
}

fn approve(context: &Context, args: &ApplyArgs, mode: Mode) -> Result<(), Failed> {
    let (question, what, verb) = match mode {
        Mode::Destroy => (
            "Do you really want to destroy all resources?",
            "Groma will destroy all your managed infrastructure, as shown above.\n  There is no undo. Only 'yes' will be accepted to confirm.",
            "Destroy",
        ),
        Mode::RefreshOnly => (
            "Would you like to update the state to reflect these detected changes?",
            "Groma will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.",
            "Apply",
        ),
        Mode::Normal => (
            "Do you want to perform these actions?",
            "Groma will perform the actions described above.\n  Only 'yes' will be accepted to approve.",
            "Apply",
        ),
    };
    if !args.operation.input || !context.process.input_allowed() {
        return Err(context.fail(Diagnostic::error(
            "Approval is needed",
            "Asking is disabled (-input=false or TF_INPUT=0). Use -auto-approve, or apply a plan saved by \"groma plan -out\".",
        )));
    }
    let answer = ask(&format!("\n{question}\n  {what}\n\n  Enter a value: "), Echo::Shown).ok().flatten();
    if answer.as_deref() == Some("yes") {
        return Ok(());
    }
    context.view.note(&format!("{verb} cancelled.\n"));
    Err(Failed)
}

/// Nothing is there and nothing is to be: there will be no state either.
fn is_nothing(plan: &Plan, state: &State) -> bool {
    let unchanged = plan.changes.iter().all(|change| change.action == Action::NoOp);
    unchanged && !plan.is_applyable() && state.lineage.is_empty()
}

/// Carries out a plan under the lock, and saves the state however it ends.
async fn execute(context: &Context, mut session: Session, plan: Plan, mode: Mode) -> Result<Exit, Failed> {
    let imports = plan.changes.iter().filter(|change| change.importing.is_some()).count();
    if is_nothing(&plan, &session.state) {
        finish(context, &session, mode, imports, &session.state);
        return Ok(Exit::Success);
    }
    let unresolved = std::mem::take(&mut session.unresolved);
    let state_failed = |error| context.fail(state_error(&error));
    // First what refresh and moves found: the journal's records build on it.
    session.locked.write(plan.prior_state.clone(), &unresolved).map_err(state_failed)?;
    let journal = session.locked.journal(&unresolved).map_err(state_failed)?;
    let recorder = Arc::new(JournalRecorder::new(journal));
    let request = ApplyRequest {
        operation: session.operation.clone(),
        plan,
        recorder: Arc::clone(&recorder) as Arc<dyn engine::Recorder>,
        unresolved: unresolved.clone(),
    };
    let (state, diagnostics) = apply(request).await;
    recorder.close();
    let open: Vec<Started> = unresolved.into_iter().chain(recorder.unresolved()).collect();
    let saved = save(context, &mut session, state, &open);
    context.show(&if mode == Mode::RefreshOnly { without_checks(diagnostics) } else { diagnostics })?;
    let state = saved?;
    finish(context, &session, mode, imports, &state);
    Ok(Exit::Success)
}

fn finish(context: &Context, session: &Session, mode: Mode, imports: usize, state: &State) {
    session.tally.count_imports(imports);
    context.view.applied(mode, session.tally.tally());
    if mode != Mode::Destroy {
        context.view.outputs(&state.outputs);
    }
}

/// Saves the state; if its place cannot be written, beside us, so that nothing is lost.
fn save(context: &Context, session: &mut Session, state: State, open: &[Started]) -> Result<State, Failed> {
    let mut state = state;
    crate::cli::TERRAFORM_VERSION.clone_into(&mut state.terraform_version);
    let error = match session.locked.write(state.clone(), open) {
        Ok(state) => return Ok(state),
        Err(error) => error,
    };
    let mut diagnostics = Diagnostics::from(state_error(&error));
    let rescued = state::v4::write(&state)
        .map_err(|error| error.to_string())
        .and_then(|text| std::fs::write(ERRORED, text).map_err(|error| error.to_string()));
    diagnostics.push(match rescued {
        Ok(()) => Diagnostic::error(
            "Failed to persist the state",
            format!(
                "The state has been written to the file {ERRORED} in the current folder, and the journal beside the state \
                 holds the same changes. Once the cause is mended, run any command that locks the state, or \
                 \"groma state push {ERRORED}\"."
            ),
        ),
        Err(reason) => Diagnostic::error(
            "Failed to persist the state",
            format!(
                "The state could not be written here either ({reason}). The journal beside the state holds every change: \
                 leave it where it is, mend the cause, and run groma again."
            ),
        ),
    });
    Err(context.fail(diagnostics))
}

const ERRORED: &str = "errored.tfstate";
