use std::collections::BTreeMap;

use diag::{Diagnostic, Diagnostics};
use value::{Str, Value};

use crate::functions::CallContext;
use crate::reference::{Reference, Subject};
use crate::suggest::did_you_mean;

/// Answers references and says what functions may see.
pub trait Scope: Sync {
    /// The value of the subject (whole resource: object, tuple or object by key; whole module: object of outputs).
    /// The evaluator then walks [`Reference::rest`]. Cheap: answers are shared, not rebuilt.
    ///
    /// An error here is about the configuration and not about a value, so `try` and `can` do not catch it.
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics>;

    /// What functions may see: folders, times, provider functions.
    fn functions(&self) -> &CallContext;

    /// How the instances of a resource or module call are told apart, if that is known here: then a reference
    /// that lacks a key, or has one too many, is reported as such.
    fn repetition(&self, _subject: &Subject) -> Option<Repetition> {
        None
    }

    /// Whether functions may be called at all.
    fn allows_calls(&self) -> bool {
        true
    }

    /// A name that is a value of its own and shadows what a reference of that root would mean.
    fn root(&self, _name: &str) -> Root {
        Root::Reference
    }
}

/// What the first name of a traversal is.
#[derive(Clone, Debug, PartialEq)]
pub enum Root {
    /// The start of a reference: `var`, `aws_vpc`.
    Reference,
    /// A value.
    Value(Value),
    /// Nothing: the scope has values only, and none of this name.
    Unknown(Diagnostic),
}

/// How many instances a resource or module call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// One, without a key.
    Single,
    /// By number: `count`.
    Count,
    /// By string: `for_each`.
    ForEach,
}

/// No references at all, as for constants.
#[derive(Clone)]
pub struct EmptyScope {
    pub context: CallContext,
}

/// Neither references nor calls: literals only.
#[derive(Clone)]
pub struct ConstantScope {
    context: CallContext,
}

/// Plain variables by name and nothing else, as templates and tests have them.
#[derive(Clone)]
pub struct MapScope {
    pub variables: BTreeMap<Str, Value>,
    pub context: CallContext,
}

impl MapScope {
    pub fn new<K: Into<Str>>(context: CallContext, variables: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self { variables: variables.into_iter().map(|(k, v)| (k.into(), v)).collect(), context }
    }
}

impl Scope for EmptyScope {
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics> {
        Err(variables_not_allowed().at(reference.span).into())
    }

    fn functions(&self) -> &CallContext {
        &self.context
    }

    fn root(&self, _name: &str) -> Root {
        Root::Unknown(variables_not_allowed())
    }
}

impl Default for ConstantScope {
    fn default() -> Self {
        Self { context: CallContext::new("") }
    }
}

impl Scope for ConstantScope {
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics> {
        Err(variables_not_allowed().at(reference.span).into())
    }

    fn functions(&self) -> &CallContext {
        &self.context
    }

    fn allows_calls(&self) -> bool {
        false
    }

    fn root(&self, _name: &str) -> Root {
        Root::Unknown(variables_not_allowed())
    }
}

impl Scope for MapScope {
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics> {
        Err(variables_not_allowed().at(reference.span).into())
    }

    fn functions(&self) -> &CallContext {
        &self.context
    }

    fn root(&self, name: &str) -> Root {
        match self.variables.get(name) {
            Some(value) => Root::Value(value.clone()),
            None => {
                let near = did_you_mean(name, self.variables.keys().map(Str::as_str));
                let detail = format!("There is no variable named {name:?}.{near}");
                Root::Unknown(Diagnostic::error("Unknown variable", detail))
            }
        }
    }
}

fn variables_not_allowed() -> Diagnostic {
    Diagnostic::error("Variables not allowed", "Variables may not be used here.")
}
