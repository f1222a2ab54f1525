//! Finding the one type for values of several types, by cty's rules.

use std::collections::HashSet;

use crate::Type;
use crate::convert::{Safety, possible};

/// The one type that values of all these types can be converted to, if there is one (go-cty `convert.Unify`): only by
/// conversions that work for every value.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_all(types.iter().collect(), Safety::Safe)
}

/// As [`unify`], also by conversions that depend on the value (go-cty `convert.UnifyUnsafe`): as conditional
/// expressions and `any` do.
pub fn unify_unsafe(types: &[Type]) -> Option<Type> {
    unify_all(types.iter().collect(), Safety::Unsafe)
}

pub(crate) fn unify_all(types: Vec<&Type>, safety: Safety) -> Option<Type> {
    // Equal types decide nothing more; without them the search below stays small for long lists.
    let mut seen = HashSet::with_capacity(types.len());
    let distinct: Vec<&Type> = types.into_iter().filter(|t| seen.insert(*t)).collect();
    unify_distinct(&distinct, safety)
}

fn unify_distinct(types: &[&Type], safety: Safety) -> Option<Type> {
    match types {
        [] => return None,
        [one] => return Some((*one).clone()),
        _ => {}
    }
    let count = Counts::of(types);
    let all = types.len();
    match () {
        () if count.maps > 0 && count.maps + count.dynamic == all => {
            return unify_elements(types, safety, count.dynamic, Type::map);
        }
        () if count.lists > 0 && count.lists + count.dynamic == all => {
            return unify_elements(types, safety, count.dynamic, Type::list);
        }
        () if count.sets > 0 && count.sets + count.dynamic == all => {
            return unify_elements(types, safety, count.dynamic, Type::set);
        }
        () if count.objects > 0 && count.objects + count.dynamic == all => {
            return if count.dynamic > 0 { Some(Type::Dynamic) } else { unify_objects(types, safety) };
        }
        () if count.tuples > 0 && count.tuples + count.dynamic == all => {
            return if count.dynamic > 0 { Some(Type::Dynamic) } else { unify_tuples(types, safety) };
        }
        () if count.maps > 0 && count.maps + count.objects + count.dynamic == all => {
            // Objects are often maps in disguise.
            if let Some(map) = unify_as(types, safety, |t| matches!(t, Type::Object(_)), objects_to_map) {
                return Some(map);
            }
        }
        () if count.lists > 0 && count.lists + count.tuples + count.dynamic == all => {
            // Tuples are often lists in disguise.
            if let Some(list) = unify_as(types, safety, |t| matches!(t, Type::Tuple(_)), tuples_to_list) {
                return Some(list);
            }
        }
        () if count.objects > 0 && count.tuples > 0 => return None,
        () => {}
    }
    by_preference(types)
        .into_iter()
        .map(|at| types[at])
        .find(|wanted| types.iter().all(|t| possible(t, wanted, safety)))
        .cloned()
}

#[derive(Default)]
struct Counts {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamic: usize,
}

impl Counts {
    fn of(types: &[&Type]) -> Self {
        let mut counts = Self::default();
        for ty in types {
            match ty {
                Type::Map(_) => counts.maps += 1,
                Type::List(_) => counts.lists += 1,
                Type::Set(_) => counts.sets += 1,
                Type::Object(_) => counts.objects += 1,
                Type::Tuple(_) => counts.tuples += 1,
                Type::Dynamic => counts.dynamic += 1,
                Type::Bool | Type::Number | Type::String => {}
            }
        }
        counts
    }
}

/// Collections of one kind: of the type their elements unify to.
fn unify_elements(types: &[&Type], safety: Safety, dynamic: usize, of: fn(Type) -> Type) -> Option<Type> {
    if dynamic > 0 {
        // What an unknown type turns out to be may change the result.
        return Some(Type::Dynamic);
    }
    let unified = of(unify_all(types.iter().filter_map(|t| t.element()).collect(), safety)?);
    types.iter().all(|t| possible(t, &unified, safety)).then_some(unified)
}

/// Unifies the types of one kind first, then the result with the others.
fn unify_as(
    types: &[&Type],
    safety: Safety,
    is_disguised: fn(&Type) -> bool,
    disguise_off: fn(&[&Type], Safety) -> Option<Type>,
) -> Option<Type> {
    let disguised: Vec<&Type> = types.iter().copied().filter(|t| is_disguised(t)).collect();
    let plain = disguise_off(&disguised, safety)?;
    let replaced = types.iter().map(|t| if is_disguised(t) { &plain } else { *t }).collect();
    unify_all(replaced, safety).filter(Type::is_collection)
}

/// Objects with the same attribute names unify attribute by attribute, else to a map.
fn unify_objects(types: &[&Type], safety: Safety) -> Option<Type> {
    let objects: Vec<_> = types.iter().filter_map(|t| t.as_object()).collect();
    let first = objects.first()?;
    let same_names = objects.iter().all(|o| o.iter().map(|(k, _)| k).eq(first.iter().map(|(k, _)| k)));
    if !same_names {
        return objects_to_map(types, safety);
    }
    let attributes: Option<Vec<_>> = first
        .iter()
        .map(|(name, _)| {
            let across = objects.iter().filter_map(|o| o.get(name)).collect();
            Some((name.clone(), unify_all(across, safety)?))
        })
        .collect();
    let unified = Type::object(attributes?);
    if types.iter().all(|t| possible(t, &unified, safety)) {
        return Some(unified);
    }
    objects_to_map(types, safety)
}

fn objects_to_map(types: &[&Type], safety: Safety) -> Option<Type> {
    let attributes =
        types.iter().filter_map(|t| t.as_object()).flat_map(|o| o.iter().map(|(_, t)| t)).collect();
    let unified = Type::map(unify_all(attributes, safety)?);
    types.iter().all(|t| possible(t, &unified, safety)).then_some(unified)
}

/// Tuples of the same length unify item by item, else to a list.
fn unify_tuples(types: &[&Type], safety: Safety) -> Option<Type> {
    let tuples: Vec<&[Type]> = types.iter().filter_map(|t| tuple_items(t)).collect();
    let first = tuples.first()?;
    if tuples.iter().any(|t| t.len() != first.len()) {
        return tuples_to_list(types, safety);
    }
    let items: Option<Vec<Type>> = (0..first.len())
        .map(|i| unify_all(tuples.iter().filter_map(|t| t.get(i)).collect(), safety))
        .collect();
    let unified = Type::tuple(items?);
    if types.iter().all(|t| possible(t, &unified, safety)) {
        return Some(unified);
    }
    tuples_to_list(types, safety)
}

fn tuples_to_list(types: &[&Type], safety: Safety) -> Option<Type> {
    let items = types.iter().filter_map(|t| tuple_items(t)).flatten().collect();
    let unified = Type::list(unify_all(items, safety)?);
    types.iter().all(|t| possible(t, &unified, safety)).then_some(unified)
}

fn tuple_items(ty: &Type) -> Option<&[Type]> {
    match ty {
        Type::Tuple(items) => Some(items),
        _ => None,
    }
}

/// The places of types, the most general first: a topological order of [`more_general`], stable where that says
/// nothing.
fn by_preference(types: &[&Type]) -> Vec<usize> {
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    let mut above = vec![0usize; types.len()];
    for i in 0..types.len() {
        for j in i + 1..types.len() {
            match more_general(types[i], types[j]) {
                -1 => {
                    below[i].push(j);
                    above[j] += 1;
                }
                1 => {
                    below[j].push(i);
                    above[i] += 1;
                }
                _ => {}
            }
        }
    }
    let mut order: Vec<usize> = (0..types.len()).filter(|i| above[*i] == 0).collect();
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        next += 1;
        for &lower in &below[at] {
            above[lower] -= 1;
            if above[lower] == 0 {
                order.push(lower);
            }
        }
    }
    order
}

/// -1 where `a` is the more general type, 1 where `b` is, 0 where neither is.
fn more_general(a: &Type, b: &Type) -> i8 {
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => 0,
        (_, Type::Dynamic) => -1,
        (Type::Dynamic, _) => 1,
        (Type::String, Type::Bool | Type::Number) => -1,
        (Type::Bool | Type::Number, Type::String) => 1,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            more_general(a, b)
        }
        (Type::List(_), Type::Tuple(_) | Type::Set(_)) | (Type::Tuple(_), Type::Set(_)) => -1,
        (Type::Tuple(_) | Type::Set(_), Type::List(_)) | (Type::Set(_), Type::Tuple(_)) => 1,
        (Type::Map(_), Type::Object(_)) => -1,
        (Type::Object(_), Type::Map(_)) => 1,
        (Type::Object(a), Type::Object(b)) if a.iter().map(|(k, _)| k).eq(b.iter().map(|(k, _)| k)) => {
            all_agree(a.iter().map(|(_, t)| t).zip(b.iter().map(|(_, t)| t)))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => all_agree(a.iter().zip(b.iter())),
        _ => 0,
    }
}

fn all_agree<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> i8 {
    let (mut a_is, mut b_is) = (false, false);
    for (a, b) in pairs {
        match more_general(a, b) {
            -1 => a_is = true,
            1 => b_is = true,
            _ => {}
        }
    }
    i8::from(b_is) - i8::from(a_is)
}
