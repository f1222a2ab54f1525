//! `try` and `can`: the functions that see expressions, not values.

use diag::{Diagnostic, Diagnostics};
use syntax::{Call, Expr};
use value::{Type, Value};

use super::call::{Callee, not_enough, too_many};
use super::{Bindings, Evaluator, start_span};

const TRY: Callee<'static> =
    Callee { name: "try", required: &[], variadic: Some("expressions"), signature: "try(expressions...)" };
const CAN: Callee<'static> =
    Callee { name: "can", required: &["expression"], variadic: None, signature: "can(expression)" };

impl Evaluator<'_> {
    /// The value of the first argument that has no error.
    pub(super) fn try_call(
        &self,
        call: &Call,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let mut failures = Diagnostics::new();
        for argument in &call.args {
            let (value, found) = self.attempt(argument, bindings);
            // What is an error now will be one when more is known; what is none now may yet become one, and then
            // another argument, perhaps of another type, is the result.
            if !found.has_errors() {
                return if value.is_wholly_known() {
                    value
                } else {
                    Value::dynamic().mark(value.deep_marks())
                };
            }
            failures.extend(found);
        }
        let why = if call.args.is_empty() {
            "at least one argument is required".to_owned()
        } else {
            let reasons: String =
                failures.iter().map(|d| format!("- {}\n  {}\n", d.summary, d.detail)).collect();
            format!(
                "no expression succeeded:\n{reasons}\nAt least one expression must produce a successful result"
            )
        };
        let detail = format!("Call to function \"try\" failed: {why}.");
        let error = self.error(expr, bindings, "Error in function call", detail);
        diagnostics.push(TRY.calling(error.at(start_span(expr)).context(expr.span)));
        Value::dynamic()
    }

    /// Whether the argument has no error.
    pub(super) fn can_call(
        &self,
        call: &Call,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let wrong_count = |diagnostic: Diagnostic| self.with_values(diagnostic, expr, bindings);
        match call.args.as_slice() {
            [] => {
                diagnostics.push(wrong_count(not_enough(&CAN, 0, call, expr)));
                Value::unknown(Type::Bool)
            }
            [argument] => {
                let (value, found) = self.attempt(argument, bindings);
                if !found.has_errors() && !value.is_wholly_known() {
                    return Value::unknown(Type::Bool);
                }
                Value::bool(!found.has_errors())
            }
            [_, extra, ..] => {
                diagnostics.push(wrong_count(too_many(&CAN, start_span(extra), expr)));
                Value::unknown(Type::Bool)
            }
        }
    }

    fn attempt(&self, argument: &Expr, bindings: Bindings<'_>) -> (Value, Diagnostics) {
        let mut found = Diagnostics::new();
        let was_quiet = self.quiet.replace(true);
        let value = self.eval(argument, bindings, &mut found);
        self.quiet.set(was_quiet);
        (value, found)
    }
}
