use diag::Diagnostics;
use syntax::Expr;
use value::{Type, Value};

use crate::scope::Scope;

/// Evaluates an expression. On error the value is unknown and the diagnostics say why, with the values in play.
pub fn evaluate(_expr: &Expr, _scope: &dyn Scope) -> (Value, Diagnostics) {
    todo!("lang helper")
}

/// Evaluates and converts to a type ("Incorrect value type" / "Unsuitable value type" when it cannot be).
pub fn evaluate_as(_expr: &Expr, _ty: &Type, _scope: &dyn Scope) -> (Value, Diagnostics) {
    todo!("lang helper")
}
