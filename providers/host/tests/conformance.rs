use std::fs;
use std::os::unix::fs::PermissionsExt;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::support::{Bench, folder, object, root, text};

/// An import id of `HOST KEY`.
fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

#[tokio::test]
async fn files_and_machines_conform() {
    let folder = folder();
    fs::write(folder.path().join("source"), "copied").expect("can be written");
    let host = root(&folder.path().join("h1"));
    let file = |content: &str, mode: &str| {
        object([
            ("host", host.clone()),
            ("path", text("/etc/motd")),
            ("content", text(content)),
            ("mode", text(mode)),
        ])
    };
    let bad = |name: &'static str, value: &str| {
        let mut config = file("1", "0644");
        config = config.with_attr(name, text(value));
        config
    };
    let files = Case::new("host_file", file("one\n", "0644"))
        .update(file("two\n", "0644"))
        .update(file("two\n", "0600"))
        .update(object([
            ("host", host.clone()),
            ("path", text("/etc/motd")),
            ("sensitive_content", text("three")),
        ]))
        .update(object([("host", host.clone()), ("path", text("/etc/motd")), ("source", text("source"))]))
        .replace(object([
            ("host", host.clone()),
            ("path", text("/etc/other")),
            ("content_base64", text("AAEC/w==")),
        ]))
        .refuses(bad("path", "etc/motd"), "path")
        .refuses(bad("path", "/etc/../motd"), "path")
        .refuses(bad("mode", "999"), "mode")
        .refuses(bad("owner", "a b"), "owner")
        .refuses(bad("source", "x"), "content")
        .refuses(bad("host", "http://x"), "host");
    let imported =
        Case::new("host_file", file("one\n", "0644")).named("import").import_made(by_key, &["revision"]);
    let machine = Case::new("host_machine", object([("transport", text("root")), ("root", text("h2"))]))
        .replace(object([("transport", text("root")), ("root", text("h3"))]))
        .replace(object([("transport", text("local"))]))
        .import_made(|machine| machine.text("connection").unwrap_or_default().to_owned(), &[])
        .refuses(object([("transport", text("telnet"))]), "transport")
        .refuses(object([("address", text("a")), ("root", text("b"))]), "root")
        .refuses(object([("address", text("a")), ("become", text("magic"))]), "become")
        .refuses(object([]), "address")
        .state_only();
    let report =
        run(crate::provider(), &object([]), environment(folder.path()), &[files, imported, machine]).await;
    assert!(report.is_ok(), "{report}");
    assert!(!folder.path().join("h1/etc/motd").exists());
    assert!(!folder.path().join("h1/var/lib/groma").exists(), "nothing is left of what was found");
}

#[tokio::test]
async fn what_was_there_comes_back() {
    let folder = folder();
    let etc = folder.path().join("h/etc");
    fs::create_dir_all(&etc).expect("can be made");
    fs::write(etc.join("motd"), "theirs").expect("can be written");
    fs::set_permissions(etc.join("motd"), fs::Permissions::from_mode(0o640)).expect("can be set");
    let bench = Bench::new("host_file", folder.path()).await;
    let config = |content: &str| {
        object([
            ("host", root(&folder.path().join("h"))),
            ("path", text("/etc/motd")),
            ("content", text(content)),
        ])
    };
    let state = bench.create(config("ours")).await;
    assert_eq!(state.text("mode"), Some("0640"), "what is not said stays");
    let state = bench.change(&state, &config("ours too")).await.state;
    assert_eq!(fs::read_to_string(etc.join("motd")).ok().as_deref(), Some("ours too"));
    bench.delete(&state).await;
    assert_eq!(fs::read_to_string(etc.join("motd")).ok().as_deref(), Some("theirs"));
    let mode = fs::metadata(etc.join("motd")).map(|found| found.permissions().mode() & 0o7777).ok();
    assert_eq!(mode, Some(0o640));
    assert!(!folder.path().join("h/var/lib/groma").exists());
}

#[tokio::test]
async fn changes_by_others_show_as_the_field() {
    let folder = folder();
    let bench = Bench::new("host_file", folder.path()).await;
    let path = folder.path().join("h/etc/a");
    let state = bench
        .create(object([
            ("host", root(&folder.path().join("h"))),
            ("path", text("/etc/a")),
            ("content", text("1\n")),
        ]))
        .await;
    assert_eq!(bench.read(&state).await, state);
    fs::write(&path, "2\n").expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!((seen.text("content"), seen.text("mode")), (Some("2\n"), state.text("mode")));
    fs::write(&path, "1\n").expect("can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("can be set");
    let seen = bench.read(&state).await;
    assert_eq!((seen.text("content"), seen.text("mode")), (Some("1\n"), Some("0600")));
    fs::remove_file(&path).expect("is there");
    assert!(bench.read(&state).await.is_null());
}

#[tokio::test]
async fn a_large_file_in_a_secrets_place_is_not_fetched() {
    let folder = folder();
    let bench = Bench::new("host_file", folder.path()).await;
    let path = folder.path().join("h/etc/token");
    let config = object([
        ("host", root(&folder.path().join("h"))),
        ("path", text("/etc/token")),
        ("sensitive_content", text("secret")),
    ]);
    let state = bench.create(config.clone()).await;
    for (size, seen) in [(1 << 20, None), ((1 << 20) + 1, Some("(1048577 bytes)"))] {
        let content = "x".repeat(size);
        fs::write(&path, &content).expect("can be written");
        let read = bench.read(&state).await;
        assert!(read.text("sensitive_content") == Some(seen.unwrap_or(&content)), "{size} bytes");
        let state = bench.change(&read, &config).await.state;
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), Some("secret"));
        assert_eq!(bench.read(&state).await, state);
    }
}
