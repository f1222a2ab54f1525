//! dnf and zypper themselves, where Debian's own package manager is out of sight.

use ::lab::{Lab, Plan};
use value::Value;

use super::lab::{assert_as_before, bench, by_hand, connection, cut_once_there, differing, snapshot};
use super::support::{Bench, folder, object, text, texts};

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
SCRIPTS
%files
/usr/bin/NAME
";

/// Scripts that take their time, and say when they began and ended: rpm never runs them again.
const SLOW: &str = r"%post
echo begun >>/run/slow-post; sleep 4; echo ended >>/run/slow-post
%preun
echo begun >>/run/slow-preun; sleep 4; echo ended >>/run/slow-preun
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
        ("lab-gamma", "1.0", "Provides: libgamma.so.1"),
        ("lab-user", "1.0", "Requires: libgamma.so.1"),
        ("lab-slow", "1.0", ""),
        // Scripts need a shell, which rpm does not know of here.
        ("lab-base", "1.0", "Provides: /bin/sh"),
    ] {
        let spec = SPEC.replace("NAME", name).replace("VERSION", version).replace("REQUIRES", requires);
        let scripts = if name == "lab-slow" { SLOW } else { "" };
        let spec = spec.replace("SCRIPTS", scripts);
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

/// How an administrator does what groma has no part in.
struct ByHand {
    upgrade: &'static str,
    install: &'static str,
    remove: &'static str,
    /// Installs lab-gamma, as what others need.
    orphan: &'static str,
}

async fn installs_and_removes(lab: &Lab, hand: &ByHand) {
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
    by_hand(lab, hand.upgrade);
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
    others_stay(lab, &packages, hand).await;
    let slow = package("lab-slow");
    let (slow, ()) = tokio::join!(packages.create(slow), cut_once_there(lab, "/run/slow-post"));
    assert_eq!(by_hand(lab, "cat /run/slow-post"), "begun\nended\n", "once, and to its end");
    assert_eq!(packages.read(&slow).await, slow);
    tokio::join!(packages.delete(&slow), cut_once_there(lab, "/run/slow-preun"));
    assert_eq!(by_hand(lab, "cat /run/slow-preun"), "begun\nended\n", "once, and to its end");
    assert!(packages.read(&slow).await.is_null());

    packages.delete(&state).await;
    assert_eq!(by_hand(lab, "command -v lab-alpha; :"), "");
    assert!(packages.read(&state).await.is_null());
    repositories.delete(&repository).await;
    assert_as_before(lab, &before);
}

/// What others installed is not taken along, whatever its need is called; nor what was there before.
async fn others_stay(lab: &Lab, packages: &Bench, hand: &ByHand) {
    let package = |name: &str| object([("host", connection(lab, "d1")), ("name", text(name))]);
    let installed = "rpm -q --qf '%{NAME} ' lab-beta lab-gamma lab-user 2>/dev/null | sed 's/package [a-z-]* is not installed//g' | xargs";
    let gamma = packages.create(package("lab-gamma")).await;
    by_hand(lab, &format!("{} lab-user", hand.install));
    let response = packages.try_delete(&gamma).await;
    let said = texts(&response.diagnostics);
    assert!(
        !response.diagnostics.has_errors() && said.contains("lab-gamma stays") && said.contains("lab-user"),
        "{said}"
    );
    assert_eq!(by_hand(lab, installed), "lab-gamma lab-user\n");
    by_hand(lab, &format!("{} lab-user", hand.remove));
    assert_eq!(by_hand(lab, installed), "\n", "it was there for lab-user alone");

    let beta = packages.create(package("lab-beta")).await;
    by_hand(lab, &format!("{} lab-user", hand.install));
    packages.delete(&beta).await;
    assert_eq!(by_hand(lab, installed), "lab-gamma lab-user\n", "what came with it is needed by now");
    by_hand(lab, &format!("{} lab-user", hand.remove));

    by_hand(lab, hand.orphan);
    let beta = packages.create(package("lab-beta")).await;
    packages.delete(&beta).await;
    assert_eq!(by_hand(lab, installed), "lab-gamma\n", "it was there before");
    by_hand(lab, &format!("{} lab-gamma", hand.remove));
}

#[tokio::test]
async fn packages_of_dnf_on_a_real_host() {
    let packages = ["createrepo-c", "dnf", "dnf-plugins-core", "rpm"];
    let Some(lab) = host("host-dnf", "dnf", &packages) else { return };
    let hand = ByHand {
        upgrade: "dnf -q -y versionlock delete lab-alpha >/dev/null; dnf -q -y upgrade lab-alpha",
        install: "dnf -q -y install",
        remove: "dnf -q -y remove",
        orphan: "dnf -q -y install lab-gamma; dnf -q -y mark remove lab-gamma",
    };
    installs_and_removes(&lab, &hand).await;
}

#[tokio::test]
async fn packages_of_zypper_on_a_real_host() {
    let packages = ["createrepo-c", "rpm", "zypper"];
    let Some(lab) = host("host-zypper", "zypper", &packages) else { return };
    let hand = ByHand {
        upgrade: "zypper -n -q removelock lab-alpha >/dev/null; zypper -n -q update lab-alpha >/dev/null",
        install: "zypper -n -q install",
        remove: "zypper -n -q remove --clean-deps",
        orphan: "zypper -n -q install lab-gamma; echo lab-gamma >>/var/lib/zypp/AutoInstalled",
    };
    installs_and_removes(&lab, &hand).await;
}
