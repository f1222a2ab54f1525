//! Operators: arithmetic, comparison, logic, indexing, with unknowns, nulls and marks as cty treats them.

mod access;
mod arithmetic;
mod compare;
mod equality;
mod length;
mod logic;
mod set_order;
#[cfg(test)]
mod tests;

pub(crate) use equality::equal;
pub use set_order::canonical_cmp;
pub(crate) use set_order::sort_set_items;

use crate::{Kind, Number, Refinement, Type, Value};

/// Why an operation is not possible; the sentence that Terraform shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OpError(pub String);

impl OpError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    fn null_argument() -> Self {
        Self::new("argument must not be null")
    }
}

/// An operand of an operator on numbers or booleans.
enum Operand<'a, T> {
    Known(&'a T),
    Unknown,
}

fn number_operand(value: &Value) -> Result<Operand<'_, Number>, OpError> {
    match value.kind() {
        Kind::Number(n) => Ok(Operand::Known(n)),
        Kind::Unknown(Type::Number | Type::Dynamic, _) => Ok(Operand::Unknown),
        Kind::Null(_) => Err(OpError::null_argument()),
        _ => Err(OpError::new("a number is required")),
    }
}

fn bool_operand(value: &Value) -> Result<Operand<'_, bool>, OpError> {
    match value.kind() {
        Kind::Bool(b) => Ok(Operand::Known(b)),
        Kind::Unknown(Type::Bool | Type::Dynamic, _) => Ok(Operand::Unknown),
        Kind::Null(_) => Err(OpError::null_argument()),
        _ => Err(OpError::new("a bool is required")),
    }
}

/// An unknown that will not be null.
fn unknown_not_null(ty: Type) -> Value {
    Value::refined(ty, Refinement::not_null())
}

/// A known bool, or one that is not known yet.
fn maybe_bool(known: Option<bool>) -> Value {
    known.map_or_else(|| unknown_not_null(Type::Bool), Value::bool)
}
