//! The three companions of a value in JSON: what is unknown, what is sensitive, and the value without unknowns.

use value::{Entries, Kind, Type, Value};

/// `true` where the value is unknown; sequences keep their length, objects only what is not `false`.
pub fn unknown_mask(value: &Value) -> Value {
    match value.kind() {
        Kind::Unknown(..) => Value::bool(true),
        Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => {
            Value::tuple(s.items().iter().map(unknown_mask).collect())
        }
        Kind::Map(m) | Kind::Object(m) => sparse(m.entries(), unknown_mask),
        _ => Value::bool(false),
    }
}

/// `true` where the value is sensitive; shaped as [`unknown_mask`].
pub fn sensitive_mask(value: &Value) -> Value {
    if value.is_sensitive() {
        return Value::bool(true);
    }
    match value.kind() {
        Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => {
            Value::tuple(s.items().iter().map(sensitive_mask).collect())
        }
        Kind::Map(m) | Kind::Object(m) => sparse(m.entries(), sensitive_mask),
        Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => Value::tuple(Vec::new()),
        Kind::Unknown(Type::Map(_) | Type::Object(_), _) => Value::object(Entries::new()),
        _ => Value::bool(false),
    }
}

/// The value with unknown attributes left out and unknown items null; `None` when it is unknown itself.
pub fn omit_unknowns(value: &Value) -> Option<Value> {
    match value.kind() {
        Kind::Unknown(..) => None,
        _ if value.is_wholly_known() => Some(value.clone()),
        Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => Some(Value::tuple(
            s.items()
                .iter()
                .map(|v| omit_unknowns(v).unwrap_or_else(|| Value::null(Type::Dynamic)))
                .collect(),
        )),
        Kind::Map(m) | Kind::Object(m) => Some(Value::object(
            m.entries().iter().filter_map(|(k, v)| Some((k.clone(), omit_unknowns(v)?))).collect(),
        )),
        _ => Some(value.clone()),
    }
}

fn sparse(entries: &Entries, mask: impl Fn(&Value) -> Value) -> Value {
    Value::object(
        entries
            .iter()
            .map(|(k, v)| (k.clone(), mask(v)))
            .filter(|(_, v)| v.as_bool() != Some(false))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use value::Marks;

    use super::*;

    #[test]
    fn masks_have_the_shape_that_terraform_prints() {
        let value = Value::object_of([
            ("id", Value::unknown(Type::String)),
            ("n", Value::number(1)),
            ("secret", Value::string("x").mark(Marks::SENSITIVE)),
            ("list", Value::tuple(vec![Value::number(0), Value::dynamic()])),
            ("later", Value::unknown(Type::tuple([Type::String]))),
        ]);
        let unknown = unknown_mask(&value);
        assert_eq!(
            unknown,
            Value::object_of([
                ("id", Value::bool(true)),
                ("later", Value::bool(true)),
                ("list", Value::tuple(vec![Value::bool(false), Value::bool(true)])),
            ])
        );
        assert_eq!(
            sensitive_mask(&value),
            Value::object_of([
                ("later", Value::tuple(vec![])),
                ("list", Value::tuple(vec![Value::bool(false), Value::bool(false)])),
                ("secret", Value::bool(true)),
            ])
        );
        let known = omit_unknowns(&value).expect("the object itself is known");
        assert!(known.attr("id").is_none() && known.attr("n").is_some());
        assert!(known.attr("list").and_then(|l| l.items()).is_some_and(|items| items[1].is_null()));
    }
}
