//! `object.name` and `collection[key]` with the errors of HCL.

use diag::{Diagnostic, Span};
use value::{Kind, Number, Type, Value, convert};

use super::notes::format_convert_error;

const NO_ELEMENT: &str = "The given key does not identify an element in this collection value";

/// The attribute of an object or element of a map, with the marks of what holds it.
pub fn get_attr(object: &Value, name: &str, span: Span) -> Result<Value, Diagnostic> {
    let marks = object.marks();
    match object.kind() {
        Kind::Null(_) => Err(Diagnostic::error(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        )
        .at(span)),
        Kind::Object(mapping) => match mapping.entries().get(name) {
            Some(value) => Ok(value.clone().mark(marks)),
            None => Err(no_attribute(name, span)),
        },
        Kind::Map(mapping) => match mapping.entries().get(name) {
            Some(value) => Ok(value.clone().mark(marks)),
            None => Err(Diagnostic::error(
                "Missing map element",
                format!("This map does not have an element with the key {name:?}."),
            )
            .at(span)),
        },
        Kind::Unknown(Type::Dynamic, _) => Ok(Value::dynamic().mark(marks)),
        Kind::Unknown(Type::Map(element), _) => Ok(Value::unknown((**element).clone()).mark(marks)),
        Kind::Unknown(Type::Object(object), _) => match object.get(name) {
            Some(ty) => Ok(Value::unknown(ty.clone()).mark(marks)),
            None => Err(no_attribute(name, span)),
        },
        _ => Err(Diagnostic::error("Unsupported attribute", without_attributes(object, name)).at(span)),
    }
}

fn no_attribute(name: &str, span: Span) -> Diagnostic {
    let detail = format!("This object does not have an attribute named {name:?}.");
    Diagnostic::error("Unsupported attribute", detail).at(span)
}

/// Why a value of this kind has no attributes, and what was probably meant.
fn without_attributes(value: &Value, name: &str) -> String {
    let (element, of_list) = match value.kind() {
        Kind::List(s) => (Some(s.element()), true),
        Kind::Set(s) => (Some(s.element()), false),
        Kind::Unknown(Type::List(element), _) => (Some(&**element), true),
        Kind::Unknown(Type::Set(element), _) => (Some(&**element), false),
        _ => (None, false),
    };
    match element {
        Some(Type::Object(object)) if of_list => {
            let which = if object.get(name).is_some() {
                format!("attribute {name:?}")
            } else {
                "an attribute".into()
            };
            format!(
                "Can't access attributes on a list of objects. Did you mean to access {which} for a specific element \
                 of the list, or across all elements of the list?"
            )
        }
        Some(Type::Object(_)) => "Can't access attributes on a set of objects. Did you mean to access an \
                                  attribute across all elements of the set?"
            .into(),
        Some(_) => "This value does not have any attributes.".into(),
        None => {
            let ty = value.ty();
            if ty.is_primitive() {
                format!("Can't access attributes on a primitive-typed value ({}).", ty.friendly_name())
            } else {
                "This value does not have any attributes.".into()
            }
        }
    }
}

/// `collection[key]`, with the marks of both.
pub fn index(collection: &Value, key: &Value, span: Span) -> Result<Value, Diagnostic> {
    if collection.is_null() {
        return Err(Diagnostic::error(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        )
        .at(span));
    }
    if key.is_null() {
        return Err(invalid("Can't use a null value as an indexing key.").at(span));
    }
    let marks = collection.marks() | key.marks();
    let found = match collection.kind() {
        Kind::Unknown(Type::Dynamic, _) => Ok(Value::dynamic()),
        _ if matches!(key.kind(), Kind::Unknown(Type::Dynamic, _)) => Ok(Value::dynamic()),
        Kind::List(s) => sequence(s.items(), || Value::unknown(s.element().clone()), key),
        Kind::Tuple(s) => sequence(s.items(), Value::dynamic, key),
        Kind::Map(m) => string_key(key).and_then(|name| match name.as_ref().and_then(Value::as_str) {
            None => Ok(Value::unknown(m.element().clone())),
            Some(name) => m.entries().get(name).cloned().ok_or_else(|| invalid(format!("{NO_ELEMENT}."))),
        }),
        Kind::Object(m) => string_key(key).and_then(|name| match name.as_ref().and_then(Value::as_str) {
            None => Ok(Value::dynamic()),
            Some(name) => m.entries().get(name).cloned().ok_or_else(|| no_such_attribute(key)),
        }),
        Kind::Unknown(ty, _) => unknown_collection(collection, ty, key),
        Kind::Set(_) => Err(set_has_no_keys()),
        _ => Err(invalid("This value does not have any indices.")),
    };
    found.map(|value| value.mark(marks)).map_err(|diagnostic| diagnostic.at(span))
}

/// What the element of an unknown collection is known to be.
fn unknown_collection(collection: &Value, ty: &Type, key: &Value) -> Result<Value, Diagnostic> {
    match ty {
        Type::List(element) => {
            let number = number_key(key)?;
            let longest = collection.refinement().and_then(|r| r.max_len);
            if let Some(n) = number.as_ref().and_then(Value::as_number) {
                check_index(n, longest.and_then(|len| usize::try_from(len).ok()))?;
            }
            Ok(Value::unknown((**element).clone()))
        }
        Type::Tuple(elements) => match number_key(key)?.as_ref().and_then(Value::as_number) {
            None => Ok(Value::dynamic()),
            Some(n) => {
                check_index(n, Some(elements.len()))?;
                let element = n.to_usize().and_then(|at| elements.get(at)).cloned();
                Ok(Value::unknown(element.unwrap_or(Type::Dynamic)))
            }
        },
        Type::Map(element) => string_key(key).map(|_| Value::unknown((**element).clone())),
        Type::Object(object) => match string_key(key)?.as_ref().and_then(Value::as_str) {
            None => Ok(Value::dynamic()),
            Some(name) => match object.get(name) {
                Some(ty) => Ok(Value::unknown(ty.clone())),
                None => Err(no_such_attribute(key)),
            },
        },
        Type::Set(_) => Err(set_has_no_keys()),
        _ => Err(invalid("This value does not have any indices.")),
    }
}

fn sequence(items: &[Value], unknown: impl FnOnce() -> Value, key: &Value) -> Result<Value, Diagnostic> {
    let number = number_key(key)?;
    let Some(n) = number.as_ref().and_then(Value::as_number) else { return Ok(unknown()) };
    check_index(n, Some(items.len()))?;
    n.to_usize().and_then(|at| items.get(at)).cloned().ok_or_else(|| invalid(format!("{NO_ELEMENT}.")))
}

/// Refuses what cannot be an index of a sequence of this length, or of any where the length is not known.
fn check_index(n: &Number, length: Option<usize>) -> Result<(), Diagnostic> {
    let why = if !n.is_integer() {
        "indexing a sequence requires a whole number, but the given index has a fractional part"
    } else if n.is_negative() {
        "a negative number is not a valid index for a sequence"
    } else {
        match length {
            Some(0) => "the collection has no elements",
            Some(length) if n.to_usize().is_none_or(|at| at >= length) => {
                "the given index is greater than or equal to the length of the collection"
            }
            _ => return Ok(()),
        }
    };
    Err(invalid(format!("{NO_ELEMENT}: {why}.")))
}

/// The key as a number; `None` when it is not known yet.
fn number_key(key: &Value) -> Result<Option<Value>, Diagnostic> {
    converted_key(key, &Type::Number)
}

/// The key as a string; `None` when it is not known yet.
fn string_key(key: &Value) -> Result<Option<Value>, Diagnostic> {
    converted_key(key, &Type::String)
}

fn converted_key(key: &Value, ty: &Type) -> Result<Option<Value>, Diagnostic> {
    match (key.kind(), ty) {
        (Kind::Unknown(Type::Dynamic, _), _) => return Ok(None),
        (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => return Ok(Some(key.clone())),
        _ => {}
    }
    match convert(key, ty) {
        Ok(key) => Ok(key.is_known().then_some(key)),
        Err(error) => Err(invalid(format!("{NO_ELEMENT}: {}.", format_convert_error(&error)))),
    }
}

fn no_such_attribute(key: &Value) -> Diagnostic {
    let by_number = if key.as_number().is_some() {
        " An object only supports looking up attributes by name, not by numeric index."
    } else {
        ""
    };
    invalid(format!("{NO_ELEMENT}.{by_number}"))
}

fn set_has_no_keys() -> Diagnostic {
    invalid(
        "Elements of a set are identified only by their value and don't have any separate index or key to select \
         with, so it's only possible to perform operations across all elements of the set.",
    )
}

fn invalid(detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid index", detail)
}
