use std::path::PathBuf;

use addrs::{AbsResourceInstance, Target};
use clap::{Args, Subcommand};

use super::common::{Lock, StateFile};

#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// List the objects in the state.
    List(StateListArgs),
    /// Show one object.
    Show(StateShowArgs),
    /// Move objects to other addresses.
    Mv(StateMvArgs),
    /// Forget objects without destroying them.
    Rm(StateRmArgs),
    /// Print the state file.
    Pull(StatePullArgs),
    /// Replace the state with a file.
    Push(StatePushArgs),
    /// Say that an unfinished change of an interrupted apply did not happen.
    Resolve(StateResolveArgs),
}

/// List the objects in the state.
#[derive(Args, Clone, Debug)]
pub struct StateListArgs {
    /// Read the state from this file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Only objects with this id.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Only these modules, resources or instances.
    pub addresses: Vec<Target>,
}

/// Show the attributes of one object.
#[derive(Args, Clone, Debug)]
pub struct StateShowArgs {
    /// Read the state from this file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    pub address: AbsResourceInstance,
}

/// Move a module, resource or instance to another address.
#[derive(Args, Clone, Debug)]
pub struct StateMvArgs {
    /// Only show what would be moved.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub state: StateFile,
    /// Keep the old destination state in this file.
    #[arg(long, value_name = "FILE")]
    pub backup_out: Option<PathBuf>,
    #[command(flatten)]
    pub lock: Lock,
    pub source: Target,
    pub destination: Target,
}

/// Forget objects: they stay, but groma no longer manages them.
#[derive(Args, Clone, Debug)]
pub struct StateRmArgs {
    /// Only show what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub state: StateFile,
    #[command(flatten)]
    pub lock: Lock,
    #[arg(required = true)]
    pub addresses: Vec<Target>,
}

/// Print the state file as it is kept.
#[derive(Args, Clone, Debug)]
pub struct StatePullArgs {}

/// Replace the state with a file's content, or with standard input for "-".
#[derive(Args, Clone, Debug)]
pub struct StatePushArgs {
    /// Even if lineage or serial do not fit.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub lock: Lock,
    pub path: PathBuf,
}

/// Say that a change whose outcome is unknown, left by an interrupted apply, did not happen.
#[derive(Args, Clone, Debug)]
pub struct StateResolveArgs {
    #[command(flatten)]
    pub state: StateFile,
    #[command(flatten)]
    pub lock: Lock,
    pub address: AbsResourceInstance,
}

/// Mark an object for replacement, or take the mark off.
#[derive(Args, Clone, Debug)]
pub struct TaintArgs {
    /// Succeed even if there is no such object.
    #[arg(long)]
    pub allow_missing: bool,
    #[command(flatten)]
    pub state: StateFile,
    #[command(flatten)]
    pub lock: Lock,
    pub address: AbsResourceInstance,
}

/// Remove the lock's information that a dead process left behind.
#[derive(Args, Clone, Debug)]
pub struct ForceUnlockArgs {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub force: bool,
    /// The ID that the error message shows.
    pub lock_id: String,
}

#[derive(Debug, Subcommand)]
pub enum WorkspaceCommand {
    /// List the workspaces.
    List,
    /// Print the name of the selected one.
    Show,
    /// Select a workspace.
    Select {
        /// Create it if it does not exist.
        #[arg(long)]
        or_create: bool,
        name: String,
    },
    /// Create a workspace and select it.
    New {
        /// Copy the state in this file into it.
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        #[command(flatten)]
        lock: Lock,
        name: String,
    },
    /// Delete a workspace.
    Delete {
        /// Even if its state still has objects.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        lock: Lock,
        name: String,
    },
}
