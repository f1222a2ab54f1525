use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use serde_json::value::RawValue;

use super::Exceptions;
use crate::harness::{Failures, Sandbox, fixture, groma, terraform};

/// Every expression is an output of one configuration; type and value are compared byte for byte.
#[test]
fn expressions_have_terraforms_values() {
    let Some(terraform) = terraform("the comparison of expressions") else { return };
    let expressions = paragraphs("values.txt");
    assert!(expressions.len() >= 150, "only {} expressions were found", expressions.len());
    let exceptions = Exceptions::of("expression");
    exceptions.check_documented();
    let (theirs, ours) = both(|program| values(program, &expressions), &terraform);
    let failures = Failures::default();
    for (i, expression) in expressions.iter().enumerate() {
        let name = name(i);
        let (theirs, ours) = (theirs.get(&name), ours.get(&name));
        // An output that is null is in neither list.
        let difference = if theirs == ours {
            String::new()
        } else {
            format!("terraform: {theirs:?}\ngroma:     {ours:?}")
        };
        exceptions.judge(&first_line(expression), &difference, &failures);
    }
    assert!(theirs.len() + 20 > expressions.len(), "Terraform answered only {}", theirs.len());
    failures.check(expressions.len());
}

/// Every expression that fails is an output; what is compared is the summary of what is said about it.
#[test]
fn expressions_fail_as_terraforms_do() {
    let Some(terraform) = terraform("the comparison of wrong expressions") else { return };
    let exceptions = Exceptions::of("error");
    exceptions.check_documented();
    let failures = Failures::default();
    let mut count = 0;
    // Syntax errors hide wrong references, which hide what evaluation finds: each kind is a configuration of its own.
    for file in ["syntax-errors.txt", "reference-errors.txt", "scope-errors.txt", "evaluation-errors.txt"] {
        let expressions = paragraphs(file);
        count += expressions.len();
        let (theirs, ours) = both(|program| summaries(program, &expressions), &terraform);
        for (i, expression) in expressions.iter().enumerate() {
            let name = name(i);
            let (theirs, ours) = (theirs.get(&name), ours.get(&name));
            let same = theirs.is_some() && theirs == ours;
            let difference =
                if same { String::new() } else { format!("terraform: {theirs:?}\ngroma:     {ours:?}") };
            exceptions.judge(&first_line(expression), &difference, &failures);
        }
    }
    failures.check(count);
}

/// Does the same with both programs at once.
fn both<T: Send>(run: impl Fn(&Path) -> T + Sync, terraform: &Path) -> (T, T) {
    std::thread::scope(|scope| {
        let theirs = scope.spawn(|| run(terraform));
        let ours = run(&groma());
        (theirs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), ours)
    })
}

/// What `output -json` says of each expression.
fn values(program: &Path, expressions: &[String]) -> BTreeMap<String, String> {
    let sandbox = sandbox();
    let outputs: String = expressions.iter().enumerate().map(|(i, text)| output(i, text)).collect();
    sandbox.write("outputs.tf", outputs);
    sandbox.terraform(program, &["apply", "-auto-approve"]).success(&["apply"]);
    let printed = sandbox.terraform(program, &["output", "-json"]).success(&["output", "-json"]);
    let outputs: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&printed).expect("outputs are JSON");
    outputs.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect()
}

/// The summaries of the findings in each expression.
fn summaries(program: &Path, expressions: &[String]) -> BTreeMap<String, BTreeSet<String>> {
    let sandbox = sandbox();
    for (i, text) in expressions.iter().enumerate() {
        sandbox.write(&format!("{}.tf", name(i)), output(i, text));
    }
    let printed = sandbox.terraform(program, &["plan", "-json"]).with_code(1, &["plan", "-json"]);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in printed.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let diagnostic = &event["diagnostic"];
        let Some(file) = diagnostic["range"]["filename"].as_str() else { continue };
        let summary = diagnostic["summary"].as_str().unwrap_or_default().to_owned();
        found.entry(file.trim_end_matches(".tf").to_owned()).or_default().insert(summary);
    }
    found
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy(&fixture("differential/expressions/files"), ".");
    sandbox
}

fn output(i: usize, expression: &str) -> String {
    format!("output \"{}\" {{\n  sensitive = true\n  value = {expression}\n}}\n", name(i))
}

fn name(i: usize) -> String {
    format!("e{i:04}")
}

/// The expressions of a file: paragraphs, with comments above them.
fn paragraphs(file: &str) -> Vec<String> {
    let path = fixture("differential/expressions").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let uncommented = |paragraph: &str| {
        paragraph
            .lines()
            .skip_while(|line| line.starts_with('#'))
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned()
    };
    text.split("\n\n").map(uncommented).filter(|paragraph| !paragraph.is_empty()).collect()
}

fn first_line(expression: &str) -> String {
    expression.lines().next().unwrap_or_default().to_owned()
}
