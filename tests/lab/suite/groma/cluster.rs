//! examples/onprem-ha as it stands: five hosts, three of them the control plane of a cluster of EKS-D.

use std::process::Command;

use lab::cluster::with_nodes;
use lab::{Lab, Plan};

use super::hardening;
use super::site::site;
use super::work::Work;
use crate::support::{plan, said, ssh, timed, up};

pub(super) use lab::cluster::{LIKE_A_CONTAINER, NODES};

#[test]
fn the_example_of_a_highly_available_cluster_is_applied_repaired_and_destroyed() {
    let Some(site) = site(&[("1-34", 21)]) else { return };
    let lab = up(&five("ha"));
    let work = Work::of_example(&lab, "onprem-ha");
    work.write("terraform.tfvars", &variables(&lab, &site));
    let (text, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("apply took {took:?}");
    assert!(text.contains("create etcd v3.5.21-eks-1-34-21 on cp3 (then 3 members; quorum 2)"), "{text}");
    work.must(&["plan", "-detailed-exitcode"]);

    // Others say the same as the state.
    let kubectl = |arguments: &str| {
        ssh(&lab, "cp2", &format!("KUBECONFIG=/etc/eksd/admin.conf /root/kubectl {arguments}"))
    };
    give_kubectl(&lab, &site);
    let nodes = kubectl("get nodes --no-headers");
    assert_eq!(nodes.lines().filter(|line| line.contains(" Ready ")).count(), 5, "{nodes}");
    let pods = kubectl("-n kube-system get pods --no-headers");
    assert_eq!(pods.lines().filter(|line| line.contains("1/1")).count(), 2, "{pods}");
    let members = ssh(&lab, "cp3", MEMBERS);
    assert_eq!(members.lines().filter(|line| line.contains(", started, ")).count(), 3, "{members}");

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
    assert!(text.contains("remove etcd on cp3 (then 1 member; quorum 1"), "{text}");
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

pub(super) const MEMBERS: &str = "cd /etc/eksd/pki/etcd && /opt/eksd/etcd/current/etcdctl --cacert ca.crt --cert healthcheck-client.crt \
     --key healthcheck-client.key member list";

/// Three hosts for a control plane, and two workers.
pub(super) fn five(name: &str) -> Plan {
    with_nodes(plan(name))
}

pub(super) fn give_kubectl(lab: &Lab, site: &std::path::Path) {
    give_kubectl_to(lab, "cp2", site);
}

pub(super) fn give_kubectl_to(lab: &Lab, host: &str, site: &std::path::Path) {
    let kubectl =
        site.join("kubernetes-1-34/releases/21/artifacts/kubernetes/v1.34.9/bin/linux/amd64/kubectl");
    let to = lab.host(host).expect("is planned").root.join("root/kubectl");
    let made = Command::new("install").arg("-m").arg("0755").arg(kubectl).arg(to).output();
    let made = made.expect("install is there");
    assert!(made.status.success(), "{}", said(&made));
}

pub(super) fn address(lab: &Lab, name: &str) -> String {
    lab.host(name).expect("is planned").address.to_string()
}

pub(super) fn variables(lab: &Lab, site: &std::path::Path) -> String {
    lab::cluster::variables(lab.record(), site).expect("all nodes are planned")
}
