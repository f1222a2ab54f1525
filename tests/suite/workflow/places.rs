//! States that are looked for in another place, or that another workspace begins with.

use crate::harness::Sandbox;
use crate::workflow::interrupted::{SLOW, wait_for_journal};

const INIT: [&str; 3] = ["init", "-backend-config=path=new.tfstate", "-migrate-state"];

/// A sandbox whose apply was killed: one object is made, of another one it is not known.
fn killed() -> Sandbox {
    let sandbox = Sandbox::with_config(&SLOW.replace("2s", "60s"));
    let running = sandbox.start_groma(&["apply", "-auto-approve"]);
    wait_for_journal(&sandbox);
    running.kill();
    sandbox
}

#[test]
fn the_journal_of_a_killed_apply_is_not_left_behind() {
    let sandbox = killed();
    let refused = sandbox.groma(&INIT);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("An apply was interrupted"), "{}", refused.stderr);
    assert!(!sandbox.path("new.tfstate").exists());
    // What was begun is taken out, what was done stays in the journal.
    let journal = sandbox.read(".terraform.tfstate.journal");
    let lines = journal.trim_end_matches('\0').split_inclusive('\n');
    let known: String = lines.filter(|line| !line.contains("time_sleep")).collect();
    sandbox.write(".terraform.tfstate.journal", known);
    sandbox.groma_ok(&INIT);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "terraform_data.quick\n");
    assert!(sandbox.read("new.tfstate").contains("\"quick\""));
}

#[test]
fn nothing_is_moved_while_an_apply_runs() {
    let sandbox = Sandbox::with_config(&SLOW.replace("2s", "60s"));
    let running = sandbox.start_groma(&["apply", "-auto-approve"]);
    wait_for_journal(&sandbox);
    let refused = sandbox.groma(&INIT);
    running.kill();
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("Error acquiring the state lock"), "{}", refused.stderr);
    assert!(!sandbox.path("new.tfstate").exists());
}

#[test]
fn a_move_that_was_cut_off_is_done_again() {
    let sandbox = Sandbox::with_config("resource \"terraform_data\" \"a\" {}\n");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.write("new.tfstate", sandbox.read("terraform.tfstate"));
    sandbox.groma_ok(&INIT);
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    // The same place, written otherwise, is none to move to.
    let path = format!("-backend-config=path={}", sandbox.path("new.tfstate").display());
    sandbox.groma_ok(&["init", &path]);
    sandbox.groma(&args).with_code(0, &args);
}

#[test]
fn no_workspace_is_lost_sight_of() {
    let sandbox = Sandbox::with_config("resource \"terraform_data\" \"a\" { input = terraform.workspace }\n");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.groma_ok(&["workspace", "new", "empty"]);
    sandbox.groma_ok(&["workspace", "new", "dev"]);
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    for (option, lost) in [
        ("-backend-config=path=new.tfstate", "The state of this folder is in terraform.tfstate"),
        ("-backend-config=workspace_dir=spaces", "The state of the workspace \"dev\" is in"),
    ] {
        let refused = sandbox.groma(&["init", option]);
        assert_eq!(refused.code, Some(1), "{option}: {}", refused.stdout);
        let said = refused.stderr.replace('\n', " ");
        assert!(said.contains(lost), "{option}: {said}");
    }
    let both = ["init", "-backend-config=path=new.tfstate", "-backend-config=workspace_dir=spaces"];
    sandbox.groma_ok(&[&both[..], &["-migrate-state"]].concat());
    assert_eq!(sandbox.groma_ok(&["workspace", "list"]), "  default\n* dev\n  empty\n\n");
    for workspace in ["dev", "default"] {
        sandbox.groma_ok(&["workspace", "select", workspace]);
        let args = ["plan", "-detailed-exitcode"];
        sandbox.groma(&args).with_code(0, &args);
    }
}

#[test]
fn a_workspace_begins_with_a_state_that_is_there_and_known() {
    let sandbox = Sandbox::with_config("resource \"terraform_data\" \"a\" {}\n");
    let args = ["workspace", "new", "-state=absent.tfstate", "dev"];
    sandbox.groma(&args).with_code(1, &args);
    assert_eq!(sandbox.groma_ok(&["workspace", "list"]), "* default\n\n");
    let sandbox = killed();
    let args = ["workspace", "new", "-state=terraform.tfstate", "dev"];
    let refused = sandbox.groma(&args);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("interrupted"), "{}", refused.stderr);
}

#[test]
fn a_plan_is_for_its_workspace() {
    let sandbox = Sandbox::with_config("resource \"terraform_data\" \"a\" {}\n");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let plan = ["plan", "-out=p", "-replace=terraform_data.a"];
    sandbox.groma_ok(&plan);
    sandbox.groma_ok(&["workspace", "new", "-state=terraform.tfstate", "dev"]);
    let refused = sandbox.groma(&["apply", "p"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("Saved plan is for another workspace"), "{}", refused.stderr);
    let lineage = |name: &str| {
        let state: serde_json::Value = serde_json::from_str(&sandbox.read(name)).expect("a state is JSON");
        state["lineage"].clone()
    };
    assert_ne!(lineage("terraform.tfstate"), lineage("terraform.tfstate.d/dev/terraform.tfstate"));
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    sandbox.groma_ok(&["workspace", "select", "default"]);
    sandbox.groma_ok(&["apply", "p"]);
}
