use serde_json::Value as SerdeJson;

use super::JsonError;
use super::parse::{Json, parse};
use crate::{Str, Type};

/// `"string"`, `["list","number"]`, `["object",{"a":"bool"},["a"]]`, `"dynamic"`.
pub fn type_to_json(ty: &Type) -> SerdeJson {
    let pair = |kind: &str, argument: SerdeJson| SerdeJson::Array(vec![kind.into(), argument]);
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(e) => pair("list", type_to_json(e)),
        Type::Set(e) => pair("set", type_to_json(e)),
        Type::Map(e) => pair("map", type_to_json(e)),
        Type::Tuple(items) => pair("tuple", SerdeJson::Array(items.iter().map(type_to_json).collect())),
        Type::Object(object) => {
            let attributes = object.iter().map(|(k, t)| (k.to_string(), type_to_json(t))).collect();
            let mut parts = vec!["object".into(), SerdeJson::Object(attributes)];
            if !object.optional().is_empty() {
                parts.push(object.optional().iter().map(ToString::to_string).collect());
            }
            SerdeJson::Array(parts)
        }
    }
}

/// The reverse of [`type_to_json`].
pub fn type_from_json(json: &SerdeJson) -> Result<Type, JsonError> {
    type_from_tree(&parse(&json.to_string())?)
}

pub(super) fn type_from_tree(json: &Json<'_>) -> Result<Type, JsonError> {
    match json {
        Json::String(name) => match name.as_str() {
            "dynamic" => Ok(Type::Dynamic),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            other => Err(JsonError::new(format!("invalid primitive type name {other:?}"))),
        },
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(kind), argument] => compound(kind, argument),
            [Json::String(kind), Json::Object(attributes), Json::Array(optional)] if kind == "object" => {
                object(attributes, optional)
            }
            _ => Err(invalid()),
        },
        _ => Err(invalid()),
    }
}

fn compound(kind: &str, argument: &Json<'_>) -> Result<Type, JsonError> {
    match (kind, argument) {
        ("list", element) => type_from_tree(element).map(Type::list),
        ("set", element) => type_from_tree(element).map(Type::set),
        ("map", element) => type_from_tree(element).map(Type::map),
        ("tuple", Json::Array(items)) => {
            items.iter().map(type_from_tree).collect::<Result<Vec<_>, _>>().map(Type::tuple)
        }
        // As Go writes an empty list that was never filled.
        ("tuple", Json::Null) => Ok(Type::tuple([])),
        ("object", Json::Object(attributes)) => object(attributes, &[]),
        ("tuple" | "object", _) => Err(invalid()),
        _ => Err(JsonError::new(format!("invalid complex type kind {kind:?}"))),
    }
}

fn object(attributes: &[(Str, Json<'_>)], optional: &[Json<'_>]) -> Result<Type, JsonError> {
    let attributes: Vec<(Str, Type)> = attributes
        .iter()
        .map(|(name, ty)| Ok((name.clone(), type_from_tree(ty)?)))
        .collect::<Result<_, JsonError>>()?;
    let optional: Vec<Str> = optional
        .iter()
        .map(|name| match name {
            Json::String(name) if attributes.iter().any(|(k, _)| k.as_str() == name) => {
                Ok(Str::from(name.as_str()))
            }
            _ => Err(invalid()),
        })
        .collect::<Result<_, _>>()?;
    Ok(Type::object_with_optional(attributes, optional))
}

fn invalid() -> JsonError {
    JsonError::new("invalid type description")
}
