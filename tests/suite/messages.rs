//! The exact words of what groma says about wrong input: each case shows file, line, address, cause and a way out.

use crate::harness::{
    Action, Case, Failures, Sandbox, difference, environment, files_in, fixture, for_each, groma, stem,
};

#[test]
fn wrong_input_is_explained() {
    let paths = files_in(&fixture("messages"), "case");
    assert!(paths.len() >= 40, "only {} cases were found", paths.len());
    let failures = Failures::default();
    for_each(&paths, |path| {
        let case = Case::read(path);
        let actual = run(&case);
        let mut said = actual.lines().filter(|line| !line.starts_with("$ "));
        if let Some(secret) = SECRETS.iter().find(|secret| said.any(|line| line.contains(**secret))) {
            failures.add(stem(path), format!("the secret {secret:?} is shown:\n{actual}"));
        }
        if actual.contains("panicked at") {
            failures.add(stem(path), actual.clone());
        }
        if environment("GROMA_TEST_UPDATE").is_some() {
            case.update(&actual);
        } else if actual != case.expected {
            failures.add(stem(path), difference(&case.expected, &actual));
        }
    });
    failures.check(paths.len());
}

/// What every command of the case said.
fn run(case: &Case) -> String {
    let mut sandbox = Sandbox::new();
    let mut transcript = String::new();
    for action in &case.actions {
        let Action::Run(line) = action else {
            sandbox.act(action);
            continue;
        };
        let (program, args) = line.words.split_first().expect("a command line names a program");
        assert_eq!(program, "groma", "{}", case.path.display());
        transcript.push_str(&format!("$ {}\n", line.text));
        transcript.push_str(&sandbox.transcript(&sandbox.run_line(&groma(), args, line)));
    }
    transcript
}

/// No case may show these.
const SECRETS: &[&str] = &["hunter2", "correct horse"];
