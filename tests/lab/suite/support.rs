//! What tests with labs share.

use std::process::Output;
use std::time::{Duration, Instant};

use lab::{Lab, Plan};

/// A plan of a lab whose name no other test and no other run has.
pub fn plan(what: &str) -> Plan {
    Plan::new(&format!("t{}-{what}", std::process::id()))
}

/// A lab of one host, `d1`, that this machine reaches.
pub fn one(what: &str) -> Lab {
    up(&plan(what).direct("d1"))
}

pub fn up(plan: &Plan) -> Lab {
    Lab::up(plan).unwrap_or_else(|error| panic!("the lab does not come up: {error:#}"))
}

/// Runs a shell command on a host through ssh, and returns what it printed. It must succeed.
#[track_caller]
pub fn ssh(lab: &Lab, host: &str, line: &str) -> String {
    let output = lab.ssh(host, line).expect("ssh is there");
    assert!(output.status.success(), "{host}: {line}: {}", said(&output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs a shell command on a host through ssh that must fail, and returns what was said.
#[track_caller]
pub fn fails(lab: &Lab, host: &str, line: &str) -> String {
    let output = lab.ssh(host, line).expect("ssh is there");
    assert!(!output.status.success(), "{host}: {line} should fail: {}", said(&output));
    said(&output)
}

/// The same, as admin and with more options for ssh.
pub fn ssh_with(lab: &Lab, options: &[&str], host: &str, line: &str) -> Output {
    let mut client = lab.ssh_client();
    client.args(options).args([host, line]).stdin(std::process::Stdio::null());
    client.output().expect("ssh is there")
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Waits until it is so.
#[track_caller]
pub fn until(what: &str, so: impl FnMut() -> bool) {
    until_within(Duration::from_secs(30), what, so);
}

/// Waits until it is so, for as long.
#[track_caller]
pub fn until_within(time: Duration, what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + time;
    while !so() {
        assert!(Instant::now() < deadline, "{what}: not after {time:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Does it and says how long it took.
pub fn timed<T>(it: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = it();
    (done, begun.elapsed())
}
