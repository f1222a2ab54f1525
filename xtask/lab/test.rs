//! `cargo xtask lab test`.

use anyhow::{Result, bail, ensure};

use crate::cargo::{self, cargo};

#[derive(clap::Args)]
pub struct Args {
    /// Test the release build, as users run it.
    #[arg(long)]
    release: bool,
    /// Passed on to the test program: a filter, or --nocapture.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Builds groma without the AWS SDK, and runs the tests that need real hosts.
///
/// Tests of clusters that lack what they are made of say so in what nobody sees of a test that passes: it is said here first.
/// A killed run leaves its hosts: they are taken down before and after. Labs that somebody uses are left alone.
pub fn run(args: &Args) -> Result<()> {
    if let Some(missing) = lab::cluster::missing() {
        ensure!(std::env::var_os("CI").is_none(), "tests of clusters cannot be run: {missing}");
        eprintln!("lab: tests of clusters are left out: {missing}");
    }
    lab::machine::prepare()?;
    down_stale()?;
    let profile: &[&str] = if args.release { &["--release"] } else { &[] };
    let mut test = cargo(&["test", "--package", "groma-lab", "--test", "suite"]);
    test.args(profile);
    if std::env::var_os("GROMA_TEST_BINARY").is_none() {
        cargo::run(cargo(&["build", "--package", "groma", "--no-default-features"]).args(profile))?;
        test.env(
            "GROMA_TEST_BINARY",
            cargo::target().join(if args.release { "release" } else { "debug" }).join("groma"),
        );
    }
    let tested = cargo::run(test.arg("--").args(&args.rest)).and_then(|()| {
        let mut resources = cargo(&["test", "--package", "groma-provider-host", "--lib"]);
        // One lab after the other: what is awaited on a host has its time-outs.
        resources.args(profile).args(["lab_", "--", "--test-threads=1"]).args(&args.rest);
        cargo::run(resources.env("GROMA_TEST_LAB", "1"))
    });
    let left = down_stale()?;
    tested?;
    if !left.is_empty() {
        bail!("tests ended without taking down {}", left.join(", "));
    }
    Ok(())
}

fn down_stale() -> Result<Vec<String>> {
    let stale: Vec<String> = lab::stale().into_iter().collect();
    for name in &stale {
        lab::down(name)?;
    }
    Ok(stale)
}
