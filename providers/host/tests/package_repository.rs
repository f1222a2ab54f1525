use std::fs;
use std::process::Command;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::lab::differing;
use super::support::{Bench, folder, object, root, text};

const KEY: &str = include_str!("../resources/package_repository/key/test.asc");

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

fn list(texts: &[&str]) -> Value {
    Value::tuple(texts.iter().map(|&one| text(one)).collect())
}

#[tokio::test]
async fn repositories_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let apt = object([
        ("host", host.clone()),
        ("name", text("kubernetes")),
        ("manager", text("apt")),
        ("urls", list(&["https://pkgs.example/core:/stable:/v1.31/deb/"])),
        ("suites", list(&["./"])),
        ("key", text(KEY)),
    ]);
    let with = |name: &str, value: Value| apt.with_attr(name, value);
    let main = with("suites", list(&["bookworm"])).with_attr("components", list(&["main"]));
    let cases = [
        Case::new("host_package_repository", apt.clone())
            .named("apt")
            .update(main.clone())
            .update(main.with_attr("architectures", list(&["amd64"])))
            .update(main.with_attr("enabled", Value::bool(false)))
            .update(main.with_attr("options", object([("Check-Date", text("no"))])))
            .update(main.with_attr("key", Value::null(value::Type::String)))
            .replace(with("name", text("other")))
            .refuses(with("name", text("a/b")), "name")
            .refuses(with("urls", list(&[])), "urls")
            .refuses(with("urls", list(&["https://a b"])), "urls")
            .refuses(with("suites", list(&["bookworm"])), "components")
            .refuses(with("components", list(&["main"])), "components")
            .refuses(with("key", text("no key")), "key")
            .refuses(with("manager", text("pacman")), "manager")
            .refuses(with("options", object([("Enabled", text("no"))])), "options")
            .refuses(with("options", object([("A", text("a\nTrusted: yes"))])), "options"),
        Case::new(
            "host_package_repository",
            repository(&host, "dnf", "https://pkgs.example/rpm/").with_attr("key", text(KEY)),
        )
        .named("dnf")
        .update(
            repository(&host, "dnf", "https://pkgs.example/rpm/")
                .with_attr("check_signatures", Value::bool(false)),
        )
        .refuses(repository(&host, "dnf", "https://a").with_attr("suites", list(&["x"])), "suites"),
        Case::new("host_package_repository", repository(&host, "zypper", "https://pkgs.example/rpm/"))
            .named("zypper"),
        Case::new(
            "host_package_repository",
            repository(&host, "apk", "https://pkgs.example/alpine/v3.20/main"),
        )
        .named("apk")
        .update(repository(&host, "apk", "https://pkgs.example/alpine/v3.21/main"))
        .refuses(repository(&host, "apk", "https://a").with_attr("enabled", Value::bool(false)), "enabled"),
    ];
    fs::create_dir_all(folder.path().join("h/etc/apk")).expect("can be made");
    fs::write(folder.path().join("h/etc/apk/repositories"), "https://theirs.example/main\n")
        .expect("can be written");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    let output = Command::new("find")
        .arg(folder.path().join("h"))
        .args(["!", "-type", "d"])
        .output()
        .expect("find is there");
    let left = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(left.ends_with("h/etc/apk/repositories\n") && left.lines().count() == 1, "{left}");
    let lines = fs::read_to_string(folder.path().join("h/etc/apk/repositories")).expect("is there");
    assert_eq!(lines, "https://theirs.example/main\n");
}

fn repository(host: &Value, manager: &str, url: &str) -> Value {
    object([
        ("host", host.clone()),
        ("name", text("own")),
        ("manager", text(manager)),
        ("urls", list(&[url])),
    ])
}

#[tokio::test]
async fn repositories_are_imported_and_their_drift_shows_as_the_field() {
    let folder = folder();
    let host = folder.path().join("h");
    fs::create_dir_all(host.join("usr/bin")).expect("can be made");
    fs::copy("/bin/sh", host.join("usr/bin/apt-get")).expect("can be copied");
    let config = object([
        ("host", root(&host)),
        ("name", text("own")),
        ("urls", list(&["https://pkgs.example/one"])),
        ("suites", list(&["bookworm"])),
        ("components", list(&["main"])),
        ("key", text(KEY)),
    ]);
    let imports =
        Case::new("host_package_repository", config.clone()).named("import").import_made(by_key, &["key"]);
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[imports]).await;
    assert!(report.is_ok(), "{report}");
    let bench = Bench::new("host_package_repository", folder.path()).await;
    let state = bench.create(config.clone()).await;
    assert_eq!(state.text("manager"), Some("apt"));
    let entry = host.join("etc/apt/sources.list.d/own.sources");
    let ours = fs::read_to_string(&entry).expect("is there");
    let rows = [
        ("urls", "example/one", "example/two"),
        ("suites", "bookworm", "sid"),
        ("components", "main", "main extra"),
        ("architectures", "Signed-By", "Architectures: arm64\nSigned-By"),
        ("enabled", "Types: deb", "Types: deb\nEnabled: no"),
        ("check_signatures", "Types: deb", "Types: deb\nTrusted: yes"),
        ("options", "Types: deb", "Types: deb deb-src"),
        ("key", "Signed-By", "#"),
    ];
    for (field, from, to) in rows {
        fs::write(&entry, ours.replace(from, to)).expect("can be written");
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{to}");
        assert_eq!(bench.change(&seen, &config).await.state, state, "{to}");
        assert_eq!(fs::read_to_string(&entry).expect("is there"), ours);
    }
    let key = host.join("etc/apt/keyrings/own.gpg");
    fs::write(&key, "other").expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["key"]);
    assert_eq!(bench.change(&seen, &config).await.state, state);
    bench.delete(&state).await;
    assert!(!key.exists() && !entry.exists());
}
