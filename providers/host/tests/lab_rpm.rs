//! dnf and zypper themselves, where Debian's own package manager is out of sight.

use ::lab::{Lab, Plan};
use value::Value;

use super::lab::{assert_as_before, bench, by_hand, connection, differing, snapshot};
use super::support::{folder, object, text, texts};

const SPEC: &str = r"
Name: NAME
Version: VERSION
Release: 1
Summary: a small package of groma's lab
License: none
BuildArch: noarch
AutoReqProv: no
REQUIRES
%description
It tells its version.
%install
mkdir -p %{buildroot}/usr/bin
printf '#!/bin/sh\necho NAME VERSION\n' >%{buildroot}/usr/bin/NAME
chmod 0755 %{buildroot}/usr/bin/NAME
%files
/usr/bin/NAME
";

/// A host with packages of rpm in a repository of its own, and only this package manager.
fn host(name: &str, manager: &str, packages: &[&str]) -> Option<Lab> {
    if std::env::var_os("GROMA_TEST_LAB").is_none() {
        eprintln!("not tested, as it needs real hosts: cargo xtask lab test");
        return None;
    }
    let plan = Plan::new(name).direct("d1").packages(packages);
    let lab = Lab::up(&plan).unwrap_or_else(|error| panic!("the lab is not up: {error:#}"));
    by_hand(&lab, "mkdir -p /srv/rpms");
    // As on a host of rpm's own: one database for all, and no plugin of Debian's that wants keys.
    by_hand(&lab, "mkdir -p /etc/rpm && echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.lab");
    by_hand(&lab, "p=/etc/dnf/plugins/local.conf; [ ! -e $p ] || sed -i 's/^enabled.*/enabled = false/' $p");
    for (name, version, requires) in [
        ("lab-alpha", "1.0", ""),
        ("lab-alpha", "2.0", ""),
        ("lab-beta", "1.0", "Requires: lab-gamma"),
        ("lab-gamma", "1.0", ""),
        ("lab-base", "1.0", ""),
    ] {
        let spec = SPEC.replace("NAME", name).replace("VERSION", version).replace("REQUIRES", requires);
        let build =
            "rpmbuild -bb --quiet --define '_rpmdir /srv/rpms' --define '_topdir /srv/build' /srv/spec";
        by_hand(&lab, &format!("cat >/srv/spec <<'SPEC'\n{spec}\nSPEC\n{build} 2>&1 || exit 1"));
    }
    // No such host is without any package: zypper stumbles over that.
    by_hand(&lab, "rpm --force-debian --install /srv/rpms/noarch/lab-base-1.0-1.noarch.rpm 2>&1");
    by_hand(&lab, "rm -r /srv/build; createrepo_c -q /srv/rpms 2>&1");
    let others = ["apt-get", "dnf", "zypper"].into_iter().filter(|other| *other != manager);
    for other in others {
        by_hand(&lab, &format!("[ ! -e /usr/bin/{other} ] || mv /usr/bin/{other} /usr/bin/{other}.away"));
    }
    Some(lab)
}

async fn installs_and_removes(lab: &Lab, upgrade: &str) {
    let folder = folder();
    let (before, none) = (snapshot(lab), Value::null(value::Type::Dynamic));
    let repositories = bench(lab, "host_package_repository", folder.path()).await;
    let packages = bench(lab, "host_package", folder.path()).await;
    let repository = |url: &str| {
        object([
            ("host", connection(lab, "d1")),
            ("name", text("lab")),
            ("urls", Value::tuple(vec![text(url)])),
            ("check_signatures", Value::bool(false)),
        ])
    };
    let response = repositories.change(&none, &repository("file:///srv/nothing")).await;
    assert!(
        response.diagnostics.has_errors() && response.state.is_null(),
        "{}",
        texts(&response.diagnostics)
    );
    assert_as_before(lab, &before);
    let repository = repositories.create(repository("file:///srv/rpms")).await;
    assert_eq!(repositories.read(&repository).await, repository);

    let package = |name: &str| object([("host", connection(lab, "d1")), ("name", text(name))]);
    let said = texts(&packages.change(&none, &package("lab-omega")).await.diagnostics);
    assert!(said.contains("no repository of the host has the package lab-omega"), "{said}");

    let config = package("lab-alpha").with_attr("version", text("1.0")).with_attr("hold", Value::bool(true));
    let state = packages.create(config.clone()).await;
    assert_eq!(by_hand(lab, "lab-alpha"), "lab-alpha 1.0\n");
    assert_eq!(packages.read(&state).await, state);
    by_hand(lab, upgrade);
    assert_eq!(by_hand(lab, "lab-alpha"), "lab-alpha 2.0\n");
    let seen = packages.read(&state).await;
    let fields = differing(&state, &seen);
    assert!(fields.contains(&"version".to_owned()), "{fields:?}");
    let state = packages.update(&seen, &config).await;
    assert_eq!(by_hand(lab, "lab-alpha"), "lab-alpha 1.0\n");
    assert_eq!(packages.read(&state).await, state);
    let newer = config.with_attr("version", text("2.0"));
    let state = packages.update(&state, &newer).await;
    assert_eq!(by_hand(lab, "lab-alpha"), "lab-alpha 2.0\n", "held, but the version says so");

    let needs = packages.create(package("lab-beta")).await;
    assert_eq!(by_hand(lab, "lab-beta; lab-gamma"), "lab-beta 1.0\nlab-gamma 1.0\n");
    packages.delete(&needs).await;
    assert_eq!(by_hand(lab, "command -v lab-beta lab-gamma; :"), "", "what came with it goes with it");
    packages.delete(&state).await;
    assert_eq!(by_hand(lab, "command -v lab-alpha; :"), "");
    assert!(packages.read(&state).await.is_null());
    repositories.delete(&repository).await;
    assert_as_before(lab, &before);
}

#[tokio::test]
async fn packages_of_dnf_on_a_real_host() {
    let packages = ["createrepo-c", "dnf", "dnf-plugins-core", "rpm"];
    let Some(lab) = host("host-dnf", "dnf", &packages) else { return };
    let upgrade = "dnf -q -y versionlock delete lab-alpha >/dev/null; dnf -q -y upgrade lab-alpha";
    installs_and_removes(&lab, upgrade).await;
}

#[tokio::test]
async fn packages_of_zypper_on_a_real_host() {
    let packages = ["createrepo-c", "rpm", "zypper"];
    let Some(lab) = host("host-zypper", "zypper", &packages) else { return };
    let upgrade = "zypper -n -q removelock lab-alpha >/dev/null; zypper -n -q update lab-alpha >/dev/null";
    installs_and_removes(&lab, upgrade).await;
}
