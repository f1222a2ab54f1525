use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ::plan::{Action, Mode, Plan, Reason, ResourceChange};
use addrs::{AbsResourceInstance, Name, Target};
use config::{Config, LoadOptions, RawVariable, VariableInput, VariableSource, Variables};
use diag::{Diagnostics, Sources};
use provider::memory::Memory;
use provider::{Environment, Provider};
use state::State;
use state::journal::Started;
use value::Value;

use crate::{
    ApplyRequest, GenerateConfig, Hooks, Interrupt, MemoryRecorder, Operation, PlanRequest, Providers,
    Recorder, Refresh,
};

/// A configuration, a provider and a state, and short ways to plan and apply.
pub(crate) struct Fixture {
    pub memory: Memory,
    pub state: State,
    pub mode: Mode,
    pub targets: Vec<Target>,
    pub force_replace: Vec<AbsResourceInstance>,
    pub refresh: Refresh,
    pub generate_config: GenerateConfig,
    pub parallelism: usize,
    pub interrupt: Interrupt,
    pub hooks: Option<Arc<dyn Hooks>>,
    pub recorder: Arc<dyn Recorder>,
    pub memory_recorder: Arc<MemoryRecorder>,
    pub unresolved: Vec<Started>,
    pub others: Vec<Arc<dyn Provider>>,
    config: Arc<Config>,
    variables: Vec<(Name, VariableInput)>,
    folder: tempfile::TempDir,
}

/// A plan with what was said about it.
pub(crate) struct Run {
    pub plan: Plan,
    pub diagnostics: Diagnostics,
}

impl Fixture {
    /// `test_*` types without further words: the provider is implied.
    pub fn new(hcl: &str) -> Self {
        Self::with_files(&[("main.tf", hcl)])
    }

    pub fn with_files(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let recorder = Arc::new(MemoryRecorder::default());
        let mut fixture = Self {
            memory: Memory::new(),
            state: State::new("lineage"),
            mode: Mode::Normal,
            targets: Vec::new(),
            force_replace: Vec::new(),
            refresh: Refresh::Read,
            generate_config: GenerateConfig::Refuse,
            parallelism: 10,
            interrupt: Interrupt::new(),
            hooks: None,
            recorder: recorder.clone(),
            memory_recorder: recorder,
            unresolved: Vec::new(),
            others: Vec::new(),
            config: Arc::new(Config {
                root: Arc::default(),
                sources: Sources::new(),
                providers: Arc::default(),
            }),
            variables: Vec::new(),
            folder,
        };
        fixture.set_files(files);
        fixture
    }

    pub fn set(&mut self, hcl: &str) {
        self.set_files(&[("main.tf", hcl)]);
    }

    /// Replaces the configuration; state and objects stay.
    pub fn set_files(&mut self, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = self.folder.path().join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).expect("folders can be made");
            }
            std::fs::write(path, text).expect("files can be written");
        }
        let sources = Sources::new();
        let (config, diagnostics) = config::load(self.folder.path(), &sources, &LoadOptions::default());
        assert!(!diagnostics.has_errors(), "{}", render(&diagnostics));
        self.config = Arc::new(config);
    }

    pub fn var(&mut self, name: &str, text: &str) -> &mut Self {
        self.variables.retain(|(known, _)| known != name);
        let raw = RawVariable::Text(text.into());
        self.variables
            .push((name.into(), VariableInput { source: VariableSource::CommandLine, raw, span: None }));
        self
    }

    pub fn operation(&self) -> Operation {
        let environment = Environment {
            variables: Arc::new(BTreeMap::new()),
            home: None,
            working_dir: PathBuf::from(self.folder.path()),
            clock: Arc::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)),
        };
        let providers =
            Providers::new(std::iter::once(self.memory.provider()).chain(self.others.iter().map(Arc::clone)));
        let mut operation = Operation::new(Arc::clone(&self.config), providers, environment);
        let (variables, _, diagnostics) =
            Variables::collect(&self.config.root, self.variables.clone(), &self.config.sources);
        assert!(!diagnostics.has_errors(), "{}", render(&diagnostics));
        operation.variables = variables;
        operation.parallelism = NonZeroUsize::new(self.parallelism).expect("tests use at least one");
        operation.interrupt = self.interrupt.clone();
        if let Some(hooks) = &self.hooks {
            operation.hooks = Arc::clone(hooks);
        }
        operation
    }

    pub fn request(&self) -> PlanRequest {
        PlanRequest {
            mode: self.mode,
            targets: self.targets.clone(),
            force_replace: self.force_replace.clone(),
            refresh: self.refresh,
            generate_config: self.generate_config,
            unresolved: self.unresolved.clone(),
            ..PlanRequest::new(self.operation(), self.state.clone())
        }
    }

    pub async fn plan_any(&self) -> Run {
        let (plan, diagnostics) = crate::plan(self.request()).await;
        Run { plan, diagnostics }
    }

    /// Plans and expects no errors.
    pub async fn plan(&self) -> Run {
        let run = self.plan_any().await;
        assert!(!run.diagnostics.has_errors(), "{}", render(&run.diagnostics));
        run
    }

    /// Plans and expects errors; answers them as text.
    pub async fn plan_errors(&self) -> String {
        let run = self.plan_any().await;
        assert!(run.diagnostics.has_errors(), "{}", run.actions().join(", "));
        assert!(run.plan.errored);
        render(&run.diagnostics)
    }

    pub async fn apply_plan(&mut self, plan: Plan) -> Diagnostics {
        let request = ApplyRequest {
            operation: self.operation(),
            plan,
            recorder: Arc::clone(&self.recorder),
            unresolved: self.unresolved.clone(),
        };
        let (state, diagnostics) = crate::apply(request).await;
        self.state = state;
        diagnostics
    }

    /// Plans and applies; errors are the caller's to look at.
    pub async fn apply_any(&mut self) -> Diagnostics {
        let run = self.plan().await;
        self.apply_plan(run.plan).await
    }

    pub async fn apply(&mut self) -> Run {
        let mut run = self.plan().await;
        let diagnostics = self.apply_plan(run.plan.clone()).await;
        assert!(!diagnostics.has_errors(), "{}", render(&diagnostics));
        run.diagnostics.extend(diagnostics);
        run
    }

    /// Applies and expects the next plan to be empty.
    pub async fn converge(&mut self) -> Run {
        let run = self.apply().await;
        self.expect_empty().await;
        run
    }

    pub async fn expect_empty(&self) {
        let run = self.plan().await;
        assert!(!run.plan.is_applyable(), "{:?} {:?}", run.actions(), run.plan.outputs);
    }

    pub async fn destroy(&mut self) -> Run {
        self.mode = Mode::Destroy;
        let run = self.apply().await;
        self.mode = Mode::Normal;
        run
    }

    pub fn target(&mut self, address: &str) -> &mut Self {
        self.targets.push(address.parse().expect("a valid target"));
        self
    }

    /// An attribute of a stored object, as JSON text.
    pub fn attr(&self, address: &str, name: &str) -> String {
        let attributes = self.attributes(address);
        attributes.get(name).map_or_else(|| "absent".into(), ToString::to_string)
    }

    pub fn attributes(&self, address: &str) -> serde_json::Value {
        let instance =
            self.state.instance(&parse(address)).unwrap_or_else(|| panic!("{address} is in the state"));
        let object = instance.current.as_ref().unwrap_or_else(|| panic!("{address} has an object"));
        serde_json::from_str(&object.attributes).expect("the state holds JSON")
    }

    /// Addresses in the state; deposed objects as `address (deposed)`, tainted ones as `address (tainted)`.
    pub fn addresses(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (address, _, instance) in self.state.instances() {
            if let Some(object) = &instance.current {
                let tainted = object.status == state::ObjectStatus::Tainted;
                found.push(format!("{address}{}", if tainted { " (tainted)" } else { "" }));
            }
            found.extend(instance.deposed.keys().map(|_| format!("{address} (deposed)")));
        }
        found
    }

    pub fn output(&self, name: &str) -> Option<&Value> {
        self.state.outputs.get(name).map(|output| &output.value)
    }
}

impl Run {
    /// `ADDRESS action` for everything that changes, sorted.
    pub fn actions(&self) -> Vec<String> {
        self.plan
            .changes
            .iter()
            .filter(|change| change.action != Action::NoOp)
            .map(|change| {
                let deposed = if change.deposed.is_some() { " (deposed)" } else { "" };
                format!("{}{deposed} {}", change.address, word(change.action))
            })
            .collect()
    }

    pub fn change(&self, address: &str) -> &ResourceChange {
        let address = parse(address);
        self.plan
            .changes
            .iter()
            .find(|change| change.address == address && change.deposed.is_none())
            .unwrap_or_else(|| panic!("{address} is in the plan"))
    }

    pub fn reason(&self, address: &str) -> Reason {
        self.change(address).reason
    }

    pub fn text(&self) -> String {
        render(&self.diagnostics)
    }
}

pub(crate) fn word(action: Action) -> &'static str {
    match action {
        Action::NoOp => "no-op",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate => "delete-create",
        Action::CreateThenDelete => "create-delete",
        Action::Delete => "delete",
        Action::Forget => "forget",
    }
}

pub(crate) fn parse(address: &str) -> AbsResourceInstance {
    address.parse().unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn render(diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|d| {
            let address = d.address.as_deref().map(|a| format!(" [{a}]")).unwrap_or_default();
            format!("{:?}: {d}{address}\n", d.severity)
        })
        .collect()
}
