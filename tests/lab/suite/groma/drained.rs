//! A kubelet of another minor version: its node is emptied as budgets allow, or left as it was, and given back in any case.

use std::time::Duration;

use lab::Lab;

use super::cluster::{address, five, give_kubectl_to, variables};
use super::load::{APP, kubectl_on, run_app_on};
use super::site::site;
use super::upgrade::{RELEASES, set_release};
use super::work::Work;
use crate::support::{timed, until_within, up};

#[test]
fn a_node_is_emptied_for_another_kubelet_and_given_back() {
    let Some(site) = site(&RELEASES[..2]) else { return };
    // One host for the control plane is enough.
    let lab = up(&five("drained"));
    let work = Work::of_example(&lab, "onprem-ha");
    let variables =
        variables(&lab, &site).replace("cluster = {", "cluster = {\n  drain = { timeout = \"20s\" }");
    work.write("terraform.tfvars", &variables);
    work.write("nodes.auto.tfvars", &format!("control_plane = {{ cp1 = \"{}\" }}\n", address(&lab, "cp1")));
    set_release(&work, RELEASES[0]);
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("the first apply took {took:?}");
    give_kubectl_to(&lab, "cp1", &site);

    // A budget that never lets go: it is named, and the node stays as it was.
    let app = APP.replace("\"minAvailable\":2", "\"minAvailable\":3");
    run_app_on(&lab, "cp1", &["w1", "w2"], &app);
    set_release(&work, RELEASES[1]);
    let (said, took) = timed(|| work.fails(&["apply", "-auto-approve"]));
    println!("{took:?}: {}", &said[said.find("Error").unwrap_or_default()..]);
    for part in ["Node is not drained", "load/app-", "disruption budget app", "Nothing was switched"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (versions, cordoned) = nodes(&lab);
    println!("{versions:?} {cordoned:?}");
    assert!(
        versions[0].starts_with("v1.34.")
            && versions[1..].iter().all(|version| version.starts_with("v1.33."))
    );
    assert_eq!(cordoned, [""; 3], "it is given back");
    let plan = work.must(&["plan"]);
    assert!(plan.contains("upgrade kubelet on w1 to v1.34.9-eks-1-34-21"), "{plan}");

    // One that lets go, and a groma that is killed as soon as the node is cordoned.
    kubectl(&lab, "-n load patch pdb app --type=merge -p '{\"spec\":{\"minAvailable\":2}}'");
    let mut apply = work.start_logged(&["apply", "-auto-approve"], "apply.log");
    until_within(Duration::from_mins(10), "w1 is cordoned", || nodes(&lab).1[1] == "true");
    apply.kill().expect("it is ours");
    apply.wait().expect("it is ours");
    let seen = nodes(&lab);
    println!("killed: {seen:?}");
    assert_eq!(seen.1[1], "true");
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("the apply after that took {took:?}");
    let (versions, cordoned) = nodes(&lab);
    println!("{versions:?} {cordoned:?}");
    assert!(versions.iter().all(|version| version.starts_with("v1.34.")) && cordoned == [""; 3]);
    let plan = work.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.status.code(), Some(0), "{}", crate::support::said(&plan));
}

/// The versions of the kubelets, and whether their nodes are cordoned.
fn nodes(lab: &Lab) -> (Vec<String>, Vec<String>) {
    let each = |path: &str| -> Vec<String> {
        let names = ["cp1", "w1", "w2"].into_iter();
        names.map(|name| kubectl(lab, &format!("get node {name} -o jsonpath={path}"))).collect()
    };
    (each("{.status.nodeInfo.kubeletVersion}"), each("{.spec.unschedulable}"))
}

fn kubectl(lab: &Lab, arguments: &str) -> String {
    kubectl_on(lab, "cp1", arguments)
}
