//! The `groma` command: gathers what the process was started with, and leaves the rest to [`cli`].

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Plans and states are millions of small values: with this allocator a plan takes a sixth less time, and what a resource
/// costs in an apply of 100,000 is what it costs in one of 1,000 (`cargo xtask bench --alone`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
