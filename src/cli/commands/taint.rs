use std::sync::Arc;

use addrs::Mode;
use diag::Diagnostic;
use state::ObjectStatus;

use crate::cli::arguments::TaintArgs;
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;

/// `groma taint ADDRESS`.
pub fn taint(context: &Context, args: &TaintArgs) -> Result<Exit, Failed> {
    set(context, args, ObjectStatus::Tainted, "marked as tainted")
}

/// `groma untaint ADDRESS`.
pub fn untaint(context: &Context, args: &TaintArgs) -> Result<Exit, Failed> {
    set(context, args, ObjectStatus::Ready, "successfully untainted")
}

fn set(context: &Context, args: &TaintArgs, status: ObjectStatus, done: &str) -> Result<Exit, Failed> {
    if args.address.resource.mode != Mode::Managed {
        return Err(context.fail(Diagnostic::error(
            "Invalid resource address",
            format!("{} is not a managed resource: only those can be tainted.", args.address),
        )));
    }
    let (config, _) = context.try_load_config();
    let location = context.state(&config, &args.state)?;
    let (mut locked, opened) = context.lock_state(&location, &args.lock, "OperationTypeTaint")?;
    let mut state = opened.state;
    let found = state.instance(&args.address).and_then(|instance| instance.current.clone());
    let (Some(object), Some(resource)) = (found, state.resources.get(&args.address.containing())) else {
        let missing = format!("There is no object at {} in the state.", args.address);
        if args.allow_missing {
            context.show(&Diagnostic::warning("No such resource instance", missing).into())?;
            return Ok(Exit::Success);
        }
        return Err(context.fail(Diagnostic::error("No such resource instance", missing)));
    };
    if status == ObjectStatus::Ready && object.status != ObjectStatus::Tainted {
        return Err(context.fail(Diagnostic::error(
            "Resource instance is not tainted",
            format!("{} is currently not tainted, so there is nothing to take off.", args.address),
        )));
    }
    let provider = resource.provider.clone();
    let object = state::ObjectState { status, ..(*object).clone() };
    state.set_current(&args.address, &provider, Some(Arc::new(object)));
    locked.write(state, &opened.unresolved).map_err(|error| context.fail(state_error(&error)))?;
    context.view.note(&format!("Resource instance {} has been {done}.\n", args.address));
    Ok(Exit::Success)
}
