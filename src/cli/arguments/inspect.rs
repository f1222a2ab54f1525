use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::common::{Vars, boolean};

/// Check the configuration without looking at any real object.
#[derive(Args, Clone, Debug)]
pub struct ValidateArgs {
    /// Print the findings as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub vars: Vars,
    /// Accepted for compatibility.
    #[arg(long)]
    pub no_tests: bool,
    /// Accepted for compatibility.
    #[arg(long, value_name = "DIR")]
    pub test_directory: Option<PathBuf>,
}

/// Show the state, or a saved plan or state file.
#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
    /// A saved plan or a state file; the current state without it.
    pub path: Option<PathBuf>,
}

/// Show output values from the state.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// Read the state from this file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
    /// Print one string, number or bool as it is, for scripts.
    #[arg(long, conflicts_with = "json")]
    pub raw: bool,
    /// One output.
    pub name: Option<String>,
}

/// Evaluate expressions against the configuration and the state, one a line.
#[derive(Args, Clone, Debug)]
pub struct ConsoleArgs {
    /// Read the state from this file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub vars: Vars,
}

/// Bring files into the standard style.
#[derive(Args, Clone, Debug)]
pub struct FmtArgs {
    /// List files whose style differs.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub list: bool,
    /// Write the result to the files.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub write: bool,
    /// Show the changes.
    #[arg(long)]
    pub diff: bool,
    /// Change nothing; exit with 3 if a file's style differs.
    #[arg(long)]
    pub check: bool,
    /// Go into subfolders too.
    #[arg(long)]
    pub recursive: bool,
    /// Files and folders, or - for standard input; this folder without them.
    pub paths: Vec<PathBuf>,
}

/// Print the dependency graph in the DOT language.
#[derive(Args, Clone, Debug)]
pub struct GraphArgs {
    /// Which graph; only resources and their dependencies without it.
    #[arg(long = "type", value_enum)]
    pub kind: Option<GraphType>,
    /// The graph of applying this saved plan.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Accepted for compatibility.
    #[arg(long)]
    pub draw_cycles: bool,
    #[command(flatten)]
    pub vars: Vars,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphType {
    Plan,
    PlanRefreshOnly,
    PlanDestroy,
    Apply,
}

/// Show the version of groma, and of the Terraform it is compatible with.
#[derive(Args, Clone, Debug)]
pub struct VersionArgs {
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Show which providers the configuration and the state need.
#[derive(Args, Clone, Debug)]
pub struct ProvidersArgs {
    #[command(subcommand)]
    pub command: Option<ProvidersCommand>,
    #[command(flatten)]
    pub vars: Vars,
}

#[derive(Clone, Debug, Subcommand)]
pub enum ProvidersCommand {
    /// Print the schemas of the providers in use.
    Schema {
        /// Print as JSON (required: there is no other form).
        #[arg(long, required = true)]
        json: bool,
    },
}
