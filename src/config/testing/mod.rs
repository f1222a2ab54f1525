//! Exact messages of whole configurations: the cases under `cases/`, one snapshot a file.

mod harness;

use harness::{configuration_json, run, survives_damage};

#[test]
fn blocks_and_arguments() {
    insta::assert_snapshot!("blocks", run(include_str!("cases/blocks.txt")));
}

#[test]
fn module_calls_and_providers() {
    insta::assert_snapshot!("modules", run(include_str!("cases/modules.txt")));
}

#[test]
fn override_files() {
    insta::assert_snapshot!("overrides", run(include_str!("cases/overrides.txt")));
}

#[test]
fn json_syntax() {
    insta::assert_snapshot!("json", run(include_str!("cases/json.txt")));
}

#[test]
fn references() {
    insta::assert_snapshot!("references", run(include_str!("cases/references.txt")));
}

#[test]
fn moves_removals_and_imports() {
    insta::assert_snapshot!("moves", run(include_str!("cases/moves.txt")));
}

#[test]
fn values_of_root_variables() {
    insta::assert_snapshot!("variables", run(include_str!("cases/variables.txt")));
}

/// Terraform accepts these, and so must we: no check may refuse what is valid.
#[test]
fn valid_configurations_have_no_findings() {
    let found = run(include_str!("cases/valid.txt"));
    let findings: Vec<&str> = found.lines().filter(|line| !line.starts_with("=== ")).collect();
    assert!(findings.is_empty(), "{found}");
}

/// The expected texts are what Terraform 1.11.4 shows.
#[test]
fn the_configuration_is_shown_as_terraform_does() {
    for (name, json, expected) in configuration_json(include_str!("cases/configuration_json.txt")) {
        assert_eq!(json, expected, "{name}");
    }
}

/// Every case with each of its lines left out in turn, and cut off there: findings, but no panic.
#[test]
fn damaged_configurations_are_survived() {
    for cases in [
        include_str!("cases/blocks.txt"),
        include_str!("cases/json.txt"),
        include_str!("cases/modules.txt"),
        include_str!("cases/moves.txt"),
        include_str!("cases/overrides.txt"),
        include_str!("cases/references.txt"),
        include_str!("cases/valid.txt"),
    ] {
        survives_damage(cases);
    }
}

mod loading;
mod provider_map;
