use diag::{Diagnostic, Diagnostics};
use engine::validate;

use crate::cli::arguments::ValidateArgs;
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::views::diagnostics;

/// `groma validate`.
pub fn run(context: &Context, args: &ValidateArgs) -> Result<Exit, Failed> {
    let (config, mut found) = context.try_load_config();
    if !found.has_errors() {
        let operation =
            engine::Operation::new(config, context.providers.clone(), context.process.environment());
        found.extend(validate(&operation));
    }
    let valid = !found.has_errors();
    if args.json {
        context.streams.line(json(&found, context));
    } else {
        context.view.diagnostics(&found, &context.sources);
        if valid {
            let but = if found.is_empty() {
                ""
            } else {
                ", but there were some validation warnings as shown above"
            };
            context.streams.out(format!("Success! The configuration is valid{but}.\n\n"));
        }
    }
    Ok(if valid { Exit::Success } else { Exit::Error })
}

fn json(found: &Diagnostics, context: &Context) -> String {
    let errors = found.iter().filter(|d: &&Diagnostic| d.is_error()).count();
    let list: Vec<_> = found.iter().map(|d| diagnostics::to_json(d, &context.sources)).collect();
    let json = serde_json::json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": found.len() - errors,
        "diagnostics": list,
    });
    format!("{json:#}")
}
