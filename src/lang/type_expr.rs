use diag::Diagnostics;
use syntax::Expr;
use value::{Type, Value};

/// A type constraint with the defaults of its `optional(type, default)` attributes.
#[derive(Clone, Debug)]
pub struct TypeConstraint {
    pub ty: Type,
    // lang helper: defaults: value::TypeDefaults
}

impl TypeConstraint {
    pub fn any() -> Self {
        Self { ty: Type::Dynamic }
    }

    /// Applies the defaults, then converts.
    pub fn convert(&self, _value: &Value) -> Result<Value, value::ConvertError> {
        todo!("lang helper")
    }
}

/// Reads a type expression such as `list(object({ a = optional(string, "x") }))`.
pub fn parse_type(_expr: &Expr) -> (TypeConstraint, Diagnostics) {
    todo!("lang helper")
}
