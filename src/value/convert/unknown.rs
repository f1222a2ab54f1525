//! Conversion of values that are not known yet: what is known of them carries over.

use crate::{Refinement, Type, Value, unify_unsafe};

pub(super) fn convert(value: &Value, from: &Type, to: &Type) -> Value {
    let target = fill_dynamic(from, &to.without_optional());
    let own = value.refinement();
    let exactly =
        |n: usize| Refinement { min_len: Some(n as u64), max_len: Some(n as u64), ..Refinement::default() };
    let lengths = match (from, &target) {
        (Type::Object(object), Type::Map(_)) => exactly(object.len()),
        (Type::Tuple(items), Type::List(_)) => exactly(items.len()),
        (Type::Tuple(items), Type::Set(_)) => {
            Refinement { min_len: Some(items.len().min(1) as u64), ..exactly(items.len()) }
        }
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::Set(_)) => Refinement {
            min_len: own.and_then(|r| r.min_len).map(|n| n.min(1)),
            max_len: own.and_then(|r| r.max_len),
            ..Refinement::default()
        },
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::List(_) | Type::Map(_)) => Refinement {
            min_len: own.and_then(|r| r.min_len),
            max_len: own.and_then(|r| r.max_len),
            ..Refinement::default()
        },
        _ => Refinement::default(),
    };
    Value::refined(target, Refinement { not_null: value.is_definitely_not_null(), ..lengths })
}

/// `to` with each `Dynamic` in it replaced by the type at that place in `from`.
pub(super) fn fill_dynamic(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (Type::Dynamic, _) => to.clone(),
        (_, Type::Dynamic) => from.clone(),
        _ if !to.has_dynamic() => to.clone(),
        (Type::Map(a), Type::Map(b)) => Type::map(fill_dynamic(a, b)),
        (Type::Object(a), Type::Map(b)) => Type::map(fill_unified(a.iter().map(|(_, t)| t), b)),
        (Type::List(a) | Type::Set(a), Type::List(b)) => Type::list(fill_dynamic(a, b)),
        (Type::List(a) | Type::Set(a), Type::Set(b)) => Type::set(fill_dynamic(a, b)),
        (Type::Tuple(items), Type::List(b)) => Type::list(fill_unified(items.iter(), b)),
        (Type::Tuple(items), Type::Set(b)) => Type::set(fill_unified(items.iter(), b)),
        (Type::Tuple(a), Type::Tuple(b)) => Type::tuple(
            b.iter().enumerate().map(|(i, t)| a.get(i).map_or_else(|| t.clone(), |own| fill_dynamic(own, t))),
        ),
        (Type::Object(a), Type::Object(b)) => Type::object(
            b.iter()
                .map(|(k, t)| (k.clone(), a.get(k).map_or_else(|| t.clone(), |own| fill_dynamic(own, t)))),
        ),
        (Type::Map(a), Type::Object(b)) => {
            Type::object(b.iter().map(|(k, t)| (k.clone(), fill_dynamic(a, t))))
        }
        _ => to.clone(),
    }
}

fn fill_unified<'a>(from: impl Iterator<Item = &'a Type>, to: &Type) -> Type {
    let types: Vec<Type> = from.cloned().collect();
    unify_unsafe(&types).map_or_else(|| to.clone(), |unified| fill_dynamic(&unified, to))
}
