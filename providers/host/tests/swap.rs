//! `host_swap` in a folder that stands for a host: what is there at boot. What is swapped to is that of a running host.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path as FilePath;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::lab::differing;
use super::support::{Bench, folder, object, root};

const FSTAB: &str = "# <device> <path> <type> <options>\nUUID=1 / ext4 defaults 0 1\n/dev/sda2\tnone swap  sw 0 0\n\
                     /swap\\040file none swap noauto 0 0\n  LABEL=s none swap pri=5,nofail\n#/dev/sdb none swap sw\n/dev/swap /swap ext4";

fn off(host: &FilePath) -> Value {
    object([("host", root(host)), ("enabled", Value::bool(false))])
}

fn read(path: &FilePath) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &FilePath, content: &str) {
    fs::create_dir_all(path.parent().expect("is in a folder")).expect("can be made");
    fs::write(path, content).expect("can be written");
}

#[tokio::test]
async fn swap_conforms() {
    let folder = folder();
    let host = folder.path().join("h");
    let case = Case::new("host_swap", off(&host))
        .import_made(|object| object.text("host").unwrap_or_default().to_owned(), &[])
        .refuses(off(&host).with_attr("enabled", Value::bool(true)), "enabled");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[case]).await;
    assert!(report.is_ok(), "{report}");
    assert!(!host.join("var/lib/groma").exists() && !host.join("etc").exists(), "nothing is left");
}

#[tokio::test]
async fn what_makes_swap_at_boot_is_kept_from_it_and_comes_back() {
    let folder = folder();
    let host = folder.path().join("h");
    write(&host.join("etc/fstab"), FSTAB);
    write(&host.join("etc/systemd/system/own.swap"), "[Swap]\nWhat=/own\n");
    write(&host.join("usr/lib/systemd/system/zramswap.service"), "[Service]\n");
    write(&host.join("usr/lib/systemd/system/dev-off.swap"), "[Swap]\nWhat=/dev/off\n");
    symlink("/dev/null", host.join("etc/systemd/system/dev-off.swap")).expect("can be made");
    write(&host.join("usr/lib/systemd/system-generators/zram-generator"), "#!/bin/sh\n");
    let bench = Bench::new("host_swap", folder.path()).await;
    let imported = Value::null(value::Type::Dynamic);
    let (config, planned) = bench.plan(&imported, &off(&host)).await;
    assert!(planned.planned.elements("fstab").is_empty(), "the plan says what it will be");
    let state = bench.create(config.clone()).await;
    let mark = "# Kept off by groma: ";
    let expected = FSTAB
        .replace("/dev/sda2", &format!("{mark}/dev/sda2"))
        .replace("  LABEL=s", &format!("{mark}  LABEL=s"));
    assert_eq!(read(&host.join("etc/fstab")), expected);
    for masked in [
        "system/own.swap",
        "system/zramswap.service",
        "system/dev-off.swap",
        "system-generators/zram-generator",
    ] {
        let target = fs::read_link(host.join("etc/systemd").join(masked)).expect("is a link");
        assert_eq!(target, FilePath::new("/dev/null"), "{masked}");
    }
    assert_eq!(bench.read(&state).await, state);

    let rows = [
        ("fstab", "etc/fstab", format!("{expected}\n/new none swap sw\n"), vec!["/new none swap sw"]),
        (
            "units",
            "usr/lib/systemd/system/dphys-swapfile.service",
            "[Service]\n".into(),
            vec!["dphys-swapfile.service"],
        ),
    ];
    for (field, path, content, shown) in rows {
        write(&host.join(path), &content);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{path}");
        assert_eq!(seen.texts(field), shown);
        assert_eq!(bench.change(&seen, &off(&host)).await.state, state, "{path}");
        assert_eq!(bench.read(&state).await, state, "{path}");
    }
    fs::remove_file(host.join("etc/systemd/system/zramswap.service")).expect("is there");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["units"], "what was unmasked");
    assert_eq!(bench.change(&seen, &off(&host)).await.state, state);

    bench.delete(&state).await;
    assert_eq!(read(&host.join("etc/fstab")), format!("{FSTAB}\n/new none swap sw\n"));
    assert_eq!(read(&host.join("etc/systemd/system/own.swap")), "[Swap]\nWhat=/own\n");
    assert!(fs::symlink_metadata(host.join("etc/systemd/system/zramswap.service")).is_err());
    assert!(host.join("etc/systemd/system/dev-off.swap").is_symlink(), "it was masked before");
    assert!(!host.join("etc/systemd/system-generators").exists());
    assert!(!host.join("var/lib/groma").exists(), "nothing is left of what was found");
}
