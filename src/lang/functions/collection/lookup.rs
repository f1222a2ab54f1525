//! Looking into collections: `contains`, `element`, `index`, `keys`, `length`, `lookup`, `one`, `values`.

use value::{Kind, Marks, Number, Refinement, Type, Value, convert};

use super::super::table::{Call, Core, function, whole};
use super::super::text::{graphemes, quoted};
use super::super::{FunctionError, Parameter};
use super::{is_list_or_tuple, is_sequence, known_items};

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("contains", "Tells whether a list, tuple or set contains a value.")
            .param("list", Type::Dynamic)
            .param("value", Type::Dynamic)
            .returns(Type::Bool, contains),
        function("element", "Takes an item of a list by its index, which wraps around at the end.")
            .with(Parameter::new("list", Type::Dynamic).marked())
            .param("index", Type::Number)
            .typed_by(element_type)
            .maybe_null()
            .returns(Type::Dynamic, element),
        function("index", "Finds the index of a value in a list.")
            .param("list", Type::Dynamic)
            .param("value", Type::Dynamic)
            .returns(Type::Number, index),
        function("keys", "Lists the keys of a map in order.")
            .with(Parameter::new("inputMap", Type::Dynamic).unknown().marked().about(
                "The map to list the keys of; for an object the names of its attributes are given as a tuple.",
            ))
            .typed_by(keys_type)
            .returns(Type::Dynamic, keys),
        function("length", "Counts the items of a collection or the characters of a string.")
            .with(Parameter::new("value", Type::Dynamic).dynamic().unknown().marked())
            .returns(Type::Number, length),
        function("lookup", "Takes the value of a key from a map, or a default if it is not there.")
            .with(Parameter::new("inputMap", Type::Dynamic).unknown().marked())
            .with(Parameter::new("key", Type::String).unknown().marked())
            .variadic(Parameter::new("default", Type::Dynamic).dynamic().unknown().nullable().marked())
            .typed_by(lookup_type)
            .maybe_null()
            .returns(Type::Dynamic, lookup),
        function("one", "Takes the only item of a collection, or null if it is empty.")
            .param("list", Type::Dynamic)
            .typed_by(one_type)
            .maybe_null()
            .returns(Type::Dynamic, one),
        function("values", "Lists the values of a map in the order of their keys.")
            .with(Parameter::new("mapping", Type::Dynamic).marked())
            .typed_by(values_type)
            .returns(Type::Dynamic, values),
    ]
}

fn contains(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (list, wanted) = (call.arg(0)?, call.arg(1)?);
    if !is_sequence(&list.ty()) {
        return Err(FunctionError::new("argument must be list, tuple, or set"));
    }
    let mut unsure = false;
    for item in list.items().unwrap_or_default() {
        match wanted.equals(item).as_bool() {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => unsure = true,
        }
    }
    Ok(if unsure { Value::unknown(Type::Bool) } else { Value::bool(false) })
}

fn element_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let [list, index] = arguments else { return Ok(Type::Dynamic) };
    match list.ty() {
        Type::List(element) => Ok(element.as_ref().clone()),
        Type::Tuple(types) => match index.as_number() {
            None => Ok(Type::Dynamic),
            Some(index) => Ok(types[wrapped(index, types.len())?].clone()),
        },
        other => Err(FunctionError::new(format!("cannot read elements from {}", other.friendly_name()))),
    }
}

fn element(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = call.arg(0)?;
    let items = call.items(0)?;
    let at = wrapped(call.number(1)?, items.len())?;
    let item = items.get(at).cloned().unwrap_or_else(|| Value::unknown(call.ty.clone()));
    Ok(item.mark(list.marks()))
}

/// An index modulo a length; negative ones count from the end. Always below the length.
fn wrapped(index: &Number, length: usize) -> Result<usize, FunctionError> {
    let index = whole(index).map_err(|e| FunctionError::new(format!("invalid index: {e}")))?;
    match i64::try_from(length) {
        Ok(length) if length > 0 => Ok(usize::try_from(index.rem_euclid(length)).unwrap_or(0)),
        _ => Err(FunctionError::new("cannot use element function with an empty list")),
    }
}

fn index(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (list, wanted) = (call.arg(0)?, call.arg(1)?);
    if !is_list_or_tuple(&list.ty()) {
        return Err(FunctionError::new("argument must be a list or tuple"));
    }
    let items = call.items(0)?;
    if items.is_empty() {
        return Err(FunctionError::new("cannot search an empty list"));
    }
    for (at, item) in items.iter().enumerate() {
        match item.equals(wanted).as_bool() {
            Some(true) => return Ok(Value::number(at)),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    Err(FunctionError::new("item not found"))
}

fn keys_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments.first().map(Value::ty) {
        Some(Type::Map(_)) => Ok(Type::list(Type::String)),
        Some(Type::Object(object)) => Ok(Type::tuple(object.iter().map(|_| Type::String))),
        _ => Err(FunctionError::argument(0, "must have map or object type")),
    }
}

fn keys(call: &Call<'_>) -> Result<Value, FunctionError> {
    let map = call.arg(0)?;
    let names: Option<Vec<Value>> = match map.ty() {
        Type::Object(object) => Some(object.iter().map(|(name, _)| Value::string(name.clone())).collect()),
        _ => map.entries().map(|entries| entries.keys().map(|key| Value::string(key.clone())).collect()),
    };
    let keys = match (names, &call.ty) {
        (Some(names), Type::Tuple(_)) => Value::tuple(names),
        (Some(names), _) => Value::list(Type::String, names),
        (None, ty) => Value::refined(ty.clone(), same_length(map)),
    };
    Ok(keys.mark(map.marks()))
}

/// What is known of the length of an unknown collection.
pub(super) fn same_length(collection: &Value) -> Refinement {
    let refinement = collection.refinement().cloned().unwrap_or_default();
    Refinement {
        not_null: true,
        min_len: refinement.min_len,
        max_len: refinement.max_len,
        ..Refinement::default()
    }
}

fn length(call: &Call<'_>) -> Result<Value, FunctionError> {
    let value = call.arg(0)?;
    let unsupported =
        || FunctionError::new("argument must be a string, a collection type, or a structural type");
    let length = match value.ty() {
        Type::Dynamic => Value::unknown(Type::Number),
        Type::String => string_length(value),
        Type::Tuple(types) => Value::number(types.len()),
        Type::Object(object) => Value::number(object.len()),
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            value.length().map_err(|e| FunctionError::new(e.to_string()))?
        }
        Type::Bool | Type::Number => return Err(unsupported()),
    };
    Ok(length.mark(value.marks()))
}

fn string_length(value: &Value) -> Value {
    let count = |s: &str| graphemes(s).count();
    if let Some(s) = value.as_str() {
        return Value::number(count(s));
    }
    let known = value.refinement().and_then(|r| r.prefix.as_deref()).map_or(0, count);
    Value::refined(
        Type::Number,
        Refinement { not_null: true, lower: Some((Number::from(known), true)), ..Refinement::default() },
    )
}

fn lookup_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let [map, key, defaults @ ..] = arguments else { return Ok(Type::Dynamic) };
    if defaults.len() > 1 {
        let given = arguments.len();
        return Err(FunctionError::new(format!("lookup() takes two or three arguments, got {given}")));
    }
    match map.ty() {
        Type::Object(object) => {
            let Some(key) = key.as_str() else { return Ok(Type::Dynamic) };
            match (object.get(key), defaults.first()) {
                (Some(ty), _) => Ok(ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(FunctionError::argument(
                    0,
                    format!("the given object has no attribute {}", quoted(key)),
                )),
            }
        }
        Type::Map(element) => {
            if defaults.first().is_some_and(|default| convert(default, &element).is_err()) {
                let message = "the default value must have the same type as the map elements";
                return Err(FunctionError::argument(2, message));
            }
            Ok(element.as_ref().clone())
        }
        _ => Err(FunctionError::argument(0, "lookup() requires a map as the first argument")),
    }
}

fn lookup(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (map, key) = (call.arg(0)?, call.arg(1)?);
    let marks = map.marks() | key.marks();
    let (Some(entries), Some(name)) = (map.entries(), key.as_str()) else {
        return Ok(Value::unknown(call.ty.clone()).mark(marks));
    };
    if let Some(found) = entries.get(name) {
        return Ok(found.clone().mark(marks));
    }
    match call.rest(2).first() {
        Some(default) => {
            Ok(convert(default, &call.ty).map_err(|e| FunctionError::new(e.message))?.mark(marks))
        }
        None => Err(FunctionError::new(format!("lookup failed to find key {}", shown(name, key.marks())))),
    }
}

/// A string in quotes, unless it is sensitive.
fn shown(s: &str, marks: Marks) -> String {
    if marks.is_sensitive() { "(sensitive value)".to_owned() } else { quoted(s) }
}

fn one_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments.first().map(Value::ty) {
        Some(Type::List(element) | Type::Set(element)) => Ok(element.as_ref().clone()),
        Some(Type::Tuple(types)) if types.len() < 2 => Ok(types.first().cloned().unwrap_or(Type::Dynamic)),
        _ => Err(not_one()),
    }
}

fn one(call: &Call<'_>) -> Result<Value, FunctionError> {
    match known_items(call.arg(0)?) {
        None => Ok(Value::unknown(call.ty.clone())),
        Some([]) => Ok(Value::null(call.ty.clone())),
        Some([only]) => Ok(only.clone()),
        Some(_) => Err(not_one()),
    }
}

fn not_one() -> FunctionError {
    FunctionError::argument(0, "must be a list, set, or tuple value with either zero or one elements")
}

fn values_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments.first().map(Value::ty) {
        Some(Type::Map(element)) => Ok(Type::List(element)),
        Some(Type::Object(object)) => Ok(Type::tuple(object.iter().map(|(_, ty)| ty.clone()))),
        _ => Err(FunctionError::new("values() requires a map as the first argument")),
    }
}

fn values(call: &Call<'_>) -> Result<Value, FunctionError> {
    let map = call.arg(0)?;
    let items = map.entries().map(|entries| entries.values().cloned().collect()).unwrap_or_default();
    let values = match map.kind() {
        Kind::Object(_) => Value::tuple(items),
        _ => Value::list(call.element(), items),
    };
    Ok(values.mark(map.marks()))
}
