use std::process::Command;

use anyhow::Result;

use crate::cargo::{root, run};
use crate::peers;

/// Checks licences, sources and unwanted crates of everything that is compiled in, as `deny.toml` has them.
///
/// Advisories are left out: their database is no package of a registry, so that a run would depend on one more service.
pub fn check() -> Result<()> {
    let program = peers::cargo_deny()?;
    let args = ["--all-features", "--locked", "check", "bans", "licenses", "sources"];
    run(Command::new(program).current_dir(root()).args(args))
}
