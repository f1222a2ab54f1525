//! `host_group` and `host_user` on a folder that stands for a host, where groma edits the files itself.

use std::fs;
use std::path::{Path as FilePath, PathBuf};

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use tempfile::TempDir;
use value::{Type, Value};

use super::lab::differing;
use super::support::{Bench, folder, list, object, root, text};

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000:Bob,,,:/home/bob:/bin/bash\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n";
const GROUP: &str = "root:x:0:\nsudo:x:27:bob,eve\nadm:x:4:\nbob:x:1000:\n";
const GSHADOW: &str = "root:*::\nsudo:*::bob,eve\nadm:*::\nbob:!::\n";
const SHADOW: &str =
    "root:*:19000:0:99999:7:::\nbob:$6$salt$bobshash:19001:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n";
const HASH: &str = "$6$salt$0123456789";

/// A folder with users and groups in it.
fn accounts() -> (TempDir, PathBuf, Value) {
    let folder = folder();
    let etc = folder.path().join("h/etc");
    fs::create_dir_all(&etc).expect("can be made");
    for (name, text) in [("passwd", PASSWD), ("group", GROUP), ("gshadow", GSHADOW), ("shadow", SHADOW)] {
        fs::write(etc.join(name), text).expect("can be written");
    }
    let host = root(&folder.path().join("h"));
    (folder, etc, host)
}

fn read(path: &FilePath) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn untouched(etc: &FilePath) {
    assert_eq!(read(&etc.join("passwd")), PASSWD);
    assert_eq!(read(&etc.join("group")), GROUP);
    assert_eq!(read(&etc.join("gshadow")), GSHADOW);
    assert_eq!(read(&etc.join("shadow")), SHADOW);
    assert!(!etc.join("../var/lib/groma").exists(), "nothing is left of what was found");
}

fn replace(path: &FilePath, from: &str, to: &str) {
    let before = read(path);
    assert!(before.contains(from), "{from:?} in {before}");
    fs::write(path, before.replace(from, to)).expect("can be written");
}

/// The host and the name, and what else is said.
fn of<const N: usize>(host: &Value, name: &str, more: [(&str, Value); N]) -> Value {
    let known = [("host", host.clone()), ("name", text(name))];
    Value::object_of(known.into_iter().chain(more))
}

fn by_name(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("name").unwrap_or_default())
}

#[tokio::test]
async fn users_and_groups_conform() {
    let (folder, etc, host) = accounts();
    let group = |more: [(&'static str, Value); 1]| of(&host, "etcd", more);
    let groups = Case::new("host_group", of(&host, "etcd", []))
        .import_made(by_name, &["members"])
        .update(group([("gid", Value::number(700))]))
        .update(group([("members", list(&["bob", "nobody"]))]))
        .update(group([("members", list(&[]))]))
        .update(group([("system", Value::bool(true))]))
        .replace(of(&host, "etcd2", [("system", Value::bool(true))]))
        .refuses(of(&host, "a:b", []), "name")
        .refuses(of(&host, "-a", []), "name")
        .refuses(group([("gid", Value::number(-1))]), "gid")
        .refuses(group([("members", list(&["a b"]))]), "members");
    let user = |more: [(&'static str, Value); 1]| of(&host, "ann", more);
    let users = Case::new("host_user", of(&host, "ann", []))
        .import_made(by_name, &["groups"])
        .update(user([("uid", Value::number(2000))]))
        .update(user([("group", text("adm"))]))
        .update(user([("group", text("27"))]))
        .update(user([("groups", list(&["sudo", "adm"]))]))
        .update(user([("groups", list(&["adm"]))]))
        .update(user([("comment", text("Ann, of \\ \"nowhere\" & 'co'"))]))
        .update(user([("comment", text(""))]))
        .update(user([("shell", text("/bin/zsh"))]))
        .update(user([("home", text("/srv/ann"))]))
        .update(user([("password_hash", text(HASH))]))
        .update(user([("locked", Value::bool(true))]))
        .update(user([("locked", Value::bool(false))]))
        .update(user([("expires", text("2030-02-28"))]))
        .update(user([("remove_home", Value::bool(true))]))
        .replace(of(&host, "svc", [("system", Value::bool(true)), ("create_home", Value::bool(true))]))
        .refuses(of(&host, "a:b", []), "name")
        .refuses(user([("uid", Value::number(-1))]), "uid")
        .refuses(user([("home", text("home"))]), "home")
        .refuses(user([("home", text("/a:b"))]), "home")
        .refuses(user([("shell", text("sh"))]), "shell")
        .refuses(user([("comment", text("a\nroot::0:0"))]), "comment")
        .refuses(user([("comment", text("a:b"))]), "comment")
        .refuses(user([("group", text("a b"))]), "group")
        .refuses(user([("groups", list(&["-x"]))]), "groups")
        .refuses(user([("groups_exclusive", Value::bool(true))]), "groups_exclusive")
        .refuses(user([("password_hash", text("secret"))]), "password_hash")
        .refuses(user([("password_hash", text("$6$a$b:c$dddddd"))]), "password_hash")
        .refuses(user([("expires", text("2030-02-30"))]), "expires");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[groups, users]).await;
    assert!(report.is_ok(), "{report}");
    untouched(&etc);
}

#[tokio::test]
async fn a_user_that_was_there_is_put_back_as_found() {
    let (folder, etc, host) = accounts();
    let bench = Bench::new("host_user", folder.path()).await;
    let config = of(
        &host,
        "bob",
        [
            ("uid", Value::number(1500)),
            ("group", text("adm")),
            ("groups", list(&["root", "sudo"])),
            ("home", text("/srv/bob")),
            ("create_home", Value::bool(false)),
            ("shell", text("/bin/zsh")),
            ("comment", text("Robert")),
            ("password_hash", text(HASH)),
            ("locked", Value::bool(true)),
            ("expires", text("2030-01-01")),
        ],
    );
    let state = bench.create(config).await;
    assert!(read(&etc.join("passwd")).contains("\nbob:x:1500:4:Robert:/srv/bob:/bin/zsh\n"));
    assert!(read(&etc.join("shadow")).contains("\nbob:!$6$salt$0123456789:19001:0:99999:7::21915:\n"));
    assert!(read(&etc.join("group")).starts_with("root:x:0:bob\nsudo:x:27:bob,eve\n"));
    bench.delete(&state).await;
    untouched(&etc);
}

#[tokio::test]
async fn changes_by_hand_show_as_the_field_and_are_repaired() {
    let (folder, etc, host) = accounts();
    let bench = Bench::new("host_user", folder.path()).await;
    let config = of(
        &host,
        "ann",
        [
            ("uid", Value::number(1500)),
            ("group", text("adm")),
            ("groups", list(&["sudo"])),
            ("groups_exclusive", Value::bool(true)),
            ("home", text("/srv/ann")),
            ("shell", text("/bin/sh")),
            ("comment", text("Ann")),
            ("password_hash", text(HASH)),
            ("locked", Value::bool(false)),
            ("expires", text("2030-01-01")),
        ],
    );
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    let files = || ["passwd", "group", "gshadow", "shadow"].map(|name| read(&etc.join(name)));
    let good = files();
    let rows = [
        ("uid", "passwd", "ann:x:1500:", "ann:x:1501:"),
        ("group", "passwd", "ann:x:1500:4:", "ann:x:1500:0:"),
        ("comment", "passwd", ":Ann:", ":Anna:"),
        ("home", "passwd", ":/srv/ann:", ":/srv:"),
        ("shell", "passwd", ":/srv/ann:/bin/sh", ":/srv/ann:/bin/bash"),
        ("password_hash", "shadow", HASH, "$6$salt$other"),
        ("locked", "shadow", "ann:$6", "ann:!$6"),
        ("expires", "shadow", ":21915:", "::"),
        ("groups", "group", "sudo:x:27:bob,eve,ann", "sudo:x:27:bob,eve"),
        ("groups", "group", "root:x:0:", "root:x:0:ann"),
    ];
    for (field, file, from, to) in rows {
        replace(&etc.join(file), from, to);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{from} to {to}");
        let repaired = bench.change(&seen, &config).await;
        assert!(!repaired.diagnostics.has_errors(), "{:?}", repaired.diagnostics);
        assert_eq!(repaired.state, state);
        assert_eq!(files(), good, "{from} to {to}");
    }
    fs::remove_dir(folder.path().join("h/srv/ann")).expect("was made");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["create_home"]);
    assert_eq!(bench.change(&seen, &config).await.state, state);
    assert!(folder.path().join("h/srv/ann").is_dir());
    bench.delete(&state).await;
    assert!(folder.path().join("h/srv/ann").is_dir(), "homes stay");
    untouched(&etc);
}

#[tokio::test]
async fn groups_of_others_stay() {
    let (folder, etc, host) = accounts();
    let bench = Bench::new("host_user", folder.path()).await;
    let config = |groups: &[&str]| of(&host, "eve", [("groups", list(groups))]);
    let state = bench.create(config(&["adm"])).await;
    assert_eq!(state.texts("groups"), ["adm"], "that others put it into sudo is not its matter");
    let state = bench.change(&state, &config(&[])).await.state;
    assert_eq!(read(&etc.join("group")), format!("{GROUP}eve:x:1001:\n"));
    let imported = of(&host, "bob", []);
    let group = Bench::new("host_group", folder.path()).await;
    let nothing = Value::null(Type::Dynamic);
    let sudo = group.create(of(&host, "sudo", [("members", list(&["bob"]))])).await;
    assert!(read(&etc.join("group")).contains("\nsudo:x:27:bob\n"));
    replace(&etc.join("group"), "sudo:x:27:bob", "sudo:x:27:bob,mallory");
    assert_eq!(differing(&sudo, &group.read(&sudo).await), ["members"]);
    group.delete(&sudo).await;
    let response = bench.change(&nothing, &of(&host, "x", [("group", text("none"))])).await;
    assert!(format!("{:?}", response.diagnostics).contains("there is no group none: make it first"));
    assert!(response.state.is_null() || response.state.text("name") == Some("x"));
    bench.delete(&bench.create(imported).await).await;
    bench.delete(&state).await;
    assert!(read(&etc.join("group")).contains("sudo:x:27:bob"));
}

#[tokio::test]
async fn a_failed_or_imported_user_is_never_removed() {
    let (folder, etc, host) = accounts();
    let bench = Bench::new("host_user", folder.path()).await;
    let state = bench.create(of(&host, "bob", [])).await;
    fs::remove_dir_all(folder.path().join("h/var/lib/groma")).expect("was made");
    bench.delete(&state).await;
    fs::remove_dir_all(folder.path().join("h/home")).expect("was made");
    untouched(&etc);
}
