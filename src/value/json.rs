//! JSON forms of types and values (go-cty `cty/json`).

use crate::{Type, Value};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(pub String);

/// `"string"`, `["list","number"]`, `["object",{"a":"bool"},["a"]]`, `"dynamic"`.
pub fn type_to_json(_ty: &Type) -> serde_json::Value {
    todo!("value helper")
}

pub fn type_from_json(_json: &serde_json::Value) -> Result<Type, JsonError> {
    todo!("value helper")
}

/// Writes a wholly known value as JSON text against a type; where the type is `Dynamic` as `{"value":..,"type":..}`.
/// Numbers are written exactly; marks are ignored; an unknown is an error.
pub fn to_json(_value: &Value, _ty: &Type) -> Result<String, JsonError> {
    todo!("value helper")
}

/// Reads JSON text against a type, exactly.
pub fn from_json(_text: &str, _ty: &Type) -> Result<Value, JsonError> {
    todo!("value helper")
}

/// Plain JSON of a known value as `jsonencode` and the JSON outputs write it: no type wrappers, HTML characters
/// escaped as Go does, sets as arrays.
pub fn to_plain_json(_value: &Value) -> Result<String, JsonError> {
    todo!("value helper")
}

/// A value of the type that the JSON text implies: objects, tuples and scalars (`jsondecode`).
pub fn from_plain_json(_text: &str) -> Result<Value, JsonError> {
    todo!("value helper")
}
