//! Why one type cannot become another, in a sentence.

use super::{Safety, possible};
use crate::{ObjectType, Type};

/// Written for a `from` that cannot be converted to `to`.
pub(crate) fn mismatch_message(from: &Type, to: &Type) -> String {
    match (from, to) {
        (Type::Object(a), Type::Object(b)) => objects(a, b),
        (Type::Tuple(_), Type::List(e)) if **e == Type::Dynamic => {
            "all list elements must have the same type".into()
        }
        (Type::Tuple(_), Type::Set(e)) if **e == Type::Dynamic => {
            "all set elements must have the same type".into()
        }
        (Type::Object(_), Type::Map(e)) if **e == Type::Dynamic => {
            "all map elements must have the same type".into()
        }
        (Type::Tuple(items), Type::List(e) | Type::Set(e)) => {
            let found = items.iter().enumerate().find(|(_, t)| !possible(t, e, Safety::Unsafe));
            elements(found.map(|(i, t)| (i.to_string(), t)), e)
        }
        (Type::Object(object), Type::Map(e)) => {
            let found = object.iter().find(|(_, t)| !possible(t, e, Safety::Unsafe));
            elements(found.map(|(k, t)| (format!("{k:?}"), t)), e)
        }
        (Type::List(a) | Type::Set(a), Type::List(b)) => collection("list", a, b),
        (Type::List(a) | Type::Set(a), Type::Set(b)) => collection("set", a, b),
        (Type::Map(a), Type::Map(b)) => collection("map", a, b),
        _ => format!("{} required", to.constraint_name()),
    }
}

fn elements(found: Option<(String, &Type)>, element: &Type) -> String {
    match found {
        Some((place, ty)) => format!("element {place}: {}", mismatch_message(ty, element)),
        None => format!("all elements must be {}", element.constraint_name()),
    }
}

fn collection(noun: &str, from: &Type, to: &Type) -> String {
    format!("incorrect {noun} element type: {}", mismatch_message(from, to))
}

/// Missing attributes come first, then one that no conversion fits, then one that only an unsafe conversion would.
fn objects(from: &ObjectType, to: &ObjectType) -> String {
    let missing: Vec<String> = to
        .iter()
        .filter(|(name, _)| from.get(name).is_none() && !to.is_optional(name))
        .map(|(name, _)| format!("{name:?}"))
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one} is required"),
        [one, two] => return format!("attributes {one} and {two} are required"),
        [start @ .., last] => return format!("attributes {}, and {last} are required", start.join(", ")),
    }
    let mismatch = |safety: Safety| {
        to.iter().find_map(|(name, wanted)| {
            let own = from.get(name)?;
            (!possible(own, wanted, safety))
                .then(|| format!("attribute {name:?}: {}", mismatch_message(own, wanted)))
        })
    };
    mismatch(Safety::Unsafe)
        .or_else(|| mismatch(Safety::Safe))
        .unwrap_or_else(|| "incorrect object attributes".into())
}
