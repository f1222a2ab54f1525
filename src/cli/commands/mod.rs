//! One file a command.

mod apply;
mod console;
mod fmt;
mod force_unlock;
mod graph;
mod import;
mod init;
mod operation;
mod output;
mod plan;
mod providers;
mod show;
mod state;
mod taint;
mod validate;
mod version;
mod workspace;

use ::plan::Mode;
use diag::Sources;

use crate::cli::arguments::{Assignment, Command, Invocation, Operation};
use crate::cli::cli_config::CliConfig;
use crate::cli::context::{Context, exit};
use crate::cli::exit::Exit;
use crate::cli::settings::Process;
use crate::cli::streams::Streams;
use crate::cli::views::{ViewOptions, view};

/// Runs a command to its end.
pub fn run(process: Process, invocation: Invocation) -> Exit {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(dispatch(process, invocation));
            // Calls abandoned by a second interrupt must not hold the process.
            runtime.shutdown_background();
            exit
        }
        Err(error) => {
            Streams::standard().err(format!("groma cannot start: {error}\n"));
            Exit::Error
        }
    }
}

async fn dispatch(process: Process, invocation: Invocation) -> Exit {
    let Invocation { command, no_color, assignments } = invocation;
    let process = Process { no_color, ..process };
    let (_, found) = CliConfig::load(&process);
    // No part of what the command prints.
    view(ViewOptions::default(), &process, &Streams::errors()).diagnostics(&found, &Sources::new());
    if found.has_errors() {
        return Exit::Error;
    }
    let plain = ViewOptions::default();
    let context = |options: ViewOptions, assignments: Vec<Assignment>| {
        Context::new(process.clone(), assignments, options)
    };
    exit(match command {
        Command::Init(args) => {
            init::run(&context(ViewOptions { json: args.json, ..plain }, assignments), &args)
        }
        Command::Validate(args) => validate::run(&context(plain, assignments), &args),
        Command::Plan(args) => plan::run(&context(operation_view(&args.operation), assignments), args).await,
        Command::Apply(args) => {
            apply::run(&context(operation_view(&args.operation), assignments), args, Mode::Normal).await
        }
        Command::Destroy(args) => {
            apply::run(&context(operation_view(&args.operation), assignments), args, Mode::Destroy).await
        }
        Command::Refresh(args) => {
            apply::refresh(&context(operation_view(&args.operation), assignments), args).await
        }
        Command::Import(args) => import::run(&context(plain, assignments), args).await,
        Command::Show(args) => show::run(&context(plain, assignments), &args),
        Command::Output(args) => output::run(&context(plain, assignments), &args),
        Command::Console(args) => console::run(&context(plain, assignments), &args).await,
        Command::Fmt(args) => fmt::run(&context(plain, assignments), &args),
        Command::Graph(args) => graph::run(&context(plain, assignments), &args),
        Command::Version(args) => version::run(&context(plain, assignments), &args),
        Command::State(command) => state::run(&context(plain, assignments), command),
        Command::Taint(args) => taint::taint(&context(plain, assignments), &args),
        Command::Untaint(args) => taint::untaint(&context(plain, assignments), &args),
        Command::ForceUnlock(args) => force_unlock::run(&context(plain, assignments), &args),
        Command::Providers(args) => providers::run(&context(plain, assignments), &args),
        Command::Workspace(command) => workspace::run(&context(plain, assignments), command),
    })
}

fn operation_view(operation: &Operation) -> ViewOptions {
    ViewOptions { json: operation.json, compact_warnings: operation.compact_warnings }
}
