use crate::{Path, Type, Value};

/// Why a value cannot become a type: where in it, and what would be needed (`a number is required`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConvertError {
    pub path: Path,
    pub message: String,
}

/// Converts a value to a type as cty's unsafe conversion does: `Dynamic` inside is filled from the value,
/// optional attributes that are missing become null. Marks and unknowns are kept.
pub fn convert(_value: &Value, _ty: &Type) -> Result<Value, ConvertError> {
    todo!("value helper")
}
