use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Exceptions;
use super::plan_text::plan_text;
use crate::harness::{
    Action, Case, Failures, Outcome, Sandbox, difference, files_in, fixture, for_each, groma, stem, terraform,
};

/// Sequences of commands over a configuration, run with both; every answer is compared.
#[test]
fn configurations_are_planned_and_applied_as_terraform_does() {
    let Some(terraform) = terraform("the comparison of configurations") else { return };
    let paths = files_in(&fixture("differential/configurations"), "case");
    assert!(paths.len() >= 60, "only {} configurations were found", paths.len());
    let exceptions = Exceptions::of("configuration");
    exceptions.check_documented();
    let failures = Failures::default();
    for_each(&paths, |path| {
        exceptions.judge(&stem(path), &compare(&Case::read(path), &terraform), &failures);
    });
    failures.check(paths.len());
}

/// What differs at the first command that differs.
fn compare(case: &Case, terraform: &Path) -> String {
    let (mut theirs, mut ours) = (Sandbox::new(), Sandbox::new());
    let mut modules_installed = false;
    for action in &case.actions {
        let Action::Run(line) = action else {
            theirs.act(action);
            ours.act(action);
            modules_installed = false;
            continue;
        };
        if !modules_installed && calls_modules(case) {
            theirs.terraform(terraform, &["get"]);
            modules_installed = true;
        }
        let mut expected = theirs.run_line(terraform, &line.words, line);
        // Terraform colours what is no terminal, too.
        expected.stdout = COLOUR.replace_all(&expected.stdout, "").into_owned();
        expected.stderr = COLOUR.replace_all(&expected.stderr, "").into_owned();
        let actual = ours.run_line(&groma(), &line.words, line);
        let difference = difference(&comparable(&line.words, &expected), &comparable(&line.words, &actual));
        if !difference.is_empty() {
            return format!("$ {}\n{difference}\ngroma said:\n{}", line.text, ours.transcript(&actual));
        }
    }
    String::new()
}

fn calls_modules(case: &Case) -> bool {
    let calls = |content: &[u8]| String::from_utf8_lossy(content).contains("module \"");
    case.actions.iter().any(|action| matches!(action, Action::Write { content, .. } if calls(content)))
}

/// What must be the same: exit code, summaries of errors and warnings, and what the command prints for machines.
fn comparable(words: &[String], outcome: &Outcome) -> String {
    let mut text = format!("exit {:?}\n", outcome.code);
    for summary in summaries(outcome) {
        text.push_str(&format!("{summary}\n"));
    }
    let has = |word: &str| words.iter().any(|w| w == word);
    if outcome.code == Some(1) {
        return text;
    }
    if has("show") && has("-json") {
        let mut value = outcome.json();
        make_comparable(&mut value);
        text.push_str(&serde_json::to_string_pretty(&value).expect("JSON can be written"));
    } else if has("output") || has("list") || words.first().is_some_and(|word| word == "console") {
        text.push_str(&UUID.replace_all(&outcome.stdout, "<uuid>"));
    } else if words == ["show"] || has("show") && has("state") {
        text.push_str(&plan_text(&outcome.stdout));
    } else if has("refresh") {
        // Terraform says nothing when nothing changed, groma that nothing did.
    } else if words.first().is_some_and(|word| word == "plan") || words == ["show", "p"] {
        // Documented as "Forgotten objects".
        text.push_str(&FORGOTTEN.replace(&plan_text(&outcome.stdout), ""));
    } else if let Some(line) = outcome.stdout.lines().find(|line| TALLY.is_match(line)) {
        text.push_str(&FORGOTTEN.replace(line, ""));
    }
    text + "\n"
}

/// The summaries of all findings, in alphabetical order: Terraform's own order varies.
fn summaries(outcome: &Outcome) -> BTreeSet<String> {
    let lines = outcome.stdout.lines().chain(outcome.stderr.lines());
    let marked = lines.filter_map(|line| {
        let line = line.trim_start_matches(['│', ' ']);
        (line.starts_with("Error: ") || line.starts_with("Warning: "))
            .then(|| line.replace("Terraform", "groma"))
    });
    marked.collect()
}

/// Takes out what differs between two runs of the same program: random ids, times, versions, unordered lists.
fn make_comparable(value: &mut Value) {
    match value {
        Value::String(text) => *text = UUID.replace_all(text, "<uuid>").into_owned(),
        Value::Array(items) => items.iter_mut().for_each(make_comparable),
        Value::Object(members) => {
            members.retain(|name, _| {
                !matches!(name.as_str(), "terraform_version" | "format_version" | "timestamp")
            });
            members.values_mut().for_each(make_comparable);
            // Terraform's planned values have them in no order.
            for name in ["resource_drift", "checks", "child_modules"] {
                if let Some(Value::Array(items)) = members.get_mut(name) {
                    items.sort_by_key(ToString::to_string);
                }
            }
            // Documented as "Forgotten objects".
            if let Some(module) = members.get_mut("planned_values").and_then(|v| v.get_mut("root_module")) {
                leave_out_forgotten(module);
            }
            // Documented as "Relevant attributes" and "Outputs in the prior state".
            members.remove("relevant_attributes");
            if let Some(values) = members.get_mut("prior_state").and_then(|state| state.get_mut("values")) {
                let values = values.as_object_mut().expect("values are an object");
                values.remove("outputs");
                if values
                    .get("root_module")
                    .is_some_and(|module| module.as_object().is_some_and(serde_json::Map::is_empty))
                {
                    members.remove("prior_state");
                }
            }
        }
        _ => {}
    }
}

/// Objects that will be forgotten are planned values without values.
fn leave_out_forgotten(module: &mut Value) {
    if let Some(Value::Array(resources)) = module.get_mut("resources") {
        resources.retain(|resource| resource.get("values").is_some());
        if resources.is_empty() {
            module.as_object_mut().expect("a module is an object").remove("resources");
        }
    }
    if let Some(Value::Array(children)) = module.get_mut("child_modules") {
        children.iter_mut().for_each(leave_out_forgotten);
        children.retain(|child| child.as_object().is_some_and(|members| members.len() > 1));
        if children.is_empty() {
            module.as_object_mut().expect("a module is an object").remove("child_modules");
        }
    }
}

pub(super) static UUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").expect("the pattern is valid")
});

static COLOUR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("\x1b\\[[0-9;]*m").expect("the pattern is valid"));

static FORGOTTEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(", \\d+ to forget").expect("the pattern is valid"));

static TALLY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(Plan: |No changes\\.|Apply complete! |Destroy complete! )").expect("the pattern is valid")
});
