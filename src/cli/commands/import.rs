use std::sync::Arc;

use diag::Diagnostic;
use engine::{ImportRequest, import};
use state::journal::Started;

use super::operation::Session;
use crate::cli::arguments::ImportArgs;
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;
use crate::cli::recorder::JournalRecorder;

/// `groma import ADDRESS ID`.
pub async fn run(context: &Context, args: ImportArgs) -> Result<Exit, Failed> {
    if let Some(dir) = &args.config {
        std::env::set_current_dir(dir).map_err(|error| {
            context.fail(Diagnostic::error(
                "Failed to open the configuration folder",
                format!("{}: {error}.", dir.display()),
            ))
        })?;
    }
    let config = context.load_config()?;
    let mut operation = context.operation(config, context.prompting(args.input))?;
    operation.parallelism = args.parallelism;
    let state = context.state(&operation.config, &args.state)?;
    let mut session = Session::open(context, operation, &state, &args.lock, "OperationTypeImport").await?;
    let state_failed = |error| context.fail(state_error(&error));
    // An import settles what was unknown about its address.
    let unresolved: Vec<Started> =
        session.unresolved.iter().filter(|started| started.address != args.address).cloned().collect();
    let journal = session.locked.journal(&session.unresolved).map_err(state_failed)?;
    let recorder = Arc::new(JournalRecorder::new(journal));
    let request = ImportRequest {
        operation: session.operation.clone(),
        state: session.state.clone(),
        address: args.address.clone(),
        id: args.id.as_str().into(),
        recorder: Arc::clone(&recorder) as Arc<dyn engine::Recorder>,
        unresolved: session.unresolved.clone(),
    };
    let (state, diagnostics) = import(request).await;
    if diagnostics.has_errors() {
        session.locked.write(session.state.clone(), &session.unresolved).map_err(state_failed)?;
        context.show(&diagnostics)?;
    }
    session.locked.write(state, &unresolved).map_err(state_failed)?;
    context.show(&diagnostics)?;
    context.view.note("\nImport successful!\n\nThe resources that were imported are shown above. These resources are now in\nyour state and will henceforth be managed by groma.\n\n");
    Ok(Exit::Success)
}
