//! Files on real hosts, against Ansible with the same content in the same run; then more resources, and a slow link.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lab::{Cable, Fault, Lab, Plan};

use super::measure::Case;
use super::report::Report;
use crate::peers;

/// 100 files on each of two hosts of a lab, which needs root.
pub fn against_ansible(groma: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let playbook = peers::ansible()?;
    let lab = Lab::up(&Plan::new("bench2").direct("d1").direct("d2").packages(&["python3"]))?;
    let ours = Case::new(groma, folder.join("hosts-groma"), &config(&lab, FILES))?;
    let theirs = Ansible::new(&playbook, &lab, &folder.join("hosts-ansible"))?;
    println!("\n{FILES} files on each of two hosts, against ansible-core with its defaults");
    let apply = timed(|| ours.run(&["apply", "-auto-approve"]))?;
    let plan =
        (0..3).map(|_| timed(|| ours.run(&["plan", "-detailed-exitcode"]))).collect::<Result<Vec<_>>>()?;
    let plan = plan.into_iter().min().context("there are three runs")?;
    ours.run(&["destroy", "-auto-approve"])?;
    let (first, second) = (timed(|| theirs.run())?, timed(|| theirs.run())?);
    report.times("apply", apply, first, 50.0);
    report.times("nothing to change", plan, second, 100.0);
    lab.down()
}

/// 1,000 resources of many types on ten hosts, and 100 and 400 on one behind a slow link.
pub fn many(groma: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let names: Vec<String> = (1..=10).map(|i| format!("d{i}")).collect();
    let plan = names.iter().fold(Plan::new("bench10"), |plan, name| plan.direct(name));
    let lab = Lab::up(&plan)?;
    println!("\n1,000 resources of {} types on ten hosts", KINDS + 2);
    let case = Case::new(groma, folder.join("hosts-many"), &mixed(&lab, 99))?;
    let apply = timed(|| case.run(&["apply", "-auto-approve"]))?;
    println!("  apply {:.2} s", apply.as_secs_f64());
    report.within("refresh of 1,000 resources on ten hosts", best(&case)?, Duration::from_secs(3));
    case.run(&["destroy", "-auto-approve"])?;
    lab.down()?;

    let lab = Lab::up(&Plan::new("bench1").direct("d1"))?;
    println!("\none host, 50 ms away");
    let mut times = Vec::new();
    for count in [99, 399] {
        let case = Case::new(groma, folder.join(format!("hosts-far-{count}")), &mixed(&lab, count))?;
        case.run(&["apply", "-auto-approve"])?;
        let near = best(&case)?;
        let slow = |delay: Duration| -> Result<Duration> {
            let slow = lab.fault("d1", Fault::SlowLink(Cable { delay, loss: 0.0 }))?;
            let took = best(&case)?;
            slow.undo()?;
            Ok(took)
        };
        let far = slow(Duration::from_millis(50))?;
        // So slow that what else the machine does is lost in it.
        let trips = slow(VERY_SLOW)?.saturating_sub(near).as_secs_f64() / VERY_SLOW.as_secs_f64();
        println!(
            "  {} resources: {:.3} s, {:.3} s when near: {trips:.1} round trips",
            count + 1,
            far.as_secs_f64(),
            near.as_secs_f64()
        );
        times.push((far, trips));
        case.run(&["destroy", "-auto-approve"])?;
    }
    if let [(far, few), (_, many)] = times[..] {
        report.within("refresh of 100 resources with 50 ms of latency", far, Duration::from_secs(1));
        let sentence = format!(
            "four times as many resources need {:.1} more round trips, goal none (less than one measured)",
            many - few
        );
        report.judge(many - few < 1.0, &sentence);
    }
    lab.down()
}

fn best(case: &Case) -> Result<Duration> {
    let runs =
        (0..3).map(|_| timed(|| case.run(&["plan", "-detailed-exitcode"]))).collect::<Result<Vec<_>>>()?;
    runs.into_iter().min().context("there are three runs")
}

fn timed<T>(run: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let begun = Instant::now();
    run()?;
    Ok(begun.elapsed())
}

/// The lab's hosts with `count` files each.
fn config(lab: &Lab, count: u32) -> String {
    let hosts = hosts(lab);
    format!(
        r#"
{hosts}
locals {{
  files = merge([for host in keys(local.hosts) : {{ for i in range({count}) : "${{host}}-${{i}}" => {{ host = host, i = i }} }}]...)
}}

resource "host_file" "f" {{
  for_each = local.files
  host     = host_machine.m[each.value.host].connection
  path     = "/etc/bench-${{each.value.i}}.conf"
  mode     = "0640"
  content  = <<-EOT
    # file ${{each.value.i}}
    name = ${{each.value.host}}
    ${{join("\n", [for line in range(20) : "setting_${{line}} = ${{each.value.i * line}}"])}}
  EOT
}}
"#
    )
}

/// The lab's hosts with `count` resources each, as many of each of the types whose number on a host is not limited; of settings
/// of the kernel there are as many as there are names here. Commands are looked at one by one, the others type by type.
fn mixed(lab: &Lab, count: u32) -> String {
    let (hosts, count, settings) = (hosts(lab), count - 8, KINDS);
    format!(
        r#"
{hosts}
locals {{
  settings = ["accept_redirects", "send_redirects", "secure_redirects", "shared_media", "log_martians", "arp_ignore", "arp_announce", "arp_filter"]
  sysctls  = merge([for host in keys(local.hosts) : {{ for name in local.settings : "${{host}}-${{name}}" => {{ host = host, name = name }} }}]...)
  of = [for kind in range({settings}) : merge([for host in keys(local.hosts) : {{
    for i in range({count}) : "${{host}}-${{i}}" => {{ host = host, i = i }} if i % {settings} == kind
  }}]...)]
}}

resource "host_sysctl" "s" {{
  for_each = local.sysctls
  host     = host_machine.m[each.value.host].connection
  name     = "net.ipv4.conf.lo.${{each.value.name}}"
  value    = "0"
}}

resource "host_file" "f" {{
  for_each = local.of[0]
  host     = host_machine.m[each.value.host].connection
  path     = "/etc/bench-${{each.value.i}}.conf"
  mode     = "0640"
  content  = "file ${{each.value.i}} of ${{each.value.host}}\n"
}}

resource "host_directory" "d" {{
  for_each = local.of[1]
  host     = host_machine.m[each.value.host].connection
  path     = "/srv/bench-${{each.value.i}}"
}}

resource "host_symlink" "l" {{
  for_each = local.of[2]
  host     = host_machine.m[each.value.host].connection
  path     = "/srv/link-${{each.value.i}}"
  target   = "/etc/bench-${{each.value.i}}.conf"
}}

resource "host_hosts_entry" "h" {{
  for_each = local.of[3]
  host     = host_machine.m[each.value.host].connection
  address  = "192.0.${{2 + floor(each.value.i / 200)}}.${{1 + each.value.i % 200}}"
  names    = ["bench-${{each.value.i}}"]
}}

resource "host_group" "g" {{
  for_each = local.of[4]
  host     = host_machine.m[each.value.host].connection
  name     = "bench-g${{each.value.i}}"
}}

resource "host_user" "u" {{
  for_each    = local.of[5]
  host        = host_machine.m[each.value.host].connection
  name        = "bench-u${{each.value.i}}"
  create_home = false
}}

resource "host_command" "c" {{
  for_each = local.of[6]
  host     = host_machine.m[each.value.host].connection
  name     = "bench-${{each.value.i}}"
  create   = "echo ${{each.value.i}} >/srv/command-${{each.value.i}}"
  read     = "cat /srv/command-${{each.value.i}}"
  delete   = "rm -f /srv/command-${{each.value.i}}"
}}
"#
    )
}

/// The provider and the lab's hosts as `local.hosts` and `host_machine.m`.
fn hosts(lab: &Lab) -> String {
    let record = lab.record();
    let hosts = record.hosts.iter().fold(String::new(), |mut text, host| {
        let _ = writeln!(text, "    {} = \"{}\"", host.name, host.address);
        text
    });
    format!(
        r#"
provider "host" {{
  user              = "root"
  private_key_file  = "{key}"
  known_hosts_files = ["{known}"]
}}

locals {{
  hosts = {{
{hosts}  }}
}}

resource "host_machine" "m" {{
  for_each = local.hosts
  address  = each.value
}}
"#,
        key = record.private_key.display(),
        known = record.known_hosts.display(),
    )
}

/// The same files by a playbook: one task that copies them in a loop.
struct Ansible {
    playbook: PathBuf,
    folder: PathBuf,
}

impl Ansible {
    fn new(playbook: &Path, lab: &Lab, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let record = lab.record();
        let hosts = record.hosts.iter().fold(String::from("[all]\n"), |mut text, host| {
            let _ = writeln!(
                text,
                "{} ansible_host={} ansible_user=root ansible_ssh_private_key_file={} ansible_python_interpreter=/usr/bin/python3 ansible_ssh_common_args='-o UserKnownHostsFile={}'",
                host.name,
                host.address,
                record.private_key.display(),
                record.known_hosts.display()
            );
            text
        });
        fs::write(folder.join("inventory"), hosts)?;
        let lines = (0..20).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "          setting_{line} = {{{{ item * {line} }}}}");
            text
        });
        let book = format!(
            "- hosts: all\n  gather_facts: false\n  tasks:\n    - copy:\n        dest: /etc/ansible-{{{{ item }}}}.conf\n        mode: \"0640\"\n        content: |\n          # file {{{{ item }}}}\n          name = {{{{ inventory_hostname }}}}\n{lines}      loop: \"{{{{ range({FILES}) | list }}}}\"\n"
        );
        fs::write(folder.join("book.yml"), book)?;
        Ok(Self { playbook: playbook.to_owned(), folder: folder.to_owned() })
    }

    fn run(&self) -> Result<()> {
        let output = Command::new(&self.playbook)
            .args(["-i", "inventory", "book.yml"])
            .current_dir(&self.folder)
            .env("ANSIBLE_HOME", self.folder.join("home"))
            .env("ANSIBLE_NOCOLOR", "1")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} cannot be started", self.playbook.display()))?;
        ensure!(
            output.status.success(),
            "ansible-playbook failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

const FILES: u32 = 100;
/// How many types share what is left beside settings of the kernel.
const KINDS: u32 = 7;
/// What round trips are counted by.
const VERY_SLOW: Duration = Duration::from_millis(500);
