//! What eksd-cluster does with certificates that end and authorities that are changed, on folders that stand for its hosts: all of
//! a cluster but what needs an API that answers.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::harness::{Sandbox, root, skip};

const NODES: [&str; 3] = ["cp1", "cp2", "cp3"];

#[test]
fn certificates_are_renewed_and_authorities_changed_one_node_after_the_other() {
    if Command::new("openssl").arg("version").output().is_err() {
        return skip(
            "certificates_are_renewed_and_authorities_changed_one_node_after_the_other",
            "there is no openssl",
        );
    }
    let sandbox = Sandbox::with_config(CLUSTER);
    sandbox.copy(&root().join("modules"), "modules");
    programs(&sandbox);
    let run = |words: &[&str]| sandbox.groma_ok(&[words, &[TARGET]].concat());
    run(&["apply", "-auto-approve"]);
    let empty = ["plan", "-detailed-exitcode", TARGET];
    sandbox.groma(&empty).with_code(0, &empty);
    let state: Json = serde_json::from_str(&sandbox.read("terraform.tfstate")).expect("is JSON");
    certificates_have_no_key_of_an_authority(&state);

    // Certificates near their end are drift, and their renewal goes through the nodes.
    for node in NODES {
        end_soon(&sandbox, &state, node);
    }
    let plan = run(&["plan"]);
    assert!(plan.contains("~ ready_for_renewal  = true -> false"), "{plan}");
    assert!(plan.contains("Plan: 0 to add, 6 to change, 0 to destroy."), "{plan}");
    in_order(&plan, &NODES.map(|node| format!("change etcd on {node} (2 of 3 members stay; quorum 2")));
    run(&["apply", "-auto-approve"]);
    sandbox.groma(&empty).with_code(0, &empty);
    for node in NODES {
        let unit = sandbox.read(&format!("hosts/{node}/etc/systemd/system/etcd.service"));
        let server = format!("hosts/{node}/etc/eksd/pki/etcd/server.crt");
        let print = openssl(&sandbox, &["x509", "-in", &server, "-noout", "-fingerprint", "-sha256"]);
        let print = print.trim().rsplit('=').next().unwrap_or_default().replace(':', "").to_lowercase();
        assert!(unit.contains(&print), "etcd on {node} is restarted for its new certificate: {unit}");
    }

    // A new authority that nobody trusts yet signs nothing.
    let skipped = r#"-var=authorities={ trusted = ["1"], signing = "2" }"#;
    let refused = sandbox.groma(&["plan", TARGET, skipped]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("Nobody would trust what is signed"), "{}", refused.stderr);
    for (phase, authorities, issued) in [
        ("trust both", r#"-var=authorities={ trusted = ["1", "2"], signing = "1" }"#, false),
        ("switch", r#"-var=authorities={ trusted = ["1", "2"], signing = "2" }"#, true),
        ("drop", r#"-var=authorities={ trusted = ["2"], signing = "2" }"#, false),
    ] {
        let plan = run(&["plan", authorities]);
        assert!(!plan.contains("PRIVATE KEY"), "{phase}: {plan}");
        assert_eq!(
            plan.contains("eksd_certificate.this[\"cp1/apiserver\"] will be updated"),
            issued,
            "{phase}: {plan}"
        );
        assert_eq!(plan.contains("host_file.ca[\"cp1\"] will be updated"), !issued, "{phase}: {plan}");
        for kind in ["etcd", "kube-apiserver"] {
            in_order(&plan, &NODES.map(|node| format!("change {kind} on {node} (2 of 3")));
        }
        run(&["apply", "-auto-approve", authorities]);
        let empty = ["plan", "-detailed-exitcode", TARGET, authorities];
        sandbox.groma(&empty).with_code(0, &empty);
        for node in NODES {
            let pki = format!("hosts/{node}/etc/eksd/pki");
            for (bundle, leaf) in [
                ("ca.crt", "apiserver.crt"),
                ("ca.crt", "kubelet.crt"),
                ("etcd/ca.crt", "etcd/peer.crt"),
                ("front-proxy-ca.crt", "front-proxy-client.crt"),
            ] {
                let (bundle, leaf) = (format!("{pki}/{bundle}"), format!("{pki}/{leaf}"));
                openssl(&sandbox, &["verify", "-CAfile", &bundle, &leaf]);
            }
        }
    }
    let list = sandbox.groma_ok(&["state", "list"]);
    assert!(list.contains("tls_private_key.ca[\"etcd/2\"]") && !list.contains("[\"etcd/1\"]"), "{list}");
}

/// These texts stand in this order.
fn in_order(text: &str, parts: &[String]) {
    let mut rest = text;
    for part in parts {
        let at =
            rest.find(part).unwrap_or_else(|| panic!("{part} is not there, or not in its place: {text}"));
        rest = &rest[at + part.len()..];
    }
}

fn certificates_have_no_key_of_an_authority(state: &Json) {
    let resources = state["resources"].as_array().expect("there are some");
    let certificates = resources.iter().filter(|resource| resource["type"] == "eksd_certificate");
    let instances = certificates.flat_map(|resource| resource["instances"].as_array().expect("is a list"));
    let mut count = 0;
    for instance in instances {
        assert!(instance["attributes"]["ca_private_key_pem"].is_null());
        count += 1;
    }
    assert!(count > 30, "{count}");
}

/// Puts a certificate in place of etcd's that is the same but for its end, in ten days.
fn end_soon(sandbox: &Sandbox, state: &Json, node: &str) {
    let attribute = |ty: &str, name: &str| {
        let resources = state["resources"].as_array().expect("there are some");
        let resource = resources.iter().find(|resource| resource["type"] == ty && resource["name"] == "ca");
        let instances = resource.expect("is there")["instances"].as_array().expect("is a list");
        let of_etcd = instances.iter().find(|instance| instance["index_key"] == "etcd/1");
        of_etcd.expect("is there")["attributes"][name].as_str().expect("is a text").to_owned()
    };
    sandbox.write("ca.pem", attribute("tls_self_signed_cert", "cert_pem"));
    sandbox.write("ca.key", attribute("tls_private_key", "private_key_pem"));
    let (path, key) = (
        format!("hosts/{node}/etc/eksd/pki/etcd/server.crt"),
        format!("hosts/{node}/etc/eksd/pki/etcd/server.key"),
    );
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let request = format!("x509 -x509toreq -in {path} -signkey {key} -copy_extensions copy -out soon.csr");
    let sign = "x509 -req -in soon.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -copy_extensions copyall -out soon.crt";
    for line in [words(&request), words(sign)] {
        openssl(sandbox, &line.iter().map(String::as_str).collect::<Vec<_>>());
    }
    sandbox.write(&path, sandbox.read("soon.crt"));
}

fn openssl(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let outcome = sandbox.run(&mut sandbox.command(Path::new("openssl"), arguments));
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {}{}", outcome.stdout, outcome.stderr);
    outcome.stdout
}

/// What stands for the programs of a release.
fn programs(sandbox: &Sandbox) {
    for name in [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kubelet",
        "kube-proxy",
        "bridge",
    ] {
        sandbox.write(&format!("programs/{name}"), format!("#!/bin/sh\n# {name}\n"));
    }
    let made = Command::new("tar")
        .current_dir(sandbox.path("programs"))
        .args(["-czf", "cni-plugins.tar.gz", "bridge"])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "tar runs");
}

/// All but what needs the API.
const TARGET: &str = "-target=module.cluster.module.control_plane.eksd_kube_proxy.this";

const CLUSTER: &str = r#"
terraform {
  required_providers {
    eksd = { source = "groma/eksd" }
    host = { source = "groma/host" }
  }
}

variable "authorities" {
  type = object({
    trusted = optional(list(string), ["1"])
    signing = optional(string, "1")
  })
  default = {}
}

locals {
  programs = {
    for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"] : name => name
  }
  files    = merge(local.programs, { cni-plugins = "cni-plugins.tar.gz" })
  binaries = {
    for name, file in local.files : name => {
      for arch in ["amd64", "arm64"] : arch => {
        uri    = abspath("programs/${file}")
        sha256 = filesha256("programs/${file}")
        sha512 = filesha512("programs/${file}")
      }
    }
  }
}

module "cluster" {
  source      = "./modules/eksd-cluster"
  name        = "prod"
  authorities = var.authorities
  dns         = false
  network     = "none"
  release = {
    version              = "v1.34.9-eks-1-34-21"
    kubernetes_version   = "v1.34.9"
    etcd_release_version = "v3.5.21-eks-1-34-21"
    binaries             = local.binaries
    images               = { pause = { uri = "example.org/pause:1", digest = "" } }
    image_archives       = {}
  }
  control_plane = {
    cp1 = { host = "root:hosts/cp1", address = "10.0.0.11" }
    cp2 = { host = "root:hosts/cp2", address = "10.0.0.12" }
    cp3 = { host = "root:hosts/cp3", address = "10.0.0.13" }
  }
}
"#;
