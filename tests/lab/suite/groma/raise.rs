//! Becoming root by what the provider itself starts: doas over SSH, and sudo on the machine that groma runs on.

use std::os::unix::fs::MetadataExt as _;

use lab::{HostPlan, Lab, Reach, Sudo};

use super::work::{Work, machines, provider};
use crate::support::{one, plan, said, ssh, ssh_with, up};

/// A file that only root can write, and one that says who wrote it.
const FILES: &str = r#"
resource "host_file" "roots" {
  host    = local.host
  path    = "/root/there"
  content = "it is\n"
}
resource "host_command" "who" {
  host   = local.host
  create = "id -u >/root/who"
  read   = "cat /root/who"
  delete = "rm /root/who"
}
"#;

#[test]
fn doas_makes_root_of_the_one_who_logs_in() {
    let lab = one("doas");
    let root = &lab.host("d1").expect("is planned").root;
    let config = |more: &str| {
        let host = "locals {\n  host = host_machine.d1.connection\n}\n";
        format!("{}{}{host}{FILES}", provider(&lab, more), machines(&lab, &["d1"]))
    };
    let work = Work::new(&lab, &config("user = \"admin\"\n become = \"doas\""));
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d1", "cat /root/there /root/who"), "it is\n0");
    assert_eq!(std::fs::metadata(root.join("root/there")).expect("is there").uid(), 0);
    work.must(&["plan", "-detailed-exitcode"]);
    work.set(&config("user = \"admin\"\n become = \"doas\"").replace("it is", "it was"));
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d1", "cat /root/there"), "it was");

    // One whom doas does not know, one whom it asks for a password, and a host without it.
    let rule = |text: &str| ssh(&lab, "d1", &format!("echo '{text}' >/etc/doas.conf"));
    rule("permit nopass root");
    let text = work.fails(&["plan"]);
    for part in [
        "Becoming root was refused",
        "doas",
        "not permitted",
        "3 resources there could not be read",
        "lost_hosts",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    assert_eq!(text.matches("Becoming root was refused").count(), 1, "once for all:\n{text}");
    rule("permit admin");
    let text = work.fails(&["plan"]);
    assert!(text.contains("Becoming root was refused") && text.contains("without a password"), "{text}");
    ssh(&lab, "d1", "mv /usr/bin/doas /usr/bin/doas.away");
    let text = work.fails(&["plan"]);
    assert!(text.contains("Becoming root was refused") && text.contains("Install it on the host"), "{text}");
    ssh(&lab, "d1", "mv /usr/bin/doas.away /usr/bin/doas");
    rule("permit nopass admin");
    work.must(&["destroy", "-auto-approve"]);
    assert_eq!(ssh(&lab, "d1", "ls /root"), "");
}

/// groma itself on a host of the lab, as a user who is not root.
struct There<'a>(&'a Lab, &'a str);

impl There<'_> {
    fn set(&self, block: &str) {
        let config = format!(
            "provider \"host\" {{\n  {block}\n}}\nlocals {{\n  host = \"local:?become=sudo\"\n}}\n{FILES}"
        );
        let folder = self.0.host(self.1).expect("is planned").root.join("home/admin/work");
        std::fs::create_dir_all(&folder).expect("can be written");
        std::fs::write(folder.join("main.tf"), config).expect("can be written");
        ssh(self.0, self.1, "chown -R admin: /home/admin/work");
    }

    fn groma(&self, args: &str) -> (bool, String) {
        let line = format!("cd work && /usr/local/bin/groma {args} </dev/null");
        let output = ssh_with(self.0, &["-l", "admin"], self.1, &line);
        (output.status.success(), said(&output).split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[track_caller]
    fn must(&self, args: &str) {
        let (good, text) = self.groma(args);
        assert!(good, "{args}: {text}");
    }
}

#[test]
fn sudo_makes_root_of_the_one_who_runs_groma() {
    let lab = up(&plan("sudo").direct("d1").host(HostPlan::new("d2", Reach::Direct).sudo(Sudo::Asks)));
    let binary = std::env::var_os("GROMA_TEST_BINARY").expect("cargo xtask lab test names the binary");
    for host in ["d1", "d2"] {
        let place = lab.host(host).expect("is planned").root.join("usr/local/bin/groma");
        std::fs::copy(&binary, place).expect("can be copied");
    }
    let free = There(&lab, "d1");
    free.set("");
    free.must("init");
    free.must("apply -auto-approve");
    assert_eq!(ssh(&lab, "d1", "cat /root/there /root/who"), "it is\n0");
    assert_eq!(ssh(&lab, "d1", "stat -c %U /home/admin/work/terraform.tfstate"), "admin");
    free.must("plan -detailed-exitcode");
    free.must("destroy -auto-approve");
    assert_eq!(ssh(&lab, "d1", "ls /root"), "");

    let asking = There(&lab, "d2");
    asking.set("");
    asking.must("init");
    let (good, text) = asking.groma("apply -auto-approve");
    assert!(!good && text.contains("Becoming root on this machine was refused"), "{text}");
    assert!(text.contains("Set become_password"), "{text}");
    asking.set("become_password = \"certainly not this\"");
    let (good, text) = asking.groma("apply -auto-approve");
    assert!(!good && text.contains("password is wrong") && !text.contains("certainly"), "{text}");
    asking.set(&format!("become_password = \"{}\"", lab.record().admin_password));
    asking.must("apply -auto-approve");
    assert_eq!(ssh(&lab, "d2", "cat /root/there /root/who"), "it is\n0");
    let state = ssh(&lab, "d2", "cat /home/admin/work/terraform.tfstate");
    assert!(!state.contains(&lab.record().admin_password), "the password is in the state");
    asking.must("destroy -auto-approve");
}
