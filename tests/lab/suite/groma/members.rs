//! Members of etcd that are lost for good, go and come: real plans, which the proof lets through or not.

use std::path::Path;

use lab::Lab;
use serde_json::Value;

use super::cluster::MEMBERS;
use super::site::site;
use super::work::Work;
use crate::support::{plan, ssh, up};

const NODES: [&str; 3] = ["cp1", "cp2", "cp3"];

#[test]
fn a_lost_machine_is_replaced_only_with_its_members_removal_and_members_go_one_by_one() {
    let Some(site) = site(&[("1-34", 21)]) else { return };
    let lab = up(&NODES.iter().fold(plan("members"), |plan, name| plan.direct(name)));
    let work = Work::new(&lab, &config(&lab, &site));
    work.must(&["apply", "-auto-approve"]);
    let args = ["plan", "-detailed-exitcode"];
    work.must(&args);
    etcdctl(&lab, "cp1", "put key kept");

    // The machine is gone, and another one stands at its address, with nothing of the old one.
    let lost = id(&lab, "cp1", "cp3");
    ssh(&lab, "cp3", GONE);
    lab.power_off("cp3").expect("can be switched off");
    lab.power_on("cp3").expect("can be switched on");
    lab.wait("cp3").expect("comes up");
    let said = work.fails(&["plan"]);
    for part in
        ["A member of that name is still in etcd", &lost, "replaces", "3 members, of which 2 must be well"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let other = format!("-var=replaced={{ cp3 = \"{}\" }}", id(&lab, "cp1", "cp2"));
    assert!(work.fails(&["plan", &other]).contains("which is not that one"));
    let replaced = format!("-var=replaced={{ cp3 = \"{lost}\" }}");
    let text = work.must(&["apply", "-auto-approve", &replaced]);
    assert!(text.contains("create etcd v3.5.21-eks-1-34-21 on cp3"), "{text}");
    assert_eq!(members(&lab, "cp3"), NODES, "one of each name");
    assert_ne!(id(&lab, "cp1", "cp3"), lost);
    assert_eq!(etcdctl(&lab, "cp3", "get key --print-value-only"), "kept");
    work.must(&["plan", "-detailed-exitcode", &replaced]);
    let state: Value =
        serde_json::from_str(&std::fs::read_to_string(work.path("terraform.tfstate")).expect("is there"))
            .expect("is JSON");
    assert!(!state.to_string().contains(SECRET_OF_CERTIFICATES), "the authority's key is in no certificate");

    // Two go, one after the other, and come back.
    let one = r#"-var=nodes=["cp1"]"#;
    let text = work.must(&["apply", "-auto-approve", one]);
    for part in ["A single etcd member bears no failure", "remove etcd on cp2", "(then 1 member; quorum 1)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(members(&lab, "cp1"), ["cp1"]);
    work.must(&["plan", "-detailed-exitcode", one]);
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(members(&lab, "cp2"), NODES);
    assert_eq!(etcdctl(&lab, "cp3", "get key --print-value-only"), "kept");
    work.must(&args);

    // One machine is gone for good, and nothing comes in its place.
    lab.power_off("cp3").expect("can be switched off");
    let two = r#"-var=nodes=["cp1", "cp2"]"#;
    let address = lab.host("cp3").expect("is planned").address.to_string();
    let said = work.fails(&["plan", two]);
    assert!(said.contains(&address), "it is asked, and named: {said}");
    let lost = format!("-var=lost=[\"{address}\"]");
    let text = work.must(&["apply", "-auto-approve", two, &lost]);
    assert!(text.contains("remove etcd on cp3"), "{text}");
    assert_eq!(members(&lab, "cp1"), ["cp1", "cp2"]);
    assert_eq!(etcdctl(&lab, "cp2", "get key --print-value-only"), "kept");
    work.must(&["plan", "-detailed-exitcode", two]);
    work.must(&["destroy", "-auto-approve", two]);
}

/// All that groma made, and who the machine is.
const GONE: &str = "systemctl kill -s KILL etcd; systemctl disable -q etcd; \
    rm -rf /opt/eksd /etc/eksd /var/lib/etcd /var/lib/groma /run/groma /etc/systemd/system/etcd.service* /usr/local/bin/etcd*; \
    tr 0-9a-f 1-9a-f0 </etc/machine-id >/etc/m && cat /etc/m >/etc/machine-id; sync";

/// What the state of a certificate would say if the key were in it.
const SECRET_OF_CERTIFICATES: &str = "\"ca_private_key_pem\":\"";

/// Names of the members that run, in order.
fn members(lab: &Lab, host: &str) -> Vec<String> {
    let said = ssh(lab, host, MEMBERS);
    let started = said.lines().filter(|line| line.contains(", started, "));
    let mut names: Vec<String> =
        started.filter_map(|line| Some(line.split(", ").nth(2)?.to_owned())).collect();
    names.sort();
    names
}

/// A member's id.
fn id(lab: &Lab, host: &str, name: &str) -> String {
    let said = ssh(lab, host, MEMBERS);
    let line = said.lines().find(|line| line.contains(&format!(", {name}, "))).expect("is a member");
    line.split(", ").next().unwrap_or_default().to_owned()
}

fn etcdctl(lab: &Lab, host: &str, line: &str) -> String {
    ssh(lab, host, &MEMBERS.replace("member list", line))
}

/// Members of etcd with their certificates, and nothing else.
fn config(lab: &Lab, site: &Path) -> String {
    let record = lab.record();
    let addresses: Vec<String> = NODES
        .iter()
        .map(|name| format!("{name} = \"{}\"", lab.host(name).expect("is planned").address))
        .collect();
    let login = format!(
        "user = \"root\"\n private_key_file = \"{}\"\n known_hosts_files = [\"{}\"]",
        record.private_key.display(),
        record.known_hosts.display()
    );
    CONFIG
        .replace("LOGIN", &login)
        .replace("ADDRESSES", &addresses.join(", "))
        .replace("SITE", &site.display().to_string())
}

const CONFIG: &str = r#"
terraform {
  required_providers {
    eksd = { source = "groma/eksd" }
    host = { source = "groma/host" }
    tls  = { source = "hashicorp/tls" }
  }
}

provider "host" {
  LOGIN
  lost_hosts = var.lost
}

provider "eksd" {
  LOGIN
  lost_hosts = var.lost
}

variable "nodes" {
  type    = list(string)
  default = ["cp1", "cp2", "cp3"]
}

variable "replaced" {
  type    = map(string)
  default = {}
}

variable "lost" {
  type    = list(string)
  default = []
}

locals {
  addresses = { ADDRESSES }
  nodes     = { for name in var.nodes : name => local.addresses[name] }
  leaves = merge([for name in var.nodes : {
    for leaf in ["server", "peer", "healthcheck-client"] : "${name}/${leaf}" => { node = name, leaf = leaf }
  }]...)
}

data "eksd_release" "this" {
  channel = "1-34"
  number  = 21
  source  = "SITE"
}

resource "host_machine" "this" {
  for_each = local.nodes
  address  = each.value
}

resource "host_directory" "pki" {
  for_each = local.nodes
  host     = host_machine.this[each.key].connection
  path     = "/etc/eksd/pki/etcd"
  parents  = true
}

resource "tls_private_key" "ca" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_self_signed_cert" "ca" {
  private_key_pem       = tls_private_key.ca.private_key_pem
  is_ca_certificate     = true
  validity_period_hours = 87600
  allowed_uses          = ["cert_signing"]

  subject {
    common_name = "etcd-ca"
  }
}

resource "host_file" "ca" {
  for_each = local.nodes
  host     = host_machine.this[each.key].connection
  path     = "${host_directory.pki[each.key].path}/ca.crt"
  content  = tls_self_signed_cert.ca.cert_pem
}

resource "eksd_certificate" "this" {
  for_each           = local.leaves
  host               = host_machine.this[each.value.node].connection
  path               = "${host_directory.pki[each.value.node].path}/${each.value.leaf}.crt"
  common_name        = each.value.node
  dns_names          = ["localhost"]
  ip_addresses       = ["127.0.0.1", local.nodes[each.value.node]]
  uses               = ["digital_signature", "server_auth", "client_auth"]
  ca_cert_pem        = tls_self_signed_cert.ca.cert_pem
  ca_private_key_pem = tls_private_key.ca.private_key_pem
}

resource "eksd_etcd_member" "this" {
  for_each = local.nodes
  host     = host_machine.this[each.key].connection
  cluster  = "prod"
  node     = each.key
  version  = data.eksd_release.this.etcd_release_version
  binary   = data.eksd_release.this.binaries["etcd"]

  listen_client_urls          = ["https://127.0.0.1:2379", "https://${each.value}:2379"]
  advertise_client_urls       = ["https://${each.value}:2379"]
  listen_peer_urls            = ["https://${each.value}:2380"]
  initial_advertise_peer_urls = ["https://${each.value}:2380"]
  endpoints                   = [for address in values(local.nodes) : "https://${address}:2379"]
  peers                       = [for name, machine in host_machine.this : machine.connection if name != each.key]
  bootstrap                   = each.key == "cp1"
  replaces                    = lookup(var.replaced, each.key, null)
  depends_on                  = [eksd_certificate.this, host_file.ca]

  lifecycle {
    max_parallel = 1
  }
}
"#;
