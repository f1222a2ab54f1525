//! Regular expressions: `regex`, `regexall`, and `replace` with one.

mod syntax;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::{Captures, RegexBuilder};
use value::{Type, Value};

use super::FunctionError;
use super::table::{Call, Core, function};
use super::text::{check_length, text};

/// The most memory a compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 8 << 20;
/// How many compiled patterns are kept: compiling takes longer than most matching, and configurations use the same few
/// patterns for thousands of resources.
const KEPT: usize = 256;

static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Regex>>>> = LazyLock::new(Mutex::default);

pub(super) fn functions() -> Vec<Core> {
    vec![
        function(
            "regex",
            "Matches a string with a regular expression and gives what the first match captured.",
        )
        .param("pattern", Type::String)
        .param("string", Type::String)
        .typed_by(pattern_type)
        .returns(Type::Dynamic, first_match),
        function(
            "regexall",
            "Matches a string with a regular expression and gives what each match captured.",
        )
        .param("pattern", Type::String)
        .param("string", Type::String)
        .typed_by(|arguments| pattern_type(arguments).map(Type::list))
        .returns(Type::list(Type::Dynamic), all_matches),
        function(
            "replace",
            "Replaces every occurrence of a string, or of a regular expression between slashes.",
        )
        .param("str", Type::String)
        .param("substr", Type::String)
        .param("replace", Type::String)
        .returns(Type::String, replace),
    ]
}

/// A compiled pattern with the names of its groups.
struct Regex {
    compiled: regex::Regex,
    /// Of group 1 on.
    groups: Vec<Option<String>>,
}

fn first_match(call: &Call<'_>) -> Result<Value, FunctionError> {
    let regex = compile(call.str(0)?)?;
    let captures = regex
        .compiled
        .captures(call.str(1)?)
        .ok_or_else(|| FunctionError::new("pattern did not match any part of the given string"))?;
    Ok(captured(&call.ty, &regex, &captures))
}

fn all_matches(call: &Call<'_>) -> Result<Value, FunctionError> {
    let regex = compile(call.str(0)?)?;
    let element = call.element();
    let matches = regex.compiled.captures_iter(call.str(1)?);
    Ok(Value::list(element.clone(), matches.map(|captures| captured(&element, &regex, &captures)).collect()))
}

fn replace(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (str, from, to) = (call.str(0)?, call.str(1)?, call.str(2)?);
    if from.len() > 1
        && let Some(pattern) = from.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'))
    {
        return replace_matches(str, pattern, to).map(text);
    }
    let times = if from.is_empty() { str.chars().count() + 1 } else { str.matches(from).count() };
    check_length(times.saturating_mul(to.len()).saturating_add(str.len()))?;
    Ok(text(str.replace(from, to)))
}

fn replace_matches(str: &str, pattern: &str, to: &str) -> Result<String, FunctionError> {
    let regex = Regex::cached(pattern)
        .map_err(|e| FunctionError::new(format!("error parsing regexp: {}: `{}`", e.code, e.part)))?;
    let (mut out, mut done) = (String::new(), 0);
    for captures in regex.compiled.captures_iter(str) {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(&str[done..whole.start()]);
        expand(&mut out, to, &regex, &captures);
        done = whole.end();
        check_length(out.len())?;
    }
    out.push_str(&str[done..]);
    Ok(out)
}

/// Writes a replacement with `$1`, `$name`, `${name}` and `$$` replaced. A name is as long as it can be; one that does not
/// exist is empty; a `$` that begins none of these stays.
fn expand(out: &mut String, template: &str, regex: &Regex, captures: &Captures<'_>) {
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some((name, after)) = reference(rest) else {
            out.push('$');
            continue;
        };
        out.push_str(regex.group(captures, name));
        rest = after;
    }
    out.push_str(rest);
}

/// The name after a `$`, and what follows it.
fn reference(rest: &str) -> Option<(&str, &str)> {
    let word = |s: &str| s.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(s.len());
    if let Some(inner) = rest.strip_prefix('{') {
        let end = word(inner);
        let after = inner[end..].strip_prefix('}')?;
        return (end > 0).then_some((&inner[..end], after));
    }
    let end = word(rest);
    (end > 0).then(|| rest.split_at(end))
}

/// What a match gives: all of it if the pattern has no groups, else an object of named or a tuple of unnamed groups.
fn pattern_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(pattern) = arguments.first().and_then(Value::as_str) else { return Ok(Type::Dynamic) };
    let regex = compile(pattern)?;
    let groups = &regex.groups;
    let named = groups.iter().flatten().count();
    if groups.is_empty() {
        Ok(Type::String)
    } else if named == 0 {
        Ok(Type::tuple(groups.iter().map(|_| Type::String)))
    } else if named == groups.len() {
        Ok(Type::object(groups.iter().flatten().map(|name| (name.as_str(), Type::String))))
    } else {
        let message = "invalid regexp pattern: cannot mix both named and unnamed capture groups";
        Err(FunctionError::argument(0, message))
    }
}

/// A group that took no part in the match is null.
fn captured(ty: &Type, regex: &Regex, captures: &Captures<'_>) -> Value {
    let group = |at: usize| captures.get(at).map_or_else(|| Value::null(Type::String), |m| text(m.as_str()));
    match ty {
        Type::Tuple(_) => Value::tuple((1..captures.len()).map(group).collect()),
        Type::Object(_) => Value::object_of(
            regex.groups.iter().enumerate().filter_map(|(i, name)| Some((name.clone()?, group(i + 1)))),
        ),
        _ => group(0),
    }
}

/// Compiles the pattern of the first argument.
fn compile(pattern: &str) -> Result<Arc<Regex>, FunctionError> {
    Regex::cached(pattern)
        .map_err(|e| FunctionError::argument(0, format!("invalid regexp pattern: {} in {}", e.code, e.part)))
}

impl Regex {
    fn cached(pattern: &str) -> Result<Arc<Self>, syntax::SyntaxError> {
        let lock = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(regex) = lock().get(pattern) {
            return Ok(Arc::clone(regex));
        }
        let regex = Arc::new(Self::new(pattern)?);
        let mut compiled = lock();
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), Arc::clone(&regex));
        Ok(regex)
    }

    fn new(pattern: &str) -> Result<Self, syntax::SyntaxError> {
        let parsed = syntax::translate(pattern)?;
        let compiled = RegexBuilder::new(&parsed.translated)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .build()
            .map_err(|_| syntax::SyntaxError { code: "expression too large", part: pattern.to_owned() })?;
        Ok(Self { compiled, groups: parsed.groups })
    }

    /// What a group captured, by number or by name; of several of one name the first that took part.
    fn group<'h>(&self, captures: &Captures<'h>, name: &str) -> &'h str {
        let found = match name.parse::<usize>() {
            Ok(number) => captures.get(number),
            Err(_) => self
                .groups
                .iter()
                .enumerate()
                .filter(|(_, group)| group.as_deref() == Some(name))
                .find_map(|(i, _)| captures.get(i + 1)),
        };
        found.map_or("", |m| m.as_str())
    }
}
