//! Operators: arithmetic, comparison, logic, indexing, with unknowns, nulls and marks as cty treats them.

use crate::Value;

/// Why an operation is not possible; the sentence that Terraform shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OpError(pub String);

/// Sorts unmarked items into the canonical order of a set (go-cty `setRules.Less`) and drops duplicates.
pub(crate) fn sort_set_items(items: Vec<Value>) -> Vec<Value> {
    let _ = items;
    todo!("value helper")
}

impl Value {
    /// The language's `==`: unknown when it cannot be told yet; marks of both sides on the result.
    #[must_use]
    pub fn equals(&self, _other: &Self) -> Self {
        todo!("value helper")
    }

    /// `length()`: a number, unknown (with bounds) for an unknown collection.
    pub fn length(&self) -> Result<Self, OpError> {
        todo!("value helper")
    }

    /// `collection[key]`; key is converted (string for maps and objects, number for lists and tuples).
    pub fn index(&self, _key: &Self) -> Result<Self, OpError> {
        todo!("value helper")
    }

    /// `+ - * / %` and unary minus on numbers (operands already converted).
    pub fn add(&self, _other: &Self) -> Result<Self, OpError> {
        todo!("value helper")
    }
}
