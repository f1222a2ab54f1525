//! examples/onprem-hosts as it stands: a bastion, and five machines that only it reaches.

use std::collections::BTreeMap;

use lab::differences;

use super::work::Work;
use crate::support::{plan, said, ssh, timed, until, up};

const NODES: [&str; 5] = ["cp1", "cp2", "cp3", "w1", "w2"];

#[test]
fn the_example_of_five_hosts_behind_a_bastion_is_applied_and_destroyed() {
    let five = NODES.iter().fold(plan("onprem").bastion("bastion"), |plan, name| plan.behind(name));
    let lab = up(&five);
    let all: Vec<&str> = NODES.into_iter().chain(["bastion"]).collect();
    let snapshots =
        || -> BTreeMap<&str, String> { all.iter().map(|&host| (host, snapshot(&lab, host))).collect() };
    for host in &all {
        // sudo itself leaves a mark in the home of whoever uses it first.
        ssh(&lab, host, "runuser -u admin -- sudo -n true");
    }
    let before = snapshots();
    let work = Work::of_example(&lab, "onprem-hosts");
    work.write("terraform.tfvars", &variables(&lab));
    let (text, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("{}\napply took {took:?}", tail(&text));
    let (text, took) = timed(|| work.must(&["plan", "-detailed-exitcode"]));
    println!("{}\nthe second plan took {took:?}", tail(&text));

    // They are what the module says.
    for (index, name) in NODES.iter().enumerate() {
        let other = NODES[(index + 1) % NODES.len()];
        assert_eq!(ssh(&lab, name, "cat /etc/hostname"), *name);
        ssh(&lab, name, &format!("getent hosts {other}.rack.internal && command -v tree"));
        assert_eq!(ssh(&lab, name, "sysctl -n net.ipv4.ip_forward"), "1");
        assert_eq!(ssh(&lab, name, "sshd -T | grep -i ^passwordauthentication"), "passwordauthentication no");
        assert_eq!(ssh(&lab, name, "sudo -u deploy sudo -n id -u"), "0");
        assert_eq!(ssh(&lab, name, "systemctl is-active ssh.service"), "active");
    }
    // Whoever has the key of the output gets in, and nobody with a password.
    let key = work.must(&["output", "-raw", "deploy_key"]);
    let file = work.private("deploy", &key);
    let mut login = lab.ssh_client();
    login
        .args(["-o", "IdentitiesOnly=yes", "-l", "deploy", "-i"])
        .arg(&file)
        .args(["w1", "id -un; sudo -n id -un"]);
    let login = login.output().expect("ssh is there");
    assert_eq!(String::from_utf8_lossy(&login.stdout), "deploy\nroot\n", "{}", said(&login));

    // What the README asks to try.
    ssh(&lab, "w1", "sysctl -q -w net.ipv4.ip_forward=0");
    ssh(&lab, "cp2", "chmod 0644 /etc/ssh/sshd_config.d/50-baseline.conf");
    ssh(&lab, "cp3", "sed -i 's/^MaxAuthTries.*/MaxAuthTries 9/' /etc/ssh/sshd_config.d/50-baseline.conf");
    let text = work.must(&["plan"]);
    println!("{text}");
    assert!(text.contains("Plan: 0 to add, 4 to change, 0 to destroy."), "{text}");
    for part in ["\"0\" -> \"1\"", "\"0644\" -> \"0600\"", "MaxAuthTries 9"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let reloads = "journalctl -u ssh.service -o cat | grep -c '^Reloaded' || :";
    let before_reload = ssh(&lab, "cp3", reloads);
    work.must(&["apply", "-auto-approve"]);
    work.must(&["plan", "-detailed-exitcode"]);
    assert_ne!(ssh(&lab, "cp3", reloads), before_reload, "sshd reads what was put back");
    assert_eq!(ssh(&lab, "cp3", "sshd -T | grep -i ^maxauthtries"), "maxauthtries 4");

    let (text, took) = timed(|| work.must(&["destroy", "-auto-approve"]));
    println!("{}\ndestroy took {took:?}", tail(&text));
    for host in &all {
        until("systemd is done", || ssh(&lab, host, "systemctl list-jobs").contains("No jobs"));
    }
    let after = snapshots();
    let changed: Vec<String> = all
        .iter()
        .filter_map(|host| Some(format!("{host}:\n{}", differences(&before[host], &after[host])?)))
        .collect();
    assert!(changed.is_empty(), "hosts are not as they were found:\n{}", changed.join("\n"));
}

/// The host, but for the targets of time, which stay reached until the next boot once a time service has run.
fn snapshot(lab: &lab::Lab, host: &str) -> String {
    let all = lab.wide_snapshot(host).expect("can be taken");
    all.lines().filter(|line| !line.starts_with("time-s")).map(|line| format!("{line}\n")).collect()
}

/// What a lab has not: a kernel of its own (of which only what each host has for itself is set), and a network to fetch
/// packages from (its disk has some).
fn variables(lab: &lab::Lab) -> String {
    let record = lab.record();
    let address = |name: &str| lab.host(name).expect("is planned").address.to_string();
    let nodes = NODES.map(|name| format!("  {name} = \"{}\"\n", address(name))).concat();
    format!(
        r#"
bastion          = {{ address = "{bastion}" }}
nodes            = {{
{nodes}}}
private_key_file = "{key}"
known_hosts_file = "{known}"
baseline = {{
  packages       = ["tree", "zip", "kmod", "iptables"]
  kernel_modules = ["overlay"]
  sysctls        = {{ "net.ipv4.ip_forward" = "1" }}
  time_service   = {{ package = "chrony", unit = "chrony.service" }}
}}
"#,
        bastion = address("bastion"),
        key = record.private_key.display(),
        known = record.known_hosts.display(),
    )
}

/// The last lines of what was said.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
