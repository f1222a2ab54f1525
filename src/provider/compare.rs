//! Comparison of values where marks and refinements do not count.

use value::{Kind, Type, Value};

/// True when two values are the same apart from marks and from what is known of their unknown parts.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Unknown(a, _), Kind::Unknown(b, _)) => a == b,
        (Kind::List(a), Kind::List(b)) => a.element() == b.element() && all_same(a.items(), b.items()),
        (Kind::Tuple(a), Kind::Tuple(b)) => all_same(a.items(), b.items()),
        (Kind::Set(x), Kind::Set(y)) => {
            x.element() == y.element()
                && x.items().len() == y.items().len()
                && (all_same(x.items(), y.items())
                    || (!a.is_wholly_known()
                        && x.items().iter().all(|i| y.items().iter().any(|j| same(i, j)))))
        }
        (Kind::Map(x), Kind::Map(y)) => x.element() == y.element() && same_entries(a, b),
        (Kind::Object(_), Kind::Object(_)) => same_entries(a, b),
        (a, b) => a == b,
    }
}

fn all_same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn same_entries(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.entries(), b.entries()) else { return false };
    a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, v), (l, w))| k == l && same(v, w))
}

/// The child of an object (or map) that may be null or unknown as a whole.
pub(crate) fn child(of: &Value, name: &str, ty: &Type) -> Value {
    match of.kind() {
        Kind::Unknown(..) => Value::unknown(ty.clone()),
        _ => of.attr(name).cloned().unwrap_or_else(|| Value::null(ty.clone())),
    }
}

/// True when a type fits another in which `Dynamic` stands for anything.
pub(crate) fn conforms(actual: &Type, wanted: &Type) -> bool {
    match (actual, wanted) {
        (_, Type::Dynamic) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            conforms(a, b)
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| conforms(a, b))
        }
        (Type::Object(a), Type::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && conforms(a, b))
        }
        (a, b) => a == b,
    }
}
