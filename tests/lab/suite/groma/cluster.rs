//! examples/onprem-ha as it stands: five hosts, three of them the control plane of a cluster of EKS-D.

use std::path::{Path, PathBuf};
use std::process::Command;

use lab::cluster::with_nodes;
use lab::{Lab, Plan};

use super::outside::{self, Outside};
use super::site::site;
use super::work::Work;
use super::{hardening, workload};
use crate::support::{plan, said, ssh, timed, until, up};

pub(super) use lab::cluster::{LIKE_A_CONTAINER, NODES};

#[test]
fn the_example_of_a_highly_available_cluster_is_applied_repaired_and_destroyed() {
    let Some(site) = site(&[("1-34", 21)]) else { return };
    let lab = up(&five("ha"));
    let outside = Outside::of(&lab, &NODES);
    let work = Work::of_example(&lab, "onprem-ha");
    workload::add(&work);
    let operator = work.path("ops.conf");
    let variables = variables(&lab, &site).replace(NO_NAMES, "dns_forward = \"/etc/resolv.conf\"\n")
        + &format!(
            "operators = {{ ops = {{ host = \"local:\", kubeconfig = \"{}\" }} }}\n",
            operator.display()
        );
    work.write("terraform.tfvars", &variables);
    let (text, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("apply took {took:?}");
    assert!(text.contains("create etcd v3.5.21-eks-1-34-21 on cp3 (then 3 members; quorum 2)"), "{text}");
    work.must(&["plan", "-detailed-exitcode"]);

    // Others say the same as the state.
    let kubectl =
        |arguments: &str| ssh(&lab, "cp2", &format!("kubectl --kubeconfig /etc/eksd/admin.conf {arguments}"));
    let nodes = kubectl("get nodes --no-headers");
    assert_eq!(nodes.lines().filter(|line| line.contains(" Ready ")).count(), 5, "{nodes}");
    let pods = kubectl("-n kube-system get pods --no-headers");
    assert_eq!(pods.lines().filter(|line| line.contains("1/1")).count(), 2, "{pods}");
    let members = ssh(&lab, "cp3", MEMBERS);
    assert_eq!(members.lines().filter(|line| line.contains(", started, ")).count(), 3, "{members}");

    // Whoever has a kubeconfig of their own reaches the API from where no node is.
    let here =
        Command::new(kubectl_of(&site)).arg("--kubeconfig").arg(&operator).args(["auth", "whoami"]).output();
    let here = said(&here.expect("kubectl is there"));
    assert!(here.contains("ops") && here.contains("system:masters"), "{here}");

    the_workload_answers(&lab, &kubectl);
    the_outside_is_reached(&lab, &outside, &kubectl);

    // The reason is in the module's README: etcd runs as root.
    let said = hardening::failures(&lab, "cp1", "master,controlplane,etcd,node");
    assert!(matches!(&said[..], [one] if one.starts_with("1.1.12 ")), "{said:#?}");
    assert_eq!(hardening::failures(&lab, "w1", "node"), Vec::<String>::new());

    // What somebody changes by hand shows as just that.
    ssh(
        &lab,
        "cp2",
        "sed -i s/--profiling=false/--profiling=true/ /etc/systemd/system/kube-scheduler.service",
    );
    ssh(&lab, "cp3", "systemctl stop kube-controller-manager");
    ssh(&lab, "w2", "chmod 0644 /etc/eksd/pki/kubelet.key");
    kubectl("label node w1 node-role.kubernetes.io/worker-");
    let text = work.must(&["plan"]);
    assert!(text.contains("Plan: 0 to add, 4 to change, 0 to destroy."), "{text}");
    for part in [
        "~ profiling                 = true -> false",
        "\"stopped\" -> \"running\"",
        "~ key_mode           = \"0644\" -> \"0600\"",
        "+ \"node-role.kubernetes.io/worker\" = \"\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    work.must(&["apply", "-auto-approve"]);
    work.must(&["plan", "-detailed-exitcode"]);

    // Two control-plane nodes may go, one after the other; not while two others are to come in their places.
    let at = |name: &str| address(&lab, name);
    let one = format!("control_plane={{cp1=\"{}\"}}", at("cp1"));
    let text = work.must(&["plan", "-var", &one]);
    assert!(text.contains("remove etcd on cp2 (then 1 member; quorum 1"), "{text}");
    assert!(text.contains("A single etcd member bears no failure"), "{text}");
    let others =
        format!("control_plane={{cp1=\"{}\", cp4=\"{}\", cp5=\"{}\"}}", at("cp1"), at("w1"), at("w2"));
    let said = work.fails(&["plan", "-var", &others, "-var", "workers={}"]);
    assert!(said.contains("Plan would break etcd's quorum"), "{said}");

    let (_, took) = timed(|| work.must(&["destroy", "-auto-approve"]));
    println!("destroy took {took:?}");
    for node in NODES {
        ssh(&lab, node, "! test -e /etc/eksd && ! test -e /opt/eksd && ! systemctl cat kubelet 2>/dev/null");
    }
}

/// Three pods on both workers; each worker's client reaches those on the other one by the Service's name.
fn the_workload_answers(lab: &Lab, kubectl: &dyn Fn(&str) -> String) {
    let placed = kubectl("-n shop get pods -l app=page -o jsonpath={.items[*].spec.nodeName}");
    let on = |worker: &str| placed.split(' ').filter(|node| *node == worker).count();
    assert!(on("w1") + on("w2") == 3 && on("w1") > 0 && on("w2") > 0, "{placed}");
    for (worker, other) in [("w1", "w2"), ("w2", "w1")] {
        let client = client_on(kubectl, worker);
        let ask = format!(
            "-n shop exec {client} -- /usr/bin/curl -sS --max-time 5 http://page.shop.svc.cluster.local/"
        );
        until(&format!("a pod on {other} answers one on {worker}"), || kubectl(&ask) == other);
    }
    let answers = ssh(lab, "w1", "nft list table inet eksd_pods");
    assert!(answers.contains("masquerade"), "{answers}");
}

/// A name that only a server outside knows is resolved in a pod, and that server sees nobody but nodes.
fn the_outside_is_reached(lab: &Lab, outside: &Outside, kubectl: &dyn Fn(&str) -> String) {
    assert_eq!(
        ssh(lab, "w1", "grep -o '/run/systemd/[^\"]*' /etc/eksd/kubelet.yaml"),
        "/run/systemd/resolve/resolv.conf"
    );
    let client = client_on(kubectl, "w1");
    let found = kubectl(&format!("-n shop exec {client} -- /usr/bin/getent hosts {}", outside::NAME));
    assert!(found.starts_with(outside::ADDRESS), "{found}");
    let asked = outside.asked_by();
    let is_node = |ip: &std::net::IpAddr| NODES.iter().any(|node| address(lab, node) == ip.to_string());
    assert!(!asked.is_empty() && asked.iter().all(is_node), "{asked:?}");
}

fn client_on(kubectl: &dyn Fn(&str) -> String, node: &str) -> String {
    let pods = format!("-n shop get pods -l app=client --field-selector spec.nodeName={node} -o name");
    kubectl(&pods)
}

/// What a lab without names says.
const NO_NAMES: &str = "  dns_forward            = \"\"\n";

pub(super) const MEMBERS: &str = "cd /etc/eksd/pki/etcd && /opt/eksd/etcd/current/etcdctl --cacert ca.crt --cert healthcheck-client.crt \
     --key healthcheck-client.key member list";

/// Three hosts for a control plane, and two workers.
pub(super) fn five(name: &str) -> Plan {
    with_nodes(plan(name))
}

pub(super) fn give_kubectl(lab: &Lab, site: &Path) {
    give_kubectl_to(lab, "cp2", site);
}

pub(super) fn give_kubectl_to(lab: &Lab, host: &str, site: &Path) {
    let to = lab.host(host).expect("is planned").root.join("root/kubectl");
    let made = Command::new("install").arg("-m").arg("0755").arg(kubectl_of(site)).arg(to).output();
    let made = made.expect("install is there");
    assert!(made.status.success(), "{}", said(&made));
}

fn kubectl_of(site: &Path) -> PathBuf {
    site.join("kubernetes-1-34/releases/21/artifacts/kubernetes/v1.34.9/bin/linux/amd64/kubectl")
}

pub(super) fn address(lab: &Lab, name: &str) -> String {
    lab.host(name).expect("is planned").address.to_string()
}

pub(super) fn variables(lab: &Lab, site: &Path) -> String {
    lab::cluster::variables(lab.record(), site).expect("all nodes are planned")
}
