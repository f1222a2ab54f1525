//! What a person is told. Each trouble has a message of its own, and other hosts go on.

use std::path::PathBuf;

use lab::{Fault, HostPlan, Lab, Reach, Sudo};

use super::work::{Work, machines, provider};
use crate::support::{one, plan, ssh, up};

/// A file on each of the hosts. Each is a resource of its own: what refers to a whole resource waits for all of it.
fn config(lab: &Lab, hosts: &[&str], more: &str) -> String {
    let file = |host: &&str| {
        format!(
            "resource \"host_file\" \"{host}\" {{\n  host = host_machine.{host}.connection\n  path = \"/srv/there\"\n  content = \"it is\\n\"\n}}\n"
        )
    };
    let files: String = hosts.iter().map(file).collect();
    format!("{}{}{files}", provider(lab, more), machines(lab, hosts))
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn logins_that_are_refused() {
    let lab = up(&plan("login").direct("d1").host(HostPlan::new("d2", Reach::Direct).sudo(Sudo::Asks)));
    let other = lab::paths::run(lab.name()).join("other");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&other)
        .status();
    assert!(made.expect("ssh-keygen is there").success());
    let record = lab.record();
    let wrong_key = config(&lab, &["d1"], "")
        .replace(&record.private_key.display().to_string(), &other.display().to_string());
    let work = Work::new(&lab, &wrong_key);
    says(
        &work.fails(&["apply", "-auto-approve"]),
        &["Login refused", "root@10.222.", "host_machine.d1", "publickey"],
    );

    // One host's sudo asks; the other one goes on.
    work.set(&config(&lab, &["d1", "d2"], "user = \"admin\"\n become = \"sudo\""));
    let text = work.fails(&["apply", "-auto-approve"]);
    says(&text, &["Becoming root was refused", "host_machine.d2", "password", "become_password"]);
    assert_eq!(ssh(&lab, "d1", "cat /srv/there"), "it is");
    work.set(&config(
        &lab,
        &["d1", "d2"],
        "user = \"admin\"\n become = \"sudo\"\n become_password = \"wrong\"",
    ));
    says(&work.fails(&["apply", "-auto-approve"]), &["Becoming root was refused", "password is wrong"]);
    let right =
        format!("user = \"admin\"\n become = \"sudo\"\n become_password = \"{}\"", record.admin_password);
    work.set(&config(&lab, &["d1", "d2"], &right));
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it is");
    let state = std::fs::read_to_string(work.path("terraform.tfstate")).expect("there is a state");
    assert!(!state.contains(&record.admin_password), "the password is in the state");
}

#[test]
fn a_changed_host_key_is_refused_with_both_fingerprints() {
    let lab = one("key");
    let work = Work::new(&lab, &config(&lab, &["d1"], ""));
    work.must(&["apply", "-auto-approve"]);
    let known = lab.host("d1").expect("is planned").fingerprints.clone();
    let changed = lab.fault("d1", Fault::NewHostKeys).expect("can be changed");
    let text = work.fails(&["plan"]);
    says(&text, &["Host key not accepted", &known[0], "known_hosts"]);
    assert!(text.matches("SHA256:").count() >= 2, "{text}");
    changed.undo().expect("can be undone");
    work.must(&["plan"]);
}

#[test]
fn disks_that_are_full_or_read_only() {
    let lab = up(&plan("disk").direct("d1").direct("d2"));
    let work = Work::new(&lab, &config(&lab, &["d1", "d2"], ""));
    let full = lab.fault("d1", Fault::DiskFull(PathBuf::from("/srv"))).expect("can be filled");
    let text = work.fails(&["apply", "-auto-approve"]);
    says(
        &text,
        &["Could not write the file /srv/there", "No space left", "Its disk is full", "host_file.d1"],
    );
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it is", "others go on");
    full.undo().expect("can be undone");
    work.must(&["apply", "-auto-approve"]);
    let read_only = lab.fault("d1", Fault::ReadOnlyEtc).expect("can be mounted");
    work.set(&config(&lab, &["d1", "d2"], "").replace("/srv/there", "/etc/there"));
    says(
        &work.fails(&["apply", "-auto-approve"]),
        &["Read-only file system", "mounted read-only", "host_file.d1"],
    );
    read_only.undo().expect("can be undone");
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d1", "cat /etc/there"), "it is");
    work.must(&["destroy", "-auto-approve"]);
}

#[test]
fn a_host_that_hangs_or_is_away_stops_nobody_else() {
    let lab = up(&plan("hang").direct("d1").direct("d2"));
    let work = Work::new(&lab, &config(&lab, &["d1", "d2"], ""));
    let frozen = lab.fault("d1", Fault::Frozen).expect("can be frozen");
    let text = work.fails(&["apply", "-auto-approve"]);
    says(&text, &["host_machine.d1", "did not answer"]);
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it is", "others go on");
    frozen.undo().expect("can be undone");
    work.must(&["apply", "-auto-approve"]);
    let down = lab.fault("d1", Fault::SshdDown).expect("can be stopped");
    says(&work.fails(&["plan"]), &["Host cannot be reached", "refused"]);
    down.undo().expect("can be undone");
    work.must(&["plan"]);
}

#[test]
fn a_program_that_is_missing_is_named() {
    let lab = one("missing");
    let work = Work::new(&lab, &config(&lab, &["d1"], ""));
    lab.inside("d1", &["mv", "/usr/bin/sha256sum", "/usr/bin/sha256sum.away"]).expect("can be moved");
    says(&work.fails(&["apply", "-auto-approve"]), &["sha256sum", "not found", "is missing on the host"]);
    lab.inside("d1", &["mv", "/usr/bin/sha256sum.away", "/usr/bin/sha256sum"]).expect("can be moved");
    work.must(&["apply", "-auto-approve"]);
}

#[test]
fn another_machine_at_the_address_has_nothing_of_the_old_one() {
    let lab = one("other");
    let work = Work::new(&lab, &config(&lab, &["d1"], ""));
    work.must(&["apply", "-auto-approve"]);
    lab.inside(
        "d1",
        &[
            "sh",
            "-c",
            "rm /srv/there; tr 0-9a-f 1-9a-f0 </etc/machine-id >/etc/m && cat /etc/m >/etc/machine-id",
        ],
    )
    .expect("can be changed");
    let plan = work.must(&["plan"]);
    says(&plan, &["Plan: 2 to add, 0 to change, 0 to destroy."]);
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d1", "cat /srv/there"), "it is");
}
