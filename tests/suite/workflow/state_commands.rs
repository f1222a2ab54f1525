use crate::harness::Sandbox;

const CONFIG: &str = "resource \"terraform_data\" \"a\" {\n  count = 2\n  input = count.index\n}\n";

#[test]
fn taint_and_untaint_mark_one_object() {
    let sandbox = Sandbox::with_config(CONFIG);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.groma_ok(&["taint", "terraform_data.a[1]"]);
    let plan = sandbox.groma_ok(&["plan"]);
    assert!(plan.contains("# terraform_data.a[1] is tainted, so must be replaced"), "{plan}");
    assert!(plan.contains("Plan: 1 to add, 0 to change, 1 to destroy."), "{plan}");
    sandbox.groma_ok(&["untaint", "terraform_data.a[1]"]);
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
}

#[test]
fn objects_are_moved_and_forgotten() {
    let sandbox = Sandbox::with_config(CONFIG);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.groma_ok(&["state", "mv", "terraform_data.a[0]", "module.m[\"k\"].terraform_data.b"]);
    assert_eq!(
        sandbox.groma_ok(&["state", "list"]),
        "terraform_data.a[1]\nmodule.m[\"k\"].terraform_data.b\n"
    );
    sandbox.groma_ok(&["state", "mv", "module.m[\"k\"]", "module.n"]);
    sandbox.groma_ok(&["state", "mv", "module.n.terraform_data.b", "terraform_data.a[0]"]);
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    sandbox.groma_ok(&["state", "rm", "terraform_data.a"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "");
    // The state before each of the four commands is there.
    let entries = std::fs::read_dir(sandbox.dir()).expect("the sandbox can be read");
    let names = entries.map(|entry| entry.expect("an entry can be read").file_name());
    let is_backup = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".backup");
    assert_eq!(names.filter(is_backup).count(), 4);
}

#[test]
fn a_state_is_pulled_and_pushed() {
    let sandbox = Sandbox::with_config(CONFIG);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let pulled = sandbox.groma_ok(&["state", "pull"]);
    assert_eq!(pulled, sandbox.read("terraform.tfstate"));
    sandbox.write("saved.tfstate", &pulled);
    sandbox.groma_ok(&["apply", "-auto-approve", "-replace=terraform_data.a[0]"]);
    let args = ["state", "push", "saved.tfstate"];
    sandbox.groma(&args).with_code(1, &args);
    sandbox.groma_ok(&["state", "push", "-force", "saved.tfstate"]);
    let attributes = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text).expect("a state is JSON")["resources"].clone()
    };
    assert_eq!(attributes(&sandbox.groma_ok(&["state", "pull"])), attributes(&pulled));
}

#[test]
fn objects_are_imported() {
    let config = "resource \"random_string\" \"s\" {\n  length  = 5\n  special = false\n}\nresource \"terraform_data\" \"d\" {}\n";
    let sandbox = Sandbox::with_config(config);
    sandbox.groma_ok(&["import", "random_string.s", "ab1Cd"]);
    sandbox.groma_ok(&["import", "terraform_data.d", "some-id"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "random_string.s\nterraform_data.d\n");
    let shown = sandbox.groma_ok(&["state", "show", "random_string.s"]);
    assert!(shown.contains("result") && shown.contains("\"ab1Cd\""), "{shown}");
    let args = ["import", "random_string.s", "other"];
    sandbox.groma(&args).with_code(1, &args);
}

#[test]
fn workspaces_have_states_of_their_own() {
    let sandbox = Sandbox::with_config("resource \"terraform_data\" \"a\" { input = terraform.workspace }\n");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.groma_ok(&["workspace", "new", "blue"]);
    assert_eq!(sandbox.groma_ok(&["workspace", "show"]), "blue\n");
    // As with Terraform, there is no state in it yet.
    sandbox.groma(&["state", "list"]).with_code(1, &["state", "list"]);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    assert!(sandbox.path("terraform.tfstate.d/blue/terraform.tfstate").exists());
    assert_eq!(sandbox.groma_ok(&["workspace", "list"]), "  default\n* blue\n\n");
    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    sandbox.groma_ok(&["workspace", "select", "default"]);
    sandbox.groma_ok(&["workspace", "delete", "blue"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "terraform_data.a\n");
}
