use super::JsonError;
use super::parse::{Json, parse};
use super::types::type_from_tree;
use crate::{Entries, Number, Type, Value, convert};

/// Reads JSON text against a type, exactly.
pub fn from_json(text: &str, ty: &Type) -> Result<Value, JsonError> {
    read(&parse(text)?, ty)
}

/// A value of the type that the JSON text implies: objects, tuples and scalars (`jsondecode`).
pub fn from_plain_json(text: &str) -> Result<Value, JsonError> {
    implied(&parse(text)?)
}

fn implied(json: &Json<'_>) -> Result<Value, JsonError> {
    Ok(match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(b) => Value::bool(*b),
        Json::Number(text) => Value::number(number(text)?),
        Json::String(s) => Value::string_nfc(s),
        Json::Array(items) => Value::tuple(items.iter().map(implied).collect::<Result<_, _>>()?),
        Json::Object(entries) => Value::object(entries_of(entries, |_, item| implied(item))?),
    })
}

fn read(json: &Json<'_>, ty: &Type) -> Result<Value, JsonError> {
    match (ty, json) {
        (_, Json::Null) => Ok(Value::null(ty.clone())),
        (Type::Dynamic, _) => dynamic(json),
        (Type::Bool, Json::Bool(b)) => Ok(Value::bool(*b)),
        (Type::Bool, Json::String(s)) => {
            convert(&Value::string(s.as_str()), ty).map_err(|e| JsonError::new(e.message))
        }
        (Type::Bool, _) => Err(JsonError::new("bool is required")),
        (Type::Number, Json::Number(text)) => number(text).map(Value::number),
        (Type::Number, Json::String(text)) => number(text).map(Value::number),
        (Type::Number, _) => Err(JsonError::new("number is required")),
        (Type::String, Json::String(s)) => Ok(Value::string_nfc(s)),
        (Type::String, Json::Number(text)) => Ok(Value::string(*text)),
        (Type::String, Json::Bool(b)) => Ok(Value::string(if *b { "true" } else { "false" })),
        (Type::String, _) => Err(JsonError::new("string is required")),
        (Type::List(e), Json::Array(items)) => Ok(Value::list(e.as_ref().clone(), read_all(items, e)?)),
        (Type::Set(e), Json::Array(items)) => Ok(Value::set(e.as_ref().clone(), read_all(items, e)?)),
        (Type::Map(e), Json::Object(entries)) => {
            Ok(Value::map(e.as_ref().clone(), entries_of(entries, |_, item| read(item, e))?))
        }
        (Type::Tuple(types), Json::Array(items)) => tuple(types, items),
        (Type::Object(object), Json::Object(entries)) => {
            let mut attributes = entries_of(entries, |name, item| match object.get(name) {
                Some(ty) => read(item, ty),
                None => Err(JsonError::new(format!("unsupported attribute {name:?}"))),
            })?;
            if attributes.len() < object.len() {
                let missing: Vec<_> = object.iter().filter(|(name, _)| !attributes.contains(name)).collect();
                for (name, ty) in missing {
                    attributes.insert(name.clone(), Value::null(ty.clone()));
                }
            }
            Ok(Value::object(attributes))
        }
        (Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => Err(JsonError::new("missing expected [")),
        (Type::Map(_) | Type::Object(_), _) => Err(JsonError::new("missing expected {")),
    }
}

fn read_all(items: &[Json<'_>], ty: &Type) -> Result<Vec<Value>, JsonError> {
    items.iter().map(|item| read(item, ty)).collect()
}

fn tuple(types: &[Type], items: &[Json<'_>]) -> Result<Value, JsonError> {
    if items.len() != types.len() {
        let how = if items.len() > types.len() { "too many" } else { "not enough" };
        return Err(JsonError::new(format!("{how} tuple elements (need {})", types.len())));
    }
    let items: Result<Vec<Value>, JsonError> =
        items.iter().zip(types).map(|(item, ty)| read(item, ty)).collect();
    Ok(Value::tuple(items?))
}

/// `{"value": ..., "type": ...}`.
fn dynamic(json: &Json<'_>) -> Result<Value, JsonError> {
    let Json::Object(entries) = json else { return Err(JsonError::new("missing expected {")) };
    let (mut value, mut ty) = (None, None);
    for (key, item) in entries {
        match key.as_str() {
            "value" => value = Some(item),
            "type" => ty = Some(type_from_tree(item)?),
            _ => return Err(JsonError::new(format!("invalid key {key:?} in dynamically-typed value"))),
        }
    }
    let ty = ty.ok_or_else(|| JsonError::new("missing type in dynamically-typed value"))?;
    let value = value.ok_or_else(|| JsonError::new("missing value in dynamically-typed value"))?;
    read(value, &ty)
}

/// Of a key that is given twice the last value counts.
fn entries_of(
    entries: &[(crate::Str, Json<'_>)],
    mut read: impl FnMut(&str, &Json<'_>) -> Result<Value, JsonError>,
) -> Result<Entries, JsonError> {
    let entries: Result<Vec<_>, JsonError> =
        entries.iter().map(|(key, item)| Ok((crate::value::nfc(key), read(key, item)?))).collect();
    Ok(Entries::from_iter(entries?))
}

fn number(text: &str) -> Result<Number, JsonError> {
    Number::parse(text).map_err(|e| JsonError::new(e.0))
}
