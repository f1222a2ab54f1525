use std::collections::BTreeMap;

use addrs::Name;
use diag::{Diagnostics, Span};
use syntax::Expr;
use value::Value;

use crate::Module;

/// Where a value for a root variable came from, for messages; later ones win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource {
    Environment,
    /// A `terraform.tfvars`, `*.auto.tfvars` or `-var-file`.
    File {
        name: String,
        explicit: bool,
    },
    CommandLine,
    Prompt,
    /// A saved plan.
    Plan,
}

/// A value given for a root variable, not converted yet.
#[derive(Clone, Debug)]
pub struct VariableInput {
    pub source: VariableSource,
    pub raw: RawVariable,
    pub span: Option<Span>,
}

#[derive(Clone, Debug)]
pub enum RawVariable {
    /// From the environment, `-var` or the prompt: literal for string-typed variables, else an expression.
    Text(String),
    /// From a tfvars file: constant expressions.
    Expr(Expr),
    Value(Value),
}

/// Checked values of the root module's variables, by name.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    pub values: BTreeMap<Name, Value>,
    /// Names that were given explicitly (not by default), for the saved plan.
    pub set: Vec<Name>,
}

impl Variables {
    /// Merges inputs (lowest precedence first) with the declarations: converts, fills defaults, refuses
    /// undeclared names as Terraform does for each source. Names without a value are returned for prompting.
    pub fn collect(
        _module: &Module,
        _inputs: Vec<(Name, VariableInput)>,
        _sources: &diag::Sources,
    ) -> (Self, Vec<Name>, Diagnostics) {
        todo!("config helper")
    }
}

/// Reads a tfvars file (native, or JSON by its name).
pub fn read_tfvars(
    _name: &str,
    _text: &str,
    _sources: &diag::Sources,
) -> (Vec<(Name, VariableInput)>, Diagnostics) {
    todo!("config helper")
}
