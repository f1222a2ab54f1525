use std::num::NonZeroUsize;
use std::path::PathBuf;

use addrs::{AbsResourceInstance, Target};
use clap::Args;

use super::common::{Lock, StateFile, Vars, boolean};

/// What plan, apply, destroy and refresh have in common.
#[derive(Args, Clone, Debug)]
pub struct Operation {
    #[command(flatten)]
    pub vars: Vars,
    #[command(flatten)]
    pub lock: Lock,
    /// Limit the operation to this module, resource or instance and what it depends on. May be given several times.
    #[arg(long = "target", value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub targets: Vec<Target>,
    /// Replace this instance even if nothing about it would change. May be given several times.
    #[arg(long = "replace", value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub replace: Vec<AbsResourceInstance>,
    /// Plan to destroy everything.
    #[arg(long)]
    pub destroy: bool,
    /// Only bring the state up to date with the real objects.
    #[arg(long, conflicts_with = "destroy")]
    pub refresh_only: bool,
    /// Read the real objects before planning.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub refresh: bool,
    /// How many operations run at once; below 1 means 10, as in Terraform.
    #[arg(long, default_value = "10", value_name = "N", value_parser = parallelism, allow_negative_numbers = true)]
    pub parallelism: NonZeroUsize,
    /// Ask for input if it is needed.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub input: bool,
    /// Show warnings that belong together as one line each.
    #[arg(long)]
    pub compact_warnings: bool,
    /// Print a stream of JSON objects, one a line.
    #[arg(long)]
    pub json: bool,
}

/// Show what apply would change.
#[derive(Args, Clone, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub operation: Operation,
    /// Save the plan to this file, for apply.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 0 for no changes, 1 for an error, 2 for changes.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Write configuration for imported objects that have none to this file, which must not exist.
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
    /// Read the state from this file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

/// Make the changes of a plan, or plan and then make them.
#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub operation: Operation,
    #[command(flatten)]
    pub state: StateFile,
    /// Do not ask for approval.
    #[arg(long)]
    pub auto_approve: bool,
    /// A saved plan.
    pub plan: Option<PathBuf>,
}

/// Bring the state up to date: `apply -refresh-only -auto-approve`.
#[derive(Args, Clone, Debug)]
pub struct RefreshArgs {
    #[command(flatten)]
    pub operation: Operation,
    #[command(flatten)]
    pub state: StateFile,
}

/// Take an existing object into the state under the address of a resource in the configuration.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    #[command(flatten)]
    pub vars: Vars,
    #[command(flatten)]
    pub lock: Lock,
    #[command(flatten)]
    pub state: StateFile,
    /// Folder with the configuration.
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// How many operations run at once; below 1 means 10, as in Terraform.
    #[arg(long, default_value = "10", value_name = "N", value_parser = parallelism, allow_negative_numbers = true)]
    pub parallelism: NonZeroUsize,
    /// Ask for input if it is needed.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub input: bool,
    /// Where the object goes.
    pub address: AbsResourceInstance,
    /// What the provider knows it by.
    pub id: String,
}

/// Prepare the folder: check modules and providers, and write the lock file.
#[derive(Args, Clone, Debug)]
pub struct InitArgs {
    #[command(flatten)]
    pub vars: Vars,
    /// Look for newer versions of what is locked.
    #[arg(long)]
    pub upgrade: bool,
    /// Accepted for compatibility: there is one backend.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub backend: bool,
    /// Configuration of the local backend: path=FILE.
    #[arg(long, value_name = "PATH|KEY=VALUE", action = clap::ArgAction::Append)]
    pub backend_config: Vec<String>,
    /// Forget the backend configured before.
    #[arg(long)]
    pub reconfigure: bool,
    /// Copy the state to where -backend-config says.
    #[arg(long)]
    pub migrate_state: bool,
    /// The same: nothing is asked.
    #[arg(long)]
    pub force_copy: bool,
    /// Accepted for compatibility: local modules need no installation.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub get: bool,
    /// Accepted for compatibility: providers are built in.
    #[arg(long, value_name = "DIR", action = clap::ArgAction::Append)]
    pub plugin_dir: Vec<PathBuf>,
    /// Accepted for compatibility.
    #[arg(long, value_name = "DIR")]
    pub test_directory: Option<PathBuf>,
    /// "readonly" to fail rather than write the lock file.
    #[arg(long, value_name = "MODE")]
    pub lockfile: Option<String>,
    /// Ask for input if it is needed.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub input: bool,
    #[command(flatten)]
    pub lock: Lock,
    /// Print a stream of JSON objects, one a line.
    #[arg(long)]
    pub json: bool,
}

fn parallelism(text: &str) -> Result<NonZeroUsize, &'static str> {
    let number: i64 = text.parse().map_err(|_| "parse error")?;
    Ok(usize::try_from(number).ok().and_then(NonZeroUsize::new).unwrap_or(USUAL_PARALLELISM))
}

const USUAL_PARALLELISM: NonZeroUsize = NonZeroUsize::new(10).expect("is not zero");
