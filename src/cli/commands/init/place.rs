//! Another place for the states of a folder: they are neither lost sight of nor moved without being asked for.

use std::fmt::Write as _;

use config::Config;
use diag::Diagnostic;
use state::State;
use state::manager::{LocalState, LockedState, Opened};

use crate::cli::arguments::InitArgs;
use crate::cli::backend::Initialised;
use crate::cli::context::{Context, Failed, state_error};

/// The state of a workspace, and where it is to be.
struct Move {
    workspace: String,
    old: LocalState,
    new: LocalState,
}

/// Copies the states of all workspaces to where they are looked for from now on, if that is another place. What is answered
/// holds their locks, until it is written down that they are there: nobody changes the ones that are left.
pub fn change_place(
    context: &Context,
    config: &Config,
    new: &Initialised,
    args: &InitArgs,
) -> Result<Vec<LockedState>, Failed> {
    let moves = moves(context, config, new)?;
    if !args.migrate_state && !args.force_copy {
        // One that cannot be read is one that is lost sight of, too.
        let has_state =
            |step: &&Move| step.old.exists() && !step.old.read().is_ok_and(|opened| is_nothing(&opened));
        let left: Vec<&Move> = moves.iter().filter(has_state).collect();
        return if left.is_empty() { Ok(Vec::new()) } else { Err(context.fail(changed(&left))) };
    }
    let mut locks = Vec::new();
    let mut copies = Vec::new();
    for step in moves.iter().filter(|step| step.old.exists()) {
        let (locked, opened) = context.lock_state(&step.old, &args.lock, "init-migrate-state")?;
        locks.push(locked);
        if !is_nothing(&opened) {
            copies.push((step, opened));
        }
    }
    let mut missing = Vec::new();
    for (step, opened) in copies {
        if !opened.unresolved.is_empty() {
            return Err(context.fail(interrupted(step, &opened)));
        }
        let there = step.new.read().map_err(|error| context.fail(state_error(&error)))?;
        // One that was copied before a run of this was cut off is as good as one that is copied now.
        if there.state == opened.state && there.unresolved.is_empty() {
            continue;
        }
        if !is_nothing(&there) {
            return Err(context.fail(occupied(step)));
        }
        missing.push((step, opened.state));
    }
    for (step, state) in missing {
        locks.push(copy(context, step, &state, args)?);
    }
    // Workspaces without a state are to be found as well.
    for folder in moves.iter().filter_map(|step| step.new.path().parent()) {
        std::fs::create_dir_all(folder).map_err(|error| {
            let detail = format!("The folder {} could not be made: {error}.", folder.display());
            context.fail(Diagnostic::error(FAILED, detail))
        })?;
    }
    Ok(locks)
}

fn moves(context: &Context, config: &Config, new: &Initialised) -> Result<Vec<Move>, Failed> {
    let (old, new) = (context.backend_paths(config)?, new.paths());
    let dir = &context.working_dir;
    let all = dir.workspaces(&old).into_iter().map(|workspace| Move {
        old: dir.state(&old, &workspace),
        new: dir.state(&new, &workspace),
        workspace,
    });
    Ok(all.filter(|step| !step.old.is_same_file(&step.new)).collect())
}

fn copy(context: &Context, step: &Move, state: &State, args: &InitArgs) -> Result<LockedState, Failed> {
    let (mut locked, _) = context.lock_state(&step.new, &args.lock, "init-migrate-state")?;
    // With its lineage and serial: plans that were made of it stay valid.
    locked.push(state, false).map_err(|error| context.fail(state_error(&error)))?;
    context.view.note(&format!(
        "Copied the state of the workspace \"{}\" to {}.\n",
        step.workspace,
        step.new.path().display()
    ));
    Ok(locked)
}

fn is_nothing(opened: &Opened) -> bool {
    opened.state.lineage.is_empty() && opened.state.is_empty() && opened.unresolved.is_empty()
}

fn changed(steps: &[&Move]) -> Diagnostic {
    let mut detail = String::new();
    for step in steps {
        let whose = match step.workspace.as_str() {
            crate::cli::working_dir::DEFAULT_WORKSPACE => "this folder".to_owned(),
            name => format!("the workspace \"{name}\""),
        };
        let (old, new) = (step.old.path().display(), step.new.path().display());
        let _ = write!(detail, "The state of {whose} is in {old}, and would be in {new} from now on. ");
    }
    detail.push_str("To move it there use -migrate-state; to leave it and begin anew, -reconfigure.");
    Diagnostic::error("Backend configuration changed", detail)
}

fn interrupted(step: &Move, opened: &Opened) -> Diagnostic {
    let addresses: Vec<String> =
        opened.unresolved.iter().map(|started| started.address.to_string()).collect();
    Diagnostic::error(
        "An apply was interrupted",
        format!(
            "The journal beside {} names changes whose outcome is unknown: {}. Nothing was moved. Run \"groma plan\" in the \
             workspace \"{}\" first, which finds out what became of them.",
            step.old.path().display(),
            addresses.join(", "),
            step.workspace
        ),
    )
}

fn occupied(step: &Move) -> Diagnostic {
    let (old, new) = (step.old.path().display(), step.new.path().display());
    Diagnostic::error(FAILED, format!("{old} could not be copied to {new}: there is a state already."))
}

const FAILED: &str = "Failed to migrate the state";
