//! Hosts are what they are said to be.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::time::Duration;

use lab::{Existing, HostPlan, Lab, Reach, Sudo};

use crate::support::{fails, one, plan, said, ssh, ssh_with, up};

#[test]
fn a_bastion_those_behind_it_and_one_reached_directly() {
    let plan = plan("all").bastion("bastion").behind("h1");
    let lab = up(&plan.host(HostPlan::new("h2", Reach::Behind).sudo(Sudo::Asks)).direct("d1"));
    let mut machine_ids = BTreeSet::new();
    let mut fingerprints = BTreeSet::new();
    for host in &lab.record().hosts {
        assert_eq!(ssh(&lab, &host.name, "cat /proc/sys/kernel/hostname"), host.name);
        assert_eq!(ssh(&lab, &host.name, "systemctl is-system-running"), "running");
        assert_eq!(ssh(&lab, &host.name, "cat /etc/machine-id"), host.machine_id);
        machine_ids.insert(host.machine_id.clone());
        fingerprints.extend(host.fingerprints.clone());
        // Seen from outside, and from inside.
        ssh(&lab, &host.name, "echo here > /root/here");
        assert_eq!(std::fs::read_to_string(host.root.join("root/here")).expect("it is there"), "here\n");
        assert_eq!(lab.inside(&host.name, &["cat", "/root/here"]).expect("it is there"), "here\n");
        assert_eq!(host.bastion.is_some(), host.reach == Reach::Behind);
    }
    assert_eq!(machine_ids.len(), 4);
    assert_eq!(fingerprints.len(), 8, "two keys each, all different");

    // Who reaches whom.
    let open = |name: &str| {
        let host = lab.host(name).expect("it is planned");
        TcpStream::connect_timeout(&SocketAddr::from((host.address, host.port)), Duration::from_secs(1))
            .is_ok()
    };
    assert_eq!(["bastion", "d1", "h1", "h2"].map(open), [true, true, false, false]);
    let h1 = lab.host("h1").expect("it is planned").address;
    ssh(&lab, "bastion", &format!("ping -c 1 -W 1 {h1}"));
    fails(&lab, "d1", &format!("ping -c 1 -W 1 {h1}"));

    // sudo: free on one, asking on the other, and the password is known.
    let admin = |host: &str, line: &str| ssh_with(&lab, &["-l", "admin"], host, line);
    assert_eq!(String::from_utf8_lossy(&admin("h1", "sudo -n id -u").stdout).trim(), "0");
    assert!(said(&admin("h2", "sudo -n id -u")).contains("a password is required"));
    let password = &lab.record().admin_password;
    let asked = admin("h2", &format!("echo {password} | sudo -S -p '' id -u"));
    assert_eq!(String::from_utf8_lossy(&asked.stdout).trim(), "0", "{}", said(&asked));
    assert!(!admin("h2", "echo wrong | sudo -S -p '' id -u").status.success());
    assert_eq!(String::from_utf8_lossy(&admin("h1", "doas id -u").stdout).trim(), "0");
}

#[test]
fn a_host_shows_the_keys_that_the_record_names() {
    let lab = one("keys");
    let host = lab.host("d1").expect("it is planned");
    for (kind, line) in ["ed25519", "ecdsa"].iter().zip(&host.known_hosts) {
        let scan = Command::new("ssh-keyscan").args(["-t", kind, &host.address.to_string()]).output();
        let scan = scan.expect("ssh-keyscan is there");
        assert_eq!(String::from_utf8_lossy(&scan.stdout).trim(), line.as_str());
    }
    assert_eq!(lab.fingerprints("d1").expect("they can be read"), host.fingerprints);
    assert!(host.fingerprints.iter().all(|print| print.starts_with("SHA256:")), "{:?}", host.fingerprints);
}

#[test]
fn packages_come_from_the_lab_itself() {
    let lab = one("apt");
    let install = "DEBIAN_FRONTEND=noninteractive apt-get -qq install -y";
    ssh(&lab, "d1", &format!("apt-get -qq update && {install} lab-alpha=1.0 lab-beta tree"));
    assert_eq!(ssh(&lab, "d1", "lab-alpha; lab-beta"), "lab-alpha 1.0\nlab-beta 2.0");
    assert_eq!(ssh(&lab, "d1", &format!("{install} lab-alpha >&2; lab-alpha")), "lab-alpha 2.0");
    // The other repository: refused with a key that is not its own, taken with its own.
    let source = |key: &str| {
        format!(
            "echo 'deb [signed-by=/srv/groma-lab/{key}/key.asc] file:/srv/groma-lab/extra ./' \
             > /etc/apt/sources.list.d/extra.list; apt-get -q -o APT::Update::Error-Mode=any update"
        )
    };
    assert!(fails(&lab, "d1", &source("other")).contains("NO_PUBKEY"));
    ssh(&lab, "d1", &source("extra"));
    assert_eq!(ssh(&lab, "d1", &format!("{install} lab-gamma=1.0 >&2; lab-gamma")), "lab-gamma 1.0");
}

#[test]
fn what_network_and_firewall_resources_need_is_there() {
    let lab = one("net");
    ssh(
        &lab,
        "d1",
        "nft add table inet t && nft add chain inet t c '{ type filter hook input priority 0; }'",
    );
    ssh(&lab, "d1", "iptables -A INPUT -p tcp --dport 9 -j DROP && iptables -S INPUT | grep -q 'dport 9'");
    ssh(&lab, "d1", "modprobe veth && sysctl -w net.ipv4.ip_forward=1");
    let network = "printf '[NetDev]\\nName=br7\\nKind=bridge\\n' > /etc/systemd/network/br7.netdev; \
                   printf '[Match]\\nName=br7\\n[Network]\\nAddress=10.9.8.7/24\\nConfigureWithoutCarrier=yes\\n' \
                   > /etc/systemd/network/br7.network; systemctl start systemd-networkd; \
                   for i in $(seq 50); do ip addr show br7 | grep -q 10.9.8.7 && exit 0; sleep 0.1; done; exit 1";
    ssh(&lab, "d1", network);
}

#[test]
fn a_host_has_cgroups_of_its_own() {
    let lab = one("cgroups");
    ssh(&lab, "d1", "cd /sys/fs/cgroup && { [ ! -d cpu ] || cd cpu; } && mkdir own");
    // Version 1 shows it in the controller's tree, version 2 in the one there is; never in this machine's root.
    for place in ["/sys/fs/cgroup/cpu/own", "/sys/fs/cgroup/own"] {
        assert!(!std::path::Path::new(place).exists(), "{place} is this machine's");
    }
}

#[test]
fn a_lab_is_taken_as_it_is_or_replaced() {
    let plan = plan("again").direct("d1");
    let lab = up(&plan);
    ssh(&lab, "d1", "touch /root/mark");
    let reused = up(&plan.clone().existing(Existing::Reuse));
    ssh(&reused, "d1", "test -e /root/mark");
    drop(reused);
    // The one that was taken as it is was not its own to take down.
    ssh(&lab, "d1", "test -e /root/mark");
    let opened = Lab::open(lab.name()).expect("it is up");
    assert_eq!(
        opened.host("d1").expect("it is there").machine_id,
        lab.host("d1").expect("it is there").machine_id
    );
    let other = up(&plan.clone().direct("d2").existing(Existing::Reuse));
    assert!(said(&other.ssh("d1", "ls /root/mark").expect("ssh is there")).contains("No such file"));
    std::mem::forget(lab);
}

#[test]
fn two_labs_at_once_do_not_meet() {
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| one("one"));
        let second = scope.spawn(|| one("two"));
        (first.join().expect("the first is up"), second.join().expect("the second is up"))
    });
    assert_ne!(first.record().network, second.record().network);
    let other = second.host("d1").expect("it is planned").address;
    fails(&first, "d1", &format!("ping -c 1 -W 1 {other}"));
    let name = first.name().to_owned();
    drop(first);
    assert_eq!(lab::leftovers(&name).expect("it can be looked for"), Vec::<String>::new());
    assert_eq!(ssh(&second, "d1", "systemctl is-system-running"), "running");
}

#[test]
fn owners_are_the_hosts_own() {
    let lab = one("owners");
    let host = lab.host("d1").expect("it is planned");
    let keys = host.root.join("home/admin/.ssh/authorized_keys");
    let keys = std::fs::metadata(keys).expect("admin has keys");
    assert_eq!((keys.uid().to_string(), keys.mode() & 0o777), (ssh(&lab, "d1", "id -u admin"), 0o600));
}
