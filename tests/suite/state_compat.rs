//! States go both ways between groma and Terraform.

use serde_json::Value;

use crate::harness::{Sandbox, fixture, terraform};

#[test]
fn a_state_of_terraform_is_planned_without_changes() {
    let Some(terraform) = terraform("the reading of Terraform's state") else { return };
    let sandbox = data_sandbox();
    sandbox.terraform(&terraform, &["get"]).success(&["get"]);
    sandbox.terraform(&terraform, &["apply", "-auto-approve"]).success(&["apply"]);
    let listed = sandbox.terraform(&terraform, &["state", "list"]).success(&["state", "list"]);
    let shown = without_versions(&sandbox.terraform(&terraform, &["show", "-json"]).json());
    sandbox.groma(&["plan", "-detailed-exitcode"]).with_code(0, &["plan"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), listed);
    assert_eq!(without_versions(&sandbox.groma(&["show", "-json"]).json()), shown);
    // Nothing is lost on the way through groma: neither what it knows nor the file's form.
    sandbox.groma_ok(&["apply", "-auto-approve", "-var", "size=3"]);
    sandbox.terraform(&terraform, &["plan", "-detailed-exitcode", "-var", "size=3"]).with_code(0, &["plan"]);
}

#[test]
fn a_state_of_groma_is_planned_by_terraform_without_changes() {
    let Some(terraform) = terraform("the comparison of states") else { return };
    let sandbox = data_sandbox();
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.terraform(&terraform, &["get"]).success(&["get"]);
    let listed = sandbox.groma_ok(&["state", "list"]);
    let shown = without_versions(&sandbox.groma(&["show", "-json"]).json());
    assert_eq!(sandbox.terraform(&terraform, &["state", "list"]).success(&["state", "list"]), listed);
    assert_eq!(without_versions(&sandbox.terraform(&terraform, &["show", "-json"]).json()), shown);
    sandbox.terraform(&terraform, &["plan", "-detailed-exitcode"]).with_code(0, &["plan"]);
    sandbox.terraform(&terraform, &["destroy", "-auto-approve"]).success(&["destroy"]);
    sandbox.groma(&["plan", "-detailed-exitcode"]).with_code(2, &["plan"]);
}

#[test]
fn the_file_has_terraforms_form_byte_for_byte() {
    let Some(terraform) = terraform("the comparison of state files") else { return };
    let sandbox = data_sandbox();
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let ours = sandbox.read("terraform.tfstate");
    // Terraform writes a state it is given in its own form; only the serial is one more.
    sandbox.terraform(&terraform, &["get"]).success(&["get"]);
    sandbox.terraform(&terraform, &["state", "rm", "terraform_data.keyed"]).success(&["state", "rm"]);
    let without_keyed = sandbox.read("terraform.tfstate");
    sandbox.write("terraform.tfstate", &ours);
    sandbox.groma_ok(&["state", "rm", "terraform_data.keyed"]);
    let version = |text: &str| {
        serde_json::from_str::<Value>(text).expect("a state is JSON")["terraform_version"].to_string()
    };
    let theirs = without_keyed.replace(&version(&without_keyed), &version(&ours));
    assert_eq!(sandbox.read("terraform.tfstate"), theirs);
}

#[test]
fn objects_of_other_providers_are_taken_over_as_they_are() {
    let sandbox = Sandbox::new();
    sandbox.write("main.tf", std::fs::read(fixture("state/providers.tf")).expect("a fixture can be read"));
    sandbox.write(
        "terraform.tfstate",
        std::fs::read(fixture("state/providers.tfstate")).expect("a fixture can be read"),
    );
    sandbox.write("hello.txt", "hello\n");
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let state: Value = serde_json::from_str(&sandbox.read("terraform.tfstate")).expect("a state is JSON");
    let before: Value =
        serde_json::from_slice(&std::fs::read(fixture("state/providers.tfstate")).expect("it is there"))
            .expect("a state is JSON");
    assert_eq!(state["resources"], before["resources"]);
    assert_eq!(state["lineage"], before["lineage"]);
    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    assert!(!sandbox.path("hello.txt").exists());
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "");
}

fn data_sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("main.tf", std::fs::read(fixture("state/terraform_data.tf")).expect("a fixture can be read"));
    sandbox.write("inner/main.tf", std::fs::read(fixture("state/inner.tf")).expect("a fixture can be read"));
    sandbox
}

fn without_versions(value: &Value) -> Value {
    let mut value = value.clone();
    let members = value.as_object_mut().expect("a state is an object");
    members.remove("terraform_version");
    members.remove("format_version");
    // Their order says nothing.
    if let Some(checks) = members.get_mut("checks").and_then(Value::as_array_mut) {
        checks.sort_by_key(ToString::to_string);
    }
    value
}
