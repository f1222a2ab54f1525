//! Input variables and outputs of module instances.

use config::{Output, Variable};
use diag::{Diagnostic, Diagnostics, Span};
use lang::{Scope, evaluate};
use value::{Marks, Type, Value};

use super::{ModuleTable, Surroundings};
use crate::program::ModuleInfo;

/// The value of a variable in a module instance: the root's as given, a child's from the call's argument.
pub(crate) fn evaluate_variable(
    surroundings: &Surroundings,
    module: &ModuleInfo,
    variable: &Variable,
    table: &ModuleTable,
    given: Option<&Value>,
) -> (Value, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let value = match (&table.parent, module.arguments.get(&variable.name)) {
        (Some(parent), Some(expr)) => {
            let scope = surroundings.scope(parent).with_repetition(&table.repetition);
            let (value, findings) = evaluate(expr, &scope);
            let failed = findings.has_errors();
            diagnostics.extend(findings);
            if failed {
                return (Value::unknown(variable.ty.ty.clone()), diagnostics);
            }
            match variable_value(variable, value) {
                Ok(value) => value,
                Err(error) => {
                    diagnostics.push(error.at(expr.span));
                    Value::unknown(variable.ty.ty.clone())
                }
            }
        }
        (Some(_), None) => variable.default.clone().unwrap_or_else(|| Value::null(variable.ty.ty.clone())),
        (None, _) => match given.cloned().or_else(|| variable.default.clone()) {
            Some(value) => value,
            None => {
                diagnostics.push(
                    Diagnostic::error(
                        "No value for required variable",
                        format!(
                            "The root module input variable \"{}\" is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this variable.",
                            variable.name
                        ),
                    )
                    .at(variable.span),
                );
                Value::unknown(variable.ty.ty.clone())
            }
        },
    };
    let argument = module.arguments.get(&variable.name).map(|expr| expr.span);
    diagnostics.extend(refused_ephemeral(variable, &value, argument));
    (marked(variable, value), diagnostics)
}

/// What is ephemeral may be given only to a variable that is declared to take it.
pub(crate) fn refused_ephemeral(
    variable: &Variable,
    value: &Value,
    argument: Option<Span>,
) -> Option<Diagnostic> {
    let refused = value.deep_marks().is_ephemeral() && !variable.ephemeral;
    refused.then(|| {
        Diagnostic::error(
            "Ephemeral value not allowed",
            format!("This input variable is not declared as accepting ephemeral values, so it cannot be set to a result derived from an ephemeral value. Declare {} with ephemeral = true.", var(variable)),
        )
        .at(argument.unwrap_or(variable.span))
    })
}

fn variable_value(variable: &Variable, value: Value) -> Result<Value, Diagnostic> {
    let value = match (&variable.default, value.is_null()) {
        (Some(default), true) if !variable.nullable => default.clone().mark(value.marks()),
        _ => value,
    };
    if value.is_null() && !variable.nullable {
        return Err(Diagnostic::error(
            "Required variable not set",
            format!(
                "The given value is not suitable for {} defined by the module: required variable may not be set to null.",
                var(variable)
            ),
        ));
    }
    variable.ty.convert(&value).map_err(|error| {
        Diagnostic::error(
            "Invalid value for input variable",
            format!("The given value is not suitable for {} defined by the module: {error}.", var(variable)),
        )
    })
}

fn marked(variable: &Variable, value: Value) -> Value {
    let mut marks = Marks::NONE;
    if variable.sensitive {
        marks |= Marks::SENSITIVE;
    }
    if variable.ephemeral {
        marks |= Marks::EPHEMERAL;
    }
    value.mark(marks)
}

fn var(variable: &Variable) -> String {
    format!("var.{}", variable.name)
}

/// The value of an output as its caller sees it.
pub(crate) fn evaluate_output(output: &Output, scope: &dyn Scope, is_root: IsRoot) -> (Value, Diagnostics) {
    let (value, mut diagnostics) = evaluate(&output.value, scope);
    if diagnostics.has_errors() {
        return (Value::dynamic(), diagnostics);
    }
    let marks = value.deep_marks();
    if marks.is_ephemeral() && !output.ephemeral {
        diagnostics.push(
            Diagnostic::error(
                "Ephemeral value not allowed",
                "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived from an ephemeral value.",
            )
            .at(output.value.span),
        );
    }
    if is_root == IsRoot::Yes && output.ephemeral {
        diagnostics.push(
            Diagnostic::error(
                "Ephemeral output not allowed",
                "Ephemeral outputs are not allowed in context of a root module.",
            )
            .at(output.span),
        );
    }
    if is_root == IsRoot::Yes && marks.is_sensitive() && !output.sensitive {
        diagnostics.push(
            Diagnostic::error(
                "Output refers to sensitive values",
                "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, groma requires that any root module output containing sensitive data be explicitly marked as sensitive, to confirm your intent.\n\nIf you do intend to export this data, annotate the output value as sensitive by adding the following argument:\n    sensitive = true",
            )
            .at(output.span),
        );
        return (Value::unknown(Type::Dynamic), diagnostics);
    }
    let mut own = Marks::NONE;
    if output.sensitive {
        own |= Marks::SENSITIVE;
    }
    if output.ephemeral {
        own |= Marks::EPHEMERAL;
    }
    (value.mark(own), diagnostics)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IsRoot {
    Yes,
    No,
}
