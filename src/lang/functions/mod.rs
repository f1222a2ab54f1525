//! The function table: Terraform's 118 functions, by what they work on.
//!
//! A function is declared once, in a `table::function("name")` builder expression of its topic's file: parameters, type of the
//! result, and the code. [`invoke`] is the calling protocol around it (conversion, nulls, unknowns, marks), the same for
//! functions of providers.

mod call;
mod collection;
mod conversion;
mod datetime;
mod encoding;
mod filesystem;
mod format;
mod hash;
mod network;
mod numeric;
mod regex;
mod sensitivity;
mod signature;
mod string;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use value::{Marks, Str, Type, Value};

pub use call::invoke;
pub use signature::{Signature, SignatureParameter, Signatures, signatures};

/// The functions of each topic.
const TOPICS: [fn() -> Vec<table::Core>; 12] = [
    collection::functions,
    conversion::functions,
    datetime::functions,
    encoding::functions,
    filesystem::functions,
    format::functions,
    hash::functions,
    network::functions,
    numeric::functions,
    regex::functions,
    sensitivity::functions,
    string::functions,
];

/// What functions may see of the outside.
#[derive(Clone)]
pub struct CallContext {
    /// What relative paths of `file()` and its kin are against.
    pub base_dir: PathBuf,
    pub home: Option<PathBuf>,
    /// `timestamp()`: `None` while planning, when it is unknown; so are `uuid()` and `bcrypt()` then.
    pub now: Option<SystemTime>,
    /// `plantimestamp()`.
    pub plan_time: Option<SystemTime>,
    /// `provider::NAME::function`, keyed by that whole name.
    pub provider_functions: Arc<BTreeMap<Str, Arc<dyn Function>>>,
    /// Set while a template of `templatefile` or `templatestring` is rendered, which may not render another.
    pub in_template: bool,
}

/// Why a call failed: which argument (from 0), and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FunctionError {
    pub argument: Option<usize>,
    pub message: String,
}

/// One function: its parameters, the type of its result, and the call. Call it through [`invoke`].
pub trait Function: Send + Sync {
    fn name(&self) -> &str;
    fn parameters(&self) -> &[Parameter];
    fn variadic(&self) -> Option<&Parameter> {
        None
    }
    /// The type of the result for these arguments (which may be unknown); `Dynamic` when it cannot be told.
    fn result_type(&self, arguments: &[Value]) -> Result<Type, FunctionError>;
    /// Computes the result of arguments that [`invoke`] has prepared.
    fn call(&self, context: &CallContext, arguments: &[Value]) -> Result<Value, FunctionError>;
    /// The result is never null, so an unknown result is refined to say so.
    fn never_null(&self) -> bool {
        false
    }
    /// One line, for `metadata functions` and the reference.
    fn description(&self) -> &str;
}

/// What a function takes at one position, and which values it wants to handle by itself.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: Str,
    pub ty: Type,
    pub allow_null: bool,
    /// `call` is made even if this argument is unknown. Without it an argument may still hold unknown items.
    pub allow_unknown: bool,
    /// `call` is made even if not even the type of this argument is known.
    pub allow_dynamic: bool,
    /// `call` gets this argument with its marks and sets those of the result itself.
    pub allow_marked: bool,
    pub description: Str,
}

/// Finds a function of the core by its name, with or without `core::`.
pub fn lookup(name: &str) -> Option<&'static dyn Function> {
    table::find(name.strip_prefix("core::").unwrap_or(name))
}

/// Names of all core functions, sorted.
pub fn names() -> Vec<&'static str> {
    table::names()
}

impl FunctionError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: message.into() }
    }

    pub fn argument(argument: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(argument), message: message.into() }
    }

    /// Blames an argument for an error that blames none yet.
    #[must_use]
    pub fn of_argument(self, argument: usize) -> Self {
        Self { argument: self.argument.or(Some(argument)), ..self }
    }
}

impl CallContext {
    /// A context without a clock, as for planning: `timestamp()` and its kin are unknown.
    pub fn new(base_dir: impl Into<PathBuf>) -> Self {
        Self {
            base_dir: base_dir.into(),
            home: None,
            now: None,
            plan_time: None,
            provider_functions: Arc::default(),
            in_template: false,
        }
    }

    /// The marks that `call` of an unmarked function puts on its result.
    pub fn marks_of(arguments: &[Value]) -> Marks {
        arguments.iter().fold(Marks::NONE, |marks, value| marks | value.deep_marks())
    }
}

impl Parameter {
    /// A parameter that takes known, unmarked values that are not null.
    pub fn new(name: impl Into<Str>, ty: Type) -> Self {
        Self {
            name: name.into(),
            ty,
            allow_null: false,
            allow_unknown: false,
            allow_dynamic: false,
            allow_marked: false,
            description: Str::new(),
        }
    }

    #[must_use]
    pub fn nullable(self) -> Self {
        Self { allow_null: true, ..self }
    }

    #[must_use]
    pub fn unknown(self) -> Self {
        Self { allow_unknown: true, ..self }
    }

    #[must_use]
    pub fn dynamic(self) -> Self {
        Self { allow_dynamic: true, ..self }
    }

    #[must_use]
    pub fn marked(self) -> Self {
        Self { allow_marked: true, ..self }
    }

    #[must_use]
    pub fn about(self, description: impl Into<Str>) -> Self {
        Self { description: description.into(), ..self }
    }
}
