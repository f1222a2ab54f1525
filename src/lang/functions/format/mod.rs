//! `format` and `formatlist`: verbs as of C's `printf`, with Go's flags.

mod verb;

use value::{Refinement, Type, Value};

use super::table::{Call, Core, function};
use super::text::text;
use super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    let arguments = || Parameter::new("args", Type::Dynamic).nullable().unknown();
    vec![
        function("format", "Builds a string from a template with verbs, as printf of C does.")
            .param("format", Type::String)
            .variadic(arguments())
            .returns(Type::String, format),
        function("formatlist", "Builds a list of strings from a template with verbs and lists of arguments.")
            .param("format", Type::String)
            .variadic(arguments())
            .returns(Type::list(Type::String), formatlist),
    ]
}

fn format(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (template, arguments) = (call.str(0)?, call.rest(1));
    if arguments.iter().any(|argument| !argument.is_wholly_known()) {
        let known = template.find('%').map_or("", |at| &template[..at]);
        return Ok(Value::refined(Type::String, Refinement::prefix(safe_prefix(known))));
    }
    let arguments: Vec<&Value> = arguments.iter().collect();
    verb::format(template, &arguments).map(text)
}

/// The beginning of a string without its last character, which what follows could still combine with.
fn safe_prefix(known: &str) -> String {
    let mut characters = super::text::graphemes(known);
    characters.next_back();
    characters.collect()
}

/// Arguments that are sequences give one item a result; all others are used for every result.
fn formatlist(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (template, arguments) = (call.str(0)?, call.rest(1));
    let Some(length) = common_length(arguments)? else {
        return Ok(Value::unknown(call.ty.clone()));
    };
    let results = (0..length).map(|row| {
        let row_arguments: Vec<&Value> = arguments
            .iter()
            .map(|argument| match sequence(argument) {
                Some(items) => items.get(row).unwrap_or(argument),
                None => argument,
            })
            .collect();
        if row_arguments.iter().any(|argument| !argument.is_wholly_known()) {
            return Ok(Value::refined(Type::String, Refinement::not_null()));
        }
        verb::format(template, &row_arguments).map(text).map_err(|e| {
            if arguments.is_empty() {
                return e;
            }
            FunctionError::new(format!("error on format iteration {row}: {}", e.message))
        })
    });
    Ok(Value::list(Type::String, results.collect::<Result<_, _>>()?))
}

/// How many results there are, which all sequences must agree on; `None` where that cannot be told yet.
fn common_length(arguments: &[Value]) -> Result<Option<usize>, FunctionError> {
    let mut common: Option<(usize, usize)> = None;
    let mut unknown = false;
    for (i, argument) in arguments.iter().enumerate() {
        if argument.ty() == Type::Dynamic && !argument.is_known() {
            unknown = true;
            continue;
        }
        let length = match (sequence(argument), argument.ty()) {
            (Some(items), _) => items.len(),
            (None, Type::Tuple(types)) if !argument.is_known() => {
                unknown = true;
                types.len()
            }
            (None, Type::List(_) | Type::Set(_)) if !argument.is_known() => {
                unknown = true;
                continue;
            }
            _ => continue,
        };
        match common {
            None => common = Some((i, length)),
            Some((first, expected)) if expected != length => {
                return Err(FunctionError::argument(
                    i + 1,
                    format!(
                        "argument {} has length {length}, which is inconsistent with argument {} of length {expected}",
                        i + 1,
                        first + 1
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    Ok((!unknown).then(|| common.map_or(1, |(_, length)| length)))
}

/// The items of a known sequence. A set with unknown items has no known length.
fn sequence(argument: &Value) -> Option<&[Value]> {
    argument.items().filter(|_| !matches!(argument.ty(), Type::Set(_)) || argument.is_wholly_known())
}
