//! Conversion between collections, tuples and objects.

use super::{ConvertError, Trail, apply, convert_at, mismatch_message, unified_types};
use crate::value::{Mapping, Sequence};
use crate::{Entries, Kind, ObjectType, Str, Type, Value};

pub(super) fn sequence_to_sequence(
    value: &Value,
    from: &Sequence,
    to: &Type,
    path: &Trail<'_>,
) -> Result<Value, ConvertError> {
    let wanted = to.element().unwrap_or(&Type::Dynamic);
    if matches!((value.kind(), to), (Kind::Set(_), Type::List(_)))
        && from.items().len() > 1
        && !value.is_wholly_known()
    {
        // Which of its items turn out to be equal is not known yet, so neither is the list's length.
        return Ok(Value::unknown(Type::list(super::unknown::fill_dynamic(
            from.element(),
            &wanted.without_optional(),
        ))));
    }
    let items = convert_items(from.items(), wanted, path)?;
    if items.is_empty() && *wanted == Type::Dynamic {
        return sequence_of(to, from.element().clone(), items, path);
    }
    collect_sequence(to, wanted, items, path)
}

pub(super) fn tuple_to_sequence(items: &[Value], to: &Type, path: &Trail<'_>) -> Result<Value, ConvertError> {
    let wanted = to.element().unwrap_or(&Type::Dynamic);
    if items.is_empty() {
        return sequence_of(to, wanted.clone(), Vec::new(), path);
    }
    let unified = match wanted {
        Type::Dynamic => unified_types(items.iter())
            .ok_or_else(|| ConvertError::new(path, mismatch_message(&tuple_type(items), to)))?,
        other => other.clone(),
    };
    let mut items = convert_items(items, &unified, path)?;
    if matches!(to, Type::List(_)) && unified.has_dynamic() {
        // Items may have become different types where the element type leaves them open.
        let common = unified_types(items.iter())
            .ok_or_else(|| ConvertError::new(path, "cannot find a common base type for all elements"))?;
        items = convert_items(&items, &common, path)?;
    }
    collect_sequence(to, &unified, items, path)
}

pub(super) fn tuple_to_tuple(
    items: &[Value],
    types: &[Type],
    path: &Trail<'_>,
) -> Result<Value, ConvertError> {
    let items: Result<Vec<Value>, ConvertError> = items
        .iter()
        .zip(types)
        .enumerate()
        .map(|(i, (item, ty))| apply(item, ty, &Trail::Position(path, i)))
        .collect();
    Ok(Value::tuple(items?))
}

pub(super) fn to_map(
    value: &Value,
    from: &Mapping,
    wanted: &Type,
    path: &Trail<'_>,
) -> Result<Value, ConvertError> {
    let entries = from.entries();
    let is_object = matches!(value.kind(), Kind::Object(_));
    if entries.is_empty() {
        let element = if *wanted == Type::Dynamic && !is_object { from.element() } else { wanted };
        return Ok(Value::map(element.clone(), Entries::new()));
    }
    let unified = match wanted {
        Type::Dynamic if is_object => unified_types(entries.values()).ok_or_else(|| {
            ConvertError::new(path, mismatch_message(&value.ty(), &Type::map(Type::Dynamic)))
        })?,
        other => other.clone(),
    };
    let mut entries = convert_entries(entries, &unified, path)?;
    if unified.has_dynamic() && (unified.is_collection() || unified.as_object().is_some()) {
        let common = unified_types(entries.values())
            .ok_or_else(|| ConvertError::new(path, "cannot find a common base type for all elements"))?;
        entries = convert_entries(&entries, &common, path)?;
    }
    let element = common_type(&unified, entries.values()).ok_or_else(|| {
        let noun = if is_object { "attribute" } else { "element" };
        ConvertError::new(path, format!("{noun} types must all match for conversion to map"))
    })?;
    let entries = entries.into_iter().map(|(k, v)| (k, retype(v, &element))).collect();
    Ok(Value::map(element, entries))
}

pub(super) fn object_to_object(
    entries: &Entries,
    to: &ObjectType,
    path: &Trail<'_>,
) -> Result<Value, ConvertError> {
    let attributes: Result<Entries, ConvertError> = to
        .iter()
        .map(|(name, ty)| {
            let value = match entries.get(name) {
                Some(value) => apply(value, ty, &Trail::Attr(path, name))?,
                None if to.is_optional(name) => Value::null(ty.clone()),
                None => return Err(ConvertError::new(path, format!("attribute {name:?} is required"))),
            };
            Ok((name.clone(), value))
        })
        .collect::<Result<Vec<(Str, Value)>, ConvertError>>()
        .map(Entries::from_iter);
    Ok(Value::object(attributes?))
}

pub(super) fn map_to_object(
    entries: &Entries,
    to: &ObjectType,
    path: &Trail<'_>,
) -> Result<Value, ConvertError> {
    let mut attributes = Vec::with_capacity(to.len());
    for (name, ty) in to.iter() {
        let value = match entries.get(name) {
            Some(value) => {
                let own = value.ty();
                if !super::possible(&own, ty, super::Safety::Unsafe) {
                    let why = mismatch_message(&own, ty);
                    let message = format!("map element type is incompatible with attribute {name:?}: {why}");
                    return Err(ConvertError::new(path, message));
                }
                apply(value, ty, &Trail::Key(path, name))?
            }
            None if to.is_optional(name) => Value::null(ty.clone()),
            None => {
                return Err(ConvertError::new(
                    path,
                    format!("map has no element for required attribute {name:?}"),
                ));
            }
        };
        attributes.push((name.clone(), value));
    }
    Ok(Value::object(Entries::from_iter(attributes)))
}

fn convert_items(items: &[Value], ty: &Type, path: &Trail<'_>) -> Result<Vec<Value>, ConvertError> {
    items.iter().enumerate().map(|(i, item)| convert_at(item, ty, &Trail::Position(path, i))).collect()
}

fn convert_entries(entries: &Entries, ty: &Type, path: &Trail<'_>) -> Result<Entries, ConvertError> {
    entries
        .iter()
        .map(|(key, value)| Ok((key.clone(), convert_at(value, ty, &Trail::Key(path, key))?)))
        .collect::<Result<Vec<(Str, Value)>, ConvertError>>()
        .map(Entries::from_iter)
}

fn collect_sequence(
    to: &Type,
    wanted: &Type,
    items: Vec<Value>,
    path: &Trail<'_>,
) -> Result<Value, ConvertError> {
    let element = common_type(wanted, items.iter()).ok_or_else(|| {
        let noun = if matches!(to, Type::Set(_)) { "set" } else { "list" };
        ConvertError::new(path, format!("element types must all match for conversion to {noun}"))
    })?;
    let items = items.into_iter().map(|item| retype(item, &element)).collect();
    sequence_of(to, element, items, path)
}

fn sequence_of(to: &Type, element: Type, items: Vec<Value>, path: &Trail<'_>) -> Result<Value, ConvertError> {
    match to {
        Type::List(_) => Ok(Value::list(element, items)),
        Type::Set(_) => Ok(Value::set(element, items)),
        other => Err(ConvertError::new(path, format!("{} required", other.constraint_name()))),
    }
}

/// The one type of all items; those of unknown type take that of the others.
fn common_type<'a>(wanted: &Type, items: impl Iterator<Item = &'a Value>) -> Option<Type> {
    if !wanted.has_dynamic() {
        return Some(wanted.without_optional());
    }
    let mut common: Option<Type> = None;
    let mut any = false;
    for item in items {
        any = true;
        match &common {
            _ if item.has_type(&Type::Dynamic) => {}
            None => common = Some(item.ty()),
            Some(ty) if item.has_type(ty) => {}
            Some(_) => return None,
        }
    }
    Some(common.unwrap_or_else(|| if any { Type::Dynamic } else { wanted.without_optional() }))
}

/// A null or unknown of unknown type, as one of a collection's element type.
fn retype(value: Value, element: &Type) -> Value {
    match value.kind() {
        Kind::Null(Type::Dynamic) => Value::null(element.clone()).mark(value.marks()),
        Kind::Unknown(Type::Dynamic, _) => Value::unknown(element.clone()).mark(value.marks()),
        _ => value,
    }
}

fn tuple_type(items: &[Value]) -> Type {
    Type::tuple(items.iter().map(Value::ty))
}
