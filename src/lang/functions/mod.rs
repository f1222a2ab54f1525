//! The function table: Terraform's 118 functions, by folder of what they work on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use value::{Marks, Str, Type, Value};

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
}

/// Why a call failed: which argument (from 0), and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FunctionError {
    pub argument: Option<usize>,
    pub message: String,
}

/// One function: its parameters, the type of its result, and the call.
///
/// Before `call` the evaluator has checked the number of arguments, converted them to the parameters'
/// types, refused nulls where not allowed, and answered unknown (with [`Function::result_type`]) if an
/// argument is unknown where not allowed; it has taken the marks off and puts their union on the result,
/// except where a parameter says it wants them.
pub trait Function: Send + Sync {
    fn name(&self) -> &str;
    fn parameters(&self) -> &[Parameter];
    fn variadic(&self) -> Option<&Parameter> {
        None
    }
    /// The type of the result for these arguments (which may be unknown); `Dynamic` when it cannot be told.
    fn result_type(&self, arguments: &[Value]) -> Result<Type, FunctionError>;
    fn call(&self, context: &CallContext, arguments: &[Value]) -> Result<Value, FunctionError>;
    /// One line, for `metadata functions` and the reference.
    fn description(&self) -> &str;
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: Str,
    pub ty: Type,
    pub allow_null: bool,
    /// `call` is made even if this argument is not wholly known.
    pub allow_unknown: bool,
    /// `call` gets this argument with its marks and sets those of the result itself.
    pub allow_marked: bool,
    pub description: Str,
}

/// Finds a function of the core by its name, with or without `core::`.
pub fn lookup(_name: &str) -> Option<&'static dyn Function> {
    todo!("functions helper")
}

/// Names of all core functions, sorted.
pub fn names() -> Vec<&'static str> {
    todo!("functions helper")
}

impl FunctionError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: message.into() }
    }

    pub fn argument(argument: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(argument), message: message.into() }
    }
}

impl CallContext {
    /// The marks that `call` of an unmarked function puts on its result.
    pub fn marks_of(arguments: &[Value]) -> Marks {
        arguments.iter().fold(Marks::NONE, |marks, value| marks | value.deep_marks())
    }
}
