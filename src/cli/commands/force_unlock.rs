use diag::Diagnostic;

use crate::cli::arguments::{ForceUnlockArgs, StateFile};
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;
use crate::cli::prompt::{Echo, ask};

/// `groma force-unlock ID`. The lock itself ends with its process; what can be left is its information.
pub fn run(context: &Context, args: &ForceUnlockArgs) -> Result<Exit, Failed> {
    let (config, _) = context.try_load_config();
    let state = context.state(&config, &StateFile::default())?;
    if !args.force {
        let question = "Do you really want to force-unlock?\n  Groma will remove the lock on the state.\n  This will allow local groma commands to modify this state, even though it\n  may still be in use. Only 'yes' will be accepted to confirm.\n\n  Enter a value: ";
        if ask(question, Echo::Shown).ok().flatten().as_deref() != Some("yes") {
            context.view.note("force-unlock cancelled.\n");
            return Err(Failed);
        }
    }
    match state.force_unlock(&args.lock_id) {
        Ok(true) => {
            context.view.note("Groma state has been successfully unlocked!\n");
            Ok(Exit::Success)
        }
        Ok(false) => {
            Err(context.fail(Diagnostic::error("Failed to unlock state", "The state is not locked.")))
        }
        Err(error) => {
            let mut diagnostic = state_error(&error);
            diagnostic.summary = "Failed to unlock state".into();
            Err(context.fail(diagnostic))
        }
    }
}
