//! Typed access to the attributes of a resource or block.

use std::collections::BTreeMap;

use value::{Entries, Kind, Str, Value};

use crate::api::Tags;

/// A resource's or block's value. Absent, null, unknown and (for strings) empty all read as "not set": the legacy
/// type system does not tell them apart.
#[derive(Clone, Debug)]
pub struct Object(Value);

impl Object {
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    pub fn value(&self) -> &Value {
        &self.0
    }

    pub fn into_value(self) -> Value {
        self.0
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.attr(name)
    }

    /// Set to something: not null and not unknown.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.is_known() && !v.is_null())
    }

    pub fn is_unknown(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| !v.is_known())
    }

    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().map(Str::as_str).filter(|s| !s.is_empty())
    }

    pub fn string(&self, name: &str) -> Option<String> {
        self.str(name).map(str::to_owned)
    }

    /// The string, empty where it is not set.
    pub fn text(&self, name: &str) -> String {
        self.string(name).unwrap_or_default()
    }

    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.bool(name) == Some(true)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// The number where it is more than zero.
    pub fn positive(&self, name: &str) -> Option<i64> {
        self.int(name).filter(|n| *n > 0)
    }

    /// The known strings of a list or set.
    pub fn strings(&self, name: &str) -> Vec<String> {
        let items = self.get(name).and_then(Value::items).unwrap_or_default();
        items.iter().filter_map(|v| v.as_str().map(ToString::to_string)).collect()
    }

    /// The known strings of a map; null elements are left out.
    pub fn map(&self, name: &str) -> Tags {
        let entries = self.get(name).and_then(Value::entries);
        entries
            .into_iter()
            .flat_map(Entries::iter)
            .filter_map(|(k, v)| Some((k.to_string(), v.as_str()?.to_string())))
            .collect::<BTreeMap<_, _>>()
    }

    /// The blocks (or objects) of a list or set.
    pub fn blocks(&self, name: &str) -> Vec<Self> {
        let items = self.get(name).and_then(Value::items).unwrap_or_default();
        items.iter().filter(|v| v.entries().is_some()).cloned().map(Self).collect()
    }

    /// The only or first block of a list.
    pub fn block(&self, name: &str) -> Option<Self> {
        self.blocks(name).into_iter().next()
    }

    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        Self(self.0.with_attr(name, value))
    }

    #[must_use]
    pub fn with_str(&self, name: &str, value: &str) -> Self {
        self.with(name, Value::string(value))
    }
}

/// Whether a known value counts as not set: null, `""`, `0`, `false`, an empty collection, an object of only such.
pub fn is_zero(value: &Value) -> bool {
    match value.kind() {
        Kind::Null(_) => true,
        Kind::Unknown(..) => false,
        Kind::Bool(b) => !b,
        Kind::Number(n) => n.to_i64() == Some(0),
        Kind::String(s) => s.is_empty(),
        Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => s.items().is_empty(),
        Kind::Map(m) => m.entries().values().all(Value::is_null),
        Kind::Object(m) => m.entries().values().all(is_zero),
    }
}

/// Whether two values mean the same to the service, where null and zero values are one. Unknown is like nothing.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Unknown(..), _) | (_, Kind::Unknown(..)) => false,
        (Kind::Null(_), _) => is_zero(b),
        (_, Kind::Null(_)) => is_zero(a),
        (Kind::List(x) | Kind::Tuple(x), Kind::List(y) | Kind::Tuple(y)) => {
            x.items().len() == y.items().len() && x.items().iter().zip(y.items()).all(|(a, b)| same(a, b))
        }
        (Kind::Set(x), Kind::Set(y)) => {
            x.items().len() == y.items().len()
                && (x.items() == y.items() || x.items().iter().all(|a| y.items().iter().any(|b| same(a, b))))
        }
        (Kind::Map(x), Kind::Map(y)) => {
            let known = |m: &value::Mapping| {
                m.entries()
                    .iter()
                    .filter(|(_, v)| !v.is_null())
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect::<Vec<_>>()
            };
            let (x, y) = (known(x), known(y));
            x.len() == y.len() && x.iter().zip(&y).all(|((ka, a), (kb, b))| ka == kb && a.kind() == b.kind())
        }
        (Kind::Object(x), Kind::Object(y)) => {
            let (x, y) = (x.entries(), y.entries());
            x.iter().all(|(name, a)| y.get(name).map_or_else(|| is_zero(a), |b| same(a, b)))
                && y.iter().all(|(name, b)| x.contains(name) || is_zero(b))
        }
        (x, y) => x == y,
    }
}

#[cfg(test)]
mod tests {
    use value::Type;

    use super::*;

    #[test]
    fn zero_values_mean_not_set() {
        let null = || Value::null(Type::String);
        let yes = [
            (null(), Value::string("")),
            (Value::null(Type::Bool), Value::bool(false)),
            (Value::number(0), Value::null(Type::Number)),
            (Value::list(Type::String, vec![]), Value::null(Type::list(Type::String))),
            (Value::object_of([("a", null())]), Value::object_of([("a", Value::string(""))])),
            (Value::object_of([("a", null())]), Value::object_of([("b", null())])),
        ];
        for (a, b) in yes {
            assert!(same(&a, &b) && same(&b, &a), "{a:?} and {b:?}");
        }
        let no = [
            (null(), Value::string("x")),
            (Value::bool(true), Value::bool(false)),
            (Value::unknown(Type::String), null()),
            (Value::unknown(Type::String), Value::unknown(Type::String)),
        ];
        for (a, b) in no {
            assert!(!same(&a, &b) && !same(&b, &a), "{a:?} and {b:?}");
        }
    }
}
