use super::{matching, no_match, with_own_backup};
use crate::cli::arguments::StateRmArgs;
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;

pub fn run(context: &Context, args: &StateRmArgs) -> Result<Exit, Failed> {
    let (config, _) = context.try_load_config();
    let location = with_own_backup(context.state(&config, &args.state)?, &args.state);
    let (mut locked, opened) = context.lock_state(&location, &args.lock, "OperationTypeStateRm")?;
    let mut state = opened.state;
    let mut removed = Vec::new();
    for target in &args.addresses {
        let found = matching(&state, target);
        if found.is_empty() && !removed.iter().any(|address| target.contains(address)) {
            return Err(no_match(context, target));
        }
        for address in found {
            state.take_instance(&address);
            removed.push(address);
        }
    }
    let verb = if args.dry_run { "Would remove" } else { "Removed" };
    for address in &removed {
        context.view.note(&format!("{verb} {address}\n"));
    }
    if args.dry_run {
        return Ok(Exit::Success);
    }
    locked.write(state, &opened.unresolved).map_err(|error| context.fail(state_error(&error)))?;
    context.view.note(&format!("Successfully removed {} resource instance(s).\n", removed.len()));
    Ok(Exit::Success)
}
