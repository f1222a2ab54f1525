//! Real hosts for the tests of what needs a running system.

use std::path::Path as FilePath;

use ::lab::{Lab, Plan};
use provider::conformance::{configured, environment};
use value::Value;

use super::support::{Bench, object, text};

/// A lab with one host `d1`; none, with a line that says so, unless `cargo xtask lab test` runs the tests.
pub(super) fn one_host(name: &str) -> Option<Lab> {
    if std::env::var_os("GROMA_TEST_LAB").is_none() {
        eprintln!("not tested, as it needs real hosts: cargo xtask lab test");
        return None;
    }
    Some(
        Lab::up(&Plan::new(name).direct("d1")).unwrap_or_else(|error| panic!("the lab is not up: {error:#}")),
    )
}

/// The connection of a lab's host.
pub(super) fn connection(lab: &Lab, host: &str) -> Value {
    let host = lab.host(host).expect("is planned");
    Value::string(format!("ssh://root@{}:{}", host.address, host.port))
}

/// One resource type at work on the hosts of a lab.
pub(super) async fn bench(lab: &Lab, type_name: &str, folder: &FilePath) -> Bench {
    bench_knowing(lab, type_name, folder, Vec::new()).await
}

/// The same with more lines of `known_hosts`.
pub(super) async fn bench_knowing(lab: &Lab, type_name: &str, folder: &FilePath, more: Vec<String>) -> Bench {
    let mut lines: Vec<String> =
        lab.record().hosts.iter().flat_map(|host| host.known_hosts.clone()).collect();
    lines.extend(more);
    let config = object([
        ("private_key_file", text(&lab.record().private_key.display().to_string())),
        ("known_hosts", text(&lines.join("\n"))),
    ]);
    let provider = crate::provider();
    let config = provider.schema().provider.block.coerce(&config).expect("fits the schema");
    let running =
        configured(provider.as_ref(), &config, environment(folder)).await.expect("the settings are right");
    Bench::running(running, type_name)
}

/// Runs a line on a host, past groma, and answers what it printed.
pub(super) fn by_hand(lab: &Lab, line: &str) -> String {
    lab.inside("d1", &["sh", "-c", line]).unwrap_or_else(|error| panic!("{line}: {error:#}"))
}

/// What must be on a host after everything was destroyed as it was before.
pub(super) fn snapshot(lab: &Lab) -> String {
    by_hand(lab, SNAPSHOT)
}

/// Checks that a host is as it was.
pub(super) fn assert_as_before(lab: &Lab, before: &str) {
    let after = snapshot(lab);
    let lost: Vec<_> = before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
    let new: Vec<_> = after.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    assert!(lost.is_empty() && new.is_empty(), "lost:\n{}\nnew:\n{}", lost.join("\n"), new.join("\n"));
}

/// The names of the attributes in which two objects differ.
pub(super) fn differing(a: &Value, b: &Value) -> Vec<String> {
    let entries = a.entries().into_iter().flat_map(value::Entries::iter);
    entries.filter(|(name, value)| b.attr(name) != Some(value)).map(|(name, _)| name.to_string()).collect()
}

const SNAPSHOT: &str = "
cd /
find etc var/lib/groma usr/local run/groma ! -type d -printf '%p %m %u %g %l\\n' 2>/dev/null | sort |
  grep -v -e etc/ld.so.cache -e run/groma/packages
find etc -type f ! -name ld.so.cache -exec sha256sum {} + | sort -k 2
systemctl list-units --all --plain --no-legend --type=service,socket,timer,target | awk '{ print $1, $2, $3 }' |
  grep -v -e not-found -e session- -e user@ -e user-runtime -e 'ssh@' -e systemd-tmpfiles-clean -e 'apt-daily' -e dpkg-db-backup | sort
systemctl list-unit-files --plain --no-legend | awk '{ print $1, $2 }' | grep -v session-
dpkg-query -W -f '${Package} ${Version} ${Status}\\n'
apt-mark showhold
apt-mark showmanual
for f in net/ipv4/ip_forward net/ipv4/conf/all/forwarding net/core/somaxconn; do cat /proc/sys/$f 2>/dev/null; done
:";
