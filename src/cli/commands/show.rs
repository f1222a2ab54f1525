use std::path::Path;

use diag::Diagnostic;
use engine::Providers;
use plan::Plan;
use plan::file;
use plan::json::{plan_json, state_json};
use state::State;

use crate::cli::arguments::{ShowArgs, StateFile};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::views;
use crate::cli::{TERRAFORM_VERSION, VERSION};

/// `groma show`.
pub fn run(context: &Context, args: &ShowArgs) -> Result<Exit, Failed> {
    match &args.path {
        None => {
            let (config, _) = context.try_load_config();
            let opened = context.read_state(&context.state(&config, &StateFile::default())?)?;
            show_state(context, args, &opened.state)
        }
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|error| {
                context.fail(Diagnostic::error(
                    "Failed to read the given file as a state or plan file",
                    format!("{}: {error}.", path.display()),
                ))
            })?;
            if file::is_plan_file(&bytes) {
                show_plan(context, args, path, &bytes)
            } else {
                show_state_file(context, args, path, &bytes)
            }
        }
    }
}

fn show_state_file(context: &Context, args: &ShowArgs, path: &Path, bytes: &[u8]) -> Result<Exit, Failed> {
    let state = state::v4::read(&String::from_utf8_lossy(bytes)).map_err(|error| {
        context.fail(Diagnostic::error(
            "Failed to read the given file as a state or plan file",
            format!("{} is neither a plan saved by groma nor a state. As a state: {error}", path.display()),
        ))
    })?;
    show_state(context, args, &state)
}

fn show_state(context: &Context, args: &ShowArgs, state: &State) -> Result<Exit, Failed> {
    let text = if args.json {
        state_json(state, &context.providers, TERRAFORM_VERSION).map_err(|error| {
            context.fail(Diagnostic::error("Failed to show the state as JSON", error.to_string()))
        })?
    } else {
        views::state::render(state, &context.providers, views::palette(&context.process))
    };
    context.streams.out(text);
    Ok(Exit::Success)
}

fn show_plan(context: &Context, args: &ShowArgs, path: &Path, bytes: &[u8]) -> Result<Exit, Failed> {
    let saved = file::read(bytes, VERSION).map_err(|error| {
        context
            .fail(Diagnostic::error("Failed to read the plan file", format!("{}: {error}", path.display())))
    })?;
    if args.json {
        let config = context.load_snapshot(saved.config)?;
        context.streams.out(json(context, &config, &saved.plan, &context.providers)?);
    } else {
        context.view.plan(&saved.plan, &context.providers);
    }
    Ok(Exit::Success)
}

fn json(
    context: &Context,
    config: &config::Config,
    plan: &Plan,
    providers: &Providers,
) -> Result<String, Failed> {
    let schemas = |provider: &addrs::ProviderAddr| providers.get(provider).map(|p| p.schema());
    let configuration = serde_json::to_string(&config::config_json(config, &schemas)).map_err(|error| {
        context.fail(Diagnostic::error("Failed to show the plan as JSON", error.to_string()))
    })?;
    plan_json(plan, &configuration, providers, TERRAFORM_VERSION).map_err(|error| {
        context.fail(Diagnostic::error("Failed to show the plan as JSON", error.to_string()))
    })
}
