//! What a host is like, to compare before and after.

use anyhow::Result;

use crate::lab::Lab;

impl Lab {
    /// What must be on a host after everything was destroyed as it was before: files of /etc and others with their modes
    /// and digests, units and whether they run, packages.
    pub fn snapshot(&self, host: &str) -> Result<String> {
        self.inside(host, &["sh", "-c", SNAPSHOT])
    }

    /// The same with homes, /srv and /opt, mounts, firewall rules, addresses and routes, for tests that touch none of them
    /// by hand.
    pub fn wide_snapshot(&self, host: &str) -> Result<String> {
        Ok(self.snapshot(host)? + &self.inside(host, &["sh", "-c", MORE])?)
    }
}

/// The lines that only one of two snapshots has, if there are any.
pub fn differences(before: &str, after: &str) -> Option<String> {
    let only = |a: &str, b: &str, mark: &str| {
        let others: std::collections::BTreeSet<&str> = b.lines().collect();
        let lines = a.lines().filter(|line| !others.contains(line));
        lines.map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    let text = only(before, after, "-") + &only(after, before, "+");
    (!text.is_empty()).then_some(text)
}

/// Left out is what changes by itself, and the backups that useradd and its like leave of their files. A host that has just
/// booted is given the time to be sure of its addresses: their routes come then.
const SNAPSHOT: &str = r"
cd /
for i in $(seq 100); do ip -6 -o address show tentative | grep -q . || break; sleep 0.1; done
backups='etc/\(passwd\|group\|shadow\|gshadow\|subuid\|subgid\)-\|etc/\.pwd\.lock'
find etc var/lib/groma usr/local run/groma ! -type d -printf '%p %m %u %g %l\n' 2>/dev/null | sort |
  grep -v -e etc/ld.so.cache -e run/groma/packages -e $backups
find etc -type f ! -name ld.so.cache -exec sha256sum {} + | sort -k 2 | grep -v -e $backups
systemctl list-units --all --plain --no-legend --type=service,socket,timer,target,mount,swap | awk '{ print $1, $2, $3 }' |
  grep -v -e not-found -e session- -e user@ -e user-runtime -e run-user- -e run-credentials- -e 'ssh@' \
    -e systemd-tmpfiles-clean -e 'apt-daily' -e dpkg-db-backup | sort
systemctl list-unit-files --plain --no-legend | awk '{ print $1, $2 }' | grep -v session-
dpkg-query -W -f '${Package} ${Version} ${Status}\n'
apt-mark showhold
apt-mark showmanual
for f in net/ipv4/ip_forward net/ipv4/conf/all/forwarding net/core/somaxconn; do cat /proc/sys/$f 2>/dev/null; done
:";

const MORE: &str = r"
cd /
find home root srv opt ! -type d -printf '%p %m %u %g %l\n' | sort
find etc home root srv opt usr/local -type d -printf '%p/ %m %u %g\n' | sort
systemctl list-units --all --plain --no-legend --type=mount,swap | awk '{ print $1, $2, $3 }' | grep -v -e not-found -e run-user- | sort
nft -s list ruleset
ip -o address show scope global | sed 's/ *\\.*//'
ip route show table all
uname -n
:";
