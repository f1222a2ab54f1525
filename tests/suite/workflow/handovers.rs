//! Resources that are renamed without a `moved` block, and keys that shift, on hosts that are folders.

use super::all_files;
use crate::harness::Sandbox;

fn files(label: &str, names: &str) -> String {
    format!(
        r#"
        locals {{
          names = {names}
        }}
        resource "host_machine" "node" {{
          transport = "root"
          root      = "out"
        }}
        resource "host_file" "{label}" {{
          count   = length(local.names)
          host    = host_machine.node.connection
          path    = "/etc/${{local.names[count.index]}}"
          content = local.names[count.index]
          mode    = "0600"
        }}
        "#
    )
}

#[test]
fn a_file_that_another_resource_has_is_not_removed() {
    let sandbox = Sandbox::with_config(&files("old", r#"["a", "b", "c"]"#));
    sandbox.write("out/etc/b", "found here");
    sandbox.groma_ok(&["apply", "-auto-approve"]);

    // Renamed, and all but the first shifted.
    sandbox.write("main.tf", files("new", r#"["b", "c"]"#));
    let text = sandbox.groma_ok(&["plan", "-out=saved"]);
    assert!(text.contains("Plan: 2 to add, 0 to change, 1 to destroy, 2 to forget."), "{text}");
    assert!(text.contains("host_file.old[1] goes to host_file.new[0]"), "{text}");
    assert!(text.contains("# (another resource of this plan has the object)"), "{text}");
    let plan = sandbox.groma(&["show", "-json", "saved"]).json();
    let changes = plan["resource_changes"].as_array().expect("there are changes");
    let forgotten =
        changes.iter().find(|change| change["address"] == "host_file.old[1]").expect("is in the plan");
    assert_eq!(forgotten["change"]["actions"], serde_json::json!(["forget"]));
    assert_eq!(forgotten["action_reason"], "forget_because_handed_over");
    sandbox.groma_ok(&["apply", "saved"]);
    let there: Vec<String> = all_files(&sandbox, "out/etc");
    assert_eq!(there.len(), 2, "{there:?}");
    assert_eq!((sandbox.read("out/etc/b"), sandbox.read("out/etc/c")), ("b".into(), "c".into()));
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);

    // Indices that shift are replacements: only what nobody has is removed.
    sandbox.write("main.tf", files("new", r#"["c"]"#));
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    assert_eq!(sandbox.read("out/etc/c"), "c");
    // What was there before groma is there again.
    assert_eq!(sandbox.read("out/etc/b"), "found here");
    sandbox.groma(&args).with_code(0, &args);
    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    assert_eq!(all_files(&sandbox, "out").len(), 1);
}
