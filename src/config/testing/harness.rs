//! Runs cases: files written to a folder, loaded and checked, and what was found as text.
//!
//! A case is `=== NAME`, then for each file `--- PATH` and its text. The file `args` is not written: its lines are
//! arguments that set variables. Nor is `expected`: it holds what Terraform shows for the case.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, Severity, Sources};

use addrs::ProviderAddr;
use provider::{Attribute, Block, ProviderSchema, Schema};
use value::Type;

use crate::json::config_json;
use crate::validate::{check_all, check_import_targets};
use crate::{
    Files, LoadOptions, Variables, auto_variable_files, load, missing_variables, parse_var_option,
    read_tfvars,
};

struct Case<'a> {
    name: &'a str,
    files: Vec<(&'a str, String)>,
}

/// The findings of every case, under its name.
pub(super) fn run(cases: &str) -> String {
    let mut out = String::new();
    for case in parse(cases) {
        let _ = writeln!(out, "=== {}", case.name);
        out.push_str(&findings(&case));
    }
    out
}

fn parse(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case { name, files: Vec::new() });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with its name");
        if let Some(path) = line.strip_prefix("--- ") {
            case.files.push((path, String::new()));
        } else {
            let (_, text) = case.files.last_mut().expect("a file begins with its path");
            text.push_str(line);
            text.push('\n');
        }
    }
    cases
}

/// The configuration JSON of every case, and what Terraform shows (the file `expected`), under the case's name.
pub(super) fn configuration_json(cases: &str) -> Vec<(String, String, String)> {
    let pairs = parse(cases).into_iter().map(|case| {
        let dir = write(&case);
        let (config, diagnostics) = load(dir.path(), &Sources::new(), &LoadOptions::default());
        assert!(!diagnostics.has_errors(), "{}: {diagnostics:?}", case.name);
        let json = serde_json::to_string(&config_json(&config, &schemas)).expect("JSON");
        let expected = case.files.iter().find(|(path, _)| *path == "expected");
        let expected = expected.map(|(_, text)| text.trim_end().to_owned()).unwrap_or_default();
        (case.name.to_owned(), json, expected)
    });
    pairs.collect()
}

/// Loads and checks every case with each line of each file left out, and with each file cut off after it.
pub(super) fn survives_damage(cases: &str) {
    for case in parse(cases) {
        let whole: BTreeMap<String, String> =
            case.files.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect();
        for (path, text) in &case.files {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for at in 0..lines.len() {
                let (before, after) = lines.split_at(at);
                let without: String = before.iter().chain(after.iter().skip(1)).copied().collect();
                let half = after.first().map(|line| line.chars().take(line.chars().count() / 2));
                let cut: String = before.concat().chars().chain(half.into_iter().flatten()).collect();
                for damaged in [without, cut] {
                    let mut files = whole.clone();
                    files.insert((*path).to_owned(), damaged);
                    let files = Files::Snapshot(Arc::new(files));
                    let options = LoadOptions { files, ..LoadOptions::default() };
                    let (config, _) = load(Path::new("/nowhere"), &Sources::new(), &options);
                    let _ = check_all(&config, &schemas);
                    let _ = config_json(&config, &schemas);
                }
            }
        }
    }
}

/// Writes the files of a case to a new folder.
fn write(case: &Case<'_>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in case.files.iter().filter(|(path, _)| !matches!(*path, "args" | "expected")) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }
    dir
}

fn findings(case: &Case<'_>) -> String {
    let dir = write(case);
    let sources = Sources::new();
    let (config, mut diagnostics) = load(dir.path(), &sources, &LoadOptions::default());
    // As commands do: references are checked in a configuration that could be loaded.
    if !diagnostics.has_errors() {
        diagnostics.extend(check_all(&config, &schemas));
        diagnostics.extend(check_import_targets(&config));
    }
    let mut out = String::new();
    if let Some((_, args)) = case.files.iter().find(|(path, _)| *path == "args") {
        out = variables(dir.path(), args, &config.root, &sources, &mut diagnostics);
    }
    let mut lines: Vec<String> = diagnostics.iter().map(|d| show(d, &sources)).collect();
    lines.sort();
    lines.concat() + &out
}

/// The built-in provider's resource and data source.
fn schemas(provider: &ProviderAddr) -> Option<Arc<ProviderSchema>> {
    if *provider != ProviderAddr::builtin_terraform() {
        return None;
    }
    let data = Block::default()
        .with("input", Attribute::optional(Type::Dynamic))
        .with("output", Attribute::computed(Type::Dynamic))
        .with("triggers_replace", Attribute::optional(Type::Dynamic))
        .with("id", Attribute::computed(Type::String));
    let remote = Block::default()
        .with("backend", Attribute::required(Type::String))
        .with("config", Attribute::optional(Type::Dynamic))
        .with("defaults", Attribute::optional(Type::Dynamic))
        .with("outputs", Attribute::computed(Type::Dynamic))
        .with("workspace", Attribute::optional(Type::String));
    let mut schema = ProviderSchema::default();
    schema.resources.insert("terraform_data".into(), Schema::new(0, data));
    schema.data_sources.insert("terraform_remote_state".into(), Schema::new(0, remote));
    Some(Arc::new(schema))
}

/// Collects the root module's variables as commands do, and shows their values.
fn variables(
    dir: &Path,
    args: &str,
    module: &crate::Module,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> String {
    let mut inputs = Vec::new();
    for path in auto_variable_files(dir).expect("readable") {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let (found, errors) = read_tfvars(&name, &fs::read_to_string(&path).expect("readable"), sources);
        diagnostics.extend(errors);
        inputs.extend(found);
    }
    for line in args.lines() {
        match parse_var_option(line.trim_start_matches("-var=")) {
            Ok(input) => inputs.push(input),
            Err(error) => diagnostics.push(error),
        }
    }
    let (variables, missing, errors) = Variables::collect(module, inputs, sources);
    diagnostics.extend(errors);
    diagnostics.extend(missing_variables(module, &missing));
    let mut out = String::new();
    for (name, value) in &variables.values {
        let _ = writeln!(out, "{name} = {value:?}");
    }
    out
}

fn show(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = diagnostic.subject.and_then(|span| sources.locate(span));
    let place = place.map_or_else(String::new, |(file, start, _)| format!("{}:{}", file.name, start.line));
    format!("{severity} {place} | {} | {}\n", diagnostic.summary, diagnostic.detail.replace('\n', "\\n"))
}
