//! `data/*.txt` hold calls and what Terraform 1.11 answered, recorded in `fixtures/`: `> call`, then lines of the value after
//! `| `, or `! summary: detail`. Where groma means to answer otherwise, [`DIFFERENT`] says what and why.

use std::collections::BTreeMap;
use std::path::PathBuf;

use diag::FileId;
use value::{Str, Type, Value};

use super::super::CallContext;
use crate::{MapScope, console_type_argument, evaluate};

/// A call, the answer of groma, and the reason why it is not Terraform's.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (
        "range(1, 4, 0)",
        "! Invalid function argument: Invalid value for \"params\" parameter: step must not be zero.",
        "Terraform means to say so, but compares a number by how it is held in memory",
    ),
    (
        "textencodebase64(\"a\", \"foo\")",
        "! Invalid function argument: Invalid value for \"encoding\" parameter: \"foo\" is not a supported IANA encoding name \
         or alias in this version.",
        "it is not Terraform's version",
    ),
    (
        "textdecodebase64(\"YQ==\", \"foo\")",
        "! Invalid function argument: Invalid value for \"encoding\" parameter: \"foo\" is not a supported IANA encoding name \
         or alias in this version.",
        "it is not Terraform's version",
    ),
    (
        "templatefile(\"nested.tftpl\", {})",
        "! Error in function call: Call to function \"templatefile\" failed: nested.tftpl:1,5-18: Error in function call; \
         Call to function \"templatefile\" failed: cannot recursively call templatefile from inside another template \
         function.",
        "one full stop is enough",
    ),
    (
        "templatefile(\"bad.tftpl\", {})",
        "! Error in function call: Call to function \"templatefile\" failed: bad.tftpl:2,1-1: Missing expression; Expected \
         the start of an expression, but found the end of the file.",
        "one full stop is enough",
    ),
    (
        "templatefile(\"error.tftpl\", {v = \"x\"})",
        "! Error in function call: Call to function \"templatefile\" failed: error.tftpl:2,14-15: Invalid function argument; \
         Invalid value for \"v\" parameter: cannot convert \"x\" to number; given string must be a decimal representation of \
         a number.",
        "one full stop is enough",
    ),
    (
        "templatestring(local.bad, {})",
        "! Invalid function argument: Invalid value for \"template\" parameter: invalid template: <templatestring \
         argument>:1,6-6: Missing expression; Expected the start of an expression, but found the end of the file.",
        "one full stop is enough",
    ),
    (
        "bcrypt(\"x\", 40)",
        "! Error in function call: Call to function \"bcrypt\" failed: error occured generating password crypto/bcrypt: cost \
         40 is outside allowed range (4,20).",
        "costs above 20 take minutes to days",
    ),
    (
        "rsadecrypt(\"aGk=\", \"x\")",
        "! Invalid function argument: Invalid value for \"privatekey\" parameter: invalid private key: no PEM data is found.",
        "it says what is missing",
    ),
    (
        "cidrsubnets(\"0.0.0.0/0\", 1, 1)",
        "| tolist([\n|   \"0.0.0.0/1\",\n|   \"128.0.0.0/1\",\n| ])",
        "Terraform wraps around before the first subnet",
    ),
    (
        "cidrsubnets(\"::/0\", 1)",
        "| tolist([\n|   \"::/1\",\n| ])",
        "Terraform wraps around before the first subnet",
    ),
    (
        "parseint(sensitive(\"zz\"), 10)",
        "! Invalid function argument: Invalid value for \"number\" parameter: what is wrong is not shown, because an argument is sensitive.",
        "nothing is quoted of a failure that a secret has a part in",
    ),
    (
        "parseint(\"zz\", sensitive(10))",
        "! Invalid function argument: Invalid value for \"number\" parameter: what is wrong is not shown, because an argument is sensitive.",
        "nothing is quoted of a failure that a secret has a part in",
    ),
    (
        "file(sensitive(\"nope\"))",
        "! Invalid function argument: Invalid value for \"path\" parameter: what is wrong is not shown, because an argument is sensitive.",
        "nothing is quoted of a failure that a secret has a part in",
    ),
    (
        "lookup(tomap({a = 1}), sensitive(\"zz\"))",
        "! Error in function call: Call to function \"lookup\" failed: what is wrong is not shown, because an argument is sensitive.",
        "nothing is quoted of a failure that a secret has a part in",
    ),
    (
        "base64decode(sensitive(\"!!!\"))",
        "! Error in function call: Call to function \"base64decode\" failed: what is wrong is not shown, because an argument is sensitive.",
        "nothing is quoted of a failure that a secret has a part in",
    ),
    (
        "format(\"%d\", sensitive(\"abc\"))",
        "! Error in function call: Call to function \"format\" failed: what is wrong is not shown, because an argument is sensitive.",
        "nothing is quoted of a failure that a secret has a part in",
    ),
    (
        "type(toset(local.l))",
        "| set(string)",
        "what the items are is known; Terraform forgets it until the list is known",
    ),
];

#[test]
fn answers_as_recorded() {
    let mut failures = Vec::new();
    let mut rows = 0;
    let scope = scope();
    for (call, expected) in recorded() {
        rows += 1;
        let answer = normal(&answer(&call, &scope));
        let expected = DIFFERENT
            .iter()
            .find(|(other, ..)| *other == call)
            .map_or_else(|| expected.clone(), |(_, answer, _)| normal(answer));
        if answer != normal(&expected) {
            failures.push(format!("> {call}\n  expected {expected}\n  but was  {answer}"));
        }
    }
    assert!(rows > 1000, "only {rows} rows were found");
    assert!(failures.is_empty(), "{} of {rows} differ:\n{}", failures.len(), failures.join("\n"));
}

/// What the configuration in `fixtures/` gives before it is applied: strings, numbers and collections that are not known.
fn scope() -> MapScope {
    let unknown = |ty: Type| Value::unknown(ty);
    let local = Value::object_of([
        ("s", unknown(Type::String)),
        ("d", Value::dynamic()),
        ("n", unknown(Type::Number)),
        ("b", unknown(Type::Bool)),
        ("l", unknown(Type::list(Type::String))),
        ("m", unknown(Type::map(Type::String))),
        ("t", Value::string("hi ${name}")),
        ("bad", Value::string("hi ${")),
    ]);
    let mut context = CallContext::new(fixtures());
    context.home = Some(PathBuf::from("/home/user"));
    MapScope::new(context, BTreeMap::from([(Str::from("local"), local)]))
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("functions/tests/fixtures")
}

fn recorded() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("functions/tests/data");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder is committed").flatten().map(|f| f.path()).collect();
    files.sort();
    let mut rows: Vec<(String, String)> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("the file is text");
        for line in text.lines() {
            if let Some(call) = line.strip_prefix("> ") {
                rows.push((call.to_owned(), String::new()));
            } else if let Some((_, answer)) = rows.last_mut() {
                if !answer.is_empty() {
                    answer.push('\n');
                }
                answer.push_str(line);
            }
        }
    }
    rows
}

fn answer(call: &str, scope: &MapScope) -> String {
    let (expr, diagnostics) = syntax::parse_expression(FileId(0), call);
    if let Some(error) = diagnostics.iter().find(|d| d.is_error()) {
        return format!("! {}: {}", error.summary, error.detail);
    }
    let type_of = console_type_argument(&expr);
    let (value, diagnostics) = evaluate(type_of.unwrap_or(&expr), scope);
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|error| format!("! {}: {}", error.summary, error.detail))
        .collect();
    if !errors.is_empty() {
        return errors.join("\n");
    }
    let shown = match type_of {
        Some(_) => value::format::type_expression(&value.ty()),
        None => value::format::console(&value, 0),
    };
    let lines: Vec<String> =
        shown.split('\n').map(|line| format!("| {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

/// White space of errors is not compared, since the recorded ones were wrapped.
fn normal(answer: &str) -> String {
    if answer.starts_with('!') {
        return answer
            .split('\n')
            .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join("\n");
    }
    answer.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n")
}
