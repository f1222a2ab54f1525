//! Expressions against what Terraform's console answers, and laws of evaluation.

mod laws;
mod limits;
mod notes;
mod render;
mod soup;
mod table;

use diag::{Diagnostics, FileId};
use value::{Marks, Str, Type, Value};

use super::evaluate;
use crate::functions::CallContext;
use crate::reference::{Reference, Subject};
use crate::scope::{ConstantScope, Repetition, Scope};
use crate::type_expr::parse_type;

/// The variables that the expressions of the tests refer to: name, type, value.
const VARIABLES: [(&str, &str, &str); 14] = [
    ("n", "number", "3"),
    ("s", "string", "\"hello\""),
    ("secret", "string", "\"hunter2\""),
    ("nul", "string", "null"),
    ("nullist", "list(string)", "null"),
    ("l", "list(string)", "[\"a\", \"b\", \"c\"]"),
    ("e", "list(string)", "[]"),
    ("m", "map(number)", "{ a = 1, b = 2 }"),
    ("set", "set(string)", "[\"y\", \"x\"]"),
    ("o", "object({ a = number, b = string, c = list(number) })", "{ a = 1, b = \"two\", c = [3, 4] }"),
    (
        "lo",
        "list(object({ id = string, n = number, tags = map(string) }))",
        "[{ id = \"i-1\", n = 1, tags = { k = \"v\" } }, { id = \"i-2\", n = 2, tags = {} }]",
    ),
    ("t", "any", "[1, \"x\", true, null]"),
    ("so", "object({ a = number, b = list(string) })", "{ a = 1, b = [\"x\", \"y\"] }"),
    ("b", "bool", "true"),
];

/// Those of them that are sensitive.
const SENSITIVE: [&str; 2] = ["secret", "so"];

/// Resolves the variables, and resources as the console has them before they exist: unknown.
pub(super) struct TestScope {
    variables: Vec<(Str, Value)>,
    context: CallContext,
}

impl TestScope {
    pub(super) fn new() -> Self {
        let variables = VARIABLES
            .iter()
            .map(|(name, ty, value)| {
                let (constraint, found) = parse_type(&parse(ty));
                assert!(found.is_empty(), "{name}: {found:?}");
                let (value, found) = evaluate(&parse(value), &ConstantScope::default());
                assert!(found.is_empty(), "{name}: {found:?}");
                let value = constraint.convert(&value).expect("the values have their types");
                let marks = if SENSITIVE.contains(name) { Marks::SENSITIVE } else { Marks::NONE };
                (Str::from(*name), value.mark(marks))
            })
            .collect();
        Self { variables, context: CallContext::new("/nonexistent") }
    }

    /// The same with one variable replaced.
    pub(super) fn with(&self, name: &str, value: Value) -> Self {
        let mut variables = self.variables.clone();
        for variable in &mut variables {
            if variable.0 == name {
                variable.1 = value.clone();
            }
        }
        Self { variables, context: self.context.clone() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.variables.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }
}

impl Scope for TestScope {
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics> {
        let undeclared = |kind: &str, detail: String| {
            Err(diag::Diagnostic::error(format!("Reference to undeclared {kind}"), detail)
                .at(reference.span)
                .into())
        };
        match &reference.subject {
            Subject::Variable(name) => match self.get(name) {
                Some(value) => Ok(value.clone()),
                None => undeclared(
                    "input variable",
                    format!(
                        "An input variable with the name {:?} has not been declared. This variable can be declared \
                         with a variable {:?} {{}} block.",
                        name.as_str(),
                        name.as_str()
                    ),
                ),
            },
            Subject::Resource(resource) if resource.ty == "terraform_data" => Ok(Value::dynamic()),
            Subject::Resource(resource) => undeclared(
                "resource",
                format!(
                    "A managed resource {:?} {:?} has not been declared in the root module.",
                    resource.ty.as_str(),
                    resource.name.as_str()
                ),
            ),
            Subject::Local(name) => undeclared(
                "local value",
                format!("A local value with the name {:?} has not been declared.", name.as_str()),
            ),
            Subject::Terraform(_) => Ok(Value::string("default")),
            other => undeclared("object", format!("{other} is not in the test.")),
        }
    }

    fn functions(&self) -> &CallContext {
        &self.context
    }

    fn repetition(&self, subject: &Subject) -> Option<Repetition> {
        match subject {
            Subject::Resource(resource) if resource.name == "c" => Some(Repetition::Count),
            Subject::Resource(resource) if resource.name == "f" => Some(Repetition::ForEach),
            Subject::Resource(_) => Some(Repetition::Single),
            _ => None,
        }
    }
}

pub(super) fn parse(text: &str) -> syntax::Expr {
    let (expr, found) = syntax::parse_expression(FileId(0), text);
    assert!(!found.has_errors(), "{text}: {found:?}");
    expr
}

/// An unknown value of a type, for replacing a known one.
pub(super) fn unknown_like(value: &Value) -> Value {
    let ty = value.ty();
    let unknown = if ty == Type::Dynamic { Value::dynamic() } else { Value::unknown(ty) };
    unknown.mark(value.deep_marks())
}
