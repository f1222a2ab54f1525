use std::fs;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::support::{folder, object, root, text};

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

#[tokio::test]
async fn packages_of_folders_are_listed() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let package = |version: &str, hold: bool| {
        object([
            ("host", host.clone()),
            ("name", text("g++-12")),
            ("version", text(version)),
            ("hold", Value::bool(hold)),
        ])
    };
    let bad = |name: &str, value: &str| package("1", true).with_attr(name, text(value));
    let versions = Case::new("host_package", package("1.0-1", false))
        .update(package("1.0-1", true))
        .update(package("2.0-1", true))
        .update(package("2.0-1", false))
        .replace(bad("name", "g--"))
        .import_made(by_key, &[])
        .refuses(bad("name", "-y"), "name")
        .refuses(bad("name", "a b"), "name")
        .refuses(bad("name", "@group"), "name")
        .refuses(bad("version", "latest"), "version")
        .refuses(bad("version", "1=2"), "version");
    let any = object([("host", host.clone()), ("name", text("containerd"))]);
    let any = Case::new("host_package", any).named("any version").import_made(by_key, &[]);
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[versions, any]).await;
    assert!(report.is_ok(), "{report}");
    let left: Vec<_> = fs::read_dir(folder.path().join("h")).expect("is there").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn many_packages_of_a_folder_share_one_list() {
    let folder = folder();
    let bench = super::support::Bench::new("host_package", folder.path()).await;
    let host = root(&folder.path().join("h"));
    let names: Vec<String> = (0..20).map(|n| format!("package-{n:02}")).collect();
    let made = names.iter().map(|name| bench.create(object([("host", host.clone()), ("name", text(name))])));
    let made = futures::future::join_all(made).await;
    let listed = fs::read_to_string(folder.path().join("h/var/lib/groma/packages")).expect("is there");
    assert_eq!(listed.lines().collect::<Vec<_>>(), names);
    futures::future::join_all(made.iter().map(|state| bench.delete(state))).await;
    assert!(!folder.path().join("h/var/lib/groma").exists());
}
