//! The command line: arguments, commands and views. The only place that prints, exits, and reads the process
//! environment.

mod args;
mod arguments;
mod backend;
mod cli_config;
mod commands;
mod context;
mod exit;
mod lock_file;
mod logging;
mod prompt;
mod providers;
mod recorder;
mod settings;
mod signals;
mod streams;
mod variables;
mod views;
mod working_dir;

use std::process::ExitCode;

pub use config::TERRAFORM_VERSION;

use crate::cli::exit::Exit;
use crate::cli::settings::Process;

/// This groma's own version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn main() -> ExitCode {
    let process = Process::gather();
    logging::start(&process);
    match args::parse(&process) {
        Ok(invocation) => commands::run(process, invocation).into(),
        Err(stop) => stop.show(&process).into(),
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
