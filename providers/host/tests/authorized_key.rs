use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use tempfile::TempDir;
use value::{Type, Value};

use super::lab::differing;
use super::support::{Bench, folder, list, object, root, text, texts};

const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHM0Ki5xCoCoO2lZ9uKzcLGAqvH1fvsYSvqWzk1C8Z0n";
const TWO: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHM0Ki5xCoCoO2lZ9uKzcLGAqvH1fvsYSvqWzk1C8Z0o";

/// A folder with the user bob, who has a home.
fn host() -> (TempDir, PathBuf, Value) {
    let folder = folder();
    let home = folder.path().join("h/home/bob");
    fs::create_dir_all(folder.path().join("h/etc")).expect("can be made");
    fs::create_dir_all(&home).expect("can be made");
    fs::write(folder.path().join("h/etc/passwd"), "bob:x:1000:1000::/home/bob:/bin/sh\n")
        .expect("can be written");
    let host = root(&folder.path().join("h"));
    (folder, home, host)
}

fn key(host: &Value, key: &str, options: &[&str]) -> Value {
    let options = if options.is_empty() { Value::null(Type::list(Type::String)) } else { list(options) };
    object([("host", host.clone()), ("user", text("bob")), ("key", text(key)), ("options", options)])
}

#[tokio::test]
async fn keys_conform() {
    let (folder, home, host) = host();
    let by_key = |object: &Value| {
        let text = |name| object.text(name).unwrap_or_default();
        format!("{} {} {}", text("host"), text("user"), text("key"))
    };
    let keys = Case::new("host_authorized_key", key(&host, &format!("{ONE} me"), &["no-pty"]))
        .import_made(by_key, &[])
        .update(key(&host, &format!("{ONE} me"), &[]))
        .update(key(&host, ONE, &[]))
        .update(key(&host, &format!("{ONE} us and them\n"), &["no-pty", "command=\"a, b\""]))
        .replace(key(&host, TWO, &[]))
        .refuses(key(&host, "nonsense", &[]), "key")
        .refuses(key(&host, &format!("{ONE}\n{TWO}"), &[]), "key")
        .refuses(key(&host, ONE, &["a b"]), "options")
        .refuses(key(&host, ONE, &["a\nb"]), "options")
        .refuses(key(&host, ONE, &[]).with_attr("user", text("../bob")), "user");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[keys]).await;
    assert!(report.is_ok(), "{report}");
    assert!(!home.join(".ssh").exists(), "what was made for it is gone with it");
    assert!(!folder.path().join("h/var/lib/groma").exists());
}

#[tokio::test]
async fn the_newline_of_a_key_file_is_not_in_the_id() {
    let (folder, _home, host) = host();
    let bench = Bench::new("host_authorized_key", folder.path()).await;
    let state = bench.create(key(&host, &format!("{ONE} me\n"), &[])).await;
    assert_eq!(state.text("id"), Some(format!("bob {ONE} me").as_str()));
    assert_eq!(bench.read(&state).await, state);
}

#[tokio::test]
async fn other_keys_stay_as_they_are() {
    let (folder, home, host) = host();
    let file = home.join(".ssh/authorized_keys");
    let theirs = format!("# theirs\n\nno-pty\t{TWO}  two\n{ONE} old\r\nunended");
    fs::create_dir(home.join(".ssh")).expect("can be made");
    fs::write(&file, &theirs).expect("can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).expect("can be set");
    let bench = Bench::new("host_authorized_key", folder.path()).await;
    let config = key(&host, &format!("{ONE} new"), &["no-pty"]);
    let state = bench.create(config.clone()).await;
    let ours = format!("# theirs\n\nno-pty\t{TWO}  two\nno-pty {ONE} new\nunended");
    let read = || fs::read_to_string(&file).expect("is there");
    assert_eq!(read(), ours);
    assert_eq!(
        fs::metadata(&file).expect("is there").permissions().mode() & 0o777,
        0o644,
        "no others write to it"
    );
    assert_eq!(bench.read(&state).await, state);
    for (fields, from, to) in [
        (vec!["options"], format!("no-pty {ONE}"), format!("no-pty,restrict {ONE}")),
        (vec!["options"], format!("no-pty {ONE}"), ONE.to_owned()),
        (vec!["comment", "id", "key"], format!("{ONE} new"), format!("{ONE} by hand")),
    ] {
        fs::write(&file, ours.replace(&from, &to)).expect("can be written");
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), fields, "{to}");
        assert_eq!(bench.change(&seen, &config).await.state, state, "{to}");
        assert_eq!(read(), ours);
    }
    bench.delete(&state).await;
    assert_eq!(read(), theirs);
    assert!(!folder.path().join("h/var/lib/groma").exists());
}

#[tokio::test]
async fn links_in_homes_are_not_followed() {
    let (folder, home, host) = host();
    let bench = Bench::new("host_authorized_key", folder.path()).await;
    let nothing = Value::null(Type::Dynamic);
    let secret = folder.path().join("h/etc/shadow");
    fs::write(&secret, "root:secret:::::::\n").expect("can be written");
    fs::create_dir(home.join(".ssh")).expect("can be made");
    symlink(&secret, home.join(".ssh/authorized_keys")).expect("can be made");
    let refused = bench.change(&nothing, &key(&host, ONE, &[])).await;
    assert!(
        texts(&refused.diagnostics).contains("links in homes are not followed"),
        "{}",
        texts(&refused.diagnostics)
    );
    fs::remove_dir_all(home.join(".ssh")).expect("is there");
    symlink(folder.path().join("h/etc"), home.join(".ssh")).expect("can be made");
    let refused = bench.change(&nothing, &key(&host, ONE, &[])).await;
    assert!(
        texts(&refused.diagnostics).contains("links in homes are not followed"),
        "{}",
        texts(&refused.diagnostics)
    );
    assert_eq!(fs::read_to_string(&secret).expect("is there"), "root:secret:::::::\n");
    assert!(!folder.path().join("h/etc/authorized_keys").exists());
    let nobody = key(&host, ONE, &[]).with_attr("user", text("nobody"));
    let refused = bench.change(&nothing, &nobody).await;
    assert!(texts(&refused.diagnostics).contains("there is no user nobody: make it first"));
    assert!(refused.state.is_null());
}
