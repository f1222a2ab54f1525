use std::path::Path;

use diag::Diagnostic;
use state::State;
use state::manager::LocalState;

use crate::cli::arguments::{Lock, WorkspaceCommand};
use crate::cli::backend::BackendPaths;
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;
use crate::cli::working_dir::DEFAULT_WORKSPACE;

/// `groma workspace ...`.
pub fn run(context: &Context, command: WorkspaceCommand) -> Result<Exit, Failed> {
    let (config, _) = context.try_load_config();
    let backend = context.backend_paths(&config)?;
    match command {
        WorkspaceCommand::Show => context.streams.line(context.working_dir.workspace()),
        WorkspaceCommand::List => {
            let current = context.working_dir.workspace();
            for name in context.working_dir.workspaces(&backend) {
                let mark = if name == current { "*" } else { " " };
                context.streams.line(format!("{mark} {name}"));
            }
            context.streams.line("");
        }
        WorkspaceCommand::Select { or_create, name } => {
            changeable(context)?;
            if !context.working_dir.workspaces(&backend).contains(&name) {
                if !or_create {
                    return Err(context.fail(Diagnostic::error(
                        format!("Workspace \"{name}\" doesn't exist"),
                        "You can create this workspace with the \"new\" subcommand or include the \"-or-create\" flag with the \"select\" subcommand.",
                    )));
                }
                return make(context, &backend, &name);
            }
            select(context, &name)?;
            context.view.note(&format!("Switched to workspace \"{name}\".\n"));
        }
        WorkspaceCommand::New { state, lock, name } => {
            changeable(context)?;
            if context.working_dir.workspaces(&backend).contains(&name) {
                return Err(context.fail(Diagnostic::error(
                    format!("Workspace \"{name}\" already exists"),
                    "Select it with \"groma workspace select\".",
                )));
            }
            let state = state.map(|path| copied(context, &path)).transpose()?;
            let made = make(context, &backend, &name)?;
            if let Some(state) = state {
                fill(context, &backend, &name, state, &lock)?;
            }
            return Ok(made);
        }
        WorkspaceCommand::Delete { force, lock, name } => {
            changeable(context)?;
            delete(context, &backend, &name, force, &lock)?;
        }
    }
    Ok(Exit::Success)
}

fn changeable(context: &Context) -> Result<(), Failed> {
    if context.working_dir.forced_workspace().is_none() {
        return Ok(());
    }
    Err(context.fail(Diagnostic::error(
        "The selected workspace is currently overridden",
        "The TF_WORKSPACE environment variable selects the workspace; unset it to change the selection here.",
    )))
}

/// Creates a workspace and selects it.
fn make(context: &Context, backend: &BackendPaths, name: &str) -> Result<Exit, Failed> {
    create(context, backend, name)?;
    select(context, name)?;
    context.view.note(&format!(
        "Created and switched to workspace \"{name}\"!\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \"groma plan\" groma will not see any existing state\nfor this configuration.\n"
    ));
    Ok(Exit::Success)
}

/// The state of a file for a new workspace. It gets a lineage of its own: plans that were made of the one are not for the other.
fn copied(context: &Context, from: &Path) -> Result<State, Failed> {
    let location = LocalState::new(from);
    let refuse = |detail: &str| {
        let detail = format!("{} {detail}", from.display());
        Err(context.fail(Diagnostic::error("Failed to copy the state", detail)))
    };
    if !location.exists() {
        return refuse("does not exist.");
    }
    let opened = location.read().map_err(|error| context.fail(state_error(&error)))?;
    if !opened.unresolved.is_empty() {
        return refuse(
            "is the state of an apply that was interrupted: the journal beside it names changes whose outcome is unknown. Run \
             \"groma plan\" there first, which finds out what became of them.",
        );
    }
    Ok(State { lineage: String::new(), ..opened.state })
}

fn fill(
    context: &Context,
    backend: &BackendPaths,
    name: &str,
    state: State,
    lock: &Lock,
) -> Result<(), Failed> {
    let location = context.working_dir.state(backend, name);
    let (mut locked, _) = context.lock_state(&location, lock, "workspace-new")?;
    locked.write(state, &[]).map(drop).map_err(|error| context.fail(state_error(&error)))
}

fn create(context: &Context, backend: &BackendPaths, name: &str) -> Result<(), Failed> {
    let valid = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !valid || name.starts_with('.') {
        return Err(context.fail(Diagnostic::error(
            format!("The workspace name \"{name}\" is not allowed"),
            "The name must contain only URL safe characters, and no path separators.",
        )));
    }
    let dir = context.working_dir.workspaces_dir(backend).join(name);
    std::fs::create_dir_all(&dir).map_err(|error| {
        context
            .fail(Diagnostic::error("Failed to create the workspace", format!("{}: {error}.", dir.display())))
    })
}

fn select(context: &Context, name: &str) -> Result<(), Failed> {
    context.working_dir.select_workspace(name).map_err(|error| {
        context.fail(Diagnostic::error("Failed to select the workspace", format!("{error}.")))
    })
}

fn delete(
    context: &Context,
    backend: &BackendPaths,
    name: &str,
    force: bool,
    lock: &Lock,
) -> Result<(), Failed> {
    let refuse = |summary: String, detail: &str| Err(context.fail(Diagnostic::error(summary, detail)));
    if name == DEFAULT_WORKSPACE {
        return refuse(
            "Can't delete the default workspace".into(),
            "The workspace \"default\" is always there.",
        );
    }
    if name == context.working_dir.workspace() {
        return refuse(
            format!("Workspace \"{name}\" is your active workspace"),
            "You cannot delete the currently active workspace. Select another one and try again.",
        );
    }
    if !context.working_dir.workspaces(backend).contains(&name.to_owned()) {
        return refuse(
            format!("Workspace \"{name}\" doesn't exist"),
            "\"groma workspace list\" shows those that do.",
        );
    }
    let state = context.working_dir.state(backend, name);
    // Nobody begins an apply there while it goes.
    let (locked, opened) = context.lock_state(&state, lock, "workspace-delete")?;
    let empty = opened.state.resources.is_empty() && opened.unresolved.is_empty();
    if !force && !empty {
        return refuse(
            "Workspace is not empty".into(),
            &format!(
                "The workspace \"{name}\" still has objects. Deleting it would leave them without anybody to manage them. \
                 Destroy them first, or use -force."
            ),
        );
    }
    let dir = context.working_dir.workspaces_dir(backend).join(name);
    std::fs::remove_dir_all(&dir).map_err(|error| {
        context
            .fail(Diagnostic::error("Failed to delete the workspace", format!("{}: {error}.", dir.display())))
    })?;
    drop(locked);
    context.view.note(&format!("Deleted workspace \"{name}\"!\n"));
    if !empty {
        context.view.note(&format!(
            "WARNING: \"{name}\" was non-empty.\nThe resources managed by the deleted workspace may still exist,\nbut are no longer manageable by groma since the state has\nbeen deleted.\n"
        ));
    }
    Ok(())
}
