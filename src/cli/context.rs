//! What commands share: loading the configuration, finding the state, and locking it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use config::{Config, Files, LoadOptions};
use diag::{Diagnostic, Diagnostics, Sources};
use engine::{Interrupt, Operation, Providers};
use state::LockInfo;
use state::manager::{LocalState, LockedState, Locking, ManagerError, Opened};

use crate::cli::arguments::{Assignment, Lock, StateFile};
use crate::cli::backend::{self, BackendPaths, Initialised};
use crate::cli::exit::Exit;
use crate::cli::settings::{Process, now};
use crate::cli::streams::Streams;
use crate::cli::variables::{self, Prompting};
use crate::cli::views::{self, View, ViewOptions};
use crate::cli::working_dir::WorkingDir;
use crate::cli::{TERRAFORM_VERSION, VERSION, providers};

/// A command being run.
pub struct Context {
    pub process: Process,
    pub streams: Streams,
    pub sources: Sources,
    pub providers: Providers,
    pub working_dir: WorkingDir,
    pub assignments: Vec<Assignment>,
    pub view: Arc<dyn View>,
}

/// The command failed, and what is wrong has been shown.
pub struct Failed;

impl Context {
    pub fn new(process: Process, assignments: Vec<Assignment>, options: ViewOptions) -> Self {
        let streams = Streams::standard();
        let view = views::view(options, &process, &streams);
        Self {
            working_dir: WorkingDir::new(&process),
            process,
            streams,
            sources: Sources::new(),
            providers: providers::all(),
            assignments,
            view,
        }
    }

    /// Shows findings; an error among them fails the command.
    pub fn show(&self, diagnostics: &Diagnostics) -> Result<(), Failed> {
        self.view.diagnostics(diagnostics, &self.sources);
        if diagnostics.has_errors() { Err(Failed) } else { Ok(()) }
    }

    pub fn fail(&self, diagnostic: impl Into<Diagnostics>) -> Failed {
        self.view.diagnostics(&diagnostic.into(), &self.sources);
        Failed
    }

    /// Loads the configuration of the working folder.
    pub fn load_config(&self) -> Result<Arc<Config>, Failed> {
        let (config, diagnostics) = self.try_load_config();
        self.show(&diagnostics)?;
        Ok(config)
    }

    /// Loads the configuration for a command that would take its absence for the wish to destroy everything.
    pub fn load_present_config(&self, command: &str) -> Result<Arc<Config>, Failed> {
        let is_config = |name: &str| name.ends_with(".tf") || name.ends_with(".tf.json");
        let entries = std::fs::read_dir(".").into_iter().flatten().flatten();
        if !entries.map(|entry| entry.file_name()).any(|name| is_config(&name.to_string_lossy())) {
            return Err(self.fail(Diagnostic::error(
                "No configuration files",
                format!(
                    "{command} requires configuration to be present: there is no .tf file in this folder. {command} without \
                     a configuration would mark everything for destruction, which is normally not what is desired. If you \
                     would like to destroy everything, run \"groma destroy\"; to work in another folder use -chdir."
                ),
            )));
        }
        self.load_config()
    }

    pub fn try_load_config(&self) -> (Arc<Config>, Diagnostics) {
        let (config, diagnostics) = config::load(Path::new("."), &self.sources, &self.load_options());
        (Arc::new(config), diagnostics)
    }

    /// Loads the configuration that a saved plan holds.
    pub fn load_snapshot(&self, files: BTreeMap<String, String>) -> Result<Arc<Config>, Failed> {
        let options = LoadOptions { files: Files::Snapshot(Arc::new(files)), ..self.load_options() };
        let (config, diagnostics) = config::load(Path::new("."), &self.sources, &options);
        self.show(&diagnostics)?;
        Ok(Arc::new(config))
    }

    fn load_options(&self) -> LoadOptions {
        LoadOptions {
            terraform_version: TERRAFORM_VERSION.to_owned(),
            data_dir: self.working_dir.data_dir().to_owned(),
            files: Files::Disk,
        }
    }

    /// Collects variables and puts together what the engine needs.
    pub fn operation(&self, config: Arc<Config>, prompting: Prompting) -> Result<Operation, Failed> {
        let (variables, diagnostics) =
            variables::collect(&config.root, &self.assignments, &self.process, &self.sources, prompting);
        self.show(&diagnostics)?;
        let mut operation = Operation::new(config, self.providers.clone(), self.process.environment());
        operation.variables = variables;
        operation.version = VERSION.into();
        operation.workspace = self.working_dir.workspace().into();
        operation.dirs.cwd.clone_from(&self.process.start_dir);
        operation.interrupt = Interrupt::new();
        Ok(operation)
    }

    /// Asking is allowed by the options, by the environment, and by there being somebody to ask.
    pub fn prompting(&self, input: bool) -> Prompting {
        let allowed = input && self.process.input_allowed() && !self.view.is_json();
        if allowed && self.process.stdin_is_terminal { Prompting::Allowed } else { Prompting::Never }
    }

    /// Where the state is, as the configuration and the arguments say.
    pub fn state(&self, config: &Config, files: &StateFile) -> Result<LocalState, Failed> {
        let state = match &files.state {
            Some(path) => LocalState::new(path),
            None => self.working_dir.state(&self.backend_paths(config)?, &self.working_dir.workspace()),
        };
        let state = match files.backup.as_deref() {
            Some("-") => state.with_backup(None),
            Some(path) => state.with_backup(Some(path.into())),
            None => state,
        };
        Ok(state.with_out(files.state_out.clone()))
    }

    /// Where the states of all workspaces are.
    pub fn backend_paths(&self, config: &Config) -> Result<BackendPaths, Failed> {
        let initialised = Initialised::read(self.working_dir.data_dir()).map_err(|error| self.fail(error))?;
        backend::paths(config.root.backend.as_ref(), initialised.as_ref()).map_err(|error| self.fail(error))
    }

    /// Reads the state without a lock.
    pub fn read_state(&self, state: &LocalState) -> Result<Opened, Failed> {
        state.read().map_err(|error| self.fail(state_error(&error)))
    }

    /// Locks and reads the state.
    pub fn lock_state(
        &self,
        state: &LocalState,
        lock: &Lock,
        operation: &str,
    ) -> Result<(LockedState, Opened), Failed> {
        let locking = if lock.lock { Locking::Take } else { Locking::Skip };
        let info = LockInfo {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.to_owned(),
            info: String::new(),
            who: self.who(),
            version: TERRAFORM_VERSION.to_owned(),
            created: timestamp(now()),
            path: String::new(),
        };
        state.lock(info, locking, lock.lock_timeout).map_err(|error| self.fail(state_error(&error)))
    }

    fn who(&self) -> String {
        let user = self.process.variable("USER").or(self.process.variable("LOGNAME")).unwrap_or("unknown");
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        format!("{user}@{host}")
    }
}

/// Success or failure as an exit code.
pub fn exit(result: Result<Exit, Failed>) -> Exit {
    result.unwrap_or(Exit::Error)
}

/// RFC 3339 in UTC with nanoseconds, as lock files carry it.
pub fn timestamp(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).unwrap_or_default().to_string()
}

/// What is wrong with the state, for the user.
pub fn state_error(error: &ManagerError) -> Diagnostic {
    match error {
        ManagerError::Locked(info) => Diagnostic::error("Error acquiring the state lock", locked(info)),
        ManagerError::Read { path, source } => Diagnostic::error(
            "Failed to read the state",
            format!(
                "The state file {} cannot be used. {source}\n\nNothing was changed. The state before the last change is in \
                 {}.backup, if there is one.",
                path.display(),
                path.display()
            ),
        ),
        ManagerError::Journal(error) => {
            Diagnostic::error("Failed to use the apply journal", error.to_string())
        }
        ManagerError::Io { .. } => Diagnostic::error("Failed to access the state", format!("{error}.")),
        ManagerError::Encode(_) => Diagnostic::error("Failed to save the state", error.to_string()),
        ManagerError::Lineage { .. } | ManagerError::Serial { .. } => {
            Diagnostic::error("Failed to write state", error.to_string())
        }
    }
}

fn locked(info: &LockInfo) -> String {
    if info.id.is_empty() {
        return "Error message: resource temporarily unavailable\n\nAnother process holds the lock of the state file and has not \
                said which it is. Wait for it to end, or use -lock-timeout to wait for it here. -lock=false disables the \
                lock, which is not recommended."
            .to_owned();
    }
    format!(
        "Error message: resource temporarily unavailable\nLock Info:\n  ID:        {}\n  Path:      {}\n  Operation: {}\n  \
         Who:       {}\n  Version:   {}\n  Created:   {}\n  Info:      {}\n\nThe state is locked so that two people do not change it \
         at the same time. Wait for the other operation to end, or use -lock-timeout to wait for it here. -lock=false \
         disables the lock, which is not recommended.",
        info.id, info.path, info.operation, info.who, info.version, info.created, info.info
    )
}
