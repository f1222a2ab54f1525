//! `jsonencode`, `jsondecode`.

use value::json::{from_plain_json, to_plain_json};
use value::{Refinement, Type, Value};

use super::super::table::{Call, Core, function};
use super::super::text::{quoted_char, text};
use super::super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("jsondecode", "Reads a value from JSON.")
            .param("str", Type::String)
            .typed_by(jsondecode_type)
            .maybe_null()
            .returns(Type::Dynamic, |call| {
                from_plain_json(call.str(0)?).map_err(|e| FunctionError::new(e.to_string()))
            }),
        function("jsonencode", "Writes a value as JSON.")
            .with(Parameter::new("val", Type::Dynamic).dynamic().unknown().nullable())
            .returns(Type::String, jsonencode),
    ]
}

/// How a value will begin is known from its type.
fn jsonencode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let value = call.arg(0)?;
    if value.is_wholly_known() {
        return to_plain_json(value).map(text).map_err(|e| FunctionError::new(e.to_string()));
    }
    let prefix = match value.ty() {
        _ if !value.is_definitely_not_null() => "",
        Type::String => "\"",
        Type::Object(_) | Type::Map(_) => "{",
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => "[",
        _ => "",
    };
    Ok(Value::refined(Type::String, Refinement::prefix(prefix)))
}

/// The type of an unknown document, if its beginning tells.
fn jsondecode_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let beginning = arguments.first().and_then(Value::refinement).and_then(|r| r.prefix.as_deref());
    match beginning.and_then(|prefix| prefix.trim_start().chars().next()) {
        None | Some('{' | '[' | 'n') => Ok(Type::Dynamic),
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '.' | '0'..='9') => Ok(Type::Number),
        Some(other) => {
            let message = format!("a JSON document cannot begin with the character {}", quoted_char(other));
            Err(FunctionError::argument(0, message))
        }
    }
}
