//! `groma state ...`: looking at the state and changing it by hand.

mod list;
mod mv;
mod pull_push;
mod resolve;
mod rm;
mod show;

use std::path::PathBuf;
use std::time::SystemTime;

use addrs::{AbsResourceInstance, Target};
use diag::Diagnostic;
use state::State;
use state::manager::LocalState;

use crate::cli::arguments::{StateCommand, StateFile};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::settings::now;

pub fn run(context: &Context, command: StateCommand) -> Result<Exit, Failed> {
    match command {
        StateCommand::List(args) => list::run(context, &args),
        StateCommand::Show(args) => show::run(context, &args),
        StateCommand::Mv(args) => mv::run(context, &args),
        StateCommand::Rm(args) => rm::run(context, &args),
        StateCommand::Pull(_) => pull_push::pull(context),
        StateCommand::Push(args) => pull_push::push(context, &args),
        StateCommand::Resolve(args) => resolve::run(context, &args),
    }
}

/// The instances that a target covers, in address order.
fn matching(state: &State, target: &Target) -> Vec<AbsResourceInstance> {
    state.instances().map(|(address, ..)| address).filter(|address| target.contains(address)).collect()
}

fn no_match(context: &Context, target: &Target) -> Failed {
    context.fail(Diagnostic::error(
        "Invalid target address",
        format!("No matching objects found in the state for {target}. To view the available instances, use \"groma state list\"."),
    ))
}

fn no_state(context: &Context) -> Failed {
    context.fail(Diagnostic::error(
        "No state file was found",
        "State management commands require a state file. Run this command in a folder where groma has been run, or use \
         the -state option to say which file is meant.",
    ))
}

/// Keeps the old state under a name of its own, so that one command after the other can be taken back.
fn with_own_backup(location: LocalState, files: &StateFile) -> LocalState {
    if files.backup.is_some() {
        return location;
    }
    let seconds = now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    // Several commands may come in one second.
    let mut names = (seconds..).map(|seconds| {
        let mut name = location.path().as_os_str().to_owned();
        name.push(format!(".{seconds}.backup"));
        PathBuf::from(name)
    });
    let free = names.find(|name| !name.exists());
    location.with_backup(free)
}
