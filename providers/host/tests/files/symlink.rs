use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::super::support::{Bench, folder, object, root, text};
use super::{by_key, tree};

#[tokio::test]
async fn links_conform() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("h/etc")).expect("can be made");
    let host = root(&folder.path().join("h"));
    let config = |path: &str, target: &str| {
        object([("host", host.clone()), ("path", text(path)), ("target", text(target))])
    };
    let cases = [
        Case::new("host_symlink", config("/etc/l", "motd"))
            .update(config("/etc/l", "/usr/share/it's \"odd\" $x"))
            .update(config("/etc/l", "-n"))
            .replace(config("/etc/m", ".."))
            .refuses(config("l", "motd"), "path")
            .refuses(config("/etc/l", ""), "target")
            .refuses(config("/etc/l", "a\nb"), "target"),
        Case::new("host_symlink", config("/etc/l", "motd")).named("import").import_made(by_key, &[]),
    ];
    let report = run(crate::provider(), &object([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    assert_eq!(tree(&folder.path().join("h")), ["etc"], "nothing is left");
}

#[tokio::test]
async fn a_link_to_a_folder_is_changed_itself() {
    let folder = folder();
    let at = folder.path().join("h");
    fs::create_dir_all(at.join("v1")).expect("can be made");
    fs::create_dir_all(at.join("v2")).expect("can be made");
    symlink("v1", at.join("current")).expect("can be linked");
    let bench = Bench::new("host_symlink", folder.path()).await;
    let config =
        |target: &str| object([("host", root(&at)), ("path", text("/current")), ("target", text(target))]);
    let state = bench.create(config("v2")).await;
    assert_eq!(fs::read_link(at.join("current")).ok(), Some(PathBuf::from("v2")));
    let state = bench.change(&state, &config("v3")).await.state;
    assert_eq!(fs::read_link(at.join("current")).ok(), Some(PathBuf::from("v3")));
    bench.delete(&state).await;
    assert_eq!(fs::read_link(at.join("current")).ok(), Some(PathBuf::from("v1")), "as it was found");
    assert_eq!(tree(&at), ["current", "v1", "v2"]);
}

#[tokio::test]
async fn a_target_that_is_changed_by_hand_shows_and_what_is_no_link_is_gone() {
    let folder = folder();
    let at = folder.path().join("h");
    let bench = Bench::new("host_symlink", folder.path()).await;
    let config = object([("host", root(&at)), ("path", text("/l")), ("target", text("a"))]);
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    fs::remove_file(at.join("l")).expect("is there");
    symlink("b", at.join("l")).expect("can be linked");
    let seen = bench.read(&state).await;
    assert_eq!(seen, state.with_attr("target", text("b")));
    let state = bench.change(&seen, &config).await.state;
    assert_eq!(fs::read_link(at.join("l")).ok(), Some(PathBuf::from("a")));
    fs::remove_file(at.join("l")).expect("is there");
    assert!(bench.read(&state).await.is_null());
    fs::write(at.join("l"), "a file").expect("can be written");
    assert!(bench.read(&state).await.is_null());
    bench.delete(&state).await;
    assert_eq!(fs::read_to_string(at.join("l")).ok().as_deref(), Some("a file"), "what is not ours stays");
}

#[tokio::test]
async fn a_folder_is_not_replaced_by_a_link() {
    let folder = folder();
    let at = folder.path().join("h");
    fs::create_dir_all(at.join("data")).expect("can be made");
    let bench = Bench::new("host_symlink", folder.path()).await;
    let config = object([("host", root(&at)), ("path", text("/data")), ("target", text("a"))]);
    let response = bench.change(&Value::null(value::Type::Dynamic), &config).await;
    assert!(format!("{:?}", response.diagnostics).contains("is a folder"));
    assert!(response.state.is_null() || response.state.text("path").is_none());
    assert!(at.join("data").is_dir());
}

#[tokio::test]
async fn many_links_are_read_at_once() {
    let folder = folder();
    let at = folder.path().join("h");
    let bench = Bench::new("host_symlink", folder.path()).await;
    let mut states = Vec::new();
    for i in 0..20 {
        let path = format!("/l{i}");
        let config = object([("host", root(&at)), ("path", text(&path)), ("target", text(&format!("t{i}")))]);
        states.push(bench.create(config).await);
    }
    fs::remove_file(at.join("l7")).expect("is there");
    let read = bench.read_all(&states).await;
    for (i, (read, state)) in read.iter().zip(&states).enumerate() {
        assert_eq!(read.is_null(), i == 7);
        assert!(read.is_null() || read == state);
    }
}
