//! Sets: `setintersection`, `setsubtract`, `setunion`.

use std::collections::HashSet;

use value::{Type, Value, convert, unify_unsafe};

use super::super::table::{Call, Core, function};
use super::super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    let set = |name: &'static str| Parameter::new(name, Type::set(Type::Dynamic)).dynamic();
    let set_type = || Type::set(Type::Dynamic);
    vec![
        function("setintersection", "Gives the items that are in all of several sets.")
            .with(set("first_set"))
            .variadic(set("other_sets"))
            .typed_by(common_type)
            .returns(set_type(), |call| {
                combine(call, false, |items, other| items.into_iter().filter(|i| other.contains(i)).collect())
            }),
        function("setsubtract", "Gives the items of a set that are not in another.")
            .with(set("a"))
            .with(set("b"))
            .typed_by(common_type)
            .returns(set_type(), |call| {
                combine(call, false, |items, other| {
                    items.into_iter().filter(|i| !other.contains(i)).collect()
                })
            }),
        function("setunion", "Gives the items that are in any of several sets.")
            .with(set("first_set"))
            .variadic(set("other_sets"))
            .typed_by(common_type)
            .returns(set_type(), |call| {
                combine(call, true, |mut items, other| {
                    items.extend(other.iter().cloned());
                    items
                })
            }),
    ]
}

/// A set of the type that all elements have in common; empty sets of no type do not count.
fn common_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let elements: Vec<Type> = arguments
        .iter()
        .filter_map(|argument| {
            let element = argument.ty().element().cloned().unwrap_or(Type::Dynamic);
            let empty = argument.items().is_some_and(<[Value]>::is_empty);
            (!empty || element != Type::Dynamic).then_some(element)
        })
        .collect();
    if elements.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    unify_unsafe(&elements)
        .map(Type::set)
        .ok_or_else(|| FunctionError::new("given sets must all have compatible element types"))
}

fn combine(
    call: &Call<'_>,
    allow_unknown_items: bool,
    operation: impl Fn(Vec<Value>, &HashSet<Value>) -> Vec<Value>,
) -> Result<Value, FunctionError> {
    let mut sets = Vec::with_capacity(call.arguments.len());
    for (i, argument) in call.arguments.iter().enumerate() {
        let set = convert(argument, &call.ty).map_err(|e| FunctionError::argument(i, e.message))?;
        if !set.is_known() || (!allow_unknown_items && !set.is_wholly_known()) {
            return Ok(Value::unknown(call.ty.clone()));
        }
        sets.push(set);
    }
    let mut items = Vec::new();
    for (i, set) in sets.iter().enumerate() {
        let these = set.items().unwrap_or_default();
        items = match i {
            0 => these.to_vec(),
            _ => operation(items, &these.iter().cloned().collect()),
        };
    }
    Ok(Value::set(call.element(), items))
}
