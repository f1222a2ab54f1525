use super::{OpError, equal, maybe_bool};
use crate::{Kind, Number, Type, Value, convert};

impl Value {
    /// `collection[key]`; key is converted (string for maps and objects, number for lists and tuples).
    ///
    /// The result carries the marks of the collection and of the key.
    pub fn index(&self, key: &Self) -> Result<Self, OpError> {
        if self.is_null() {
            return Err(OpError::new("This value is null, so it does not have any indices."));
        }
        if key.is_null() {
            return Err(OpError::new("Can't use a null value as an indexing key."));
        }
        let marks = self.marks() | key.marks();
        let found = match (self.kind(), key.kind()) {
            (Kind::Unknown(Type::Dynamic, _), _) | (_, Kind::Unknown(Type::Dynamic, _)) => Self::dynamic(),
            (Kind::List(s), _) => position(s.items().len(), key)?
                .map_or_else(|| Self::unknown(s.element().clone()), |i| s.items()[i].clone()),
            (Kind::Tuple(s), _) => {
                position(s.items().len(), key)?.map_or_else(Self::dynamic, |i| s.items()[i].clone())
            }
            (Kind::Map(m), _) => match key_of(key)? {
                Some(key) => m.entries().get(&key).cloned().ok_or_else(|| not_found(""))?,
                None => Self::unknown(m.element().clone()),
            },
            (Kind::Object(m), _) => match key_of(key)? {
                Some(name) => m.entries().get(&name).cloned().ok_or_else(|| no_attribute(key))?,
                None => Self::dynamic(),
            },
            (Kind::Unknown(ty, _), _) => index_unknown(ty, key)?,
            (Kind::Set(_), _) => return Err(set_has_no_index()),
            _ => return Err(OpError::new("This value does not have any indices.")),
        };
        Ok(found.mark(marks))
    }

    /// Whether `collection[key]` would find something; the key is not converted.
    pub fn has_index(&self, key: &Self) -> Result<Self, OpError> {
        let length = match self.kind() {
            Kind::List(s) | Kind::Tuple(s) => Some(s.items().len()),
            Kind::Unknown(Type::Tuple(items), _) => Some(items.len()),
            _ => None,
        };
        let known = match (self.kind(), key.kind()) {
            (_, Kind::Null(_)) => Some(false),
            (_, Kind::Number(n)) if length.is_some() => Some(n.to_usize() < length && n.to_usize().is_some()),
            (Kind::Map(m) | Kind::Object(m), Kind::String(key)) => Some(m.entries().contains(key)),
            (Kind::Unknown(Type::Object(object), _), Kind::String(key)) => Some(object.get(key).is_some()),
            (Kind::Null(_), _) => return Err(OpError::null_argument()),
            (Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Set(_), _) => {
                return Err(OpError::new("This value does not have any indices."));
            }
            (_, Kind::Unknown(..)) | (Kind::Unknown(..), Kind::Number(_) | Kind::String(_)) => None,
            _ => Some(false),
        };
        Ok(maybe_bool(known).mark(self.marks() | key.marks()))
    }

    /// `object.name`; of a map too.
    pub fn get_attr(&self, name: &str) -> Result<Self, OpError> {
        let found = match self.kind() {
            Kind::Null(_) => {
                return Err(OpError::new("This value is null, so it does not have any attributes."));
            }
            Kind::Object(m) => m.entries().get(name).cloned().ok_or_else(|| missing_attribute(name))?,
            Kind::Map(m) => m.entries().get(name).cloned().ok_or_else(|| {
                OpError::new(format!("This map does not have an element with the key {name:?}."))
            })?,
            Kind::Unknown(Type::Object(object), _) => {
                Self::unknown(object.get(name).ok_or_else(|| missing_attribute(name))?.clone())
            }
            Kind::Unknown(Type::Map(element), _) => Self::unknown(element.as_ref().clone()),
            Kind::Unknown(Type::Dynamic, _) => Self::dynamic(),
            _ => return Err(no_attributes(&self.ty(), name)),
        };
        Ok(found.mark(self.marks()))
    }

    /// Whether a list, tuple or set holds an item equal to a value.
    pub fn contains(&self, item: &Self) -> Result<Self, OpError> {
        let marks = self.deep_marks() | item.deep_marks();
        let Some(items) = self.items() else {
            return match self.kind() {
                Kind::Unknown(..) => Ok(maybe_bool(None).mark(marks)),
                Kind::Null(_) => Err(OpError::null_argument()),
                _ => Err(OpError::new("argument must be list, tuple, or set")),
            };
        };
        let mut known = Some(false);
        for candidate in items {
            match equal(candidate, item) {
                Some(true) => return Ok(Self::bool(true).mark(marks)),
                Some(false) => {}
                None => known = None,
            }
        }
        Ok(maybe_bool(known).mark(marks))
    }
}

/// The place that a key names in a sequence of some length; `None` when the key is not known yet.
fn position(length: usize, key: &Value) -> Result<Option<usize>, OpError> {
    let key = convert(key, &Type::Number).map_err(|e| not_found(&e.message))?;
    let Some(n) = key.as_number() else { return Ok(None) };
    match n.to_usize() {
        Some(at) if at < length => Ok(Some(at)),
        _ => Err(wrong_position(n, length)),
    }
}

fn wrong_position(n: &Number, length: usize) -> OpError {
    if !n.is_integer() {
        not_found("indexing a sequence requires a whole number, but the given index has a fractional part")
    } else if n.is_negative() {
        not_found("a negative number is not a valid index for a sequence")
    } else if length == 0 {
        not_found("the collection has no elements")
    } else {
        not_found("the given index is greater than or equal to the length of the collection")
    }
}

/// The string that a key is of a map or object; `None` when it is not known yet.
fn key_of(key: &Value) -> Result<Option<crate::Str>, OpError> {
    let key = convert(key, &Type::String).map_err(|e| not_found(&e.message))?;
    Ok(key.as_str().cloned())
}

fn index_unknown(ty: &Type, key: &Value) -> Result<Value, OpError> {
    match ty {
        Type::List(element) => {
            convert(key, &Type::Number).map_err(|e| not_found(&e.message))?;
            Ok(Value::unknown(element.as_ref().clone()))
        }
        Type::Tuple(items) => Ok(position(items.len(), key)?
            .and_then(|at| items.get(at))
            .map_or_else(Value::dynamic, |ty| Value::unknown(ty.clone()))),
        Type::Map(element) => {
            key_of(key)?;
            Ok(Value::unknown(element.as_ref().clone()))
        }
        Type::Object(_) => {
            key_of(key)?;
            Ok(Value::dynamic())
        }
        Type::Set(_) => Err(set_has_no_index()),
        _ => Err(OpError::new("This value does not have any indices.")),
    }
}

fn not_found(reason: &str) -> OpError {
    const MESSAGE: &str = "The given key does not identify an element in this collection value";
    OpError::new(if reason.is_empty() { format!("{MESSAGE}.") } else { format!("{MESSAGE}: {reason}.") })
}

fn no_attribute(key: &Value) -> OpError {
    let mut error = not_found("");
    if matches!(key.kind(), Kind::Number(_)) {
        error.0.push_str(" An object only supports looking up attributes by name, not by numeric index.");
    }
    error
}

fn set_has_no_index() -> OpError {
    OpError::new(
        "Elements of a set are identified only by their value and don't have any separate index or key to select \
         with, so it's only possible to perform operations across all elements of the set.",
    )
}

fn missing_attribute(name: &str) -> OpError {
    OpError::new(format!("This object does not have an attribute named {name:?}."))
}

fn no_attributes(ty: &Type, name: &str) -> OpError {
    let object = ty.element().and_then(Type::as_object);
    OpError::new(match (ty, object) {
        (Type::List(_), Some(object)) if object.get(name).is_some() => format!(
            "Can't access attributes on a list of objects. Did you mean to access attribute {name:?} for a specific \
             element of the list, or across all elements of the list?"
        ),
        (Type::List(_), Some(_)) => "Can't access attributes on a list of objects. Did you mean to access an \
                                     attribute for a specific element of the list, or across all elements of the list?"
            .into(),
        (Type::Set(_), Some(_)) => "Can't access attributes on a set of objects. Did you mean to access an attribute \
                                    across all elements of the set?"
            .into(),
        (Type::Bool | Type::Number | Type::String, _) => {
            format!("Can't access attributes on a primitive-typed value ({}).", ty.friendly_name())
        }
        _ => "This value does not have any attributes.".into(),
    })
}
