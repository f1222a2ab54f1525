//! What a person is told. Each trouble has a message of its own, and other hosts go on.

use std::path::PathBuf;
use std::time::Duration;

use lab::{Fault, HostPlan, Lab, Reach, Sudo};

use super::work::{Work, machines, provider};
use crate::support::{one, plan, said, ssh, timed, until, up};

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
    let wrong_key = format!("credentials = {{ wrong = {{ private_key_file = \"{}\" }} }}", other.display());
    let wrong_key = config(&lab, &["d1", "d2"], &wrong_key);
    let wrong_key = wrong_key.replacen("wait_timeout", "credential = \"wrong\"\n  wait_timeout", 1);
    let work = Work::new(&lab, &wrong_key);
    says(
        &work.fails(&["apply", "-auto-approve"]),
        &["Login refused", "root@10.222.", "host_machine.d1", "publickey"],
    );
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it is", "others go on");

    // One host's sudo asks; the other one goes on.
    work.set(&config(&lab, &["d1", "d2"], ""));
    work.must(&["destroy", "-auto-approve"]);
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
fn a_changed_host_key_is_refused_with_both_fingerprints_and_the_way_out() {
    let lab = up(&plan("key").direct("d1").direct("d2"));
    let work = Work::new(&lab, &config(&lab, &["d1", "d2"], ""));
    work.must(&["apply", "-auto-approve"]);
    let host = lab.host("d1").expect("is planned");
    let known = &host.fingerprints[0];
    let changed = lab.fault("d1", Fault::NewHostKeys).expect("can be changed");
    let shown = lab.fingerprints("d1").expect("can be read");
    let text = work.fails(&["plan"]);
    let address = host.address.to_string();
    let files = lab.record().known_hosts.display().to_string();
    says(&text, &["Host key not accepted", known, &shown[0], &address, &files, "remove"]);
    says(
        &text,
        &["2 resources there", "-target=ADDRESS", "-refresh=false", "lost_hosts", "provider \"host\""],
    );
    assert_eq!(text.matches("Host key not accepted").count(), 1, "once for all:\n{text}");
    work.set(&config(&lab, &["d1", "d2"], "").replace("it is", "it was"));
    let text = work.fails(&["apply", "-auto-approve", "-refresh=false"]);
    says(&text, &["Host key not accepted", known, &shown[0], "host_file.d1"]);
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it was", "others go on");
    changed.undo().expect("can be undone");
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d1", "cat /srv/there"), "it was");
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
    let text = work.fails(&["plan"]);
    says(&text, &["Host cannot be reached", "refused", "2 resources there could not be read", "lost_hosts"]);
    // The ways out that it names.
    let of_d2 = ["-target=host_file.d2", "-auto-approve"];
    work.set(&config(&lab, &["d1", "d2"], "").replace("it is", "it was"));
    work.must(&[&["apply"], &of_d2[..]].concat());
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it was");
    work.must(&["plan", "-refresh=false"]);
    let address = lab.host("d1").expect("is planned").address;
    work.set(&config(&lab, &["d2"], &format!("lost_hosts = [\"{address}\"]")));
    says(&work.must(&["plan"]), &["Plan: 0 to add, 1 to change, 0 to destroy."]);
    work.set(&config(&lab, &["d1", "d2"], ""));
    down.undo().expect("can be undone");
    work.must(&["plan"]);
}

/// A host that stops answering in the middle, and a command there that never ends.
#[test]
fn a_host_that_hangs_in_the_middle_stops_nobody_else() {
    let lab = up(&plan("midway").direct("d1").direct("d2"));
    let slow = r#"
resource "host_command" "slow" {
  host    = host_machine.d1.connection
  create  = "touch /srv/begun; exec sleep 60"
  timeout = "50s"
}
"#;
    let both = config(&lab, &["d1", "d2"], "") + slow;
    let work = Work::new(&lab, &both);
    let apply = work.start(&["apply", "-auto-approve"]);
    let begun = lab.host("d1").expect("is planned").root.join("srv/begun");
    until("the command has begun", || begun.exists());
    let frozen = lab.fault("d1", Fault::Frozen).expect("can be frozen");
    let (output, took) = timed(|| apply.wait_with_output().expect("it is ours"));
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    says(&text.split_whitespace().collect::<Vec<_>>().join(" "), &["host_command.slow", "10.222.", "answer"]);
    assert!(took < Duration::from_mins(1), "{took:?}");
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it is", "others go on");
    frozen.undo().expect("can be undone");

    work.set(&both.replace("50s", "2s").replace("sleep 60", "sleep 61"));
    let text = work.fails(&["apply", "-auto-approve"]);
    says(&text, &["host_command.slow", "10.222.", "2 s"]);
    assert_eq!(ssh(&lab, "d1", "pgrep -fx 'sleep 61' || true"), "", "what ran too long was ended");
    work.set(&config(&lab, &["d1", "d2"], ""));
    work.must(&["apply", "-auto-approve"]);
}

/// Not each of them waits as long as the first ones.
#[test]
fn all_resources_of_a_host_that_is_lost_fail_soon() {
    let lab = up(&plan("lost-all").direct("d1").direct("d2"));
    let many = |host: &str| {
        format!(
            "resource \"host_file\" \"many-{host}\" {{\n  count = 200\n  host = host_machine.{host}.connection\n  path = \"/srv/m${{count.index}}\"\n  content = \"many\"\n}}\n"
        )
    };
    let few = config(&lab, &["d1", "d2"], "");
    let work = Work::new(&lab, &few);
    work.must(&["apply", "-auto-approve"]);
    work.set(&format!("{few}{}{}", many("d1"), many("d2")));
    let cut = lab.fault("d1", Fault::LinkCut).expect("can be cut");
    let (text, took) = timed(|| work.fails(&["apply", "-auto-approve", "-refresh=false"]));
    says(&text, &["host_file.many-d1[0]", "host_file.many-d1[199]", "10.222."]);
    assert!(took < Duration::from_mins(2), "{took:?}");
    assert_eq!(ssh(&lab, "d2", "ls /srv | grep -c ^m"), "200", "others go on");
    cut.undo().expect("can be undone");
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d1", "ls /srv | grep -c ^m"), "200");
}

#[test]
fn a_program_that_is_missing_is_named() {
    let lab = up(&plan("missing").direct("d1").direct("d2"));
    let work = Work::new(&lab, &config(&lab, &["d1", "d2"], ""));
    lab.inside("d1", &["mv", "/usr/bin/sha256sum", "/usr/bin/sha256sum.away"]).expect("can be moved");
    says(
        &work.fails(&["apply", "-auto-approve"]),
        &["sha256sum", "not found", "is missing on the host", "10.222.", "host_file.d1"],
    );
    assert_eq!(ssh(&lab, "d2", "cat /srv/there"), "it is", "others go on");
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
