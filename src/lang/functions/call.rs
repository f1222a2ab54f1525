//! The calling protocol of functions (go-cty `function.Function.Call`).

use std::collections::HashSet;

use value::{Marks, Refinement, Type, Value, convert};

use super::{CallContext, Function, FunctionError, Parameter};

/// Calls a function with arguments as they were evaluated.
///
/// In this order: checks their number; converts each to its parameter's type; refuses nulls; takes off marks, which then
/// lie on the result; answers unknown if an argument is; calls. A parameter may ask for nulls, unknowns or marks itself.
pub fn invoke(
    function: &dyn Function,
    context: &CallContext,
    arguments: &[Value],
) -> Result<Value, FunctionError> {
    check_count(function, arguments.len())?;
    let mut arguments = convert_arguments(function, arguments)?;
    let prepared = prepare(function, &mut arguments)?;
    let result = match prepared.answer {
        Answer::Dynamic => Ok(Value::dynamic()),
        Answer::Unknown => function.result_type(&arguments).map(Value::unknown),
        Answer::Call => function.call(context, &arguments),
    };
    match result {
        Ok(value) => Ok(not_null(function, value).mark(prepared.marks)),
        Err(error) => Err(prepared.redact(error)),
    }
}

/// What [`invoke`] does after the arguments were looked at.
enum Answer {
    /// Not even the type of an argument is known.
    Dynamic,
    Unknown,
    Call,
}

struct Prepared {
    answer: Answer,
    /// Taken off the arguments.
    marks: Marks,
    /// Arguments that were sensitive, without their marks.
    secrets: Vec<Value>,
}

fn check_count(function: &dyn Function, given: usize) -> Result<(), FunctionError> {
    let required = function.parameters().len();
    if function.variadic().is_some() {
        if given < required {
            return Err(FunctionError::new(format!(
                "wrong number of arguments (at least {required} required; {given} given)"
            )));
        }
    } else if given != required {
        return Err(FunctionError::new(format!(
            "wrong number of arguments ({required} required; {given} given)"
        )));
    }
    Ok(())
}

fn convert_arguments(function: &dyn Function, arguments: &[Value]) -> Result<Vec<Value>, FunctionError> {
    arguments
        .iter()
        .enumerate()
        .map(|(i, argument)| match parameter(function, i).map(|p| &p.ty) {
            None | Some(Type::Dynamic) => Ok(argument.clone()),
            Some(ty) => convert(argument, ty).map_err(|e| FunctionError::argument(i, e.message)),
        })
        .collect()
}

/// Checks each argument and takes its marks off, in order: as in cty the first that is of unknown type ends the checks.
fn prepare(function: &dyn Function, arguments: &mut [Value]) -> Result<Prepared, FunctionError> {
    let mut prepared = Prepared { answer: Answer::Call, marks: Marks::NONE, secrets: Vec::new() };
    let all_marks = CallContext::marks_of(arguments);
    let mut checking = true;
    for (i, argument) in arguments.iter_mut().enumerate() {
        let Some(parameter) = parameter(function, i) else { continue };
        if !parameter.allow_marked {
            let marks = argument.deep_marks();
            prepared.marks |= marks;
            if !marks.is_empty() {
                *argument = argument.unmark_deep();
            }
            if marks.is_sensitive() {
                prepared.secrets.push(argument.clone());
            }
        }
        if !checking {
            continue;
        }
        if argument.is_null() && !parameter.allow_null {
            return Err(FunctionError::argument(i, "argument must not be null"));
        }
        if argument.ty() == Type::Dynamic && !parameter.allow_dynamic {
            prepared.answer = Answer::Dynamic;
            checking = false;
        } else if !argument.is_known() && !parameter.allow_unknown {
            prepared.answer = Answer::Unknown;
        }
    }
    if !matches!(prepared.answer, Answer::Call) {
        // The function cannot set the marks of what it was to handle by itself.
        prepared.marks |= all_marks;
    }
    Ok(prepared)
}

impl Prepared {
    /// Replaces a message that quotes what was sensitive.
    fn redact(&self, error: FunctionError) -> FunctionError {
        if self.secrets.iter().any(|secret| quotes(&error.message, secret)) {
            let message = "the reason is not shown because it includes a sensitive value".to_owned();
            return FunctionError { message, ..error };
        }
        error
    }
}

/// Whether a message holds the text of a scalar anywhere in a value, or a part of it.
fn quotes(message: &str, secret: &Value) -> bool {
    if let Some(text) = secret.as_str() {
        return shares_text(message, text);
    }
    if let Some(number) = secret.as_number() {
        return message.contains(&number.to_string());
    }
    crate::stack::deeper(|| {
        secret.items().is_some_and(|items| items.iter().any(|item| quotes(message, item)))
            || secret.entries().is_some_and(|entries| {
                entries.iter().any(|(key, item)| message.contains(key.as_str()) || quotes(message, item))
            })
    })
}

/// Whether two texts have some characters in a row in common. Now and then that is by chance; then a message is hidden
/// that need not be.
fn shares_text(message: &str, secret: &str) -> bool {
    const IN_A_ROW: usize = 4;
    if secret.chars().count() <= IN_A_ROW {
        return !secret.is_empty() && message.contains(secret);
    }
    let windows = |text: &str| {
        let characters: Vec<char> = text.chars().collect();
        characters.windows(IN_A_ROW).map(<[char]>::to_vec).collect::<HashSet<_>>()
    };
    let shown = windows(message);
    windows(secret).iter().any(|window| shown.contains(window))
}

fn not_null(function: &dyn Function, value: Value) -> Value {
    if value.is_known() || !function.never_null() || value.ty() == Type::Dynamic {
        return value;
    }
    let refinement = value.refinement().cloned().unwrap_or_default();
    let marks = value.marks();
    Value::refined(value.ty(), Refinement { not_null: true, ..refinement }).with_marks(marks)
}

fn parameter(function: &dyn Function, at: usize) -> Option<&Parameter> {
    function.parameters().get(at).or_else(|| function.variadic())
}
