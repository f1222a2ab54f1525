use std::fs;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::super::support::{Bench, folder, object, root, text};
use super::{by_key, mode, set_mode, tree};

#[tokio::test]
async fn folders_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let config =
        |path: &str, mode: &str| object([("host", host.clone()), ("path", text(path)), ("mode", text(mode))]);
    let bare = object([("host", host.clone()), ("path", text("/srv/bare"))]);
    let cases = [
        Case::new("host_directory", config("/srv/data", "0750"))
            .update(config("/srv/data", "2775"))
            .update(config("/srv/data", "755"))
            .update(config("/srv/data", "755").with_attr("force_destroy", Value::bool(true)))
            .replace(config("/srv/other", "0700"))
            .refuses(config("srv", "0750"), "path")
            .refuses(config("/srv/../data", "0750"), "path")
            .refuses(config("/srv/a\nb", "0750"), "path")
            .refuses(config("/srv", "rwx"), "mode")
            .refuses(bare.with_attr("group", text("-x")), "group"),
        Case::new("host_directory", bare).named("import").import_made(by_key, &[]),
    ];
    let report = run(crate::provider(), &object([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    assert_eq!(tree(&folder.path().join("h")), Vec::<String>::new(), "nothing is left");
}

#[tokio::test]
async fn a_folder_that_was_there_stays_as_it_was() {
    let folder = folder();
    let data = folder.path().join("h/srv/data");
    fs::create_dir_all(&data).expect("can be made");
    fs::write(data.join("theirs"), "1").expect("can be written");
    set_mode(&data, 0o2750);
    let bench = Bench::new("host_directory", folder.path()).await;
    let config = |mode: &str| {
        object([
            ("host", root(&folder.path().join("h"))),
            ("path", text("/srv/data")),
            ("mode", text(mode)),
            ("force_destroy", Value::bool(true)),
        ])
    };
    let state = bench.create(config("0700")).await;
    assert_eq!(mode(&data), Some(0o700));
    let state = bench.change(&state, &config("0711")).await.state;
    bench.delete(&state).await;
    assert_eq!(mode(&data), Some(0o2750), "as it was found");
    assert_eq!(tree(&folder.path().join("h")), ["srv", "srv/data", "srv/data/theirs"]);
}

#[tokio::test]
async fn folders_that_groma_made_go_with_the_last_thing_in_them_whatever_the_order() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let folders = Bench::new("host_directory", folder.path()).await;
    let files = Bench::new("host_file", folder.path()).await;
    let config =
        |path: &str| object([("host", host.clone()), ("path", text(path)), ("parents", Value::bool(true))]);
    let deep = folders.create(config("/a/b/c")).await;
    let beside = folders.create(config("/a/b/d")).await;
    let middle = folders.create(config("/a/b")).await;
    let file = object([("host", host.clone()), ("path", text("/a/b/d/f")), ("content", text("1"))]);
    let file = files.create(file).await;
    let at = folder.path().join("h");
    folders.delete(&middle).await;
    folders.delete(&deep).await;
    folders.delete(&beside).await;
    assert!(at.join("a/b/d/f").exists());
    fs::write(at.join("a/theirs"), "1").expect("can be written");
    files.delete(&file).await;
    let left: Vec<_> = tree(&at).into_iter().filter(|name| !name.starts_with("var")).collect();
    assert_eq!(left, ["a", "a/theirs"], "what others put there stays, with its folder");
}

#[tokio::test]
async fn what_is_in_a_folder_goes_only_if_asked_for() {
    let folder = folder();
    let at = folder.path().join("h/srv/data");
    let bench = Bench::new("host_directory", folder.path()).await;
    let config = |force: bool| {
        object([
            ("host", root(&folder.path().join("h"))),
            ("path", text("/srv/data")),
            ("force_destroy", Value::bool(force)),
        ])
    };
    let state = bench.create(config(false)).await;
    fs::write(at.join("theirs"), "1").expect("can be written");
    bench.delete(&state).await;
    assert!(at.join("theirs").exists());
    let state = bench.create(config(true)).await;
    bench.delete(&state).await;
    assert!(!at.exists(), "it was made by groma the first time");
    assert!(!folder.path().join("h/var/lib/groma").exists());
}

#[tokio::test]
async fn each_field_that_is_changed_by_hand_shows_and_is_repaired() {
    let folder = folder();
    let at = folder.path().join("h/srv/data");
    let bench = Bench::new("host_directory", folder.path()).await;
    let config = object([
        ("host", root(&folder.path().join("h"))),
        ("path", text("/srv/data")),
        ("mode", text("0750")),
        ("owner", text("0")),
    ]);
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    set_mode(&at, 0o2755);
    let seen = bench.read(&state).await;
    assert_eq!(seen, state.with_attr("mode", text("2755")));
    let state = bench.change(&seen, &config).await.state;
    assert_eq!(mode(&at), Some(0o750));
    fs::remove_dir(&at).expect("is there");
    assert!(bench.read(&state).await.is_null());
    fs::write(&at, "a file").expect("can be written");
    assert!(bench.read(&state).await.is_null(), "a file is no folder");
    let refused = bench.change(&Value::null(state.ty()), &config).await;
    assert!(refused.diagnostics.has_errors());
    assert_eq!(fs::read_to_string(&at).ok().as_deref(), Some("a file"));
}

#[tokio::test]
async fn a_link_out_of_a_folder_that_stands_for_a_host_is_not_followed() {
    let folder = folder();
    let (at, outside) = (folder.path().join("h"), folder.path().join("outside"));
    fs::create_dir_all(&at).expect("can be made");
    fs::create_dir_all(&outside).expect("can be made");
    std::os::unix::fs::symlink(&outside, at.join("srv")).expect("can be linked");
    let bench = Bench::new("host_directory", folder.path()).await;
    let config = object([("host", root(&at)), ("path", text("/srv/data"))]);
    let response = bench.change(&Value::null(value::Type::Dynamic), &config).await;
    let text = format!("{:?}", response.diagnostics);
    assert!(text.contains("leads out of the folder"), "{text}");
    assert!(response.state.text("path").is_none(), "nothing was made");
    assert!(tree(&outside).is_empty());
}
