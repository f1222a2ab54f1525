//! examples/onprem-ha as it stands: five hosts, three of them the control plane of a cluster of EKS-D.

use std::path::PathBuf;
use std::process::Command;

use lab::{Lab, Plan, Purpose};

use super::work::Work;
use crate::support::{plan, said, ssh, timed, up};

/// Hosts of the lab, in the order of their addresses.
pub(super) const NODES: [&str; 5] = ["cp1", "cp2", "cp3", "w1", "w2"];

#[test]
fn the_example_of_a_highly_available_cluster_is_applied_repaired_and_destroyed() {
    let site = match site(&[("1-34", 21)]) {
        Ok(site) => site,
        Err(why) => {
            println!("{why}");
            return;
        }
    };
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
    let others = format!(
        "control_plane={{cp1=\"{}\", cp4=\"{}\", cp5=\"{}\"}}",
        at("cp1"),
        at("w1"),
        at("w2")
    );
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
    let hosts = plan(name).purpose(Purpose::Kubernetes).packages(&["haproxy"]);
    NODES.iter().fold(hosts, |plan, name| plan.direct(name))
}

/// Where releases are that `cargo xtask mirror` built, or a line that says which was not built.
pub(super) fn site(releases: &[(&str, u32)]) -> Result<PathBuf, String> {
    let named = std::env::var_os("GROMA_TEST_EKSD_SITE").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let site = named.unwrap_or_else(|| home.join(".cache/groma/mirror/site"));
    let manifest =
        |(channel, number)| site.join(format!("kubernetes-{channel}/kubernetes-{channel}-eks-{number}.yaml"));
    match releases.iter().copied().map(manifest).find(|manifest| !manifest.exists()) {
        None => Ok(site),
        Some(missing) => {
            let missing = format!("{} is not there: cargo xtask mirror", missing.display());
            assert!(std::env::var_os("CI").is_none(), "{missing}");
            Err(format!("not tested, as {missing}"))
        }
    }
}

pub(super) fn give_kubectl(lab: &Lab, site: &std::path::Path) {
    let kubectl =
        site.join("kubernetes-1-34/releases/21/artifacts/kubernetes/v1.34.9/bin/linux/amd64/kubectl");
    let to = lab.host("cp2").expect("is planned").root.join("root/kubectl");
    let made = Command::new("install").arg("-m").arg("0755").arg(kubectl).arg(to).output();
    let made = made.expect("install is there");
    assert!(made.status.success(), "{}", said(&made));
}

pub(super) fn address(lab: &Lab, name: &str) -> String {
    lab.host(name).expect("is planned").address.to_string()
}

/// What a lab has not: control groups of version 2, protection from want of memory, a kernel and a disk of its own.
pub(super) const LIKE_A_CONTAINER: &str = r#"  cgroup_driver          = "cgroupfs"
  dns_forward            = ""
  restrict_oom_score_adj = true
  eviction_hard          = { "nodefs.available" = "2%", "imagefs.available" = "2%", "memory.available" = "50Mi" }
  conntrack              = { max_per_core = 0, min = 0, tcp_established = "0s", tcp_close_wait = "0s" }
"#;

pub(super) fn variables(lab: &Lab, site: &std::path::Path) -> String {
    let record = lab.record();
    let nodes = |names: &[&str]| {
        names.iter().map(|name| format!("{name} = \"{}\"", address(lab, name))).collect::<Vec<_>>().join(", ")
    };
    format!(
        r#"
release_source   = "{site}"
control_plane    = {{ {control_plane} }}
workers          = {{ {workers} }}
user             = "root"
private_key_file = "{key}"
known_hosts_file = "{known}"
cluster = {{
{LIKE_A_CONTAINER}}}
"#,
        site = site.display(),
        control_plane = nodes(&NODES[..3]),
        workers = nodes(&NODES[3..]),
        key = record.private_key.display(),
        known = record.known_hosts.display(),
    )
}
