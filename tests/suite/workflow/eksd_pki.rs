use std::process::Command;

use crate::harness::{Sandbox, root, skip};

/// The example of a change of the authority: three plans, each of what its README says.
#[test]
fn an_authority_is_changed_in_three_applies() {
    if Command::new("openssl").arg("version").output().is_err() {
        return skip("an_authority_is_changed_in_three_applies", "there is no openssl");
    }
    let sandbox = Sandbox::new();
    sandbox.copy(&root().join("examples/eksd-pki"), ".");
    let first = sandbox.groma_ok(&["apply", "-auto-approve"]);
    assert!(first.contains("Apply complete! Resources: 19 added"), "{first}");
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    let both = r#"-var=trusted=["first", "second"]"#;
    let refused = sandbox.groma(&["plan", "-var=signing=second"]);
    let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(refused.code, Some(1), "{said}");
    assert!(said.contains("trust the new authority first"), "{said}");
    let phases: [(&str, &[&str], &str); 3] = [
        ("trust both", &[both], "Plan: 0 to add, 6 to change, 0 to destroy."),
        ("switch", &[both, "-var=signing=second"], "Plan: 0 to add, 6 to change, 0 to destroy."),
        (
            "drop",
            &[r#"-var=trusted=["second"]"#, "-var=signing=second"],
            "Plan: 0 to add, 6 to change, 0 to destroy.",
        ),
    ];
    for (name, variables, expected) in phases {
        let plan = sandbox.groma_ok(&[&["plan"][..], variables].concat());
        assert!(plan.contains(expected), "{name}: {plan}");
        let certificates = plan.contains("# eksd_certificate.");
        assert_eq!(certificates, name == "switch", "{name}: {plan}");
        assert!(!plan.contains("PRIVATE KEY"), "{name}: {plan}");
        sandbox.groma_ok(&[&["apply", "-auto-approve"][..], variables].concat());
        for node in ["cp1", "cp2", "cp3"] {
            let at = |file: &str| sandbox.path(&format!("out/{node}/etc/eksd/pki/{file}"));
            let mut verify = Command::new("openssl");
            verify
                .arg("verify")
                .arg("-CAfile")
                .arg(at("ca.crt"))
                .args([at("apiserver.crt"), at("admin.crt")]);
            let outcome = verify.output().expect("openssl is here");
            assert!(outcome.status.success(), "{name}, {node}: {outcome:?}");
        }
    }
    let state = sandbox.read("terraform.tfstate");
    let key = sandbox.read("out/cp1/etc/eksd/pki/apiserver.key");
    assert!(!state.contains(key.lines().nth(1).expect("has a body")), "the key is on its host only");
    sandbox.groma_ok(&["destroy", "-auto-approve", both]);
}
