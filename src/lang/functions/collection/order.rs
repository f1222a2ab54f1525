//! Order and parts of lists: `chunklist`, `compact`, `distinct`, `matchkeys`, `range`, `reverse`, `slice`, `sort`.

use std::collections::HashSet;

use value::{Number, Type, Value, convert, unify_unsafe};

use super::super::table::{Call, Core, function, whole};
use super::super::{FunctionError, Parameter};
use super::lookup::same_length;
use super::sequence;

/// The most values that `range` gives.
const MAX_RANGE: usize = 1024;

pub(super) fn functions() -> Vec<Core> {
    let list = || Type::list(Type::Dynamic);
    vec![
        function("chunklist", "Splits a list into lists of a given length.")
            .with(Parameter::new("list", list()).marked())
            .with(
                Parameter::new("size", Type::Number)
                    .marked()
                    .about("The length of each list but the last, which may be shorter."),
            )
            .typed_by(|arguments| Ok(Type::list(type_of(arguments, 0))))
            .returns(Type::list(list()), chunklist),
        function("compact", "Removes null and empty strings from a list.")
            .param("list", Type::list(Type::String))
            .returns(Type::list(Type::String), compact),
        function("distinct", "Removes duplicates from a list; of equal items the first stays.")
            .param("list", list())
            .typed_by(|arguments| Ok(type_of(arguments, 0)))
            .returns(list(), distinct),
        function("matchkeys", "Takes those items of a list whose key, at the same index, is in a set.")
            .param("values", list())
            .param("keys", list())
            .param("searchset", list())
            .typed_by(matchkeys_type)
            .returns(list(), matchkeys),
        function("range", "Builds a list of numbers from a start, a limit and a step.")
            .variadic(Parameter::new("params", Type::Number))
            .returns(Type::list(Type::Number), range),
        function("reverse", "Reverses the order of a list.")
            .with(Parameter::new("list", Type::Dynamic).marked())
            .typed_by(reverse_type)
            .returns(Type::Dynamic, reverse),
        function("slice", "Takes the items of a list from an index up to, but not including, another.")
            .with(Parameter::new("list", Type::Dynamic).marked())
            .param("start_index", Type::Number)
            .param("end_index", Type::Number)
            .typed_by(slice_type)
            .returns(Type::Dynamic, slice),
        function("sort", "Sorts strings by their code points.")
            .with(Parameter::new("list", Type::list(Type::String)).unknown())
            .returns(Type::list(Type::String), sort),
    ]
}

fn type_of(arguments: &[Value], at: usize) -> Type {
    arguments.get(at).map_or(Type::Dynamic, Value::ty)
}

/// A size of 0 gives one list of all items.
fn chunklist(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (list, size) = (call.arg(0)?, call.arg(1)?);
    let marks = list.marks() | size.marks();
    let size = whole(call.number(1)?).map_err(|e| FunctionError::new(format!("invalid size: {e}")))?;
    let size = usize::try_from(size).map_err(|_| FunctionError::new("the size argument must be positive"))?;
    let items = call.items(0)?;
    let ty = call.element();
    let chunks = match size {
        0 if !items.is_empty() => vec![list.clone().unmark()],
        size => items.chunks(size.max(1)).map(|chunk| sequence(&ty, chunk.to_vec())).collect(),
    };
    Ok(Value::list(ty, chunks).mark(marks))
}

fn compact(call: &Call<'_>) -> Result<Value, FunctionError> {
    if !call.arg(0)?.is_wholly_known() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    let kept = |item: &&Value| item.as_str().is_some_and(|s| !s.is_empty());
    Ok(Value::list(Type::String, call.items(0)?.iter().filter(kept).cloned().collect()))
}

fn distinct(call: &Call<'_>) -> Result<Value, FunctionError> {
    if !call.arg(0)?.is_wholly_known() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    let mut seen = HashSet::new();
    let items = call.items(0)?.iter().filter(|item| seen.insert(*item)).cloned().collect();
    Ok(Value::list(call.element(), items))
}

fn matchkeys_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    key_type(arguments)?;
    Ok(type_of(arguments, 0))
}

/// The type that keys and search set have in common.
fn key_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    unify_unsafe(&[type_of(arguments, 1), type_of(arguments, 2)])
        .ok_or_else(|| FunctionError::new("keys and searchset must be of the same type"))
}

fn matchkeys(call: &Call<'_>) -> Result<Value, FunctionError> {
    let values = call.items(0)?;
    if values.len() != call.items(1)?.len() {
        return Err(FunctionError::new("length of keys and values should be equal"));
    }
    let ty = key_type(call.arguments)?;
    let converted = |at: usize| convert(call.arg(at)?, &ty).map_err(|e| FunctionError::new(e.message));
    let (keys, search) = (converted(1)?, converted(2)?);
    let wanted: HashSet<&Value> = search.items().unwrap_or_default().iter().collect();
    if wanted.is_empty() {
        return Ok(Value::list(call.element(), Vec::new()));
    }
    if !call.arg(0)?.is_wholly_known() || !keys.is_wholly_known() || !search.is_wholly_known() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    let keys = keys.items().unwrap_or_default();
    let matching = values.iter().zip(keys).filter(|(_, key)| wanted.contains(key));
    Ok(Value::list(call.element(), matching.map(|(value, _)| value.clone()).collect()))
}

fn range(call: &Call<'_>) -> Result<Value, FunctionError> {
    let numbers: Vec<&Number> =
        (0..call.arguments.len()).map(|i| call.number(i)).collect::<Result<_, _>>()?;
    let (zero, one) = (Number::ZERO, Number::ONE);
    let (start, end) = match numbers[..] {
        [end] => (&zero, end),
        [start, end] | [start, end, _] => (start, end),
        _ => return Err(FunctionError::new("must have one, two, or three arguments")),
    };
    let step = numbers.get(2).map_or_else(|| if end < start { -one } else { one }, |step| (*step).clone());
    if step.is_zero() {
        return Err(FunctionError::argument(2, "step must not be zero"));
    }
    let down = step.is_negative();
    if down && end > start {
        return Err(FunctionError::argument(1, "end must be less than start when step is negative"));
    }
    if !down && end < start {
        return Err(FunctionError::argument(1, "end must be greater than start when step is positive"));
    }
    let mut values = Vec::new();
    let mut next = start.clone();
    while if down { next > *end } else { next < *end } {
        if values.len() >= MAX_RANGE {
            return Err(FunctionError::new(format!(
                "more than {MAX_RANGE} values were generated; either decrease the difference between start and end or \
                 use a smaller step"
            )));
        }
        let following = next.add(&step).map_err(|e| FunctionError::new(e.to_string()))?;
        values.push(Value::number(next));
        next = following;
    }
    Ok(Value::list(Type::Number, values))
}

/// Sets are taken too, as if they had been converted to lists.
fn reverse_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match type_of(arguments, 0) {
        Type::Tuple(types) => Ok(Type::tuple(types.iter().rev().cloned())),
        Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
        other => {
            let message = format!("can only reverse list or tuple values, not {}", other.friendly_name());
            Err(FunctionError::argument(0, message))
        }
    }
}

fn reverse(call: &Call<'_>) -> Result<Value, FunctionError> {
    let items = call.items(0)?.iter().rev().cloned().collect();
    Ok(sequence(&call.ty, items).mark(call.arg(0)?.marks()))
}

fn slice_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let ty = type_of(arguments, 0);
    match &ty {
        Type::Set(_) => {
            return Err(FunctionError::argument(
                0,
                "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the \
                 ordering of the result is not important",
            ));
        }
        Type::List(_) | Type::Tuple(_) => {}
        _ => return Err(FunctionError::argument(0, "must be a list or tuple value")),
    }
    let range = slice_range(arguments)?;
    Ok(match (ty, range) {
        (Type::Tuple(types), Some((start, end))) => {
            Type::tuple(types.get(start..end).unwrap_or_default().iter().cloned())
        }
        (Type::Tuple(_), None) => Type::Dynamic,
        (list, _) => list,
    })
}

fn slice(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.arg(0)?.marks();
    let (Some((start, end)), Some(items)) = (slice_range(call.arguments)?, call.arg(0)?.items()) else {
        return Ok(Value::unknown(call.ty.clone()).mark(marks));
    };
    let items = items.get(start..end).unwrap_or_default().to_vec();
    Ok(sequence(&call.ty, items).mark(marks))
}

/// Start and end, if both are known; checked against each other and against the length as far as that is known.
fn slice_range(arguments: &[Value]) -> Result<Option<(usize, usize)>, FunctionError> {
    let list = arguments.first();
    let length = match list.map(Value::ty) {
        Some(Type::Tuple(types)) => Some(types.len()),
        _ => list.and_then(Value::items).map(<[Value]>::len),
    };
    let bound = |at: usize, name: &str| -> Result<Option<usize>, FunctionError> {
        let Some(number) = arguments.get(at).and_then(Value::as_number) else { return Ok(None) };
        let blame = |message: String| FunctionError::argument(at, message);
        let number = whole(number).map_err(|e| blame(format!("invalid {name} index: {e}")))?;
        let number =
            usize::try_from(number).map_err(|_| blame(format!("{name} index must not be less than zero")))?;
        if length.is_some_and(|length| number > length) {
            return Err(blame(format!("{name} index must not be greater than the length of the list")));
        }
        Ok(Some(number))
    };
    let (start, end) = (bound(1, "start")?, bound(2, "end")?);
    match (start, end) {
        (Some(start), Some(end)) if start > end => {
            Err(FunctionError::argument(1, "start index must not be greater than end index"))
        }
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

fn sort(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = call.arg(0)?;
    let Some(items) = list.items().filter(|_| list.is_wholly_known()) else {
        return Ok(match list.items() {
            // Which item is where is not known, but how many there are.
            Some(items) => {
                let unknown = Value::refined(Type::String, value::Refinement::default());
                Value::list(Type::String, vec![unknown; items.len()])
            }
            None => Value::refined(call.ty.clone(), same_length(list)),
        });
    };
    let mut strings = items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            item.as_str().ok_or_else(|| {
                FunctionError::new(format!("given list element {i} is null; a null string cannot be sorted"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    strings.sort();
    Ok(Value::list(Type::String, strings.into_iter().cloned().map(Value::string).collect()))
}
