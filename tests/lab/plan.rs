use anyhow::{Result, ensure};

use crate::paths;

/// What a lab shall be made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The lab's name, unique on this machine.
    pub name: String,
    pub hosts: Vec<HostPlan>,
    /// What to do with a lab that is up under this name.
    pub existing: Existing,
    pub purpose: Purpose,
    /// Debian packages that every host has, beyond those of [`crate::image::PACKAGES`].
    pub packages: Vec<String>,
    /// Debian packages that hosts can install from the lab's own repository, beyond those of
    /// [`crate::image::OFFERED`].
    pub offered: Vec<String>,
}

impl Plan {
    /// A lab without hosts.
    pub fn new(name: &str) -> Plan {
        Plan {
            name: name.to_owned(),
            hosts: Vec::new(),
            existing: Existing::Replace,
            purpose: Purpose::Plain,
            packages: Vec::new(),
            offered: Vec::new(),
        }
    }

    /// Adds a host that this machine reaches and that reaches those behind it.
    #[must_use]
    pub fn bastion(self, name: &str) -> Plan {
        self.host(HostPlan::new(name, Reach::Bastion))
    }

    /// Adds a host that only the bastion reaches.
    #[must_use]
    pub fn behind(self, name: &str) -> Plan {
        self.host(HostPlan::new(name, Reach::Behind))
    }

    /// Adds a host that this machine reaches.
    #[must_use]
    pub fn direct(self, name: &str) -> Plan {
        self.host(HostPlan::new(name, Reach::Direct))
    }

    #[must_use]
    pub fn host(mut self, host: HostPlan) -> Plan {
        self.hosts.push(host);
        self
    }

    #[must_use]
    pub fn existing(mut self, existing: Existing) -> Plan {
        self.existing = existing;
        self
    }

    #[must_use]
    pub fn purpose(mut self, purpose: Purpose) -> Plan {
        self.purpose = purpose;
        self
    }

    /// Adds Debian packages to every host.
    #[must_use]
    pub fn packages(mut self, packages: &[&str]) -> Plan {
        self.packages.extend(packages.iter().map(|&package| package.to_owned()));
        self
    }

    /// Refuses a plan that cannot come up.
    pub(crate) fn check(&self) -> Result<()> {
        paths::check_name("lab's name", &self.name, 20)?;
        ensure!(!self.hosts.is_empty(), "the lab {} has no hosts", self.name);
        ensure!(self.hosts.len() <= 200, "the lab {} has more than 200 hosts", self.name);
        for (i, host) in self.hosts.iter().enumerate() {
            paths::check_name("host's name", &host.name, 12)?;
            ensure!(host.name != "switch", "a host cannot be called switch: the lab's own network is");
            ensure!(
                self.hosts[..i].iter().all(|other| other.name != host.name),
                "the lab {} has two hosts {}",
                self.name,
                host.name
            );
        }
        let bastions = self.hosts.iter().filter(|host| host.reach == Reach::Bastion).count();
        let behind = self.hosts.iter().any(|host| host.reach == Reach::Behind);
        ensure!(bastions <= 1, "the lab {} has {bastions} bastions, and can have one", self.name);
        ensure!(bastions == 1 || !behind, "the lab {} has hosts behind a bastion, but no bastion", self.name);
        Ok(())
    }
}

/// One host to be.
#[derive(Debug, Clone)]
pub struct HostPlan {
    pub name: String,
    pub reach: Reach,
    pub sudo: Sudo,
}

impl HostPlan {
    /// A host whose `admin` uses sudo without a password.
    pub fn new(name: &str, reach: Reach) -> HostPlan {
        HostPlan { name: name.to_owned(), reach, sudo: Sudo::Free }
    }

    #[must_use]
    pub fn sudo(mut self, sudo: Sudo) -> HostPlan {
        self.sudo = sudo;
        self
    }
}

/// From where a host can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// From this machine.
    Direct,
    /// From this machine, and it reaches those behind it.
    Bastion,
    /// From the bastion and from others behind it.
    Behind,
}

/// Whether sudo asks the user `admin` for the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sudo {
    Free,
    Asks,
}

/// What the hosts are to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Plain,
    /// containerd, kubelet and etcd get plain folders for their data (the kernel refuses an overlay on an overlay),
    /// and the kernel's log, which a kubelet reads.
    Kubernetes,
}

/// What to do with a lab that is up under the name of a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Take it down first.
    Replace,
    /// Take it as it is, if all its hosts answer and are those planned; else replace it.
    Reuse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_come_up() {
        let plan = || Plan::new("lab");
        let rows = [
            ("no hosts", plan(), "has no hosts"),
            ("a name that is no name", Plan::new("My Lab").direct("d"), "lower-case letters"),
            ("a name that ends in another lab's", Plan::new("a.b").direct("d"), "lower-case letters"),
            ("too long for an interface", plan().direct("abcdefghijklm"), "1 to 12"),
            ("twice the same", plan().direct("d").direct("d"), "two hosts d"),
            ("two bastions", plan().bastion("a").bastion("b"), "2 bastions"),
            ("behind nothing", plan().behind("h"), "no bastion"),
            ("the lab's own", plan().direct("switch"), "called switch"),
        ];
        for (row, plan, expected) in rows {
            let error = plan.check().expect_err(row).to_string();
            assert!(error.contains(expected), "{row}: {error}");
        }
        plan().bastion("bastion").behind("h1").direct("d1").check().expect("this one can");
    }
}
