use std::io::Read;
use std::path::Path;

use diag::Diagnostic;
use state::v4;

use crate::cli::arguments::{StateFile, StatePushArgs};
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;

/// `groma state pull`: the state as it is, an interrupted apply's journal folded in.
pub fn pull(context: &Context) -> Result<Exit, Failed> {
    let (config, _) = context.try_load_config();
    let state = context.read_state(&context.state(&config, &StateFile::default())?)?.state;
    if state.lineage.is_empty() && state.is_empty() {
        return Ok(Exit::Success);
    }
    let text = v4::write(&state)
        .map_err(|error| context.fail(Diagnostic::error("Failed to write the state", error.to_string())))?;
    context.streams.out(text);
    Ok(Exit::Success)
}

/// `groma state push FILE`.
pub fn push(context: &Context, args: &StatePushArgs) -> Result<Exit, Failed> {
    let read = if args.path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(&args.path)
    };
    let invalid = |reason: String| {
        context.fail(Diagnostic::error(
            "Failed to read the state to push",
            format!("{}: {reason}", args.path.display()),
        ))
    };
    let text = read.map_err(|error| invalid(format!("{error}.")))?;
    let state = v4::read(&text).map_err(|error| invalid(error.to_string()))?;
    let (config, _) = context.try_load_config();
    let location = context.state(&config, &StateFile::default())?;
    let (mut locked, opened) = context.lock_state(&location, &args.lock, "OperationTypeStatePush")?;
    if !opened.unresolved.is_empty() && !args.force {
        return Err(context.fail(Diagnostic::error(
            "An apply was interrupted",
            "The journal beside the state still names changes whose outcome is unknown. Run \"groma plan\" first, which finds \
             out what became of them; -force pushes all the same.",
        )));
    }
    locked.push(&state, args.force).map_err(|error| context.fail(state_error(&error)))?;
    Ok(Exit::Success)
}
