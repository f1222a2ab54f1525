//! Plans that `eksd` refuses, with the very words: real plans of groma over components in folders that stand for hosts.

use std::fs;

use serde_json::{Value as Json, json};

use crate::harness::{
    Failures, Outcome, Sandbox, difference, environment, files_in, fixture, normalise, root,
};

/// What is asked, with which file of words (`tests/fixtures/refusals`), and with which exit code.
const ROWS: &[(&str, i32, &[&str])] = &[
    ("skipped-minor", 1, &["-var=release=v1.35.2-eks-1-35-4", "-var=kubelet=v1.33.9-eks-1-33-21"]),
    ("downgrade", 1, &["-var=release=v1.33.9-eks-1-33-20"]),
    ("downgrade-of-etcd", 1, &["-var=etcd=v3.5.9-eks-1-33-22"]),
    ("kubelet-first", 1, &["-var=kubelet=v1.34.1-eks-1-34-4"]),
    ("two-of-three-members-replaced", 1, &[r#"-var=nodes=["cp1", "cp4", "cp5"]"#]),
    ("even-number-of-members", 0, &[r#"-var=nodes=["cp1", "cp2", "cp3", "cp4"]"#]),
    ("a-single-member-is-left", 0, &[r#"-var=nodes=["cp1"]"#]),
    ("all-members-go", 1, &["-var=nodes=[]", "-var=apiservers=[\"cp1\"]"]),
    ("key-that-others-lack", 1, &[r#"-var=keys=["two", "one"]"#]),
    ("version-not-known", 1, &["-var=release=late"]),
];

#[test]
fn plans_that_would_break_a_cluster_are_refused_with_reasons() {
    let failures = Failures::default();
    let sandbox = cluster(CLUSTER);
    for (name, code, arguments) in ROWS {
        let outcome = sandbox.groma(&[&["plan"][..], arguments].concat());
        judge(&failures, &sandbox, name, *code, &outcome);
    }
    // Nothing keeps the members apart.
    sandbox.write("main.tf", CLUSTER.replace("max_parallel = 1", ""));
    let replaced = ["cp2", "cp3"].map(|name| format!("-replace=eksd_etcd_member.this[\"{name}\"]"));
    let outcome = sandbox.groma(&["plan", &replaced[0], &replaced[1]]);
    judge(&failures, &sandbox, "two-members-at-once", 1, &outcome);
    sandbox.write("main.tf", CLUSTER);
    // One after the other they may, and the whole cluster may go.
    sandbox.groma_ok(&["plan", &replaced[0], &replaced[1]]);
    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    failures.check(ROWS.len() + 1);
    let words = files_in(&fixture("refusals"), "txt");
    let known = |path: &std::path::PathBuf| path.file_stem().is_some_and(|name| !name.is_empty());
    assert!(words.iter().all(known) && words.len() == ROWS.len() + OTHERS, "a file of words has no row");
}

/// What a control-plane node has beside etcd and its API server changes one node after the other, too.
#[test]
fn schedulers_of_two_control_plane_nodes_are_not_changed_at_once() {
    let failures = Failures::default();
    let newer = "-var=release=v1.33.9-eks-1-33-22";
    let sandbox = cluster(&format!("{CLUSTER}{SCHEDULERS}"));
    judge(&failures, &sandbox, "two-schedulers-at-once", 1, &sandbox.groma(&["plan", newer]));
    let apart = SCHEDULERS.replace('#', "lifecycle {\n    max_parallel = 1\n  }");
    sandbox.write("main.tf", format!("{CLUSTER}{apart}"));
    sandbox.groma_ok(&["apply", "-auto-approve", newer]);
    failures.check(1);
}

/// A machine is gone and another one stands at its address: etcd still counts the one before.
#[test]
fn a_machine_in_the_place_of_a_dead_one_is_refused_until_that_is_to_be_removed() {
    let failures = Failures::default();
    let sandbox = cluster(CLUSTER);
    fs::remove_dir_all(sandbox.path("hosts/cp3")).expect("is there");
    let mut state: Json = serde_json::from_str(&sandbox.read("terraform.tfstate")).expect("is JSON");
    let member = |name: &str, id: &str| json!({ "id": id, "name": name, "learner": false, "peer_urls": [format!("https://{name}:2380")] });
    let members = json!([
        member("cp1", "8e9e05c52164694d"),
        member("cp2", "91bc3c398fb3c146"),
        member("cp3", "fd422379fda50e48")
    ]);
    let resources = state["resources"].as_array_mut().expect("there are some");
    for resource in resources.iter_mut().filter(|resource| resource["type"] == "eksd_etcd_member") {
        for instance in resource["instances"].as_array_mut().expect("there are some") {
            instance["attributes"]["members"] = members.clone();
        }
    }
    sandbox.write("terraform.tfstate", state.to_string());
    let outcome = sandbox.groma(&["plan"]);
    judge(&failures, &sandbox, "stale-member", 1, &outcome);
    let outcome = sandbox.groma(&["plan", r#"-var=replaces={ cp3 = "91bc3c398fb3c146" }"#]);
    judge(&failures, &sandbox, "another-stale-member", 1, &outcome);
    sandbox.groma_ok(&["plan", r#"-var=replaces={ cp3 = "fd422379fda50e48" }"#]);
    failures.check(2);
}

/// A machine is gone for good and nothing comes in its place: it is not asked, and the rest of the cluster loses what it had there.
#[test]
fn a_machine_that_is_lost_is_taken_out_without_being_asked() {
    let sandbox = cluster(CLUSTER);
    fs::remove_dir_all(sandbox.path("hosts/cp3")).expect("is there");
    sandbox.write("hosts/cp3", "no folder");
    let gone = r#"-var=nodes=["cp1", "cp2"]"#;
    let said = sandbox.groma(&["plan", gone]);
    assert!(said.code == Some(1) && said.stderr.contains("hosts/cp3"), "{}{}", said.stdout, said.stderr);

    let lost = format!("{CLUSTER}\nprovider \"eksd\" {{\n  lost_hosts = [\"hosts/cp3\"]\n}}\n");
    sandbox.write("main.tf", lost);
    let args = ["plan", "-out=p", gone];
    let text = sandbox.groma_ok(&args);
    assert!(text.contains("remove etcd on cp3"), "what others know of it is removed: {text}");
    let said = sandbox.groma(&["apply", "-auto-approve"]);
    assert!(said.code == Some(1) && said.stderr.contains("Host is gone for good"), "{}", said.stderr);
    sandbox.groma_ok(&["apply", "-auto-approve", gone]);
    let list = sandbox.groma_ok(&["state", "list"]);
    assert!(list.contains("cp2") && !list.contains("cp3"), "{list}");
    assert_eq!(sandbox.read("hosts/cp3"), "no folder");
    sandbox.write("main.tf", CLUSTER);
    sandbox.groma(&["plan", "-detailed-exitcode", gone]).with_code(0, &["plan"]);
}

/// What is downloaded is not what the release says.
#[test]
fn a_changed_manifest_and_a_changed_program_are_refused() {
    let failures = Failures::default();
    let sandbox = Sandbox::with_config(RELEASE);
    let manifest = "site/kubernetes-1-34/kubernetes-1-34-eks-21.yaml";
    let known = root().join("providers/eksd/releases/tests/fixtures/kubernetes-1-34-eks-21.yaml");
    sandbox.write(manifest, fs::read(known).expect("is there"));
    let plan = sandbox.groma_ok(&["plan"]);
    assert!(plan.contains("v1.34.9-eks-1-34-21"), "{plan}");
    let text = sandbox.read(manifest);
    sandbox.write(manifest, format!("{text}# one more line\n"));
    judge(&failures, &sandbox, "changed-manifest", 1, &sandbox.groma(&["plan"]));
    sandbox.write(manifest, text);
    sandbox.groma_ok(&["plan"]);

    let sandbox = cluster(CLUSTER);
    let wrong = format!("-var=sha512={}", "0".repeat(128));
    let outcome = sandbox.groma(&["apply", "-auto-approve", "-var=release=v1.33.9-eks-1-33-22", &wrong]);
    judge(&failures, &sandbox, "changed-program", 1, &outcome);
    let current = fs::read_link(sandbox.path("hosts/cp1/opt/eksd/kube-apiserver/current"));
    assert_eq!(current.expect("is a link").to_str(), Some("v1.33.9-eks-1-33-21"), "nothing was switched");
    failures.check(2);
}

/// A sandbox with a cluster of three in folders.
fn cluster(config: &str) -> Sandbox {
    let sandbox = Sandbox::with_config(config);
    for name in ["etcd", "kube-apiserver", "kubelet"] {
        sandbox.write(&format!("programs/{name}"), format!("#!/bin/sh\n# {name}\n"));
    }
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    sandbox.groma(&["plan", "-detailed-exitcode"]).with_code(0, &["plan"]);
    sandbox
}

/// Compares what was said beside the plan with a file of words.
fn judge(failures: &Failures, sandbox: &Sandbox, name: &str, code: i32, outcome: &Outcome) {
    let path = fixture(&format!("refusals/{name}.txt"));
    let warned = outcome.stdout.find("Warning: ").map_or("", |at| &outcome.stdout[at..]);
    let warned = warned.split("\n─").next().unwrap_or_default();
    let said = if code == 0 { warned } else { &outcome.stderr };
    let said = normalise(said, sandbox.dir().parent().expect("is in a folder"));
    let said = format!("{}\n", said.trim());
    if outcome.code != Some(code) {
        failures.add(
            name.to_owned(),
            format!("{:?}, not {code}\n{}{}", outcome.code, outcome.stdout, outcome.stderr),
        );
    } else if environment("GROMA_TEST_UPDATE").is_some() {
        fs::write(&path, said).expect("can be written");
    } else {
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if said != expected {
            failures.add(name.to_owned(), difference(&expected, &said));
        }
    }
}

/// Files of words that have no row in the first table.
const OTHERS: usize = 6;

const RELEASE: &str = r#"
terraform {
  required_providers {
    eksd = { source = "groma/eksd" }
  }
}

data "eksd_release" "this" {
  channel = "1-34"
  number  = 21
  source  = "site"
}

output "version" {
  value = data.eksd_release.this.version
}
"#;

const CLUSTER: &str = r#"
terraform {
  required_providers {
    eksd = { source = "groma/eksd" }
  }
}

variable "nodes" {
  type    = list(string)
  default = ["cp1", "cp2", "cp3"]
}

variable "apiservers" {
  type    = list(string)
  default = null
}

variable "etcd" {
  default = "v3.5.21-eks-1-33-21"
}

variable "release" {
  default = "v1.33.9-eks-1-33-21"
}

variable "kubelet" {
  default = null
}

variable "replaces" {
  type    = map(string)
  default = {}
}

variable "keys" {
  type    = list(string)
  default = ["one"]
}

variable "sha512" {
  default = null
}

resource "terraform_data" "late" {
  input = var.release == "late" ? "v1.33.9-eks-1-33-22" : "v1.33.9-eks-1-33-21"
}

locals {
  release = var.release == "late" ? terraform_data.late.output : var.release
  binary = {
    for name in ["etcd", "kube-apiserver", "kubelet"] : name => {
      for arch in ["amd64", "arm64"] : arch => {
        uri    = abspath("programs/${name}")
        sha512 = coalesce(var.sha512, filesha512("programs/${name}"))
      }
    }
  }
}

resource "eksd_etcd_member" "this" {
  for_each                    = toset(var.nodes)
  host                        = "root:hosts/${each.key}"
  cluster                     = "prod"
  node                        = each.key
  version                     = var.etcd
  binary                      = local.binary["etcd"]
  endpoints                   = [for name in var.nodes : "https://${name}:2379"]
  listen_client_urls          = ["https://127.0.0.1:2379"]
  advertise_client_urls       = ["https://${each.key}:2379"]
  listen_peer_urls            = ["https://127.0.0.1:2380"]
  initial_advertise_peer_urls = ["https://${each.key}:2380"]
  replaces                    = lookup(var.replaces, each.key, null)

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kube_apiserver" "this" {
  for_each        = toset(coalesce(var.apiservers, var.nodes))
  host            = "root:hosts/${each.key}"
  cluster         = "prod"
  node            = each.key
  version         = local.release
  binary          = local.binary["kube-apiserver"]
  etcd_servers    = [for name in var.nodes : "https://${name}:2379"]
  encryption_keys = [for name in var.keys : { name = name, secret = base64encode("the 32 bytes of a key, named ${name}") }]
  depends_on      = [eksd_etcd_member.this]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kubelet" "worker" {
  host       = "root:hosts/w1"
  cluster    = "prod"
  node       = "w1"
  version    = coalesce(var.kubelet, local.release)
  binary     = local.binary["kubelet"]
  depends_on = [eksd_kube_apiserver.this]
}
"#;

/// Schedulers whose programs are on their hosts already; what keeps them apart takes the place of the `#`.
const SCHEDULERS: &str = r#"
resource "eksd_kube_scheduler" "this" {
  for_each   = toset(var.nodes)
  host       = "root:hosts/${each.key}"
  cluster    = "prod"
  node       = each.key
  version    = local.release
  depends_on = [eksd_kube_apiserver.this]
  #
}
"#;
