//! What somebody changed on a host and groma puts back, its service reads again, though its digest is what it always was.

use lab::Lab;

use super::work::{Work, machines, provider};
use crate::support::one;

const CONFIG: &str = r#"
resource "host_file" "level" {
  host    = host_machine.d1.connection
  path    = "/srv/level"
  mode    = "0644"
  content = "LEVEL\n"
}

resource "host_file" "key" {
  host              = host_machine.d1.connection
  path              = "/srv/key"
  sensitive_content = "sesame\n"
}

resource "host_service" "reads" {
  host  = host_machine.d1.connection
  name  = "reads.service"
  state = "running"
  unit  = <<-EOT
    [Service]
    ExecStart=/bin/sh -c 'echo begins with $$(cat /srv/level /srv/key | xargs); exec sleep 1000'
    ExecReload=/bin/sh -c 'echo reads $$(cat /srv/level)'
  EOT

  reload_on  = { level = host_file.level.revision }
  restart_on = { key = host_file.key.revision }
}
"#;

fn by_hand(lab: &Lab, line: &str) -> String {
    lab.inside("d1", &["sh", "-c", line]).unwrap_or_else(|error| panic!("{line}: {error:#}"))
}

/// What the service said since it was last asked, in order.
fn said(lab: &Lab, before: &mut usize) -> Vec<String> {
    let log = by_hand(
        lab,
        "journalctl --sync; journalctl -u reads.service -o cat | grep -e '^begins ' -e '^reads '; :",
    );
    let lines: Vec<String> = log.lines().map(str::to_owned).collect();
    let new = lines[*before..].to_vec();
    *before = lines.len();
    new
}

#[test]
fn what_is_put_back_is_read_again_by_its_service() {
    let lab = one("reload");
    let work = Work::new(&lab, &provider(&lab, ""));
    let config = |level: &str| {
        work.set(&format!(
            "{}{}{}",
            provider(&lab, ""),
            machines(&lab, &["d1"]),
            CONFIG.replace("LEVEL", level)
        ));
    };
    config("one");
    work.must(&["apply", "-auto-approve"]);
    work.must(&["plan", "-detailed-exitcode"]);
    let mut heard = 0;
    assert_eq!(said(&lab, &mut heard), ["begins with one sesame"]);

    by_hand(&lab, "echo drifted >/srv/level; systemctl reload reads.service");
    assert_eq!(said(&lab, &mut heard), ["reads drifted"]);
    let plan = work.must(&["plan", "-out=saved"]);
    assert!(
        plan.contains("Plan: 0 to add, 2 to change, 0 to destroy."),
        "the service is in the plan, too: {plan}"
    );
    work.must(&["apply", "saved"]);
    assert_eq!(said(&lab, &mut heard), ["reads one"]);
    work.must(&["plan", "-detailed-exitcode"]);

    by_hand(&lab, "echo guessed >/srv/key; systemctl restart reads.service");
    assert_eq!(said(&lab, &mut heard), ["begins with one guessed"]);
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(said(&lab, &mut heard), ["begins with one sesame"]);

    by_hand(&lab, "rm /srv/level");
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(said(&lab, &mut heard), ["reads one"], "made again");

    by_hand(&lab, "chmod 0600 /srv/level");
    let plan = work.must(&["apply", "-auto-approve"]);
    assert!(plan.contains("0 added, 1 changed, 0 destroyed"), "{plan}");
    assert_eq!(said(&lab, &mut heard), [""; 0], "a mode is nothing to read");

    // Whoever writes what groma would have written is found out as well.
    by_hand(&lab, "echo two >/srv/level");
    config("two");
    let plan = work.must(&["apply", "-auto-approve"]);
    assert!(plan.contains("0 added, 1 changed, 0 destroyed"), "{plan}");
    assert_eq!(said(&lab, &mut heard), ["reads two"]);
    work.must(&["plan", "-detailed-exitcode"]);
    work.must(&["destroy", "-auto-approve"]);
}
