use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use diag::{Diagnostic, Diagnostics};
use value::{Path, Str, Value};

/// What a provider may know of the process it runs in; read once by the command line.
#[derive(Clone)]
pub struct Environment {
    pub variables: Arc<BTreeMap<String, String>>,
    pub home: Option<PathBuf>,
    /// The folder that relative paths are against.
    pub working_dir: PathBuf,
    /// The current time; a fixed one in tests.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Environment {
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    pub fn now(&self) -> SystemTime {
        (self.clock)()
    }
}

/// Data a provider keeps beside an object, opaque to the engine (`private` in the state file).
pub type Private = Vec<u8>;

/// Identifies one planned change across a crash: the same token is given to `apply` and later to `recover`.
/// A version 4 UUID in text; services with idempotency tokens take it as theirs.
pub type OperationToken = Str;

pub struct ConfigureRequest {
    /// The provider block against its schema; may hold unknowns during planning.
    pub config: Value,
    pub environment: Environment,
    /// The running groma's version, for user agents.
    pub version: Str,
}

pub struct ReadRequest {
    pub type_name: Str,
    /// The object as last known.
    pub current: Value,
    pub private: Private,
}

pub struct ReadResponse {
    /// The object now; null if it is gone.
    pub state: Value,
    pub private: Private,
    pub diagnostics: Diagnostics,
}

pub struct PlanRequest {
    pub type_name: Str,
    /// Null for a creation.
    pub prior: Value,
    /// Configuration and prior state merged by [`crate::proposed_new`]; null for a destruction.
    pub proposed: Value,
    /// Null for a destruction.
    pub config: Value,
    pub private: Private,
}

pub struct PlanResponse {
    /// The object after the change, unknown where only the change will tell.
    pub planned: Value,
    /// Attributes whose change cannot be made in place.
    pub requires_replace: Vec<Path>,
    pub private: Private,
    pub diagnostics: Diagnostics,
}

pub struct ApplyRequest {
    pub type_name: Str,
    /// Null for a creation.
    pub prior: Value,
    /// Null for a destruction.
    pub planned: Value,
    pub config: Value,
    /// What [`PlanResponse::private`] said.
    pub private: Private,
    pub token: OperationToken,
}

pub struct ApplyResponse {
    /// The object now, wholly known; null after a destruction.
    pub state: Value,
    pub private: Private,
    pub diagnostics: Diagnostics,
}

/// An object that was created and whose creation a crash can no longer make forgotten.
#[derive(Clone, Debug)]
pub struct Settled {
    pub type_name: Str,
    /// What [`ApplyResponse::state`] said.
    pub state: Value,
}

/// The change whose outcome is unknown.
pub struct RecoverRequest {
    pub type_name: Str,
    pub prior: Value,
    pub planned: Value,
    pub config: Value,
    pub private: Private,
    pub token: OperationToken,
}

pub enum RecoverResponse {
    /// The change was made, in whole or part: this is the object now (null when a destruction was completed).
    Found { state: Value, private: Private },
    /// Certainly nothing was changed.
    NotApplied,
    /// It cannot be told; the text says what a person should look for.
    Unknown { look_for: String },
    /// The service could not be asked.
    Failed(Diagnostics),
}

pub struct ImportRequest {
    pub type_name: Str,
    pub id: Str,
}

pub struct ImportedObject {
    pub type_name: Str,
    pub state: Value,
    pub private: Private,
}

pub struct ImportResponse {
    pub objects: Vec<ImportedObject>,
    pub diagnostics: Diagnostics,
}

pub struct DataRequest {
    pub type_name: Str,
    pub config: Value,
}

pub struct DataResponse {
    pub state: Value,
    pub diagnostics: Diagnostics,
}

pub struct EphemeralResponse {
    pub result: Value,
    pub private: Private,
    /// When to renew, if ever.
    pub renew_at: Option<SystemTime>,
    pub diagnostics: Diagnostics,
}

impl ReadResponse {
    pub fn ok(state: Value, private: Private) -> Self {
        Self { state, private, diagnostics: Diagnostics::new() }
    }

    /// The object as it was, and why it could not be read.
    pub fn failed(request: ReadRequest, diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: request.current, private: request.private, diagnostics: diagnostics.into() }
    }
}

impl PlanResponse {
    pub fn ok(planned: Value) -> Self {
        Self { planned, requires_replace: Vec::new(), private: Vec::new(), diagnostics: Diagnostics::new() }
    }

    #[must_use]
    pub fn replace(mut self, paths: Vec<Path>) -> Self {
        self.requires_replace = paths;
        self
    }
}

impl ApplyResponse {
    pub fn ok(state: Value) -> Self {
        Self { state, private: Vec::new(), diagnostics: Diagnostics::new() }
    }

    /// The change failed; `state` is what exists now.
    pub fn failed(state: Value, diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state, private: Vec::new(), diagnostics: diagnostics.into() }
    }
}

impl EphemeralResponse {
    pub fn unsupported(type_name: &str) -> Self {
        Self {
            result: Value::dynamic(),
            private: Vec::new(),
            renew_at: None,
            diagnostics: Diagnostic::error(
                "Unsupported ephemeral resource",
                format!("The provider has no ephemeral resource type {type_name}."),
            )
            .into(),
        }
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Variables may hold credentials.
        f.debug_struct("Environment").field("working_dir", &self.working_dir).finish_non_exhaustive()
    }
}
