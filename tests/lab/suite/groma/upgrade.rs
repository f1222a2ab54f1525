//! A cluster of EKS-D from one minor version to the next, and to the next release of that, by editing a variable while it is used.

use std::path::Path;

use lab::Lab;
use serde_json::Value;

use super::cluster::{MEMBERS, NODES, five, give_kubectl, variables};
use super::load::{APP, Load, Seen, kubectl_on, run_app_on};
use super::site::site;
use super::work::Work;
use crate::support::{ssh, timed, up};

/// Where it begins, where it goes, and the next release there.
pub(super) use lab::cluster::RELEASES;

#[test]
fn a_cluster_is_upgraded_while_it_is_used() {
    let Some(site) = site(&RELEASES) else { return };
    let lab = up(&five("upgrade"));
    let work = Work::of_example(&lab, "onprem-ha");
    work.write("terraform.tfvars", &variables(&lab, &site));
    set_release(&work, RELEASES[0]);
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("the first apply took {took:?}");
    work.must(&["plan", "-detailed-exitcode"]);
    give_kubectl(&lab, &site);
    run_app(&lab);

    // By a minor version.
    let load = Load::start(&lab);
    set_release(&work, RELEASES[1]);
    let text = work.must(&["plan"]);
    println!("{}", steps(&text).join("\n"));
    assert_eq!(upgrades(&text), in_order(), "{text}");
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("the upgrade by a minor version took {took:?}");
    let seen = load.stop();
    check_load(&lab, &seen);
    check_nodes(&lab, "v1.34.9");
    work.must(&["plan", "-detailed-exitcode"]);

    // By a release number: Kubernetes stays the same, and so do pods where they are.
    let pods = || kubectl(&lab, "-n load get pods -o jsonpath={.items[*].metadata.uid}");
    let before = pods();
    set_release(&work, RELEASES[2]);
    let text = work.must(&["plan"]);
    println!("{}", steps(&text).join("\n"));
    assert_eq!(upgrades(&text), in_order(), "{text}");
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("the upgrade by a release number took {took:?}");
    check_nodes(&lab, "v1.34.9");
    assert_eq!(pods(), before);
    work.must(&["plan", "-detailed-exitcode"]);

    // There is no way back, and none past a version.
    for release in [RELEASES[1], RELEASES[0]] {
        set_release(&work, release);
        let said = work.fails(&["plan"]);
        println!("{said}");
        assert!(said.contains("Plan would downgrade a component"), "{said}");
    }
    set_release(&work, ("1-36", RELEASES[2].1));
    let leap = leap(&work, &site);
    let said = work.fails(&["plan", "-var", &format!("release_source={}", leap.display())]);
    println!("{said}");
    assert!(said.contains("Plan would skip a minor version"), "{said}");
    set_release(&work, RELEASES[2]);
    work.must(&["plan", "-detailed-exitcode"]);
}

/// Edits the one thing that an upgrade is.
pub(super) fn set_release(work: &Work, (channel, number): (&str, u32)) {
    work.write("release.auto.tfvars", &format!("channel = \"{channel}\"\nnumber = {number}\n"));
}

/// The app of [`run_app_on`] on the cluster's workers.
pub(super) fn run_app(lab: &Lab) {
    run_app_on(lab, "cp2", &NODES[3..], APP);
}

pub(super) fn kubectl(lab: &Lab, arguments: &str) -> String {
    kubectl_on(lab, "cp2", arguments)
}

/// All nodes are ready, of the version, and take pods; etcd has three members that vote, with names of their own.
pub(super) fn check_nodes(lab: &Lab, version: &str) {
    let nodes: Value = serde_json::from_str(&kubectl(lab, "get nodes -o json")).expect("is JSON");
    let nodes = nodes["items"].as_array().expect("is a list");
    assert_eq!(nodes.len(), NODES.len(), "{nodes:?}");
    for node in nodes {
        let conditions = node["status"]["conditions"].as_array().expect("there are some");
        let ready = conditions.iter().find(|condition| condition["type"] == "Ready").expect("there is one");
        assert_eq!(ready["status"], "True", "{node}");
        assert!(node["spec"]["unschedulable"].is_null(), "{node}");
        assert!(node["metadata"]["annotations"]["eksd.groma/cordoned"].is_null(), "{node}");
        let is = node["status"]["nodeInfo"]["kubeletVersion"].as_str().expect("is a text");
        assert!(is.starts_with(version), "{is}: {node}");
    }
    let members: Value =
        serde_json::from_str(&ssh(lab, "cp3", &format!("{MEMBERS} -w json"))).expect("is JSON");
    let members = members["members"].as_array().expect("is a list");
    let names: std::collections::BTreeSet<&str> =
        members.iter().filter_map(|member| member["name"].as_str()).collect();
    assert_eq!(names, NODES[..3].iter().copied().collect(), "{members:?}");
    assert!(members.len() == 3 && members.iter().all(|member| member["isLearner"] != true), "{members:?}");
}

#[expect(clippy::print_stdout, reason = "the figures are what the test is run for")]
fn check_load(lab: &Lab, seen: &Seen) {
    println!(
        "{} of {} requests were answered in {:?}, the slowest within {} s; {} writes were acknowledged; {} looks at pods saw at \
         least {} ready\n{}",
        seen.answered,
        seen.requests,
        seen.took,
        seen.slowest,
        seen.acknowledged.len(),
        seen.looks,
        seen.fewest,
        seen.failures.join("\n"),
    );
    let found = kubectl(
        lab,
        r"-n load get configmaps -o go-template='{{range .items}}{{.metadata.name}}={{.data.n}} {{end}}'",
    );
    let found: std::collections::BTreeSet<&str> = found.split_whitespace().collect();
    let lost: Vec<&String> =
        seen.acknowledged.iter().filter(|name| !found.contains(format!("{name}={name}").as_str())).collect();
    assert!(
        lost.is_empty() && seen.missed.is_empty(),
        "lost: {lost:?}, not found at once: {:?}",
        seen.missed
    );
    assert!(seen.acknowledged.len() > 1000, "that was no load");
    assert!(seen.answered * 1000 >= seen.requests * 995, "too many requests were not answered");
    // Clients that wait do not ask: what they did not ask counts as well.
    let asked = f64::from(u32::try_from(seen.requests).expect("is small"));
    assert!(asked > 20.0 * 0.9 * seen.took.as_secs_f64(), "clients waited: {asked} in {:?}", seen.took);
    assert!(seen.looks > 60 && seen.fewest >= 2, "fewer pods than the budget allows");
}

/// The numbered steps of a plan.
pub(super) fn steps(text: &str) -> Vec<&str> {
    let numbered =
        |line: &&str| line.split_once(". ").is_some_and(|(number, _)| number.trim().parse::<u32>().is_ok());
    text.lines().filter(numbered).collect()
}

/// What is upgraded where, in order.
fn upgrades(text: &str) -> Vec<String> {
    let upgrade = |line: &str| {
        let (_, step) = line.split_once(". upgrade ")?;
        let (what, _) = step.split_once(" to ")?;
        Some(what.to_owned())
    };
    steps(text).into_iter().filter_map(upgrade).collect()
}

/// How Kubernetes wants it: the control plane, all of one before any of the next; its nodes; then workers; one node after the other.
fn in_order() -> Vec<String> {
    let control_plane = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    let on = |kind: &str, nodes: &[&str]| -> Vec<String> {
        nodes.iter().map(|node| format!("{kind} on {node}")).collect()
    };
    let mut all: Vec<String> = control_plane.iter().flat_map(|kind| on(kind, &NODES[..3])).collect();
    for pool in [&NODES[..3], &NODES[3..]] {
        all.extend(on("kubelet", pool));
        all.extend(on("kube-proxy", pool));
    }
    all
}

/// A site that also has a release two minor versions on, whose programs nobody needs.
fn leap(work: &Work, site: &Path) -> std::path::PathBuf {
    let (channel, number) = RELEASES[2];
    let name = |channel: &str| format!("kubernetes-{channel}/kubernetes-{channel}-eks-{number}.yaml");
    let manifest = std::fs::read_to_string(site.join(name(channel))).expect("is there");
    let manifest = manifest.replace("1-34", "1-36").replace("v1.34.9", "v1.36.0");
    let leap = work.path("leap");
    std::fs::create_dir_all(leap.join("kubernetes-1-36")).expect("can be made");
    std::fs::write(leap.join(name("1-36")), manifest).expect("can be written");
    leap
}
