use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::harness::Sandbox;

const TWO: &str = r#"
variable "v" {
  default = "one"
}

resource "terraform_data" "a" {
  input = var.v
}

resource "terraform_data" "b" {
  input = terraform_data.a.output
}

output "o" {
  value = terraform_data.b.output
}
"#;

#[test]
fn a_saved_plan_is_applied_by_another_process_as_it_was_made() {
    let sandbox = Sandbox::with_config(TWO);
    let args = ["plan", "-out=p", "-var", "v=saved", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(2, &args);
    // What happens to the configuration afterwards does not matter.
    sandbox.write("main.tf", "locals { broken = ");
    sandbox.groma_ok(&["apply", "p"]);
    sandbox.write("main.tf", TWO);
    assert_eq!(sandbox.groma_ok(&["output", "-raw", "o"]), "saved");
    let args = ["plan", "-detailed-exitcode", "-var", "v=saved"];
    sandbox.groma(&args).with_code(0, &args);
}

#[test]
fn plans_and_states_are_readable_by_their_owner_only() {
    let sandbox = Sandbox::with_config(TWO);
    sandbox.groma_ok(&["plan", "-out=p"]);
    sandbox.groma_ok(&["apply", "p"]);
    sandbox.groma_ok(&["apply", "-auto-approve", "-var", "v=two"]);
    for name in ["p", "terraform.tfstate", "terraform.tfstate.backup"] {
        let mode = std::fs::metadata(sandbox.path(name)).expect("it was written").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn the_json_stream_has_terraforms_events() {
    let sandbox = Sandbox::with_config(TWO);
    let events = stream(&sandbox, &["apply", "-auto-approve", "-json"]);
    let types: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    let expected = [
        "version",
        "planned_change",
        "planned_change",
        "change_summary",
        "outputs",
        "apply_start",
        "apply_complete",
        "apply_start",
        "apply_complete",
        "change_summary",
        "outputs",
    ];
    assert_eq!(types, expected);
    for event in &events {
        for name in ["@level", "@message", "@module", "@timestamp", "type"] {
            assert!(event[name].is_string(), "{name} is missing: {event}");
        }
    }
    let summary = events.iter().rfind(|event| event["type"] == "change_summary").expect("there is a summary");
    assert_eq!(
        summary["changes"],
        serde_json::json!({"add": 2, "change": 0, "import": 0, "remove": 0, "operation": "apply"})
    );
    let start = events.iter().find(|event| event["type"] == "apply_start").expect("there is a start");
    assert_eq!(start["hook"]["resource"]["addr"], "terraform_data.a");
    assert_eq!(start["hook"]["action"], "create");
    let outputs = events.last().expect("there are events");
    assert_eq!(outputs["outputs"]["o"]["value"], "one");
}

#[test]
fn the_json_stream_carries_errors() {
    let sandbox = Sandbox::with_config("output \"o\" { value = var.absent }\n");
    let args = ["plan", "-json"];
    let printed = sandbox.groma(&args).with_code(1, &args);
    let events: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
    let error = events.iter().find(|event| event["type"] == "diagnostic").expect("there is a finding");
    assert_eq!(error["@level"], "error");
    assert_eq!(error["diagnostic"]["severity"], "error");
    assert_eq!(error["diagnostic"]["range"]["filename"], "main.tf");
    assert_eq!(error["diagnostic"]["snippet"]["code"], "output \"o\" { value = var.absent }");
}

#[test]
fn outputs_are_printed_for_scripts() {
    let config = r#"
output "text" { value = "a\nb" }
output "number" { value = 1.5 }
output "list" { value = ["x", 1] }
output "secret" {
  value     = "hunter2"
  sensitive = true
}
"#;
    let sandbox = Sandbox::with_config(config);
    let apply = sandbox.groma_ok(&["apply", "-auto-approve"]);
    assert!(!apply.contains("hunter2"), "{apply}");
    assert_eq!(sandbox.groma_ok(&["output", "-raw", "text"]), "a\nb");
    assert_eq!(sandbox.groma_ok(&["output", "-raw", "number"]), "1.5");
    assert_eq!(sandbox.groma_ok(&["output", "-json", "list"]), "[\"x\",1]\n");
    assert_eq!(sandbox.groma_ok(&["output", "-raw", "secret"]), "hunter2");
    assert!(!sandbox.groma_ok(&["output"]).contains("hunter2"));
    assert_eq!(sandbox.groma(&["output", "-json"]).json()["secret"]["sensitive"], true);
}

#[test]
fn drift_is_shown_taken_over_or_repaired() {
    let config =
        "resource \"local_file\" \"f\" {\n  filename = \"${path.module}/f.txt\"\n  content  = \"right\"\n}\n";
    let sandbox = Sandbox::with_config(config);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    std::fs::remove_file(sandbox.path("f.txt")).expect("it was written");
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(2, &args);
    let args = ["plan", "-refresh=false", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    let args = ["plan", "-refresh-only", "-detailed-exitcode"];
    let shown = sandbox.groma(&args).with_code(2, &args);
    assert!(shown.contains("local_file.f has been deleted"), "{shown}");
    sandbox.groma_ok(&["apply", "-refresh-only", "-auto-approve"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    assert_eq!(sandbox.read("f.txt"), "right");
}

#[test]
fn targets_and_replacements_leave_the_rest_alone() {
    let sandbox = Sandbox::with_config(TWO);
    sandbox.groma_ok(&["apply", "-auto-approve", "-target=terraform_data.a"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "terraform_data.a\n");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let before = ids(&sandbox);
    sandbox.groma_ok(&["apply", "-auto-approve", "-replace=terraform_data.b"]);
    let after = ids(&sandbox);
    assert_eq!(before[0], after[0]);
    assert_ne!(before[1], after[1]);
    let plan = sandbox.groma_ok(&["plan", "-destroy", "-target=terraform_data.b"]);
    assert!(plan.contains("Plan: 0 to add, 0 to change, 1 to destroy."), "{plan}");
}

#[test]
fn nothing_happens_without_approval() {
    let sandbox = Sandbox::with_config(TWO);
    for answer in ["no\n", "y\n", "", "YES\n"] {
        let outcome = sandbox.groma_with_input(&["apply"], answer);
        let said = outcome.with_code(1, &["apply"]);
        assert!(said.contains("Apply cancelled."), "{said}");
        assert!(!sandbox.path("terraform.tfstate").exists(), "{answer:?} was taken for yes");
    }
    sandbox.groma_with_input(&["apply"], "yes\n").success(&["apply"]);
    let said = sandbox.groma_with_input(&["destroy"], "no\n").with_code(1, &["destroy"]);
    assert!(said.contains("Destroy cancelled."), "{said}");
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "terraform_data.a\nterraform_data.b\n");
}

#[test]
fn the_console_reads_a_pipe() {
    let sandbox = Sandbox::with_config(TWO);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let outcome = sandbox
        .groma_with_input(&["console"], "var.v\nlength([\n1,\n2])\nterraform_data.b.output\nexit\n1/0\n");
    assert_eq!(outcome.success(&["console"]), "\"one\"\n2\n\"one\"\n");
}

#[test]
fn the_graph_is_in_the_dot_language() {
    let sandbox = Sandbox::with_config(TWO);
    let graph = sandbox.groma_ok(&["graph"]);
    assert!(graph.starts_with("digraph"), "{graph}");
    assert!(
        graph.contains("terraform_data.b\" -> \"terraform_data.a\"")
            || graph.contains("\"terraform_data.b\" -> "),
        "{graph}"
    );
    assert_eq!(graph.matches('{').count(), graph.matches('}').count());
}

#[test]
fn init_and_providers_need_no_network() {
    let config = "terraform {\n  required_providers {\n    random = {\n      source  = \"hashicorp/random\"\n      version = \">= 3.0\"\n    }\n  }\n}\nresource \"random_pet\" \"p\" {}\n";
    let sandbox = Sandbox::with_config(config);
    let said = sandbox.groma_ok(&["init"]);
    assert!(said.contains("successfully initialized"), "{said}");
    sandbox.groma_ok(&["init", "-upgrade", "-input=false"]);
    let said = sandbox.groma_ok(&["providers"]);
    assert!(said.contains("provider[registry.terraform.io/hashicorp/random] >= 3.0"), "{said}");
    let schema = sandbox.groma(&["providers", "schema", "-json"]).json();
    let provider = &schema["provider_schemas"]["registry.terraform.io/hashicorp/random"];
    assert!(provider["resource_schemas"]["random_pet"]["block"]["attributes"]["length"].is_object());
    assert_eq!(sandbox.groma(&["version", "-json"]).json()["groma_version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn fmt_checks_lists_and_writes() {
    let sandbox = Sandbox::with_config("a=1\n");
    sandbox.write("deep/b.tf", "b=1\n");
    sandbox.write("good.tf", "c = 1\n");
    let args = ["fmt", "-check", "-recursive"];
    assert_eq!(sandbox.groma(&args).with_code(3, &args), "deep/b.tf\nmain.tf\n");
    let diff = sandbox.groma_ok(&["fmt", "-diff", "-write=false"]);
    assert!(diff.contains("-a=1\n+a = 1\n"), "{diff}");
    assert_eq!(sandbox.read("main.tf"), "a=1\n");
    assert_eq!(sandbox.groma_ok(&["fmt", "-recursive"]), "deep/b.tf\nmain.tf\n");
    assert_eq!(sandbox.read("main.tf"), "a = 1\n");
    sandbox.groma_ok(&args);
}

fn stream(sandbox: &Sandbox, args: &[&str]) -> Vec<Value> {
    let printed = sandbox.groma_ok(args);
    printed.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// The ids of everything in the root module, in address order.
fn ids(sandbox: &Sandbox) -> Vec<String> {
    let state = sandbox.groma(&["show", "-json"]).json();
    let resources = state["values"]["root_module"]["resources"].as_array().expect("there are resources");
    resources.iter().map(|resource| resource["values"]["id"].to_string()).collect()
}
