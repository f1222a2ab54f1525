//! A lab leaves nothing on this machine, whatever happened to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lab::processes::Identity;
use lab::{Cable, Fault, Lab, Record};

use crate::support::{one, plan, ssh, up};

/// What this machine has of a lab: looked for by other means than the lab's own.
fn seen(lab: &Lab) -> BTreeSet<String> {
    let name = format!("groma-lab-{}.", lab.name());
    let folder = format!("/groma-lab/{}/", lab.name());
    let ours = |line: &str| line.contains(&name) || line.contains(&folder);
    let mut found = BTreeSet::new();
    let mut lines = |kind: &str, text: &str| {
        found.extend(text.lines().filter(|line| ours(line)).map(|line| format!("{kind}: {line}")));
    };
    lines("mount", &fs::read_to_string("/proc/self/mountinfo").expect("/proc is there"));
    let printed = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output().expect("it is there");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    lines("namespace", &printed("ip", &["netns", "list"]));
    lines("process", &printed("ps", &["-eww", "-o", "pid,args"]));
    lines(
        "file",
        &printed(
            "find",
            &[
                "/run/netns",
                "/run/systemd/nspawn",
                "/run/groma-lab",
                "/var/lib/groma-lab",
                "-mindepth",
                "1",
                "-maxdepth",
                "2",
            ],
        )
        .lines()
        .map(|line| format!("{line}/\n"))
        .collect::<String>(),
    );
    lines("cgroup", &printed("find", &["/sys/fs/cgroup", "-maxdepth", "2", "-name", "groma-lab-*"]));
    if printed("ip", &["-o", "link"]).contains(&format!("{}@", lab.record().link)) {
        found.insert(format!("link: {}", lab.record().link));
    }
    found
}

#[test]
fn nothing_stays_after_down() {
    let lab = up(&plan("down").bastion("bastion").behind("h1").direct("d1"));
    let kinds = ["mount: ", "namespace: ", "process: ", "cgroup: ", "file: ", "link: "];
    let up = seen(&lab);
    for kind in kinds {
        assert!(up.iter().any(|line| line.starts_with(kind)), "a lab that is up has a {kind}{up:#?}");
    }
    assert!(!lab::leftovers(lab.name()).expect("it can be looked for").is_empty());
    let opened = Lab::open(lab.name()).expect("it is up");
    lab.down().expect("it goes down");
    assert_eq!(seen(&opened), BTreeSet::new());
    assert_eq!(lab::leftovers(opened.name()).expect("it can be looked for"), Vec::<String>::new());
    lab::down(opened.name()).expect("one that is not there is no error");
}

#[test]
fn nothing_stays_of_hosts_with_faults() {
    let lab = up(&plan("faulty").direct("d1").direct("d2").direct("d3"));
    let opened = Lab::open(lab.name()).expect("it is up");
    lab.fault("d1", Fault::Frozen).expect("it can be done").leave();
    let relay = lab.fault("d2", Fault::SlowLink(Cable { delay: Duration::from_millis(5), loss: 0.0 }));
    let relay = relay.expect("it can be done").leave();
    lab.fault("d3", Fault::ReadOnlyEtc).expect("it can be done").leave();
    lab.fault("d3", Fault::DiskFull("/srv/full".into())).expect("it can be done").leave();
    lab.power_off("d3").expect("it goes down");
    ssh(
        &lab,
        "d2",
        "setsid -f sleep 1000 >/dev/null 2>&1; mount -t tmpfs none /mnt; ip netns add inner; mkdir -p /sys/fs/cgroup/cpu/a/b || true",
    );
    lab.down().expect("it goes down");
    drop(relay);
    assert_eq!(seen(&opened), BTreeSet::new());
}

#[test]
fn a_lab_whose_owner_was_killed_is_stale() {
    let lab = one("killed");
    let opened = Lab::open(lab.name()).expect("it is up");
    assert!(!lab::stale().contains(lab.name()), "its owner lives");
    // As if this process had been killed: nobody drops the lab, and its owner is not there any more.
    let mut gone = Command::new("true").spawn().expect("true is there");
    let owner = Identity::of(gone.id());
    gone.wait().expect("it is our child");
    let mut record = Record::load(lab.name()).expect("it is up");
    record.owner = owner.or(Some(Identity { pid: gone.id(), started: 0 }));
    record.save().expect("/run is writable");
    std::mem::forget(lab);
    assert!(lab::stale().contains(opened.name()));
    lab::down(opened.name()).expect("it goes down");
    assert_eq!(seen(&opened), BTreeSet::new());
}

#[test]
fn what_is_left_without_a_record_is_found() {
    let lab = one("lost");
    fs::remove_file(lab::paths::record(lab.name())).expect("it is there");
    assert!(lab::labs().contains(lab.name()));
    let link = lab.record().link.clone();
    let name = lab.name().to_owned();
    drop(lab);
    assert_eq!(lab::leftovers(&name).expect("it can be looked for"), Vec::<String>::new());
    assert!(!Path::new("/sys/class/net").join(link).exists());
}

#[test]
fn a_kept_lab_outlives_its_maker() {
    let mut lab = one("kept");
    lab.keep().expect("/run is writable");
    let name = lab.name().to_owned();
    drop(lab);
    let lab = Lab::open(&name).expect("it is still up");
    ssh(&lab, "d1", "true");
    assert!(!lab::stale().contains(&name), "nobody owns it, so nobody left it behind");
    lab::down(&name).expect("it goes down");
    assert_eq!(seen(&lab), BTreeSet::new());
}
