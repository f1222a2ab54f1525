//! The keys that secrets are encrypted with, and the authorities that everybody trusts, are changed in a cluster that is used.

use lab::Lab;

use super::cluster::{MEMBERS, address, five, give_kubectl_to, variables};
use super::load::{APP, give_image};
use super::site::site;
use super::work::Work;
use crate::support::{ssh, timed, up};

const SECRET: &str = "-n load get secret kept -o jsonpath={.data.word}";

#[test]
fn keys_and_authorities_are_changed_under_pods_that_run() {
    let Some(site) = site(&[("1-34", 21)]) else { return };
    let lab = up(&five("rotation"));
    let work = Work::of_example(&lab, "onprem-ha");
    work.write("terraform.tfvars", &variables(&lab, &site));
    let nodes = format!(
        "control_plane = {{ cp1 = \"{}\" }}\nworkers = {{ w1 = \"{}\" }}\n",
        address(&lab, "cp1"),
        address(&lab, "w1")
    );
    work.write("nodes.auto.tfvars", &nodes);
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("the first apply took {took:?}");
    give_kubectl_to(&lab, "cp1", &site);
    give_image(&lab, &["w1"]);
    let root = &lab.host("cp1").expect("is planned").root;
    std::fs::write(root.join("root/app.json"), APP).expect("can be written");
    kubectl(&lab, "apply -f /root/app.json");
    kubectl(&lab, "-n load rollout status deployment app --timeout=300s");
    kubectl(&lab, "-n load create secret generic kept --from-literal=word=kept");
    let pods = kubectl(&lab, PODS);

    let set = |text: &str| {
        let variables = variables(&lab, &site).replace("cluster = {", &format!("cluster = {{\n  {text}"));
        work.write("terraform.tfvars", &variables);
    };
    let step = |text: &str| {
        set(text);
        let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
        println!("{text}: {took:?}");
        work.must(&["plan", "-detailed-exitcode"]);
        is_well(&lab);
        assert_eq!(kubectl(&lab, SECRET), "a2VwdA==", "{text}");
    };

    // Keys: known, in front, and the old one gone once nothing needs it.
    assert_eq!(encrypted_with(&lab), "key1");
    step(r#"encryption_keys = ["key1", "key2"]"#);
    assert_eq!(encrypted_with(&lab), "key1");
    step(r#"encryption_keys = ["key2", "key1"]"#);
    set(r#"encryption_keys = ["key2"]"#);
    let said = work.fails(&["apply", "-auto-approve"]);
    for part in ["Encryption key is still in use", "1 with \"key1\"", "Nothing was changed"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    ssh(&lab, "cp1", &format!("{KUBECTL} get secrets -A -o json | {KUBECTL} replace -f -"));
    assert_eq!(encrypted_with(&lab), "key2");
    step(r#"encryption_keys = ["key2"]"#);

    // Authorities: both are trusted, the new ones sign, the old ones are gone.
    let old = ssh(&lab, "cp1", "cat /etc/eksd/pki/ca.crt");
    for authorities in [
        r#"{ trusted = ["1", "2"], signing = "1" }"#,
        r#"{ trusted = ["1", "2"], signing = "2" }"#,
        r#"{ trusted = ["2"], signing = "2" }"#,
    ] {
        step(&format!("encryption_keys = [\"key2\"]\n  authorities = {authorities}"));
    }
    let new = ssh(&lab, "cp1", "cat /etc/eksd/pki/ca.crt");
    assert!(
        !new.contains(old.trim()) && new.contains("BEGIN CERTIFICATE"),
        "the old authority is trusted yet"
    );
    let members = ssh(&lab, "cp1", MEMBERS);
    assert!(members.contains(", started, cp1"), "{members}");
    assert_eq!(kubectl(&lab, PODS), pods, "pods of users went on");
}

const KUBECTL: &str = "KUBECONFIG=/etc/eksd/admin.conf /root/kubectl";

/// The app's pods, and how often they were restarted.
const PODS: &str = "-n load get pods --sort-by=.metadata.name -o jsonpath='{range .items[*]}{.metadata.name} {.status.containerStatuses[0].restartCount} {end}'";

fn kubectl(lab: &Lab, arguments: &str) -> String {
    ssh(lab, "cp1", &format!("{KUBECTL} {arguments}"))
}

/// Both nodes are ready, and pods of the cluster's own speak with the API.
#[track_caller]
fn is_well(lab: &Lab) {
    kubectl(lab, "wait --for=condition=Ready node cp1 w1 --timeout=60s");
    kubectl(lab, "-n kube-system rollout status deployment coredns --timeout=120s");
    // The kubelet's server is asked by the API server, whose client it knows.
    kubectl(lab, "-n kube-system logs deployment/coredns --tail=1");
}

/// The name of the key that the secret is encrypted with in etcd.
fn encrypted_with(lab: &Lab) -> String {
    let etcdctl = MEMBERS.replace("member list", "get /registry/secrets/load/kept --print-value-only");
    let value = ssh(lab, "cp1", &format!("{etcdctl} | head -c 64 | tr -c '[:print:]' ?"));
    let name = value.strip_prefix("k8s:enc:secretbox:v1:").and_then(|rest| rest.split_once(':'));
    name.unwrap_or_else(|| panic!("not encrypted: {value}")).0.to_owned()
}
