//! Programs that groma does not bring.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path as FilePath;

use value::{Type, Value};

use super::support::{archive, binary, differing, folder, list, object, root, text, texts};

const VERSION: &str = "v1.34.9-eks-1-34-21";

fn scheduler(host: &FilePath, version: &str) -> Value {
    object([
        ("host", root(host)),
        ("cluster", text("one")),
        ("node", text("cp1")),
        ("version", text(version)),
    ])
}

/// Puts programs where an image of a machine has them.
fn in_image(folder: &FilePath, version: &str, programs: &[&str], content: &str) {
    let place = folder.join(version);
    fs::create_dir_all(&place).expect("can be made");
    for program in programs {
        fs::write(place.join(program), content).expect("can be written");
    }
}

/// What is in a folder, sorted.
fn names(folder: &FilePath) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("is there").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_folder_shows_all_but_the_program_that_is_not_brought() {
    let folder = folder();
    let host = folder.path().join("h");
    let bench = super::support::bench("eksd_kube_scheduler", folder.path()).await;
    let config = object([
        ("host", root(&host)),
        ("cluster", text("one")),
        ("node", text("cp1")),
        ("version", text(VERSION)),
    ]);
    let state = bench.create(config.clone()).await;
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);
    let unit = fs::read_to_string(host.join("etc/systemd/system/kube-scheduler.service")).expect("is there");
    assert!(unit.contains("/opt/eksd/kube-scheduler/current/kube-scheduler"), "{unit}");
    let folder_of = host.join("opt/eksd/kube-scheduler");
    assert_eq!(fs::read_link(folder_of.join("current")).ok(), Some(VERSION.into()));
    assert!(!folder_of.join(VERSION).exists() && !host.join("usr").exists(), "there is no program");
    bench.delete(&state).await;
    assert!(!host.join("opt").exists() && !host.join("var/lib/groma").exists());
}

#[tokio::test]
async fn a_program_that_was_there_is_told_from_another_and_stays() {
    let folder = folder();
    let host = folder.path().join("h");
    let place = host.join("opt/eksd/kube-scheduler").join(VERSION);
    let program = place.join("kube-scheduler");
    fs::create_dir_all(&place).expect("can be made");
    fs::write(&program, "#!/bin/sh\n").expect("can be written");
    let bench = super::support::bench("eksd_kube_scheduler", folder.path()).await;
    let config = object([
        ("host", root(&host)),
        ("cluster", text("one")),
        ("node", text("cp1")),
        ("version", text(VERSION)),
    ]);
    let state = bench.create(config.clone()).await;
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);
    let link = host.join("usr/local/bin/kube-scheduler");
    assert!(link.is_symlink(), "a link leads to it");

    fs::write(&program, "#!/bin/sh\nevil\n").expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["binary_replaced", "binary_sha256"]);
    let response = bench.change(&seen, &config).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("is not the one that was there before"), "{said}");

    fs::write(&program, "#!/bin/sh\n").expect("can be written");
    bench.delete(&state).await;
    let left: Vec<_> =
        fs::read_dir(&place).expect("is there").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["kube-scheduler"], "what was not ours stays");
    assert!(!link.is_symlink() && !host.join("var/lib/groma").exists());
}

#[tokio::test]
async fn versions_that_were_there_stay_whatever_is_brought_beside_them() {
    let folder = folder();
    let host = folder.path().join("h");
    let versions = host.join("opt/eksd/kube-scheduler");
    let image = ["v1.33.9-eks-1-33-1", VERSION, "v1.35.9-eks-1-35-1"];
    for version in image {
        in_image(&versions, version, &["kube-scheduler"], "#!/bin/sh\n");
    }
    symlink(image[0], versions.join("current")).expect("can be made");
    let bench = super::support::bench("eksd_kube_scheduler", folder.path()).await;
    let mut state = bench.create(scheduler(&host, VERSION)).await;
    assert_eq!(fs::read_link(versions.join("current")).ok(), Some(VERSION.into()));
    assert!(image.iter().all(|version| versions.join(version).exists()), "{:?}", names(&versions));
    for number in 2..6 {
        let config =
            scheduler(&host, &format!("v1.35.9-eks-1-35-{number}")).with_attr("state", text("running"));
        let mut entries = config.entries().expect("is an object").clone();
        let program = format!("#!/bin/sh\n# {}\n", "x".repeat(number));
        entries.insert("binary", binary(folder.path(), "kube-scheduler", &program));
        state = bench.update(&state, &Value::object(entries)).await;
    }
    let expected = [image[0], VERSION, image[2], "v1.35.9-eks-1-35-4", "v1.35.9-eks-1-35-5", "current"]
        .map(str::to_owned);
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(names(&versions), expected, "of what was brought, the last and the one before");
    bench.delete(&state).await;
    let mut expected = [&image[..], &["current"]].concat();
    expected.sort_unstable();
    assert_eq!(names(&versions), expected);
    assert_eq!(fs::read_link(versions.join("current")).ok(), Some(image[0].into()), "as it was");
    for version in image {
        assert_eq!(names(&versions.join(version)), ["kube-scheduler"]);
    }
    assert!(!host.join("var/lib/groma").exists() && !host.join("usr").exists());
}

#[tokio::test]
async fn plugins_of_an_image_are_used_and_never_taken_away() {
    let folder = folder();
    let host = folder.path().join("h");
    let versions = host.join("opt/eksd/cni-plugins");
    in_image(&versions, VERSION, &["bridge", "loopback"], "theirs");
    in_image(&versions, "v0", &["bridge"], "theirs");
    let bench = super::support::bench("eksd_container_runtime", folder.path()).await;
    let none = object([("host", root(&host)), ("sandbox_image", text("example.org/pause:1"))]);
    let with = |name: &str, value: Value| {
        let mut entries = none.entries().expect("is an object").clone();
        entries.insert(name, value);
        Value::object(entries)
    };
    let state = bench.create(with("cni_version", text(VERSION))).await;
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);
    let link = host.join("opt/cni/bin/bridge");
    assert!(link.is_symlink(), "a link leads to it");
    // None are wanted any longer: only the links were ours.
    let state = bench.update(&state, &none).await;
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);
    assert!(!link.is_symlink());
    assert_eq!(names(&versions), ["v0", VERSION]);
    // One that an image has a link to is not taken for ours either.
    symlink("v0", versions.join("current")).expect("can be made");
    let state = bench.update(&state, &with("extra_config", text("[debug]\n  level = \"warn\"\n"))).await;
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);
    assert_eq!(names(&versions), ["current", "v0", VERSION]);
    bench.delete(&state).await;
    assert_eq!(names(&versions), ["current", "v0", VERSION]);
    assert_eq!(names(&versions.join(VERSION)), ["bridge", "loopback"]);
}

fn member(host: &FilePath, binary: Option<Value>) -> Value {
    let urls = |port: u16| list(&[&format!("https://10.0.0.1:{port}")]);
    object([
        ("host", root(host)),
        ("cluster", text("one")),
        ("node", text("cp1")),
        ("version", text(VERSION)),
        ("binary", binary.unwrap_or_else(|| Value::null(Type::Dynamic))),
        ("endpoints", urls(2379)),
        ("listen_client_urls", urls(2379)),
        ("advertise_client_urls", urls(2379)),
        ("listen_peer_urls", urls(2380)),
        ("initial_advertise_peer_urls", urls(2380)),
    ])
}

/// What is planned of a program's digest tells whether what runs will be another one.
#[tokio::test]
async fn only_other_programs_restart_what_runs_of_an_archive() {
    let folder = folder();
    let host = folder.path().join("h");
    let programs = ["etcd", "etcdctl", "etcdutl"];
    let brought = archive(folder.path(), "a", &programs);
    // By another digest, or from elsewhere: for both architectures.
    let other = |change: &dyn Fn(&Value) -> Value| {
        let file = change(brought.attr("amd64").expect("is there"));
        object([("amd64", file.clone()), ("arm64", file)])
    };
    let moved = folder.path().join("moved.tar.gz");
    fs::copy(folder.path().join("downloads/a/a.tar.gz"), &moved).expect("can be copied");
    let elsewhere = other(&|file| file.with_attr("uri", text(moved.display().to_string())));
    let weaker = other(&|file| file.with_attr("sha512", Value::null(Type::String)));
    let rebuilt = archive(folder.path(), "b", &programs);

    let bench = super::support::bench("eksd_etcd_member", folder.path()).await;
    let state = bench.create(member(&host, Some(brought.clone()))).await;
    let program = host.join("opt/eksd/etcd").join(VERSION).join("etcd");
    let inode = || fs::metadata(&program).expect("is there").ino();
    let first = inode();
    for (binary, is_known, what) in [
        (Some(elsewhere), true, "from elsewhere"),
        (Some(weaker), false, "by another digest"),
        (Some(rebuilt), false, "other programs"),
        (None, true, "none are brought"),
    ] {
        let planned = bench.plan(&state, &member(&host, binary.clone())).await.1.planned;
        let digest = planned.attr("binary_sha256").expect("is an attribute");
        assert_eq!(digest.is_known(), is_known, "{what}");
        let response = bench.change(&state, &member(&host, binary)).await;
        assert!(!response.diagnostics.has_errors(), "{what}: {:?}", response.diagnostics);
        assert_eq!(differing(&response.state, &bench.read(&response.state).await), [""; 0], "{what}");
        assert_eq!(inode() == first, what != "other programs" && what != "none are brought", "{what}");
        if what == "by another digest" {
            assert_eq!(response.state.attr("binary_sha256"), state.attr("binary_sha256"), "the same ones");
        }
    }
    bench.delete(&state).await;
    assert!(!host.join("opt").exists());
}

#[tokio::test]
async fn what_an_image_has_is_not_brought_again_and_stays() {
    let folder = folder();
    let host = folder.path().join("h");
    let place = host.join("opt/eksd/etcd").join(VERSION);
    let programs = ["etcd", "etcdctl", "etcdutl"];
    let brought = archive(folder.path(), "a", &programs);
    in_image(&host.join("opt/eksd/etcd"), VERSION, &programs, "#!/bin/sh\n# a\n");
    let bench = super::support::bench("eksd_etcd_member", folder.path()).await;
    let state = bench.create(member(&host, None)).await;
    assert!(state.attr("binary_source").is_some_and(Value::is_null));
    let inode = || fs::metadata(place.join("etcd")).expect("is there").ino();
    let first = inode();
    let state = bench.update(&state, &member(&host, Some(brought))).await;
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);
    assert_eq!(inode(), first, "they are the same");
    bench.delete(&state).await;
    assert_eq!(names(&place), programs);
}
