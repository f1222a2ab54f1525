//! Conversion of values between types, by cty's rules.
//!
//! First the types are compared ([`possible`]), which finds what can never work; then the value is converted, which
//! finds what this value cannot do (`"a"` to number).

mod mismatch;
mod primitive;
mod structure;
#[cfg(test)]
mod tests;
mod unknown;

pub(crate) use mismatch::mismatch_message;

use crate::unify::unify_all;
use crate::{Kind, Path, Str, Type, Value, unify_unsafe};

/// Why a value cannot become a type: where in it, and what would be needed (`a number is required`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConvertError {
    pub path: Path,
    pub message: String,
}

impl ConvertError {
    fn new(path: &Trail<'_>, message: impl Into<String>) -> Self {
        Self { path: path.to_path(), message: message.into() }
    }
}

/// Which conversions are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Safety {
    /// Only those that work for every value and lose nothing.
    Safe,
    /// Also those that depend on the value, such as string to number.
    Unsafe,
}

/// Converts a value to a type as cty's unsafe conversion does: `Dynamic` inside is filled from the value,
/// optional attributes that are missing become null. Marks and unknowns are kept.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    convert_at(value, ty, &Trail::Root)
}

fn convert_at(value: &Value, ty: &Type, path: &Trail<'_>) -> Result<Value, ConvertError> {
    if value.has_type(ty) || *ty == Type::Dynamic {
        return Ok(value.clone());
    }
    let own = value.ty();
    if !possible(&own, ty, Safety::Unsafe) {
        return Err(ConvertError::new(path, mismatch_message(&own, ty)));
    }
    apply(value, ty, path)
}

/// Whether values of a type can be converted to another, as far as the types tell.
pub(crate) fn possible(from: &Type, to: &Type, safety: Safety) -> bool {
    if from == to || *to == Type::Dynamic {
        return true;
    }
    let is_unsafe = safety == Safety::Unsafe;
    match (from, to) {
        (Type::Dynamic, _) => is_unsafe,
        (Type::Bool | Type::Number, Type::String) => true,
        (Type::String, Type::Bool | Type::Number) => is_unsafe,
        (Type::List(a) | Type::Set(a), Type::List(b))
        | (Type::Set(a), Type::Set(b))
        | (Type::Map(a), Type::Map(b)) => possible(a, b, safety),
        (Type::List(a), Type::Set(b)) => is_unsafe && possible(a, b, safety),
        (Type::Tuple(items), Type::List(element) | Type::Set(element)) => {
            // Where only some of the items are of unknown type, what they unify to cannot be told.
            items_fit(items.iter().collect(), element, safety)
                .is_some_and(|unified| unified != Type::Dynamic || items.iter().all(|t| *t == Type::Dynamic))
        }
        (Type::Object(object), Type::Map(element)) => {
            items_fit(object.iter().map(|(_, t)| t).collect(), element, safety).is_some()
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| possible(a, b, safety))
        }
        (Type::Object(a), Type::Object(b)) => b.iter().all(|(name, wanted)| match a.get(name) {
            Some(own) => possible(own, wanted, safety),
            None => b.is_optional(name),
        }),
        (Type::Map(element), Type::Object(object)) => {
            is_unsafe
                && object.iter().all(|(name, t)| object.is_optional(name) || possible(element, t, safety))
        }
        _ => false,
    }
}

/// The element type with which items of several types can all be in one collection: `any` takes the type they unify to.
fn items_fit(items: Vec<&Type>, element: &Type, safety: Safety) -> Option<Type> {
    let element = match element {
        Type::Dynamic if items.is_empty() => return Some(Type::Dynamic),
        Type::Dynamic => unify_all(items.clone(), safety)?,
        other => other.clone(),
    };
    items.iter().all(|item| possible(item, &element, safety)).then_some(element)
}

/// Converts a value to a type to which its type can be converted.
fn apply(value: &Value, ty: &Type, path: &Trail<'_>) -> Result<Value, ConvertError> {
    if value.has_type(ty) || *ty == Type::Dynamic {
        return Ok(value.clone());
    }
    let converted = match (value.kind(), ty) {
        (Kind::Unknown(from, _), _) => unknown::convert(value, from, ty),
        (Kind::Null(from), _) => Value::null(unknown::fill_dynamic(from, &ty.without_optional())),
        (Kind::Bool(_) | Kind::Number(_) | Kind::String(_), _) => primitive::convert(value, ty, path)?,
        (Kind::List(s) | Kind::Set(s), Type::List(_) | Type::Set(_)) => {
            structure::sequence_to_sequence(value, s, ty, path)?
        }
        (Kind::Tuple(s), Type::List(_) | Type::Set(_)) => structure::tuple_to_sequence(s.items(), ty, path)?,
        (Kind::Tuple(s), Type::Tuple(types)) => structure::tuple_to_tuple(s.items(), types, path)?,
        (Kind::Map(m) | Kind::Object(m), Type::Map(element)) => structure::to_map(value, m, element, path)?,
        (Kind::Object(m), Type::Object(object)) => structure::object_to_object(m.entries(), object, path)?,
        (Kind::Map(m), Type::Object(object)) => structure::map_to_object(m.entries(), object, path)?,
        _ => return Err(ConvertError::new(path, mismatch_message(&value.ty(), ty))),
    };
    let own = converted.marks();
    Ok(converted.with_marks(own | value.marks()))
}

/// The type that an `any` element takes from the items.
fn unified_types<'a>(items: impl Iterator<Item = &'a Value>) -> Option<Type> {
    let types: Vec<Type> = items.map(Value::ty).collect();
    unify_unsafe(&types)
}

/// Where in a value we are, as a list from the inside out: costs nothing until there is an error.
enum Trail<'a> {
    Root,
    Attr(&'a Trail<'a>, &'a Str),
    Key(&'a Trail<'a>, &'a Str),
    Position(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    fn to_path(&self) -> Path {
        match self {
            Self::Root => Path::root(),
            Self::Attr(parent, name) => parent.to_path().attr((*name).clone()),
            Self::Key(parent, key) => parent.to_path().index(Value::string((*key).clone())),
            Self::Position(parent, at) => parent.to_path().index(Value::number(*at)),
        }
    }
}
