//! The `groma` command: gathers what the process was started with, and leaves the rest to [`cli`].

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
