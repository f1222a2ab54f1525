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
    // Tests of single resources begin with lab_: a filter is for these or for the others.
    let (filters, flags): (Vec<&String>, Vec<&String>) =
        args.rest.iter().partition(|word| !word.starts_with('-'));
    let (of_resources, others): (Vec<&String>, Vec<&String>) =
        filters.iter().partition(|filter| filter.contains("lab_"));
    let mut suite = || match filters.is_empty() || !others.is_empty() {
        true => cargo::run(test.arg("--").args(&flags).args(&others)),
        false => Ok(()),
    };
    let resources = |package: &&str| {
        let mut resources = cargo(&["test", "--package", package, "--lib"]);
        // One lab after the other: what is awaited on a host has its time-outs.
        resources.args(profile).args(["--", "--test-threads=1"]).args(&flags).env("GROMA_TEST_LAB", "1");
        match (filters.is_empty(), of_resources.is_empty()) {
            (true, _) => cargo::run(resources.arg("lab_")),
            (false, false) => cargo::run(resources.args(&of_resources)),
            (false, true) => Ok(()),
        }
    };
    let tested = suite().and_then(|()| WITH_RESOURCES.iter().try_for_each(resources));
    let left = down_stale()?;
    tested?;
    if !left.is_empty() {
        bail!("tests ended without taking down {}", left.join(", "));
    }
    Ok(())
}

/// The crates whose resources are tested on real hosts by themselves.
const WITH_RESOURCES: [&str; 2] = ["groma-provider-host", "groma-provider-eksd"];

fn down_stale() -> Result<Vec<String>> {
    let stale: Vec<String> = lab::stale().into_iter().collect();
    for name in &stale {
        lab::down(name)?;
    }
    Ok(stale)
}
