use std::fs;
use std::path::{Path, PathBuf};

use super::Exceptions;
use crate::harness::{Action, Case, Failures, Sandbox, difference, files_in, fixture, root, stem, terraform};

/// Every input is formatted by both, byte for byte: by groma from standard input, by Terraform in one folder.
#[test]
fn files_are_formatted_as_terraform_formats_them() {
    let Some(terraform) = terraform("the comparison of fmt") else { return };
    let mut inputs = Vec::new();
    for path in files_in(&fixture("differential/formatting"), "case") {
        for action in Case::read(&path).actions {
            let Action::Write { name, content } = action else { panic!("{}: only files", path.display()) };
            inputs.push((format!("{}/{name}", stem(&path)), content));
        }
    }
    for path in configuration_files(&["examples", "modules"]) {
        let name = path.strip_prefix(root()).expect("it was found there").display().to_string();
        inputs.push((name, fs::read(&path).expect("a configuration can be read")));
    }
    assert!(inputs.len() >= 40, "only {} inputs were found", inputs.len());
    let exceptions = Exceptions::of("formatting");
    exceptions.check_documented();
    let sandbox = Sandbox::new();
    for (i, (_, content)) in inputs.iter().enumerate() {
        sandbox.write(&format!("{i}.tf"), content);
    }
    // An input with a syntax error fails the command, but not the other files.
    sandbox.terraform(&terraform, &["fmt", "."]);
    let failures = Failures::default();
    for (i, (name, content)) in inputs.iter().enumerate() {
        let theirs = sandbox.read(&format!("{i}.tf"));
        let printed = sandbox.groma_with_input(&["fmt", "-"], &String::from_utf8_lossy(content));
        let ours = match printed.code {
            Some(0) => printed.stdout,
            _ => String::from_utf8_lossy(content).into_owned(),
        };
        exceptions.judge(name, &difference(&theirs, &ours), &failures);
        let again = sandbox.groma_with_input(&["fmt", "-"], &ours);
        if printed.code == Some(0) && again.stdout != ours {
            failures.add(name, format!("is not stable under fmt:\n{}", difference(&ours, &again.stdout)));
        }
    }
    failures.check(inputs.len());
}

fn configuration_files(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() && !is_hidden(&path) {
                pending.push(path);
            } else if path.extension().is_some_and(|e| e == "tf" || e == "tfvars") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
