use std::fs;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::support::{Bench, folder, object, root, text};

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("name").unwrap_or_default())
}

#[tokio::test]
async fn firewalls_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let table =
        |ruleset: &str| object([("host", host.clone()), ("name", text("web")), ("ruleset", text(ruleset))]);
    let case = Case::new("host_firewall", table("chain in {\n}\n"))
        .update(table("chain in { accept }"))
        .update(table("chain in { accept }").with_attr("rollback_timeout", text("1m")))
        .replace(object([("host", host.clone()), ("name", text("other")), ("ruleset", text(""))]))
        .import_made(by_key, &[])
        .refuses(table("chain a {"), "ruleset")
        .refuses(table("} table inet other {"), "ruleset")
        .refuses(table("").with_attr("rollback_timeout", text("1s")), "rollback_timeout")
        .refuses(object([("host", host.clone()), ("name", text("a b")), ("ruleset", text(""))]), "name")
        .refuses(object([("host", host.clone()), ("name", text("-f")), ("ruleset", text(""))]), "name");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[case]).await;
    assert!(report.is_ok(), "{report}");
    let left: Vec<_> = walk(&folder.path().join("h"));
    assert!(left.is_empty(), "{left:?}");
}

/// All files below a folder.
pub(super) fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .flat_map(|path| if path.is_dir() && !path.is_symlink() { walk(&path) } else { vec![path] })
        .collect()
}

#[tokio::test]
async fn a_firewall_of_a_folder_is_loaded_when_it_boots() {
    let folder = folder();
    let bench = Bench::new("host_firewall", folder.path()).await;
    let place = folder.path().join("h");
    let config =
        object([("host", root(&place)), ("name", text("web")), ("ruleset", text("chain in {\n}\n"))]);
    let state = bench.create(config.clone()).await;
    let unit = place.join("etc/systemd/system/groma-firewall-web.service");
    let file = place.join("etc/groma/nftables/web.nft");
    assert!(fs::read_to_string(&unit).expect("is written").contains("nft -f /etc/groma/nftables/web.nft"));
    assert!(
        fs::read_to_string(&file).expect("is written").starts_with("table inet web; delete table inet web;")
    );
    fs::write(&file, fs::read_to_string(&file).expect("is there").replace("in {", "out {"))
        .expect("is written");
    assert_eq!(bench.read(&state).await.text("ruleset"), Some("chain out {\n}\n"));
    let state = bench.change(&state, &config).await.state;
    fs::remove_file(&unit).expect("is there");
    assert_eq!(bench.read(&state).await.flag("persistent"), Some(false));
}
