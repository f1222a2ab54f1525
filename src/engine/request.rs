use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use addrs::{AbsResourceInstance, Name, Target};
use config::{Config, Variables};
use plan::{Mode, Plan};
use provider::Environment;
use state::State;
use state::journal::Started;
use value::Str;

use crate::{Hooks, Interrupt, NoHooks, Providers, Recorder};

/// What every operation needs: the configuration and how to reach the outside. Cheap to clone.
#[derive(Clone)]
pub struct Operation {
    pub config: Arc<Config>,
    pub providers: Providers,
    pub environment: Environment,
    /// The running groma's version, which providers put into their user agents.
    pub version: Str,
    /// The root module's variables. For an apply: those of the plan, with ephemeral ones given again.
    pub variables: Variables,
    /// Calls to providers that may run at once.
    pub parallelism: NonZeroUsize,
    pub hooks: Arc<dyn Hooks>,
    pub interrupt: Interrupt,
    pub workspace: Name,
    pub dirs: Dirs,
}

/// What `path.cwd` and `path.root` are, and what relative paths of functions are against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirs {
    /// Where the command was started (before `-chdir`), absolute.
    pub cwd: PathBuf,
    /// The root module's folder as expressions see it, usually `.`.
    pub root: PathBuf,
}

#[derive(Clone)]
pub struct PlanRequest {
    pub operation: Operation,
    pub state: State,
    pub mode: Mode,
    /// Empty for everything.
    pub targets: Vec<Target>,
    pub force_replace: Vec<AbsResourceInstance>,
    pub refresh: Refresh,
    /// Write configuration for imports that have no resource block (`-generate-config-out`).
    pub generate_config: GenerateConfig,
    /// `plantimestamp()`.
    pub timestamp: SystemTime,
    /// Changes of an earlier run whose outcome is unknown ([`crate::recover`]): their addresses are refused.
    pub unresolved: Vec<Started>,
}

/// Whether objects are read before they are planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refresh {
    #[default]
    Read,
    Skip,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GenerateConfig {
    #[default]
    Refuse,
    Generate,
}

#[derive(Clone)]
pub struct ApplyRequest {
    pub operation: Operation,
    pub plan: Plan,
    pub recorder: Arc<dyn Recorder>,
    /// As in [`PlanRequest::unresolved`].
    pub unresolved: Vec<Started>,
}

impl Operation {
    /// An operation with no variables set, ten calls at once, the workspace `default`, and nobody listening.
    pub fn new(config: Arc<Config>, providers: Providers, environment: Environment) -> Self {
        let dirs = Dirs { cwd: environment.working_dir.clone(), root: PathBuf::from(".") };
        Self {
            config,
            providers,
            environment,
            version: Str::from(env!("CARGO_PKG_VERSION")),
            variables: Variables::default(),
            parallelism: DEFAULT_PARALLELISM,
            hooks: Arc::new(NoHooks),
            interrupt: Interrupt::new(),
            workspace: Name::from("default"),
            dirs,
        }
    }
}

impl PlanRequest {
    /// A normal plan of everything, with refresh, at the operation's time.
    pub fn new(operation: Operation, state: State) -> Self {
        let timestamp = operation.environment.now();
        Self {
            operation,
            state,
            mode: Mode::Normal,
            targets: Vec::new(),
            force_replace: Vec::new(),
            refresh: Refresh::Read,
            generate_config: GenerateConfig::Refuse,
            timestamp,
            unresolved: Vec::new(),
        }
    }
}

const DEFAULT_PARALLELISM: NonZeroUsize = NonZeroUsize::new(10).expect("ten is not zero");
