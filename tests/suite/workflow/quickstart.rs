use crate::harness::{Sandbox, root};

/// The example of the README: made, unchanged, tampered with, mended, gone.
#[test]
fn the_quickstart_converges_and_repairs_itself() {
    let sandbox = Sandbox::new();
    sandbox.copy(&root().join("modules"), "modules");
    sandbox.write(
        "examples/quickstart/main.tf",
        std::fs::read(root().join("examples/quickstart/main.tf")).expect("the example is there"),
    );
    let run = |args: &[&str]| {
        let mut all = vec!["-chdir=examples/quickstart"];
        all.extend(args);
        sandbox.groma(&all)
    };
    let apply = run(&["apply", "-auto-approve"]).success(&["apply"]);
    assert!(apply.contains("Apply complete!"), "{apply}");
    let args = ["plan", "-detailed-exitcode"];
    run(&args).with_code(0, &args);
    let kubeconfigs = run(&["output", "-json", "kubeconfigs"]).json();
    assert_eq!(kubeconfigs["cp2"], "/etc/kubernetes/admin.conf");
    let file = "examples/quickstart/out/cp2/etc/kubernetes/admin.conf".to_owned();
    let before = sandbox.read(&file);
    sandbox.write(&file, "tampered with\n");
    let plan = run(&args).with_code(2, &args);
    assert!(plan.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{plan}");
    run(&["apply", "-auto-approve"]).success(&["apply"]);
    assert_eq!(sandbox.read(&file), before, "{file} is not what it was");
    run(&args).with_code(0, &args);
    run(&["destroy", "-auto-approve"]).success(&["destroy"]);
    assert_eq!(all_files(&sandbox, "examples/quickstart/out"), Vec::<String>::new());
    assert_eq!(run(&["state", "list"]).success(&["state", "list"]), "");
}

/// The files under a folder of the sandbox, in name order, relative to it.
fn all_files(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![sandbox.path(folder)];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                pending.push(entry.path());
            } else {
                let path = entry.path();
                found.push(
                    path.strip_prefix(sandbox.dir()).expect("it was found there").display().to_string(),
                );
            }
        }
    }
    found.sort();
    found
}
