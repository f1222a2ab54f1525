//! A cluster that lost two of its three control-plane machines for good, restored as modules/eksd-cluster/README.md says.

use lab::Lab;
use lab::cluster::variables_of;

use super::cluster::{MEMBERS, address, five, give_kubectl_to};
use super::site::site;
use super::work::Work;
use crate::support::{ssh, timed, until_within, up};
use std::time::Duration;

#[test]
fn a_cluster_that_lost_two_of_three_control_plane_nodes_is_restored_on_the_one_that_is_left() {
    let Some(site) = site(&[("1-34", 21)]) else { return };
    let lab = up(&five("restore"));
    let work = Work::of_example(&lab, "onprem-ha");
    let tfvars = |rest: &str| {
        let text = variables_of(lab.record(), &site, &["cp1", "cp2", "cp3"], &[]).expect("all are planned");
        work.write("terraform.tfvars", &text.replacen("cluster = {\n", &format!("cluster = {{\n{rest}"), 1));
    };
    tfvars("  snapshots = { triggers = { day = \"1\" } }\n");
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("apply took {took:?}");
    give_kubectl_to(&lab, "cp1", &site);
    kubectl(&lab, "create configmap before --from-literal=is=kept");

    // A snapshot, and what is written after it.
    tfvars("  snapshots = { triggers = { day = \"2\" } }\n");
    work.must(&["apply", "-auto-approve", "-target=module.cluster.eksd_etcd_snapshot.this"]);
    kubectl(&lab, "create configmap after --from-literal=is=lost");
    for host in ["cp2", "cp3"] {
        lab.power_off(host).expect("can be switched off");
    }
    let snapshot = ssh(&lab, "cp1", "ls /var/backups/etcd/*.db | tail -n 1");

    // The API does not answer, and no member of etcd does: the plan is made all the same.
    tfvars(&format!("  restore_from = {snapshot:?}\n  snapshots = {{ triggers = {{ day = \"2\" }} }}\n"));
    let one = format!("-var=control_plane={{ cp1 = \"{}\" }}", address(&lab, "cp1"));
    let said = work.fails(&["apply", "-auto-approve", &one]);
    assert!(
        said.contains(&address(&lab, "cp2")),
        "the lost ones are asked until they are said to be lost: {said}"
    );
    let lost = format!("-var=lost=[\"{}\", \"{}\"]", address(&lab, "cp2"), address(&lab, "cp3"));
    let (text, took) = timed(|| work.must(&["apply", "-auto-approve", &one, &lost]));
    println!("restore took {took:?}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "etcd is restored from a snapshot",
        "Lost member of etcd is given up",
        "Node of a lost cluster is given up",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(members(&lab), ["cp1"]);
    assert_eq!(kubectl(&lab, "get configmap before -o jsonpath={.data.is}"), "kept");
    assert_eq!(kubectl(&lab, "get configmap after --ignore-not-found -o name"), "", "was written after it");
    work.must(&["plan", "-detailed-exitcode", &one, &lost]);
    kubectl(&lab, "delete node cp2 cp3");

    // Two new machines.
    tfvars("  snapshots = { triggers = { day = \"2\" } }\n");
    let three = format!(
        "-var=control_plane={{ cp1 = \"{}\", cp4 = \"{}\", cp5 = \"{}\" }}",
        address(&lab, "cp1"),
        address(&lab, "w1"),
        address(&lab, "w2")
    );
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve", &three]));
    println!("back to three took {took:?}");
    assert_eq!(members(&lab), ["cp1", "cp4", "cp5"]);
    until_within(Duration::from_mins(2), "all nodes are ready", || {
        let nodes = kubectl(&lab, "get nodes --no-headers");
        nodes.lines().filter(|line| line.contains(" Ready ")).count() == 3
    });
    assert_eq!(kubectl(&lab, "get configmap before -o jsonpath={.data.is}"), "kept");
    work.must(&["plan", "-detailed-exitcode", &three]);
}

fn kubectl(lab: &Lab, arguments: &str) -> String {
    ssh(lab, "cp1", &format!("KUBECONFIG=/etc/eksd/admin.conf /root/kubectl {arguments}"))
}

/// Names of the members that run, in order.
fn members(lab: &Lab) -> Vec<String> {
    let said = ssh(lab, "cp1", MEMBERS);
    let started = said.lines().filter(|line| line.contains(", started, "));
    let mut names: Vec<String> =
        started.filter_map(|line| Some(line.split(", ").nth(2)?.to_owned())).collect();
    names.sort();
    names
}
