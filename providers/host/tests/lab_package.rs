use value::Value;

use super::lab::{
    assert_as_before, bench, by_hand, connection, cut_once_there, differing, one_host, snapshot,
};
use super::support::{folder, object, text, texts};

#[tokio::test]
async fn packages_on_a_real_host() {
    let Some(lab) = one_host("host-package") else { return };
    by_hand(&lab, "apt-get -qq install lab-beta=1.0 && apt-mark auto lab-beta && apt-mark hold lab-beta");
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_package", folder.path()).await;
    let package = |name: &str, version: &str, hold: bool| {
        object([
            ("host", connection(&lab, "d1")),
            ("name", text(name)),
            ("version", text(version)),
            ("hold", Value::bool(hold)),
        ])
    };
    let config = package("lab-alpha", "1.0", true);
    let state = bench.create(config.clone()).await;
    assert_eq!(by_hand(&lab, "lab-alpha; apt-mark showhold lab-alpha"), "lab-alpha 1.0\nlab-alpha\n");
    assert_eq!(bench.read(&state).await, state);
    let rows = [
        (vec!["hold"], "apt-mark unhold lab-alpha"),
        (
            vec!["version"],
            "apt-get -qq install --allow-change-held-packages lab-alpha=2.0; apt-mark hold lab-alpha",
        ),
    ];
    for (fields, line) in rows {
        by_hand(&lab, line);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), fields, "{line}");
        assert_eq!(bench.change(&seen, &config).await.state, state, "{line}");
    }
    by_hand(&lab, "apt-get -qq remove --allow-change-held-packages lab-alpha");
    assert!(bench.read(&state).await.is_null(), "only configuration is left");
    assert_eq!(bench.create(config.clone()).await, state);

    let state = bench.change(&state, &package("lab-alpha", "2.0", true)).await.state;
    assert_eq!(by_hand(&lab, "lab-alpha"), "lab-alpha 2.0\n", "held, but the version says so");
    let found = bench.create(package("lab-beta", "2.0", false)).await;
    assert_eq!(by_hand(&lab, "lab-beta; apt-mark showhold lab-beta"), "lab-beta 2.0\n");
    bench.delete(&state).await;
    bench.delete(&found).await;
    assert_eq!(
        by_hand(&lab, "lab-beta; apt-mark showhold"),
        "lab-beta 2.0\nlab-beta\n",
        "it was there, and held"
    );
    by_hand(&lab, "apt-get -qq install --allow-downgrades --allow-change-held-packages lab-beta=1.0");
    by_hand(&lab, "apt-mark auto lab-beta; apt-mark hold lab-beta");
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn packages_that_cannot_be_had_are_told_with_what_there_is() {
    let Some(lab) = one_host("host-nopackage") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_package", folder.path()).await;
    let nothing = Value::null(value::Type::Dynamic);
    let package = |name: &str| object([("host", connection(&lab, "d1")), ("name", text(name))]);
    let response = bench.change(&nothing, &package("no-such-thing")).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("no repository of the host has the package no-such-thing"), "{said}");
    assert!(response.state.is_null());
    let response = bench.change(&nothing, &package("lab-alpha").with_attr("version", text("3.0"))).await;
    let said = texts(&response.diagnostics);
    assert!(
        said.contains("no repository of the host has version 3.0 of lab-alpha; there is: 1.0 2.0"),
        "{said}"
    );
    assert!(response.state.is_null());
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn packages_wait_for_each_other_and_take_with_them_what_came() {
    let Some(lab) = one_host("host-packages") else { return };
    by_hand(&lab, MORE);
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_package", folder.path()).await;
    let package = |name: &str| object([("host", connection(&lab, "d1")), ("name", text(name))]);
    // Someone else installs meanwhile: the lock is theirs for some seconds.
    by_hand(&lab, "systemd-run --quiet flock /var/lib/dpkg/lock-frontend sleep 3; sleep 0.3");
    let names = ["lab-alpha", "lab-beta", "lab-top", "tree", "zip"];
    let made = futures::future::join_all(names.iter().map(|name| bench.create(package(name)))).await;
    let read = bench.read_all(&made).await;
    assert_eq!(read, made);
    let came = by_hand(&lab, "dpkg-query -W -f '${Package}' lab-base");
    assert_eq!(came, "lab-base", "lab-top needs it");
    futures::future::join_all(made.iter().map(|state| bench.delete(state))).await;
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn what_others_need_stays_until_they_go() {
    let Some(lab) = one_host("host-needed") else { return };
    by_hand(&lab, MORE);
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_package", folder.path()).await;
    let package = |name: &str| object([("host", connection(&lab, "d1")), ("name", text(name))]);
    let top = bench.create(package("lab-top")).await;
    let lab_base = bench.create(package("lab-base")).await;
    assert_eq!(by_hand(&lab, "apt-mark showmanual lab-base"), "lab-base\n");
    bench.delete(&lab_base).await;
    assert_eq!(by_hand(&lab, "apt-mark showauto lab-base"), "lab-base\n");
    bench.delete(&top).await;
    assert_as_before(&lab, &before);
}

/// A repository with a package that needs another one.
const MORE: &str = "
set -e
mkdir -p /srv/more && cd /srv/more
for name in lab-top lab-base; do
  mkdir -p tree/DEBIAN
  {
    printf 'Package: %s\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: nobody <a@groma.invalid>\\n' $name
    [ $name = lab-base ] || printf 'Depends: lab-base\\n'
    printf 'Description: a package of a test\\n'
  } >tree/DEBIAN/control
  dpkg-deb --build --root-owner-group tree $name.deb >/dev/null
  {
    cat tree/DEBIAN/control
    printf 'Filename: ./%s.deb\\nSize: %s\\nSHA256: %s\\n\\n' $name $(stat -c %s $name.deb) $(sha256sum <$name.deb | cut -c 1-64)
  } >>Packages
done
echo 'deb [trusted=yes] file:/srv/more ./' >>/etc/apt/sources.list
apt-get -qq update";

#[tokio::test]
async fn an_installation_whose_connection_is_lost_completes() {
    let Some(lab) = one_host("host-cutpackage") else { return };
    by_hand(&lab, MORE);
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_package", folder.path()).await;
    let package = |name: &str| object([("host", connection(&lab, "d1")), ("name", text(name))]);
    for pause in [100, 300, 500, 700, 900, 1200] {
        let made = bench.create(package("lab-top"));
        let cut = async {
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            lab.kill_sessions("d1").expect("can be killed");
        };
        let (state, ()) = tokio::join!(made, cut);
        assert_eq!(
            by_hand(&lab, "dpkg-query -W -f '${Status}\\n' lab-top lab-base"),
            "install ok installed\ninstall ok installed\n"
        );
        assert_eq!(bench.read(&state).await, state, "after {pause} ms");
        bench.delete(&state).await;
        assert_as_before(&lab, &before);
    }
}

/// A package whose installation and removal take their time, and say when they began and ended.
const SLOW: &str = r"
set -e
mkdir -p /srv/slow/tree/DEBIAN && cd /srv/slow
printf 'Package: lab-slow\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <a@groma.invalid>\nDescription: a package of a test\n' >tree/DEBIAN/control
for script in postinst prerm; do
  printf '#!/bin/sh\n[ -e /run/slow ] || exit 0\necho begun >>/run/slow/%s; sleep 4; echo ended >>/run/slow/%s\n' $script $script >tree/DEBIAN/$script
  chmod 755 tree/DEBIAN/$script
done
dpkg-deb --build --root-owner-group tree lab-slow.deb >/dev/null
{ cat tree/DEBIAN/control; printf 'Filename: ./lab-slow.deb\nSize: %s\nSHA256: %s\n\n' $(stat -c %s lab-slow.deb) $(sha256sum <lab-slow.deb | cut -c 1-64); } >Packages
echo 'deb [trusted=yes] file:/srv/slow ./' >>/etc/apt/sources.list
apt-get -qq update
mkdir /run/slow";

#[tokio::test]
async fn a_transaction_whose_connection_is_lost_ends_by_itself() {
    let Some(lab) = one_host("host-slowpackage") else { return };
    by_hand(&lab, SLOW);
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_package", folder.path()).await;
    let package = object([("host", connection(&lab, "d1")), ("name", text("lab-slow"))]);
    let (state, ()) = tokio::join!(bench.create(package), cut_once_there(&lab, "/run/slow/postinst"));
    assert_eq!(by_hand(&lab, "cat /run/slow/postinst"), "begun\nended\n", "once, and to its end");
    assert_eq!(bench.read(&state).await, state);
    tokio::join!(bench.delete(&state), cut_once_there(&lab, "/run/slow/prerm"));
    assert_eq!(by_hand(&lab, "cat /run/slow/prerm"), "begun\nended\n", "once, and to its end");
    assert_as_before(&lab, &before);
}
