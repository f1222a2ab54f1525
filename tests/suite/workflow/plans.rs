//! What plan, apply and refresh say and leave where something fails.

use crate::harness::{Sandbox, groma};

const FAILS: &str = r#"
variable "n" { default = 1 }
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = var.n == 2
      error_message = "One is not two."
    }
  }
}
"#;

#[test]
fn why_planning_failed_is_said_wherever_the_plan_was_to_go() {
    let sandbox = Sandbox::with_config(FAILS);
    let outcome = sandbox.groma(&["plan", "-out=absent/p"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
    for part in ["One is not two.", "Failed to save the plan"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
}

#[test]
fn configuration_is_generated_although_something_else_fails() {
    let sandbox = Sandbox::with_config(FAILS);
    sandbox.write("import.tf", "import {\n  to = random_string.s\n  id = \"ab1Cd\"\n}\n");
    let outcome = sandbox.groma(&["plan", "-generate-config-out=made.tf"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("One is not two."), "{}", outcome.stderr);
    assert!(sandbox.read("made.tf").contains("resource \"random_string\" \"s\""));
}

#[test]
fn the_last_of_contradicting_switches_counts() {
    let sandbox = Sandbox::with_config("resource \"terraform_data\" \"a\" {}\n");
    let args = ["apply", "-auto-approve", "-auto-approve=false"];
    sandbox.groma_with_input(&args, "no\n").with_code(1, &args);
    assert!(!sandbox.path("terraform.tfstate").exists());
    sandbox.groma_ok(&["apply", "-destroy", "-destroy=false", "-auto-approve"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "terraform_data.a\n");
}

#[test]
fn a_refresh_says_why_a_check_has_no_data() {
    let sandbox = Sandbox::with_config(
        r#"
resource "terraform_data" "a" {}
check "c" {
  data "terraform_remote_state" "in" {
    backend = "local"
    config  = { path = "absent.tfstate" }
  }
  assert {
    condition     = data.terraform_remote_state.in.outputs.v == 1
    error_message = "Not one."
  }
}
check "d" {
  assert {
    condition     = terraform_data.a.id == ""
    error_message = "There is an id."
  }
}
"#,
    );
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let said = sandbox.groma_ok(&["refresh"]);
    assert!(said.contains("Unable to find remote state"), "{said}");
    assert!(!said.contains("known after apply"), "{said}");
    assert_eq!(said.matches("There is an id.").count(), 1, "{said}");
    // Reading it again in vain changes nothing.
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
}

#[test]
fn an_object_keeps_its_address_in_another_state() {
    let sandbox = Sandbox::with_config("resource \"terraform_data\" \"a\" {}\n");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.groma_ok(&["state", "mv", "-state-out=other.tfstate", "terraform_data.a", "terraform_data.a"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "");
    assert_eq!(sandbox.groma_ok(&["state", "list", "-state=other.tfstate"]), "terraform_data.a\n");
    let args = ["state", "mv", "-state=other.tfstate", "terraform_data.a", "terraform_data.a"];
    sandbox.groma(&args).with_code(1, &args);
}

/// What is wrong with the configuration of the command line is no part of what programs read.
#[test]
fn a_missing_cli_configuration_is_said_beside_the_output() {
    let sandbox = Sandbox::with_config("output \"a\" {\n  value = 1\n}\n");
    let mut command = sandbox.command(&groma(), &["plan", "-json"]);
    let outcome = sandbox.run(command.env("TF_CLI_CONFIG_FILE", "absent.tfrc"));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for line in outcome.stdout.lines() {
        let event: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(event["@level"].is_string(), "{line}");
    }
    assert!(outcome.stderr.contains("Unable to open CLI configuration file"), "{}", outcome.stderr);
}
