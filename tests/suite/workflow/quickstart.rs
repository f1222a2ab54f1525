use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::all_files;
use crate::harness::{Sandbox, changed_fields, environment, groma, root};

/// The example of the README: made, unchanged, tampered with, mended, upgraded, gone. Nothing that it asks of the machine but
/// coreutils is there, so neither is openssl.
#[test]
fn the_quickstart_converges_and_repairs_itself() {
    let sandbox = Sandbox::new();
    sandbox.copy(&root().join("modules"), "modules");
    let example = root().join("examples/quickstart");
    sandbox.copy(&example.join("releases"), "examples/quickstart/releases");
    for name in ["main.tf", ".eksd.lock.hcl"] {
        let content = std::fs::read(example.join(name)).expect("the example is there");
        sandbox.write(&format!("examples/quickstart/{name}"), content);
    }
    let programs = without(&sandbox, "openssl");
    let run = |args: &[&str]| {
        let mut all = vec!["-chdir=examples/quickstart"];
        all.extend(args);
        sandbox.run(sandbox.command(&groma(), &all).env("PATH", &programs))
    };
    let out = |path: &str| format!("examples/quickstart/out/{path}");
    let apply = run(&["apply", "-auto-approve"]).success(&["apply"]);
    assert!(apply.contains("Apply complete!"), "{apply}");
    assert!(
        apply.contains("create etcd v3.5.21-eks-1-34-21 on cp3 (then 3 members; quorum 2)"),
        "the steps are told: {apply}"
    );
    let args = ["plan", "-detailed-exitcode"];
    run(&args).with_code(0, &args);

    // It is what a machine would have.
    let unit = out("cp2/etc/systemd/system/kube-apiserver.service");
    let before = sandbox.read(&unit);
    for flag in
        ["--advertise-address=10.20.0.12", "--etcd-servers=https://10.20.0.11:2379,https://10.20.0.12:2379"]
    {
        assert!(before.contains(flag), "{flag}: {before}");
    }
    for path in [
        "cp1/etc/systemd/system/etcd.service",
        "cp1/etc/eksd/kubelet.yaml",
        "cp1/etc/eksd/pki/etcd/peer.key",
        "cp1/etc/containerd/config.toml",
        "cp1/etc/haproxy/haproxy.cfg",
        "cp3/etc/eksd/admin.conf",
    ] {
        assert!(!sandbox.read(&out(path)).is_empty(), "{path}");
    }
    let starts_at_boot = out("cp1/etc/systemd/system/multi-user.target.wants/kubelet.service");
    assert!(sandbox.path(&starts_at_boot).is_symlink());
    assert!(
        !sandbox.path(&out("cp1/opt/eksd/kubelet/v1.34.9-eks-1-34-21")).exists(),
        "no program is brought"
    );

    // What is changed by hand shows as just that field, and apply puts it back.
    sandbox.write(&unit, before.replace("--profiling=false", "--profiling=true"));
    let plan = run(&["plan", "-out=p", "-detailed-exitcode"]).with_code(2, &args);
    assert!(plan.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{plan}");
    assert_eq!(
        changed_fields(&run(&["show", "-json", "p"]).json()),
        ["module.cluster.eksd_kube_apiserver.this[\"cp2\"]: profiling"]
    );
    run(&["apply", "-auto-approve"]).success(&["apply"]);
    assert_eq!(sandbox.read(&unit), before);
    std::fs::remove_file(sandbox.path(&out("cp3/etc/eksd/pki/apiserver.key"))).expect("is there");
    let plan = run(&args).with_code(2, &args);
    assert!(plan.contains("key_matches"), "{plan}");
    run(&["apply", "-auto-approve"]).success(&["apply"]);
    run(&args).with_code(0, &args);

    // What its README asks to try: an upgrade, and one that is none.
    let plan = run(&["plan", "-var=number=22"]).success(&["plan"]);
    for step in [
        "upgrade etcd on cp1 to v3.5.21-eks-1-34-22 (2 of 3 members stay; quorum 2; kube-apiserver 3 of 3)",
        "upgrade kubelet on cp3 to v1.34.9-eks-1-34-22 (2 of 3 kubelets stay)",
    ] {
        assert!(plan.contains(step), "{step}: {plan}");
    }
    let refused = run(&["plan", "-var=channel=1-33", "-var=number=31"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("Plan would downgrade a component"), "{}", refused.stderr);

    run(&["destroy", "-auto-approve"]).success(&["destroy"]);
    assert_eq!(all_files(&sandbox, "examples/quickstart/out"), Vec::<String>::new());
    assert_eq!(run(&["state", "list"]).success(&["state", "list"]), "");
}

/// A folder of links to all programs of this machine but one.
fn without(sandbox: &Sandbox, left_out: &str) -> PathBuf {
    let folder = sandbox.path("programs");
    std::fs::create_dir(&folder).expect("can be made");
    for from in std::env::split_paths(&environment("PATH").unwrap_or_default()) {
        for program in std::fs::read_dir(&from).into_iter().flatten().flatten() {
            if program.file_name() != left_out {
                // The first one of a name counts, as in PATH.
                let _ = symlink(program.path(), folder.join(program.file_name()));
            }
        }
    }
    folder
}
