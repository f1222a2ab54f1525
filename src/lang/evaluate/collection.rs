//! What iteration needs: the keys and values of anything that can be iterated.

use value::{Kind, Type, Value};

/// How a value takes part in an iteration.
pub(crate) enum Iteration {
    /// Keys and values, without the marks of the collection itself.
    Items(Vec<(Value, Value)>),
    /// Of a type that can be iterated, but not known yet; or of a type not known yet.
    Unknown,
    Null,
    /// Not of such a type.
    Impossible,
}

/// The items of a collection in their order: by index, by key, or by the order of a set, whose items are their keys.
pub(crate) fn iterate(value: &Value) -> Iteration {
    match value.kind() {
        Kind::List(s) | Kind::Tuple(s) => Iteration::Items(
            s.items()
                .iter()
                .enumerate()
                .map(|(i, item)| (Value::number(i64::try_from(i).unwrap_or(i64::MAX)), item.clone()))
                .collect(),
        ),
        // Items that are not known yet may turn out to be equal, so that there are fewer of them.
        Kind::Set(_) if !value.is_wholly_known() => Iteration::Unknown,
        Kind::Set(s) => Iteration::Items(s.items().iter().map(|item| (item.clone(), item.clone())).collect()),
        Kind::Map(m) | Kind::Object(m) => Iteration::Items(
            m.entries().iter().map(|(key, item)| (Value::string(key.clone()), item.clone())).collect(),
        ),
        Kind::Null(_) => Iteration::Null,
        Kind::Unknown(ty, _) if *ty == Type::Dynamic || can_iterate(ty) => Iteration::Unknown,
        _ => Iteration::Impossible,
    }
}

fn can_iterate(ty: &Type) -> bool {
    ty.is_collection() || matches!(ty, Type::Tuple(_) | Type::Object(_))
}
