use anyhow::Result;

use crate::cargo::{self, cargo, release_binary};
use crate::{peers, tidy};

/// What to test.
#[derive(clap::Args)]
pub struct Args {
    /// Only unit tests: no peers, no release build.
    #[arg(long)]
    quick: bool,
    /// Passed on to the test programs: a filter, or --nocapture.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Installs the peers, then: the rules, the crates' own tests, and the suite that drives the binary.
///
/// The suite runs what users run, the release build, so that the AWS SDK is compiled once and not a second time
/// without optimisation.
pub fn run(args: &Args) -> Result<()> {
    let rest: Vec<&str> = args.rest.iter().map(String::as_str).collect();
    tidy::run()?;
    peers::install_sshd()?;
    let mut crates =
        vec!["test", "--workspace", "--no-fail-fast", "--exclude", "groma", "--exclude", AWS_SDK, "--"];
    crates.extend(&rest);
    run_cargo(&crates, &[])?;
    if args.quick {
        return Ok(());
    }
    let peers = peers::install()?;
    let mut variables = peers.variables();
    let binary = release_binary()?;
    variables.push(("GROMA_TEST_BINARY", binary.display().to_string()));
    let mut suite =
        vec!["test", "--release", "--no-fail-fast", "--package", "groma", "--package", AWS_SDK, "--"];
    suite.extend(&rest);
    run_cargo(&suite, &variables)
}

fn run_cargo(args: &[&str], variables: &[(&str, String)]) -> Result<()> {
    let mut command = cargo(args);
    for (name, value) in variables {
        command.env(name, value);
    }
    cargo::run(&mut command)
}

const AWS_SDK: &str = "groma-provider-aws-sdk";
