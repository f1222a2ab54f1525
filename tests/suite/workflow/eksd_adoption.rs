//! A cluster whose state is lost is taken back through the module: its secrets as inputs, everything on its hosts by imports.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::all_files;
use crate::harness::{Sandbox, root};

#[test]
fn a_cluster_whose_state_is_lost_is_taken_back() {
    let sandbox = Sandbox::with_config(CLUSTER);
    sandbox.copy(&root().join("modules"), "modules");
    sandbox.copy(&root().join("examples/quickstart/releases"), "releases");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let secrets = sandbox.groma(&["output", "-json", "secrets"]).json();
    let state: Json = serde_json::from_str(&sandbox.read("terraform.tfstate")).expect("is JSON");
    let before = files(&sandbox);

    for name in ["terraform.tfstate", "terraform.tfstate.backup"] {
        let _ = std::fs::remove_file(sandbox.path(name));
    }
    sandbox.write("secrets.auto.tfvars.json", json!({ "secrets": secrets }).to_string());
    let imports = imports(&state);
    sandbox.write("imports.tf", imports.values().cloned().collect::<String>());
    sandbox.groma_ok(&["plan", "-out=p"]);
    let plan = sandbox.groma(&["show", "-json", "p"]).json();
    let (mut imported, mut wrong) = (0, Vec::new());
    for change in plan["resource_changes"].as_array().expect("is a list") {
        let (what, ty) = (&change["change"], change["type"].as_str().expect("has one"));
        imported += usize::from(what["importing"].is_object());
        let fields = differing(what);
        let is_known = |field: &String| UNREADABLE.contains(&(ty, field));
        if what["actions"] != json!(["no-op"])
            && !(what["actions"] == json!(["update"]) && fields.iter().all(is_known))
        {
            wrong.push(format!("{}: {} {fields:?}", change["address"], what["actions"]));
        }
    }
    assert!(wrong.is_empty(), "more than what no host tells:\n{}", wrong.join("\n"));
    assert_eq!(imported, imports.len());
    sandbox.groma_ok(&["apply", "p"]);
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    assert_eq!(files(&sandbox), before, "nothing on the hosts changes");
    let list = sandbox.groma_ok(&["state", "list"]);
    assert!(!list.contains("tls_private_key") && !list.contains("random_bytes"), "{list}");
    let again = sandbox.groma(&["output", "-json", "secrets"]).json();
    assert_eq!(again, secrets);

    // Where the keys of the authorities are lost for good, those authorities stay trusted, and others sign.
    let mut kept = secrets.clone();
    for (_, authority) in kept["authorities"].as_object_mut().expect("is a map") {
        authority["key"] = Json::Null;
    }
    sandbox.write("secrets.auto.tfvars.json", json!({ "secrets": kept }).to_string());
    // The first of the three applies issues nothing, and so needs no key.
    let both = r#"-var=authorities={ trusted = ["1", "2"], signing = "1" }"#;
    sandbox.groma_ok(&["apply", "-auto-approve", both]);
    let args = ["plan", "-detailed-exitcode", both];
    sandbox.groma(&args).with_code(0, &args);
    let certificate = sandbox.read("out/cp1/etc/eksd/pki/apiserver.crt");
    assert_eq!(certificate, before["out/cp1/etc/eksd/pki/apiserver.crt"]);
    std::fs::remove_file(sandbox.path("out/cp1/etc/eksd/pki/scheduler.crt")).expect("is there");
    let refused = sandbox.groma(&["plan", both]);
    assert!(refused.code == Some(1) && refused.stderr.contains("Authority has no key"), "{}", refused.stderr);
    let two = r#"-var=authorities={ trusted = ["1", "2"], signing = "2" }"#;
    sandbox.groma_ok(&["apply", "-auto-approve", two]);
    let bundle = sandbox.read("out/cp1/etc/eksd/pki/ca.crt");
    let old = secrets["authorities"]["kubernetes/1"]["certificate"].as_str().expect("is a text");
    assert!(bundle.starts_with(old) && bundle.matches("BEGIN CERTIFICATE").count() == 2, "{bundle}");
    assert_ne!(sandbox.read("out/cp1/etc/eksd/pki/apiserver.crt"), certificate);
    let one = r#"-var=authorities={ trusted = ["2"], signing = "2" }"#;
    sandbox.groma_ok(&["apply", "-auto-approve", one]);
    assert!(!sandbox.read("out/cp1/etc/eksd/pki/ca.crt").contains(old));
    sandbox.groma_ok(&["destroy", "-auto-approve", one]);
    assert_eq!(all_files(&sandbox, "out"), Vec::<String>::new());
}

/// What no host tells, as in the README of the module: the state gets it from the configuration, and no host changes.
const UNREADABLE: &[(&str, &str)] = &[
    ("eksd_certificate", "ca_cert_pem"),
    // In a folder nothing runs that could tell these.
    ("eksd_etcd_member", "cluster_id"),
    ("eksd_etcd_member", "is_foreign"),
    ("eksd_etcd_member", "is_learner"),
    ("eksd_etcd_member", "member_id"),
    ("eksd_etcd_member", "bootstrap"),
    ("eksd_etcd_member", "endpoints"),
    ("eksd_etcd_member", "peers"),
    // That it is a secret is not on the host.
    ("host_file", "content"),
    ("host_file", "content_sha256"),
    ("host_file", "revision"),
    ("host_file", "sensitive_content"),
];

/// The files of the hosts with their contents, but for what groma notes of its own.
fn files(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let all = all_files(sandbox, "out").into_iter().filter(|path| !path.contains("/var/lib/groma/"));
    all.filter(|path| !sandbox.path(path).is_symlink())
        .map(|path| {
            let text = sandbox.read(&path);
            (path, text)
        })
        .collect()
}

/// An import block for each object that is on a host, by its address.
fn imports(state: &Json) -> BTreeMap<String, String> {
    let mut blocks = BTreeMap::new();
    for resource in state["resources"].as_array().expect("is a list") {
        let text = |name: &str| resource[name].as_str().unwrap_or_default();
        let ty = text("type");
        if text("mode") != "managed" || !(ty.starts_with("eksd_") || ty.starts_with("host_")) {
            continue;
        }
        for instance in resource["instances"].as_array().expect("is a list") {
            let module =
                if text("module").is_empty() { String::new() } else { format!("{}.", text("module")) };
            let key = if instance["index_key"].is_null() {
                String::new()
            } else {
                format!("[{}]", instance["index_key"])
            };
            let address = format!("{module}{ty}.{}{key}", text("name"));
            let object = &instance["attributes"];
            let part = |name: &str| object[name].as_str().unwrap_or_default();
            let id = match ty {
                "host_machine" => part("connection").to_owned(),
                ty if part("id") == ty => part("host").to_owned(),
                _ => format!("{} {}", part("host"), part("id")),
            };
            let mut block = String::new();
            let _ = writeln!(block, "import {{\n  to = {address}\n  id = {}\n}}", Json::from(id));
            blocks.insert(address, block);
        }
    }
    blocks
}

/// The attributes in which a change differs.
fn differing(change: &Json) -> Vec<String> {
    let after = change["after"].as_object().cloned().unwrap_or_default();
    let unknown = change["after_unknown"].as_object().cloned().unwrap_or_default();
    let differ = after.iter().filter(|(name, value)| change["before"][name.as_str()] != **value);
    let mut names: Vec<String> = differ.map(|(name, _)| name.clone()).collect();
    names.extend(unknown.into_iter().filter(|(_, value)| *value == Json::Bool(true)).map(|(name, _)| name));
    names.sort();
    names.dedup();
    names
}

const CLUSTER: &str = r#"
variable "secrets" {
  type      = any
  default   = {}
  sensitive = true
}
variable "authorities" {
  type    = any
  default = {}
}
data "eksd_release" "this" {
  channel = "1-34"
  number  = 21
  source  = "releases"
}
locals {
  addresses = { cp1 = "10.20.0.11", w1 = "10.20.0.21" }
  nodes     = { for name, address in local.addresses : name => { host = host_machine.node[name].connection, address = address } }
}
resource "host_machine" "node" {
  for_each  = local.addresses
  transport = "root"
  root      = "${path.cwd}/out/${each.key}"
}
module "cluster" {
  source        = "./modules/eksd-cluster"
  name          = "lost"
  release       = data.eksd_release.this
  control_plane = { cp1 = local.nodes.cp1 }
  workers       = { w1 = local.nodes.w1 }
  install       = false
  api_objects   = false
  secrets       = var.secrets
  authorities   = var.authorities
}
output "secrets" {
  value     = module.cluster.secrets
  sensitive = true
}
"#;
