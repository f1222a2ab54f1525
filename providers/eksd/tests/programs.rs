//! Programs that groma does not bring.

use std::fs;

use super::support::{differing, folder, object, root, text, texts};

const VERSION: &str = "v1.34.9-eks-1-34-21";

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
