use std::collections::BTreeSet;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};

use lab::{HostPlan, Lab, Reach, Sudo};

use super::work::Work;
use crate::support::{plan, said, ssh, up};

/// What must be seen nowhere: sensitive contents and variables, and contents that are not sensitive, which logs and process
/// lists have no business with either.
const SECRET: &str = "Zx9-very-secret-7Qp";
const VARIABLE: &str = "Kw3-secret-variable-8Rt";
const CONTENT: &str = "Vb5-plain-content-2Lm";

/// Looks at the command lines of all that runs here, which the hosts' processes are among, until it is told
/// to stop.
fn processes(words: &[&str], ended: &AtomicBool) -> (usize, BTreeSet<String>) {
    let (mut looks, mut seen) = (0, BTreeSet::new());
    while !ended.load(Ordering::Acquire) {
        looks += 1;
        for pid in lab::processes::all() {
            let line = lab::processes::command_line(pid);
            seen.extend(
                words.iter().filter(|word| line.contains(*word)).map(|word| format!("{word}: {line}")),
            );
        }
    }
    (looks, seen)
}

/// A host that is logged in to by a key that is in the configuration, and one by a password; sudo asks on both.
fn config(lab: &Lab) -> String {
    let record = lab.record();
    let address = |name: &str| lab.host(name).expect("is planned").address;
    let files = |host: &str| {
        (0..10)
            .map(|i| {
                format!(
                    r#"
resource "host_file" "{host}-{i}" {{
  host              = host_machine.{host}.connection
  path              = "/srv/s{i}"
  mode              = "0600"
  sensitive_content = "${{trimspace(file("secret"))}}\n"
}}
resource "host_file" "{host}-plain-{i}" {{
  host    = host_machine.{host}.connection
  path    = "/srv/p{i}"
  content = file("content")
}}
"#
                )
            })
            .collect::<String>()
    };
    format!(
        r#"
provider "host" {{
  user              = "admin"
  become            = "sudo"
  become_password   = trimspace(file("password"))
  private_key       = file("key")
  known_hosts_files = ["{known}"]
  credentials = {{
    password = {{ user = "admin", password = trimspace(file("password")), become_password = trimspace(file("password")) }}
  }}
}}
resource "host_machine" "d1" {{
  address = "{d1}"
}}
resource "host_machine" "d2" {{
  address    = "{d2}"
  credential = "password"
}}
{files1}{files2}
resource "host_command" "c" {{
  host                  = host_machine.d1.connection
  create                = "test \"$TOKEN\" = \"$(cat token)\"; sleep 0.2"
  working_dir           = "/srv"
  sensitive_environment = {{ TOKEN = trimspace(file("variable")) }}
  depends_on            = [host_file.token]
}}
resource "host_file" "token" {{
  host              = host_machine.d1.connection
  path              = "/srv/token"
  sensitive_content = file("variable")
}}
"#,
        known = record.known_hosts.display(),
        d1 = address("d1"),
        d2 = address("d2"),
        files1 = files("d1"),
        files2 = files("d2"),
    )
}

#[test]
fn secrets_are_in_no_process_list_log_or_plan() {
    let asks = |name| HostPlan::new(name, Reach::Direct).sudo(Sudo::Asks);
    let lab = up(&plan("secret").host(asks("d1")).host(asks("d2")));
    let record = lab.record();
    let key = std::fs::read_to_string(&record.private_key).expect("there is a key");
    // A line in the middle of the key, which has no other meaning.
    let key_line = key.lines().nth(3).expect("it has lines").to_owned();
    let work = Work::new(&lab, "");
    for (name, text) in [
        ("secret", format!("{SECRET}\n")),
        ("variable", format!("{VARIABLE}\n")),
        ("content", format!("{CONTENT}\n")),
        ("password", format!("{}\n", record.admin_password)),
        ("key", key),
    ] {
        work.write(name, &text);
    }
    work.set(&config(&lab));
    work.must(&["init"]);
    let secrets = [SECRET, VARIABLE, record.admin_password.as_str(), key_line.as_str()];
    let all = [&secrets[..], &[CONTENT]].concat();
    let log = work.path("log");
    let run = |args: &[&str]| {
        let variables = [("TF_LOG", "trace"), ("TF_LOG_PATH", &*log.display().to_string())];
        work.run_with(args, &variables)
    };
    let ended = AtomicBool::new(false);
    let (outputs, (looks, seen)) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| processes(&all, &ended));
        let outputs: Vec<Output> = [
            &["plan", "-out=saved"][..],
            &["apply", "saved"],
            &["plan", "-detailed-exitcode"],
            &["apply", "-auto-approve", "-replace=host_command.c"],
        ]
        .map(run)
        .into();
        ended.store(true, Ordering::Release);
        (outputs, watcher.join().expect("it only looks"))
    });
    for output in &outputs {
        let text = said(output);
        assert!(output.status.success(), "{text}");
        for secret in secrets {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    assert!(looks > 10, "{looks} looks are too few");
    assert!(seen.is_empty(), "{seen:?}");
    let text = std::fs::read_to_string(&log).expect("there is a log");
    assert!(text.lines().count() > 100, "{} lines were logged", text.lines().count());
    for word in all {
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(word)).take(3).collect();
        assert!(lines.is_empty(), "{word} is in the log: {lines:?}");
    }
    assert_eq!(ssh(&lab, "d1", "cat /srv/s0; cat /srv/p0"), format!("{SECRET}\n{CONTENT}"));
    assert_eq!(ssh(&lab, "d2", "cat /srv/s9"), SECRET);

    // What logs in is in no resource's state, and in no saved plan.
    let state = std::fs::read_to_string(work.path("terraform.tfstate")).expect("there is a state");
    let shown = said(&work.run(&["show", "-json", "saved"]));
    for secret in [&record.admin_password, &key_line] {
        assert!(!state.contains(secret), "{secret} is in the state");
        assert!(!shown.contains(secret), "{secret} is in the plan");
    }
    // What people look at shows no sensitive value, also where it changes.
    work.write("secret", "Another-secret-4Hj\n");
    for output in [run(&["plan"]), run(&["show"]), run(&["show", "saved"])] {
        let text = said(&output);
        assert!(output.status.success(), "{text}");
        for secret in [SECRET, VARIABLE, "Another-secret-4Hj", &record.admin_password] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}
