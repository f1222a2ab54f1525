//! A running cluster whose state is lost is taken back: its secrets are given, everything on its host is imported, and nothing
//! restarts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lab::Purpose;
use lab::cluster::variables_of;
use serde_json::Value;

use super::site::site;
use super::work::Work;
use crate::support::{plan, ssh, up};

#[test]
fn a_running_cluster_is_adopted_without_a_restart() {
    let Some(site) = site(&[("1-34", 21)]) else { return };
    let lab = up(&plan("adopt").purpose(Purpose::Kubernetes).packages(&["haproxy"]).direct("cp1"));
    let work = Work::of_example(&lab, "onprem-ha");
    let variables = variables_of(lab.record(), &site, &["cp1"], &[]).expect("it is planned");
    // A field of `extra_config` that has an attribute is taken for that by an import.
    let variables = variables.replace("  kubelet_config ", "  # ");
    work.write("terraform.tfvars", &variables);
    work.must(&["apply", "-auto-approve"]);
    work.must(&["plan", "-detailed-exitcode"]);
    let before = state(&work);
    let processes = ssh(&lab, "cp1", PROCESSES);

    let secrets: Value = serde_json::from_str(&work.must(&["output", "-json", "secrets"])).expect("is JSON");
    let blocks = imports(&before);
    for name in ["terraform.tfstate", "terraform.tfstate.backup"] {
        let _ = std::fs::remove_file(work.path(name));
    }
    work.private("secrets.auto.tfvars.json", &serde_json::json!({ "secrets": secrets }).to_string());
    work.write("imports.tf", &blocks.values().cloned().collect::<String>());
    work.must(&["plan", "-out=saved"]);
    let planned: Value = serde_json::from_str(&work.must(&["show", "-json", "saved"])).expect("is JSON");
    let mut wrong = Vec::new();
    let mut imported = 0;
    for change in planned["resource_changes"].as_array().expect("is a list") {
        let address = change["address"].as_str().expect("has one");
        let what = &change["change"];
        imported += usize::from(what["importing"].is_object());
        let actions = what["actions"].as_array().expect("is a list");
        let ty = change["type"].as_str().expect("has one");
        let fields = differing(what);
        let documented = |field: &String| UNREADABLE.contains(&(ty, field));
        if actions != &["no-op"] && !(actions == &["update"] && fields.iter().all(documented)) {
            wrong.push(format!("{address}: {actions:?} {fields:?}"));
        }
    }
    assert!(wrong.is_empty(), "more than the README says:\n{}", wrong.join("\n"));
    assert_eq!(imported, blocks.len());
    work.must(&["apply", "saved"]);
    work.must(&["plan", "-detailed-exitcode"]);
    assert_eq!(ssh(&lab, "cp1", PROCESSES), processes, "nothing was restarted");
    work.must(&["destroy", "-auto-approve"]);
    ssh(&lab, "cp1", "! test -e /etc/eksd/pki && ! systemctl cat kubelet 2>/dev/null");
}

/// What no host tells: an import takes it over from the configuration, by a change that changes nothing on the host.
const UNREADABLE: &[(&str, &str)] = &[
    ("eksd_certificate", "ca_cert_pem"),
    ("eksd_container_runtime", "cni_plugins"),
    ("eksd_etcd_member", "binary"),
    ("eksd_etcd_member", "binary_sha256"),
    ("eksd_etcd_member", "bootstrap"),
    ("eksd_etcd_member", "endpoints"),
    ("eksd_etcd_member", "peers"),
    ("eksd_kube_apiserver", "binary"),
    ("eksd_kube_controller_manager", "binary"),
    ("eksd_kube_proxy", "binary"),
    ("eksd_kube_scheduler", "binary"),
    ("eksd_kubelet", "binary"),
    ("eksd_kubelet", "drain"),
    ("eksd_image", "archive"),
    ("eksd_image", "digest"),
    ("eksd_image", "keep"),
    ("eksd_manifest", "yaml"),
    ("eksd_manifest", "applied"),
    ("eksd_node", "drain"),
    ("eksd_node", "internal_ip"),
    ("eksd_node", "kubelet_version"),
    ("eksd_node", "labels"),
    ("eksd_node", "pod_cidr"),
    ("eksd_node", "taints"),
    ("host_download", "sha256"),
    ("host_download", "url"),
    // That it is a secret is not on the host.
    ("host_file", "content"),
    ("host_file", "content_sha256"),
    ("host_file", "revision"),
    ("host_file", "sensitive_content"),
];

const PROCESSES: &str = "for unit in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy containerd haproxy; do \
    systemctl show --value -p MainPID $unit; done";

fn state(work: &Work) -> Value {
    let text = std::fs::read_to_string(work.path("terraform.tfstate")).expect("there is a state");
    serde_json::from_str(&text).expect("is JSON")
}

/// An import block for each object that is on a host, by its address.
fn imports(state: &Value) -> BTreeMap<String, String> {
    let mut blocks = BTreeMap::new();
    for resource in state["resources"].as_array().expect("is a list") {
        let text = |name: &str| resource[name].as_str().unwrap_or_default();
        if text("mode") != "managed"
            || !(text("type").starts_with("eksd_") || text("type").starts_with("host_"))
        {
            continue;
        }
        for instance in resource["instances"].as_array().expect("is a list") {
            let module = match text("module") {
                "" => String::new(),
                module => format!("{module}."),
            };
            let key = match &instance["index_key"] {
                Value::Null => String::new(),
                key => format!("[{key}]"),
            };
            let address = format!("{module}{}.{}{key}", text("type"), text("name"));
            let mut block = String::new();
            let _ = writeln!(
                block,
                "import {{\n  to = {address}\n  id = {}\n}}",
                Value::from(id(text("type"), &instance["attributes"]))
            );
            blocks.insert(address, block);
        }
    }
    blocks
}

/// What an object is imported by.
fn id(ty: &str, object: &Value) -> String {
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let first = || object["hosts"][0].as_str().unwrap_or_default().to_owned();
    match ty {
        "host_machine" => text("connection"),
        "eksd_node" => format!("{} {} {}", first(), text("name"), text("cluster")),
        "eksd_manifest" => {
            let objects = object["objects"].as_array().expect("is a list").iter().filter_map(Value::as_str);
            format!("{} {}", first(), objects.collect::<Vec<_>>().join(", "))
        }
        ty if text("id") == ty => text("host"),
        _ => format!("{} {}", text("host"), text("id")),
    }
}

/// The attributes in which a change differs.
fn differing(change: &Value) -> Vec<String> {
    let after = change["after"].as_object().cloned().unwrap_or_default();
    let unknown = change["after_unknown"].as_object().cloned().unwrap_or_default();
    let mut names: Vec<String> = after
        .iter()
        .filter(|(name, value)| change["before"][name.as_str()] != **value)
        .map(|(name, _)| name.clone())
        .collect();
    names.extend(unknown.into_iter().filter(|(_, value)| *value == Value::Bool(true)).map(|(name, _)| name));
    names.sort();
    names.dedup();
    names
}
