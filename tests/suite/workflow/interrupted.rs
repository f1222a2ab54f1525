use std::process::Command;

use rustix::process::Signal;

use crate::harness::{Sandbox, leave_out};

/// One object that takes long, one that waits for it, and one that is quick.
pub(super) const SLOW: &str = r#"
resource "terraform_data" "quick" {}

resource "time_sleep" "slow" {
  create_duration = "2s"
  triggers        = { quick = terraform_data.quick.id }
}

resource "terraform_data" "after" {
  input = time_sleep.slow.id
}
"#;

#[test]
fn one_interrupt_ends_the_apply_in_order_and_saves() {
    let sandbox = Sandbox::with_config(SLOW);
    let args = ["apply", "-auto-approve"];
    let running = sandbox.start_groma(&args);
    wait_for_journal(&sandbox);
    running.signal(Signal::INT);
    let outcome = sandbox.finish(running);
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.code, Some(1), "{said}");
    assert!(said.contains("Interrupt received"), "{said}");
    // The provider is asked to stop: what waits ends its wait, and what was made is known.
    assert!(said.contains("The wait of 2s was ended before its time."), "{said}");
    assert!(!said.contains("terraform_data.after: Creating"), "{said}");
    assert!(sandbox.groma_ok(&["state", "list"]).starts_with("terraform_data.quick\n"));
    sandbox.groma_ok(&args);
    converged(&sandbox);
}

#[test]
fn two_interrupts_abandon_what_is_under_way_and_keep_the_state() {
    let sandbox = Sandbox::with_config(&SLOW.replace("2s", "60s"));
    let running = sandbox.start_groma(&["apply", "-auto-approve"]);
    wait_for_journal(&sandbox);
    let started = std::time::Instant::now();
    running.signal(Signal::INT);
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signal(Signal::INT);
    let outcome = sandbox.finish(running);
    assert!(started.elapsed().as_secs() < 30, "it waited all the same");
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(sandbox.groma_ok(&["state", "list"]).contains("terraform_data.quick"));
    sandbox.write("main.tf", SLOW.replace("2s", "0s"));
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    converged(&sandbox);
}

/// Killed at any moment, the next run takes over whatever the last one finished and completes the rest.
#[test]
fn a_killed_apply_is_completed_by_the_next() {
    let config = "resource \"terraform_data\" \"a\" { count = 200 }\nresource \"time_sleep\" \"s\" {\n  create_duration = \"50ms\"\n  triggers        = { n = length(terraform_data.a) }\n}\nresource \"terraform_data\" \"b\" {\n  count = 200\n  input = time_sleep.s.id\n}\n";
    for after in [5_u64, 20, 40, 60, 80, 100, 130, 160, 200, 260] {
        let sandbox = Sandbox::with_config(config);
        let running = sandbox.start_groma(&["apply", "-auto-approve"]);
        std::thread::sleep(std::time::Duration::from_millis(after));
        running.kill();
        let known = sandbox.groma(&["state", "list"]);
        let before: Vec<&str> = known.stdout.lines().collect();
        sandbox.groma_ok(&["apply", "-auto-approve"]);
        let listed = sandbox.groma_ok(&["state", "list"]);
        assert_eq!(listed.lines().count(), 401, "after {after} ms");
        assert!(
            before.iter().all(|address| listed.lines().any(|l| l == *address)),
            "something was lost after {after} ms"
        );
        converged(&sandbox);
        let left: Vec<_> = std::fs::read_dir(sandbox.dir())
            .expect("the sandbox can be read")
            .map(|entry| entry.expect("the sandbox can be read").file_name().to_string_lossy().into_owned())
            .filter(|name| name.contains("journal") || name.contains("lock") || name.contains("next"))
            .collect();
        assert_eq!(left, Vec::<String>::new(), "after {after} ms");
    }
}

/// A disk that is full: the failure is said, and once there is room nothing is lost.
#[test]
fn a_full_disk_loses_nothing() {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let sandbox = Sandbox::with_config(
        "resource \"terraform_data\" \"a\" {\n  count = 30\n  input = join(\"\", [for i in range(400) : \"0123456789\"])\n}\n",
    );
    std::fs::create_dir(sandbox.path("disk")).expect("the sandbox can be written");
    let disk = sandbox.path("disk").display().to_string();
    let mount = |options: &str| {
        Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none", &disk])
            .status()
            .is_ok_and(|s| s.success())
    };
    if !is_root || !mount("size=64k") {
        leave_out("the full disk", "mounting a small file system needs root");
        return;
    }
    let unmount = Unmount(disk.clone());
    let args = ["apply", "-auto-approve", "-state=disk/terraform.tfstate"];
    let outcome = sandbox.groma(&args);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("No space left on device"), "{}", outcome.stderr);
    assert!(mount("remount,size=4m"), "the file system can be enlarged");
    sandbox.groma_ok(&args);
    let args = ["plan", "-detailed-exitcode", "-state=disk/terraform.tfstate"];
    sandbox.groma(&args).with_code(0, &args);
    drop(unmount);
}

struct Unmount(String);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Waits until the slow object was begun, which its journal tells.
pub(super) fn wait_for_journal(sandbox: &Sandbox) {
    sandbox.wait_until("the slow object is begun", || {
        let entries = std::fs::read_dir(sandbox.dir()).expect("the sandbox can be read").flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().contains("journal")).any(|entry| {
            std::fs::read(entry.path())
                .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("time_sleep"))
        })
    });
}

fn converged(sandbox: &Sandbox) {
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
}
