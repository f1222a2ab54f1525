//! The working folder: `.terraform`, the selected workspace, and where the state is.

use std::path::{Path, PathBuf};

use state::manager::LocalState;

use crate::cli::backend::BackendPaths;
use crate::cli::settings::{DATA_DIR, Process, WORKSPACE};

/// The folder that commands work in, and what it says about workspaces and the state.
#[derive(Clone, Debug)]
pub struct WorkingDir {
    data_dir: PathBuf,
    /// The workspace that the environment insists on.
    forced: Option<String>,
}

impl WorkingDir {
    pub fn new(process: &Process) -> Self {
        Self {
            data_dir: process.variable(DATA_DIR).unwrap_or(".terraform").into(),
            forced: process.variable(WORKSPACE).map(str::to_owned),
        }
    }

    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The workspace that `TF_WORKSPACE` forces.
    pub fn forced_workspace(&self) -> Option<&str> {
        self.forced.as_deref()
    }

    /// The selected workspace.
    pub fn workspace(&self) -> String {
        self.forced.clone().unwrap_or_else(|| {
            std::fs::read_to_string(self.data_dir.join("environment"))
                .ok()
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| DEFAULT_WORKSPACE.to_owned())
        })
    }

    pub fn select_workspace(&self, name: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.data_dir)?;
        std::fs::write(self.data_dir.join("environment"), name)
    }

    /// The state of a workspace.
    pub fn state(&self, backend: &BackendPaths, workspace: &str) -> LocalState {
        if workspace == DEFAULT_WORKSPACE {
            return LocalState::new(backend.path.clone().unwrap_or_else(|| STATE_FILE.into()));
        }
        LocalState::new(self.workspaces_dir(backend).join(workspace).join(STATE_FILE))
    }

    /// The folder that holds a folder for every workspace but the default one.
    pub fn workspaces_dir(&self, backend: &BackendPaths) -> PathBuf {
        backend.workspace_dir.clone().unwrap_or_else(|| "terraform.tfstate.d".into())
    }

    /// All workspaces, the default one first.
    pub fn workspaces(&self, backend: &BackendPaths) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.workspaces_dir(backend))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().filter(|e| e.path().is_dir())?.file_name().into_string().ok())
            .collect();
        names.sort();
        names.insert(0, DEFAULT_WORKSPACE.to_owned());
        names
    }
}

pub const DEFAULT_WORKSPACE: &str = "default";
const STATE_FILE: &str = "terraform.tfstate";
