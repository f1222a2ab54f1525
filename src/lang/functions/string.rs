//! Strings: case, trimming, splitting, joining.

use value::{Refinement, Type, Value};

use super::table::{Call, Core, function};
use super::text::{check_length, graphemes, text};
use super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    let mut functions = vec![
        function("chomp", "Removes newline characters from the end of a string.")
            .param("str", Type::String)
            .returns(Type::String, |call| Ok(text(call.str(0)?.trim_end_matches(['\r', '\n'])))),
        function("indent", "Adds spaces to the beginning of all lines of a string but the first.")
            .with(Parameter::new("spaces", Type::Number).about("How many spaces to add after each newline."))
            .param("str", Type::String)
            .returns(Type::String, indent),
        function("join", "Concatenates all strings of lists with a separator between them.")
            .with(Parameter::new("separator", Type::String).about("What to put between the strings."))
            .variadic(
                Parameter::new("lists", Type::list(Type::String))
                    .about("One or more lists of strings to join."),
            )
            .returns(Type::String, join),
        function("lower", "Turns all letters of a string into lower case.")
            .with(Parameter::new("str", Type::String).dynamic())
            .returns(Type::String, |call| Ok(text(call.str(0)?.chars().map(lower).collect::<String>()))),
        function("split", "Splits a string at every occurrence of a separator.")
            .param("separator", Type::String)
            .param("str", Type::String)
            .returns(Type::list(Type::String), split),
        function("strcontains", "Tells whether a string contains another.")
            .param("str", Type::String)
            .param("substr", Type::String)
            .returns(Type::Bool, |call| Ok(Value::bool(call.str(0)?.contains(call.str(1)?)))),
        function("strrev", "Reverses the characters of a string.")
            .with(Parameter::new("str", Type::String).dynamic())
            .returns(Type::String, |call| Ok(text(graphemes(call.str(0)?).rev().collect::<String>()))),
        function("substr", "Takes a part of a string by offset and length, in characters.")
            .with(Parameter::new("str", Type::String).dynamic())
            .with(Parameter::new("offset", Type::Number).dynamic())
            .with(Parameter::new("length", Type::Number).dynamic())
            .returns(Type::String, substr),
        function("title", "Turns the first letter of each word of a string into upper case.")
            .param("str", Type::String)
            .returns(Type::String, |call| Ok(text(title(call.str(0)?)))),
        function("upper", "Turns all letters of a string into upper case.")
            .with(Parameter::new("str", Type::String).dynamic())
            .returns(Type::String, |call| Ok(text(call.str(0)?.chars().map(upper).collect::<String>()))),
    ];
    functions.extend(affixes());
    functions
}

fn affixes() -> Vec<Core> {
    vec![
        function("startswith", "Tells whether a string begins with another.")
            .with(Parameter::new("str", Type::String).unknown())
            .param("prefix", Type::String)
            .returns(Type::Bool, startswith),
        function("endswith", "Tells whether a string ends with another.")
            .param("str", Type::String)
            .param("suffix", Type::String)
            .returns(Type::Bool, |call| Ok(Value::bool(call.str(0)?.ends_with(call.str(1)?)))),
        function("trim", "Removes given characters from both ends of a string.")
            .param("str", Type::String)
            .with(
                Parameter::new("cutset", Type::String)
                    .about("All characters to remove; their order does not matter."),
            )
            .returns(Type::String, |call| {
                let cutset = call.str(1)?;
                Ok(text(call.str(0)?.trim_matches(|c| cutset.contains(c))))
            }),
        function("trimprefix", "Removes a prefix from a string if it is there.")
            .param("str", Type::String)
            .param("prefix", Type::String)
            .returns(Type::String, |call| {
                let whole = call.str(0)?;
                Ok(text(whole.strip_prefix(call.str(1)?).unwrap_or(whole)))
            }),
        function("trimspace", "Removes white space from both ends of a string.")
            .param("str", Type::String)
            .returns(Type::String, |call| Ok(text(call.str(0)?.trim()))),
        function("trimsuffix", "Removes a suffix from a string if it is there.")
            .param("str", Type::String)
            .param("suffix", Type::String)
            .returns(Type::String, |call| {
                let whole = call.str(0)?;
                Ok(text(whole.strip_suffix(call.str(1)?).unwrap_or(whole)))
            }),
    ]
}

fn indent(call: &Call<'_>) -> Result<Value, FunctionError> {
    let spaces = call.int(0)?;
    let spaces = usize::try_from(spaces)
        .map_err(|_| FunctionError::argument(0, "the number of spaces must not be negative"))?;
    let str = call.str(1)?;
    let lines = str.matches('\n').count();
    check_length(lines.saturating_mul(spaces).saturating_add(str.len()))?;
    if lines == 0 {
        return Ok(text(str));
    }
    let newline = format!("\n{}", " ".repeat(spaces));
    Ok(text(str.replace('\n', &newline)))
}

fn join(call: &Call<'_>) -> Result<Value, FunctionError> {
    let separator = call.str(0)?;
    let lists = call.rest(1);
    if lists.is_empty() {
        return Err(FunctionError::new("at least one list is required"));
    }
    if lists.iter().any(|list| !list.is_wholly_known()) {
        return Ok(Value::unknown(Type::String));
    }
    let mut parts = Vec::new();
    for (l, list) in lists.iter().enumerate() {
        for (i, item) in list.items().unwrap_or_default().iter().enumerate() {
            let Some(part) = item.as_str() else {
                let of_list = if lists.len() > 1 { format!(" of list {}", l + 1) } else { String::new() };
                let message = format!("element {i}{of_list} is null; cannot concatenate null values");
                return Err(FunctionError::argument(l + 1, message));
            };
            parts.push(part.as_str());
        }
    }
    let separators = separator.len().saturating_mul(parts.len());
    check_length(parts.iter().fold(separators, |sum, part| sum.saturating_add(part.len())))?;
    Ok(text(parts.join(separator)))
}

fn split(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (separator, str) = (call.str(0)?, call.str(1)?);
    let parts = if separator.is_empty() {
        str.chars().map(|c| text(c.to_string())).collect()
    } else {
        str.split(separator).map(text).collect()
    };
    Ok(Value::list(Type::String, parts))
}

fn startswith(call: &Call<'_>) -> Result<Value, FunctionError> {
    let prefix = call.str(1)?;
    if let Some(str) = call.arg(0)?.as_str() {
        return Ok(Value::bool(str.starts_with(prefix)));
    }
    // The beginning of an unknown string may be known, and decide.
    let known = call.arg(0)?.refinement().and_then(|r: &Refinement| r.prefix.clone()).unwrap_or_default();
    if known.starts_with(prefix) {
        return Ok(Value::bool(true));
    }
    if !prefix.starts_with(known.as_str()) {
        return Ok(Value::bool(false));
    }
    Ok(Value::unknown(Type::Bool))
}

/// A negative offset counts from the end, and one before the beginning is the beginning; a negative length is all the
/// rest, and so is 0 after a negative offset.
fn substr(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (str, mut offset, length) = (call.str(0)?, call.int(1)?, call.int(2)?);
    if offset < 0 {
        let total = i64::try_from(graphemes(str).count()).unwrap_or(i64::MAX);
        offset = offset.saturating_add(total);
    } else if length == 0 {
        return Ok(text(""));
    }
    let skip = usize::try_from(offset).unwrap_or(0);
    let take = usize::try_from(length).ok().filter(|n| *n > 0).unwrap_or(usize::MAX);
    Ok(text(graphemes(str).skip(skip).take(take).collect::<String>()))
}

/// Turns letters at the beginning of words into title case. A word is of letters, digits and underscores; outside of ASCII
/// only white space parts words (Go `strings.Title`).
fn title(str: &str) -> String {
    let mut previous = ' ';
    str.chars()
        .map(|c| {
            let starts_word = is_separator(previous);
            previous = c;
            if starts_word { title_case(c) } else { c }
        })
        .collect()
}

fn is_separator(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_alphanumeric() && c != '_';
    }
    c.is_whitespace()
}

/// The simple upper case mapping of Unicode: one character to one character.
fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        // Those whose full mapping is several characters: Greek with iota subscript has a simple mapping, others none.
        _ => match c {
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
                char::from_u32(c as u32 + 8).unwrap_or(c)
            }
            '\u{1fb3}' => '\u{1fbc}',
            '\u{1fc3}' => '\u{1fcc}',
            '\u{1ff3}' => '\u{1ffc}',
            _ => c,
        },
    }
}

fn lower(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ if c == '\u{130}' => 'i',
        _ => c,
    }
}

fn title_case(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian has capitals but does not begin words with them.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        _ => upper(c),
    }
}
