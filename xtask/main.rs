//! What people run to develop groma: `cargo xtask test|bench|tidy|deny|docs|lab|mirror`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

mod bench;
mod cargo;
mod deny;
mod docs;
mod lab;
mod mirror;
mod peers;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::Parser;

/// Tasks of groma's developers.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Install the test peers, then run every test.
    Test(test::Args),
    /// Measure groma against Terraform, and against itself at growing sizes.
    Bench(bench::Args),
    /// Check what the compiler does not: layers, forbidden calls, forgotten files, generated docs.
    Tidy,
    /// Check the dependencies: licences, sources, and crates that must not come in.
    Deny,
    /// Generate the references under docs/.
    Docs {
        /// Change nothing; fail if a file is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Real hosts on this machine, to try things on.
    #[command(subcommand)]
    Lab(lab::Task),
    /// Build EKS-D releases for tests, and lay them out as the official site is.
    Mirror(mirror::Args),
    /// Install the test peers and print where they are.
    Peers,
}

fn main() -> ExitCode {
    let result = match Task::parse() {
        Task::Test(args) => test::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Tidy => tidy::run(),
        Task::Deny => deny::check(),
        Task::Docs { check } => docs::run(check),
        Task::Lab(task) => lab::run(&task),
        Task::Mirror(args) => mirror::run(&args),
        Task::Peers => peers::install().map(|peers| {
            for (name, value) in peers.variables() {
                println!("{name}={value}");
            }
        }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
