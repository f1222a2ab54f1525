//! `setproduct`: all combinations of the items of several sets or lists.

use value::{Marks, Refinement, Type, Value, convert, unify_unsafe};

use super::super::table::{Call, Core, function};
use super::super::{FunctionError, Parameter};
use super::{known_items, sequence};

/// The most combinations that are built.
const MAX_COMBINATIONS: usize = 1 << 20;
/// Bounds on the length of an unknown result are given only up to these, as in Terraform.
const MAX_BOUND_EACH: u64 = 1024;
const MAX_BOUND: u64 = 2048;

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("setproduct", "Gives all combinations of the items of several sets or lists.")
            .variadic(Parameter::new("sets", Type::Dynamic).unknown().marked().about(
                "Sets, or lists and tuples; if there is no set among them, the combinations are in the order of the items.",
            ))
            .typed_by(product_type)
            .returns(Type::Dynamic, setproduct),
    ]
}

fn product_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.len() < 2 {
        return Err(FunctionError::new("at least two arguments are required"));
    }
    let mut any_set = false;
    let elements = arguments
        .iter()
        .enumerate()
        .map(|(i, argument)| match argument.ty() {
            Type::Set(element) => {
                any_set = true;
                Ok(element.as_ref().clone())
            }
            Type::List(element) => Ok(element.as_ref().clone()),
            Type::Tuple(types) if types.is_empty() => Ok(Type::Dynamic),
            Type::Tuple(types) => unify_unsafe(&types)
                .ok_or_else(|| FunctionError::argument(i, "all elements must be of the same type")),
            _ => Err(FunctionError::argument(i, "a set or a list is required")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let combination = Type::tuple(elements);
    Ok(if any_set { Type::set(combination) } else { Type::list(combination) })
}

fn setproduct(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.arguments.iter().fold(Marks::NONE, |marks, argument| marks | argument.marks());
    let Some(sets) = call.arguments.iter().map(known_items).collect::<Option<Vec<_>>>() else {
        return Ok(unknown_product(call).mark(marks));
    };
    let Type::Tuple(types) = call.element() else { return Ok(Value::unknown(call.ty.clone()).mark(marks)) };
    let total = sets.iter().try_fold(1usize, |total, items| total.checked_mul(items.len()));
    let total = total.filter(|total| *total <= MAX_COMBINATIONS).ok_or_else(|| {
        FunctionError::new(format!("there would be more than {MAX_COMBINATIONS} combinations"))
    })?;
    if total == 0 {
        return Ok(sequence(&call.ty, Vec::new()).mark(marks));
    }
    let converted = sets
        .iter()
        .zip(types.iter())
        .map(|(items, ty)| items.iter().map(|item| convert(item, ty)).collect::<Result<Vec<_>, _>>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| FunctionError::new(e.message))?;
    let combinations = (0..total).map(|n| combination(&converted, n)).collect();
    Ok(sequence(&call.ty, combinations).mark(marks))
}

/// The nth combination; the last set varies fastest.
fn combination(sets: &[Vec<Value>], n: usize) -> Value {
    let mut n = n;
    let mut items: Vec<Value> = sets
        .iter()
        .rev()
        .filter_map(|set| {
            let at = n.checked_rem(set.len())?;
            n /= set.len();
            set.get(at).cloned()
        })
        .collect();
    items.reverse();
    Value::tuple(items)
}

fn unknown_product(call: &Call<'_>) -> Value {
    let mut most = 1u64;
    for argument in call.arguments {
        let length = match (argument.items(), argument.ty()) {
            (Some(items), _) => u64::try_from(items.len()).ok(),
            (None, Type::Tuple(types)) => u64::try_from(types.len()).ok(),
            (None, _) => argument.refinement().and_then(|r| r.max_len),
        };
        match length.filter(|n| *n <= MAX_BOUND_EACH) {
            Some(length) if most * length <= MAX_BOUND => most *= length,
            _ => return Value::unknown(call.ty.clone()),
        }
    }
    let least = u64::from(most > 0);
    Value::refined(
        call.ty.clone(),
        Refinement { not_null: true, min_len: Some(least), max_len: Some(most), ..Refinement::default() },
    )
}
