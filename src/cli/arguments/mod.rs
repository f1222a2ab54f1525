//! The arguments of every command; their doc comments are the help.

mod common;
mod inspect;
mod plan;
mod state;

use clap::{Parser, Subcommand};

pub use common::{Lock, StateFile, boolean};
pub use inspect::{
    ConsoleArgs, FmtArgs, GraphArgs, GraphType, OutputArgs, ProvidersArgs, ProvidersCommand, ShowArgs,
    ValidateArgs, VersionArgs,
};
pub use plan::{ApplyArgs, ImportArgs, InitArgs, Operation, PlanArgs, RefreshArgs};
pub use state::{
    ForceUnlockArgs, StateCommand, StateListArgs, StateMvArgs, StatePushArgs, StateResolveArgs, StateRmArgs,
    StateShowArgs, TaintArgs, WorkspaceCommand,
};

/// What to run.
#[derive(Debug)]
pub struct Invocation {
    pub command: Command,
    pub no_color: bool,
    /// Every `-var` and `-var-file` in the order given: later ones win.
    pub assignments: Vec<Assignment>,
}

/// A value, or a file of values, for root variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// `name=value`
    Value(String),
    File(std::path::PathBuf),
}

/// A declarative provisioner for hosts, networks and EKS-D control planes. It reads the Terraform language.
#[derive(Debug, Parser)]
#[command(
    name = "groma",
    version = crate::cli::VERSION,
    disable_help_subcommand = true,
    args_override_self = true,
    after_help = "Global options (use these before the command):\n  -chdir=DIR  Switch to another folder before running the command.\n\nEvery option may be written with one dash or two."
)]
pub struct TopLevel {
    #[command(subcommand)]
    pub command: Command,
    /// Print without colour.
    #[arg(long, global = true)]
    pub no_color: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prepare a folder for the other commands.
    Init(InitArgs),
    /// Check whether the configuration is valid.
    Validate(ValidateArgs),
    /// Show what would be changed.
    Plan(PlanArgs),
    /// Create or change what the configuration describes.
    Apply(ApplyArgs),
    /// Destroy what groma manages here.
    Destroy(ApplyArgs),
    /// Update the state to match the real objects.
    Refresh(RefreshArgs),
    /// Take an existing object into the state.
    Import(ImportArgs),
    /// Show the state or a saved plan.
    Show(ShowArgs),
    /// Show output values from the state.
    Output(OutputArgs),
    /// Evaluate expressions.
    Console(ConsoleArgs),
    /// Bring configuration files into the standard style.
    Fmt(FmtArgs),
    /// Print a graph in the DOT language.
    Graph(GraphArgs),
    /// Show the version.
    Version(VersionArgs),
    /// Look at and change the state.
    #[command(subcommand)]
    State(StateCommand),
    /// Mark an object as not fully functional, to be replaced.
    Taint(TaintArgs),
    /// Take that mark off.
    Untaint(TaintArgs),
    /// Remove a lock that a dead process left behind.
    ForceUnlock(ForceUnlockArgs),
    /// Show which providers the configuration needs.
    Providers(ProvidersArgs),
    /// Manage workspaces.
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
}

impl Command {
    /// Commands that have commands below them.
    pub const NESTED: &[&str] = &["state", "workspace", "providers"];
}
