//! Lists, sets, maps, tuples and objects.

mod combine;
mod lookup;
mod order;
mod product;
mod reduce;
mod set;

use value::{Kind, Type, Value};

use super::table::Core;

pub(super) fn functions() -> Vec<Core> {
    [
        combine::functions(),
        lookup::functions(),
        order::functions(),
        product::functions(),
        reduce::functions(),
        set::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A sequence of the kind that a type says: a tuple, a set, or else a list.
fn sequence(ty: &Type, items: Vec<Value>) -> Value {
    match ty {
        Type::Tuple(_) => Value::tuple(items),
        Type::Set(element) => Value::set(element.as_ref().clone(), items),
        other => Value::list(other.element().cloned().unwrap_or(Type::Dynamic), items),
    }
}

fn is_list_or_tuple(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Tuple(_))
}

fn is_sequence(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_))
}

/// The items of a sequence if it is known how many there are: a set with unknown items may hold fewer.
fn known_items(value: &Value) -> Option<&[Value]> {
    match value.kind() {
        Kind::Set(_) if !value.is_wholly_known() => value.items().filter(|items| items.len() < 2),
        _ => value.items(),
    }
}
