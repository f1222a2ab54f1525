use engine::acknowledge;
use state::journal;

use crate::cli::arguments::StateResolveArgs;
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;

/// `groma state resolve ADDRESS`: a person looked, and the unfinished change did not happen.
pub fn run(context: &Context, args: &StateResolveArgs) -> Result<Exit, Failed> {
    let (config, _) = context.try_load_config();
    let location = context.state(&config, &args.state)?;
    let (mut locked, opened) = context.lock_state(&location, &args.lock, "OperationTypeStateResolve")?;
    let mut state = opened.state;
    let records = acknowledge(&state, &opened.unresolved, &args.address)
        .map_err(|diagnostic| context.fail(diagnostic))?;
    for record in records {
        journal::apply(record, &mut state);
    }
    let left: Vec<_> =
        opened.unresolved.into_iter().filter(|started| started.address != args.address).collect();
    locked.write(state, &left).map_err(|error| context.fail(state_error(&error)))?;
    context.view.note(&format!("The unfinished change of {} is settled: it did not happen.\n", args.address));
    Ok(Exit::Success)
}
