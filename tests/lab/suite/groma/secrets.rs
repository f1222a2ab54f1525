use std::sync::atomic::{AtomicBool, Ordering};

use super::work::{Work, machines, provider};
use crate::support::{one, said};

const SECRET: &str = "Zx9-very-secret-7Qp";

/// Looks at the command lines of all that runs here, which the hosts' processes are among, until it is told to stop.
fn command_lines(ended: &AtomicBool) -> usize {
    let mut seen = 0;
    while !ended.load(Ordering::Acquire) {
        for pid in lab::processes::all() {
            seen += usize::from(lab::processes::command_line(pid).contains(SECRET));
        }
    }
    seen
}

#[test]
fn secrets_are_in_no_process_list_log_or_plan() {
    let lab = one("secret");
    let files: String = (0..20)
        .map(|i| {
            format!(
                "resource \"host_file\" \"f{i}\" {{\n  host = host_machine.d1.connection\n  path = \"/srv/s{i}\"\n  mode = \"0600\"\n  sensitive_content = file(\"secret\")\n}}\n"
            )
        })
        .collect();
    let command = r#"
resource "host_command" "c" {
  host                  = host_machine.d1.connection
  create                = "test \"$TOKEN\" = \"$(cat /srv/s0)\""
  sensitive_environment = { TOKEN = trimspace(file("secret")) }
  depends_on            = [host_file.f0]
}
"#;
    let config = format!("{}{}{files}{command}", provider(&lab, ""), machines(&lab, &["d1"]));
    let work = Work::new(&lab, &provider(&lab, ""));
    std::fs::write(work.path("secret"), format!("{SECRET}\n")).expect("can be written");
    work.set(&config);
    let ended = AtomicBool::new(false);
    let (outputs, seen) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| command_lines(&ended));
        let outputs = [
            work.must(&["plan", "-out=saved", "-target=host_machine.d1", "-target=host_file.f0"]),
            work.must(&["apply", "-auto-approve", "-target=host_file.f0", "-target=host_file.f1"]),
            said(&work.run(&["plan", "-target=host_file.f2"])),
            work.must(&["apply", "-auto-approve"]),
        ];
        ended.store(true, Ordering::Release);
        (outputs, watcher.join().expect("it only looks"))
    });
    for output in &outputs {
        assert!(!output.contains(SECRET), "{output}");
    }
    assert_eq!(seen, 0, "the secret was in a command line");
    let saved = std::fs::read(lab.host("d1").expect("is planned").root.join("srv/s0")).expect("was written");
    assert_eq!(saved, format!("{SECRET}\n").as_bytes());
}
