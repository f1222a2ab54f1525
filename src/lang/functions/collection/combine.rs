//! Making one collection of several: `coalesce`, `coalescelist`, `concat`, `flatten`, `merge`, `zipmap`, `transpose`.

use std::collections::BTreeMap;

use value::{Entries, Marks, Str, Type, Value, convert, unify_unsafe};

use super::super::table::{Call, Core, function};
use super::super::{FunctionError, Parameter};
use super::{is_list_or_tuple, is_sequence, known_items, sequence};

pub(super) fn functions() -> Vec<Core> {
    let any = |name: &'static str| Parameter::new(name, Type::Dynamic).dynamic().nullable();
    vec![
        function("coalesce", "Takes the first of its arguments that is neither null nor an empty string.")
            .variadic(any("vals").unknown())
            .typed_by(coalesce_type)
            .returns(Type::Dynamic, coalesce),
        function("coalescelist", "Takes the first of its arguments that is not an empty list.")
            .variadic(any("vals").unknown().about("Lists or tuples, tried in this order."))
            .typed_by(coalescelist_type)
            .returns(Type::Dynamic, coalescelist),
        function("concat", "Joins lists into one.")
            .variadic(Parameter::new("seqs", Type::Dynamic).marked())
            .typed_by(concat_type)
            .returns(Type::Dynamic, concat),
        function("flatten", "Replaces items of a list that are lists by their items, at any depth.")
            .with(Parameter::new("list", Type::Dynamic).marked())
            .typed_by(flatten_type)
            .returns(Type::Dynamic, flatten),
        function("merge", "Joins maps or objects into one; of equal keys the last one wins.")
            .variadic(any("maps").marked())
            .typed_by(merge_type)
            .returns(Type::Dynamic, merge),
        function("transpose", "Swaps keys and values of a map of lists of strings.")
            .param("values", Type::map(Type::list(Type::String)))
            .returns(Type::map(Type::list(Type::String)), transpose),
        function("zipmap", "Builds a map from a list of keys and a list of values.")
            .with(Parameter::new("keys", Type::list(Type::String)).marked())
            .with(Parameter::new("values", Type::Dynamic).marked())
            .typed_by(zipmap_type)
            .returns(Type::Dynamic, zipmap),
    ]
}

fn coalesce_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    unify_unsafe(&types).ok_or_else(|| FunctionError::new("all arguments must have the same type"))
}

fn coalesce(call: &Call<'_>) -> Result<Value, FunctionError> {
    for argument in call.arguments {
        let argument = convert(argument, &call.ty).map_err(|e| FunctionError::new(e.message))?;
        if !argument.is_known() {
            return Ok(Value::unknown(call.ty.clone()));
        }
        let empty = call.ty == Type::String && argument.as_str().is_some_and(Str::is_empty);
        if !argument.is_null() && !empty {
            return Ok(argument);
        }
    }
    Err(FunctionError::new("no non-null, non-empty-string arguments"))
}

fn coalescelist_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = arguments.first() else {
        return Err(FunctionError::new("at least one argument is required"));
    };
    for argument in arguments {
        if !argument.is_known() {
            return Ok(Type::Dynamic);
        }
        if !is_list_or_tuple(&argument.ty()) {
            return Err(FunctionError::new("coalescelist arguments must be lists or tuples"));
        }
    }
    let ty = first.ty();
    let same = arguments.iter().all(|argument| argument.ty() == ty);
    Ok(if same { ty } else { Type::Dynamic })
}

fn coalescelist(call: &Call<'_>) -> Result<Value, FunctionError> {
    for argument in call.arguments {
        if !argument.is_known() {
            return Ok(Value::unknown(call.ty.clone()));
        }
        if argument.items().is_some_and(|items| !items.is_empty()) {
            return Ok(argument.clone());
        }
    }
    Err(FunctionError::new("no non-null arguments"))
}

/// A list if all are lists whose elements have a common type, else a tuple.
fn concat_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify_unsafe(&types)
    {
        return Ok(common);
    }
    let mut items = Vec::new();
    for (i, (argument, ty)) in arguments.iter().zip(types).enumerate() {
        match ty {
            Type::Tuple(types) => items.extend(types.iter().cloned()),
            Type::List(element) => match argument.items() {
                None => return Ok(Type::Dynamic),
                Some(found) => items.extend(found.iter().map(|_| element.as_ref().clone())),
            },
            other => {
                let message = format!("all arguments must be lists or tuples; got {}", other.friendly_name());
                return Err(FunctionError::argument(i, message));
            }
        }
    }
    Ok(Type::tuple(items))
}

fn concat(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (mut items, mut marks) = (Vec::new(), Marks::NONE);
    for (i, argument) in call.arguments.iter().enumerate() {
        let argument = match call.ty {
            Type::List(_) => {
                convert(argument, &call.ty).map_err(|e| FunctionError::argument(i, e.message))?
            }
            _ => argument.clone(),
        };
        marks |= argument.marks();
        items.extend(argument.items().unwrap_or_default().iter().cloned());
    }
    Ok(sequence(&call.ty, items).mark(marks))
}

fn flatten_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments.first() {
        Some(list) if list.is_wholly_known() && !is_sequence(&list.ty()) => Err(not_flat()),
        _ => Ok(Type::Dynamic),
    }
}

fn flatten(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = call.arg(0)?;
    if !is_sequence(&list.ty()) {
        return Err(not_flat());
    }
    let mut flat = Flat::default();
    flat.add_items(list);
    if flat.unknown {
        return Ok(Value::dynamic().mark(flat.marks));
    }
    Ok(Value::tuple(flat.items).mark(flat.marks))
}

fn not_flat() -> FunctionError {
    FunctionError::new("can only flatten lists, sets and tuples")
}

/// The result of `flatten` as far as it is computed.
#[derive(Default)]
struct Flat {
    items: Vec<Value>,
    /// Of all sequences that were opened.
    marks: Marks,
    /// How many items there are cannot be told yet.
    unknown: bool,
}

impl Flat {
    fn add_items(&mut self, list: &Value) {
        self.marks |= list.marks();
        let Some(items) = known_items(list) else {
            self.unknown = true;
            return;
        };
        for item in items {
            let ty = item.ty();
            if ty == Type::Dynamic && !item.is_known() {
                self.unknown = true;
            } else if item.is_null() || !is_sequence(&ty) {
                self.items.push(item.clone());
            } else if item.is_known() {
                crate::stack::deeper(|| self.add_items(item));
            } else {
                self.marks |= item.marks();
                self.unknown = true;
            }
        }
    }
}

/// The common type if all have the same, else an object of all attributes, as far as they are known.
fn merge_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let mut attributes: BTreeMap<Str, Type> = BTreeMap::new();
    let mut known = true;
    for argument in arguments {
        let ty = argument.ty();
        match &ty {
            Type::Dynamic => return Ok(Type::Dynamic),
            Type::Object(object) if !argument.is_null() => {
                attributes.extend(object.iter().map(|(name, ty)| (name.clone(), ty.clone())));
            }
            Type::Map(element) => match argument.entries() {
                Some(entries) => {
                    attributes.extend(entries.keys().map(|key| (key.clone(), element.as_ref().clone())));
                }
                None => known &= argument.is_null(),
            },
            Type::Object(_) => {}
            other => {
                let name = super::super::text::quoted(&other.friendly_name());
                return Err(FunctionError::new(format!("arguments must be maps or objects, got {name}")));
            }
        }
    }
    let Some(first) = arguments.first().map(Value::ty) else { return Ok(Type::object::<Str>([])) };
    // Objects of one type may be null, and then bring no attribute.
    if !matches!(first, Type::Object(_)) && arguments.iter().all(|argument| argument.ty() == first) {
        Ok(first)
    } else if known {
        Ok(Type::object(attributes))
    } else {
        Ok(Type::Dynamic)
    }
}

fn merge(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.arguments.iter().fold(Marks::NONE, |marks, argument| marks | argument.marks());
    let entries: Entries = call
        .arguments
        .iter()
        .filter_map(Value::entries)
        .flat_map(|entries| entries.iter().map(|(key, value)| (key.clone(), value.clone())))
        .collect();
    let merged = match &call.ty {
        Type::Map(element) => Value::map(element.as_ref().clone(), entries),
        _ => Value::object(entries),
    };
    Ok(merged.mark(marks))
}

fn transpose(call: &Call<'_>) -> Result<Value, FunctionError> {
    let input = call.arg(0)?;
    if !input.is_wholly_known() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    let invalid = || FunctionError::new("input must be a map of lists of strings");
    let mut transposed: BTreeMap<Str, Vec<Value>> = BTreeMap::new();
    // Keys come in order, so each list of the result is in order too.
    for (key, items) in input.entries().into_iter().flat_map(Entries::iter) {
        for item in items.items().ok_or_else(invalid)? {
            let new_key = item.as_str().ok_or_else(invalid)?;
            transposed.entry(new_key.clone()).or_default().push(Value::string(key.clone()));
        }
    }
    let entries = transposed.into_iter().map(|(key, keys)| (key, Value::list(Type::String, keys))).collect();
    Ok(Value::map(Type::list(Type::String), entries))
}

fn zipmap_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let [keys, values] = arguments else { return Ok(Type::Dynamic) };
    match values.ty() {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(types) => {
            let Some(items) = keys.items().filter(|_| keys.is_wholly_known()) else {
                return Ok(Type::Dynamic);
            };
            check_pairs(items.len(), types.len())?;
            let names = map_keys(items)?;
            Ok(Type::object(names.into_iter().zip(types.iter().cloned())))
        }
        _ => Err(FunctionError::new("values argument must be a list or tuple value")),
    }
}

fn zipmap(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (keys, values) = (call.arg(0)?, call.arg(1)?);
    let marks = keys.deep_marks() | values.marks();
    if !keys.is_wholly_known() {
        return Ok(Value::unknown(call.ty.clone()).mark(marks));
    }
    let (keys, values) = (call.items(0)?, call.items(1)?);
    check_pairs(keys.len(), values.len())?;
    let entries: Entries = map_keys(keys)?.into_iter().zip(values.iter().cloned()).collect();
    let map = match &call.ty {
        Type::Map(element) => Value::map(element.as_ref().clone(), entries),
        _ => Value::object(entries),
    };
    Ok(map.mark(marks))
}

fn check_pairs(keys: usize, values: usize) -> Result<(), FunctionError> {
    if keys != values {
        let message = format!("number of keys ({keys}) does not match number of values ({values})");
        return Err(FunctionError::new(message));
    }
    Ok(())
}

fn map_keys(keys: &[Value]) -> Result<Vec<Str>, FunctionError> {
    keys.iter()
        .enumerate()
        .map(|(i, key)| {
            key.as_str()
                .cloned()
                .ok_or_else(|| FunctionError::new(format!("keys list has null value at index {i}")))
        })
        .collect()
}
