//! Every fault is seen on the host or by who talks to it, and so is that it is undone.

use std::process::{Command, Stdio};
use std::time::Duration;

use lab::cgroups::Layout;
use lab::{Cable, Fault, Lab};

use crate::support::{fails, one, plan, said, ssh, ssh_with, timed, until, up};

/// Options for ssh that give up soon.
const SOON: &[&str] =
    &["-o", "ConnectTimeout=2", "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"];

fn reaches(lab: &Lab) -> bool {
    ssh_with(lab, SOON, "d1", "true").status.success()
}

#[test]
fn a_link_is_cut() {
    let lab = one("cut");
    let mut session = lab.ssh_client();
    session.args(SOON).args(["d1", "sleep 60"]).stdin(Stdio::null()).stderr(Stdio::piped());
    let session = session.spawn().expect("ssh is there");
    until("the session", || !ssh(&lab, "d1", "pgrep -x sleep || true").is_empty());
    let cut = lab.fault("d1", Fault::LinkCut).expect("it can be cut");
    let (ended, took) = timed(|| session.wait_with_output().expect("it is there"));
    assert_eq!(ended.status.code(), Some(255), "{}", said(&ended));
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(!reaches(&lab));
    cut.undo().expect("it can be undone");
    assert!(reaches(&lab));
}

#[test]
fn a_link_is_slow() {
    let lab = up(&plan("slow").bastion("bastion").behind("h1"));
    let ping = |host: &str, count: u32| {
        let address = lab.host(host).expect("it is planned").address;
        let (line, from) =
            (format!("ping -q -i 0.01 -c {count} {address}"), if host == "h1" { "bastion" } else { "h1" });
        said(&lab.ssh(from, &line).expect("ssh is there"))
    };
    // rtt min/avg/max/mdev = 0.1/0.2/0.3/0.1 ms
    let average = |host: &str| {
        let text = ping(host, 10);
        let average = text.split(" = ").nth(1).and_then(|rest| rest.split('/').nth(1));
        average.and_then(|text| text.parse::<f64>().ok()).unwrap_or_else(|| panic!("{text}"))
    };
    assert!(average("h1") < 25.0);
    let slow = lab.fault("h1", Fault::SlowLink(Cable { delay: Duration::from_millis(50), loss: 0.0 }));
    let slow = slow.expect("it can be slowed");
    let late = average("h1");
    assert!((50.0..100.0).contains(&late), "{late} ms");
    // Much goes through it as it is.
    let sums = ssh(&lab, "h1", "head -c 5000000 /dev/urandom | tee /root/much | sha256sum");
    let (local, took) = timed(|| lab.ssh("h1", "cat /root/much").expect("ssh is there").stdout);
    assert_eq!(local.len(), 5_000_000);
    std::fs::write(lab::paths::run(lab.name()).join("much"), &local).expect("/run is writable");
    let here = Command::new("sha256sum").arg(lab::paths::run(lab.name()).join("much")).output();
    assert!(said(&here.expect("sha256sum is there")).starts_with(sums.split(' ').next().expect("a sum")));
    assert!(took < Duration::from_secs(30), "{took:?}");
    slow.undo().expect("it can be undone");
    assert!(average("h1") < 25.0);
    // Loss in both directions: 1 - 0.7 * 0.7, about half of the answers.
    let lossy = lab.fault("h1", Fault::SlowLink(Cable { delay: Duration::ZERO, loss: 0.3 }));
    let lossy = lossy.expect("it can be made lossy");
    let text = ping("h1", 200);
    let lost = text.split(", ").find_map(|part| part.strip_suffix("% packet loss")?.parse::<f64>().ok());
    assert!(lost.is_some_and(|lost| (30.0..75.0).contains(&lost)), "{text}");
    drop(lossy);
    assert!(ping("h1", 20).contains(" 0% packet loss"));
}

#[test]
fn sshd_is_down() {
    let lab = one("sshd");
    let down = lab.fault("d1", Fault::SshdDown).expect("it can be stopped");
    assert!(fails(&lab, "d1", "true").contains("Connection refused"));
    down.undo().expect("it can be undone");
    assert!(reaches(&lab));
}

#[test]
fn sshd_and_sessions_are_killed() {
    let lab = one("kill");
    for kill in [Lab::kill_sessions, Lab::kill_sshd] {
        let mut session = lab.ssh_client();
        session.args(["d1", "echo there; sleep 60"]).stdin(Stdio::null());
        let session = session.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ssh is there");
        until("the session", || !ssh(&lab, "d1", "pgrep -x sleep || true").is_empty());
        kill(&lab, "d1").expect("it can be killed");
        let (ended, took) = timed(|| session.wait_with_output().expect("it is there"));
        assert_eq!(ended.status.code(), Some(255), "{}", said(&ended));
        assert!(took < Duration::from_secs(5), "{took:?}");
        until("sshd takes new sessions", || reaches(&lab));
        lab.inside("d1", &["sh", "-c", "pkill -x sleep; true"]).expect("pkill is there");
    }
}

#[test]
fn a_disk_is_full() {
    let lab = one("disk");
    ssh(&lab, "d1", "mkdir /srv/data && echo mine > /srv/data/mine");
    let full = lab.fault("d1", Fault::DiskFull("/srv/data".into())).expect("it can be filled");
    assert!(fails(&lab, "d1", "head -c 8192 /dev/zero > /srv/data/new").contains("No space left on device"));
    ssh(&lab, "d1", "echo elsewhere > /srv/elsewhere");
    full.undo().expect("it can be undone");
    assert_eq!(ssh(&lab, "d1", "ls /srv/data; cat /srv/data/mine"), "mine\nmine");
}

#[test]
fn etc_is_read_only() {
    let lab = one("etc");
    let fault = lab.fault("d1", Fault::ReadOnlyEtc).expect("it can be done");
    assert!(fails(&lab, "d1", "touch /etc/new").contains("Read-only file system"));
    ssh(&lab, "d1", "touch /var/new");
    fault.undo().expect("it can be undone");
    ssh(&lab, "d1", "touch /etc/new");
}

#[test]
fn sudo_asks() {
    let lab = one("sudo");
    let sudo = || said(&ssh_with(&lab, &["-l", "admin"], "d1", "sudo -n id -u"));
    assert_eq!(sudo().trim(), "0");
    let asks = lab.fault("d1", Fault::SudoAsks).expect("it can ask");
    assert!(sudo().contains("a password is required"), "{}", sudo());
    asks.undo().expect("it can be undone");
    assert_eq!(sudo().trim(), "0");
}

#[test]
fn a_host_is_slow() {
    let lab = one("cpu");
    // Other work on this machine takes time from it too, so what counts is its part, and how often it was held back.
    let count = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
    let line = format!("TIMEFORMAT='%R %U %S'; time bash -c '{count}'");
    let unit = lab::paths::unit(lab.name(), "d1");
    let work = || {
        let times = said(&lab.ssh("d1", &line).expect("ssh is there"));
        let times: Vec<f64> = times.split_whitespace().map(|time| time.parse().expect("a time")).collect();
        (times[1] + times[2]) / times[0]
    };
    let held_back = || Layout::detect().expect("it is known").held_back(&unit).expect("it is counted");
    let slow = lab.fault("d1", Fault::SlowCpu(10)).expect("it can be slowed");
    let before = held_back();
    let part = work();
    assert!(part < 0.2, "it has {part} of a processor");
    assert!(held_back() > before);
    slow.undo().expect("it can be undone");
    let before = held_back();
    let part = work();
    assert_eq!(held_back(), before, "it has {part} of a processor, and waits for nobody but others");
}

#[test]
fn a_host_hangs() {
    let lab = one("hang");
    let frozen = lab.fault("d1", Fault::Frozen).expect("it can be frozen");
    let (reached, took) = timed(|| reaches(&lab));
    assert!(
        !reached && took >= Duration::from_secs(2),
        "its kernel takes connections, and nobody answers: {took:?}"
    );
    frozen.undo().expect("it can be undone");
    assert!(reaches(&lab));
}

#[test]
fn host_keys_change() {
    let lab = one("hostkeys");
    let known = lab.host("d1").expect("it is planned").fingerprints.clone();
    let changed = lab.fault("d1", Fault::NewHostKeys).expect("they can be changed");
    let now = lab.fingerprints("d1").expect("they can be read");
    assert_ne!(now, known);
    let refused = fails(&lab, "d1", "true");
    assert!(refused.contains("Host key verification failed"), "{refused}");
    changed.undo().expect("it can be undone");
    assert_eq!(lab.fingerprints("d1").expect("they can be read"), known);
    until("sshd shows its old keys", || reaches(&lab));
}

#[test]
fn a_rebooted_host_keeps_its_files_and_nothing_else() {
    let lab = up(&plan("reboot").bastion("bastion").behind("h1"));
    ssh(
        &lab,
        "h1",
        "echo kept > /root/kept; sync; sysctl -w net.ipv4.ip_forward=1; touch /run/lost; nft add table inet t",
    );
    let boot = ssh(&lab, "h1", "cat /proc/sys/kernel/random/boot_id");
    lab.reboot("h1").expect("it boots again");
    assert_eq!(ssh(&lab, "h1", "cat /root/kept; ls /run/lost 2>/dev/null; nft list tables"), "kept");
    assert_eq!(ssh(&lab, "h1", "cat /proc/sys/net/ipv4/ip_forward"), "0");
    let again = ssh(&lab, "h1", "cat /proc/sys/kernel/random/boot_id");
    assert_ne!(again, boot);
    // By itself.
    let _ = lab.ssh("h1", "systemctl reboot");
    until("it has booted by itself", || {
        let now = lab.ssh("h1", "cat /proc/sys/kernel/random/boot_id").expect("ssh is there");
        now.status.success() && String::from_utf8_lossy(&now.stdout).trim() != again
    });
    assert_eq!(ssh(&lab, "h1", "cat /root/kept"), "kept");
    lab.wait("h1").expect("it is up");
    // Without power.
    lab.power_off("h1").expect("it goes down");
    let address = lab.host("h1").expect("it is planned").address;
    fails(&lab, "bastion", &format!("ping -c 1 -W 1 {address}"));
    assert!(!fails(&lab, "h1", "true").contains("refused"), "nobody is there to refuse");
    assert!(lab.leader("h1").is_err());
    lab.power_on("h1").expect("it comes up");
    assert_eq!(ssh(&lab, "h1", "cat /root/kept"), "kept");
}

#[test]
fn a_fault_that_is_left_is_undone_by_another_process() {
    let lab = one("left");
    lab.fault("d1", Fault::LinkCut).expect("it can be cut").leave();
    assert!(!reaches(&lab));
    let other = Lab::open(lab.name()).expect("it is up");
    other.undo("d1", &Fault::LinkCut).expect("it can be undone");
    assert!(reaches(&lab));
    for fault in [
        Fault::DiskFull("/srv/none".into()),
        Fault::ReadOnlyEtc,
        Fault::SlowLink(Cable { delay: Duration::ZERO, loss: 0.0 }),
        Fault::NewHostKeys,
        Fault::Frozen,
        Fault::SlowCpu(5),
        Fault::SudoAsks,
        Fault::SshdDown,
    ] {
        other
            .undo("d1", &fault)
            .unwrap_or_else(|error| panic!("{fault} is not there, which is no error: {error:#}"));
    }
    assert!(reaches(&lab));
}
