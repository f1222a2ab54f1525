//! `host_hostname` and `host_timezone`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path as FilePath;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::{Type, Value};

use super::lab::differing;
use super::support::{Bench, folder, object, root, text};

fn by_host(object: &Value) -> String {
    object.text("host").unwrap_or_default().to_owned()
}

fn name(host: &Value, name: &str, address: Option<&str>) -> Value {
    let address = address.map_or(Value::null(Type::String), text);
    object([("host", host.clone()), ("name", text(name)), ("hosts_address", address)])
}

fn zone(host: &Value, zone: &str) -> Value {
    object([("host", host.clone()), ("zone", text(zone))])
}

fn read(path: &FilePath) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[tokio::test]
async fn names_and_zones_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let names = Case::new("host_hostname", name(&host, "one.example", Some("127.0.1.1")))
        .import_made(by_host, &[])
        .update(name(&host, "two", Some("127.0.1.1")))
        .update(name(&host, "two", Some("127.0.1.2")))
        .update(name(&host, "two", None))
        .refuses(name(&host, "-a", None), "name")
        .refuses(name(&host, "a_b", None), "name")
        .refuses(name(&host, "a\nb", None), "name")
        .refuses(name(&host, &"a".repeat(65), None), "name")
        .refuses(name(&host, "a", Some("localhost")), "hosts_address");
    let zones = Case::new("host_timezone", zone(&host, "Europe/Berlin"))
        .import_made(by_host, &[])
        .update(zone(&host, "Etc/GMT+1"))
        .refuses(zone(&host, "../passwd"), "zone")
        .refuses(zone(&host, "/etc/passwd"), "zone")
        .refuses(zone(&host, "a b"), "zone");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[names, zones]).await;
    assert!(report.is_ok(), "{report}");
    assert!(!folder.path().join("h/var/lib/groma").exists(), "nothing is left of what was found");
}

#[tokio::test]
async fn the_name_from_before_comes_back() {
    let folder = folder();
    let etc = folder.path().join("h/etc");
    let hosts = "127.0.0.1 localhost old\n127.0.1.1\told.example old # theirs\n::1 localhost\n";
    fs::create_dir_all(&etc).expect("can be made");
    fs::write(etc.join("hostname"), "# a comment\nold").expect("can be written");
    fs::write(etc.join("hosts"), hosts).expect("can be written");
    let bench = Bench::new("host_hostname", folder.path()).await;
    let host = root(&folder.path().join("h"));
    let config = name(&host, "new.example", Some("127.0.1.1"));
    let state = bench.create(config.clone()).await;
    assert_eq!(read(&etc.join("hostname")), "new.example\n");
    let ours = "127.0.0.1 localhost old\n127.0.1.1 new.example new # groma hostname\n::1 localhost\n";
    assert_eq!(read(&etc.join("hosts")), ours);
    fs::write(etc.join("hostname"), "other\n").expect("can be written");
    assert_eq!(differing(&state, &bench.read(&state).await), ["name"]);
    fs::write(etc.join("hostname"), "new.example\n").expect("can be written");
    fs::write(etc.join("hosts"), ours.replace("new.example", "x")).expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["hosts_address"]);
    let state = bench.change(&seen, &config).await.state;
    assert_eq!(read(&etc.join("hosts")), ours);
    let state = bench.change(&state, &name(&host, "new", None)).await.state;
    assert_eq!(read(&etc.join("hosts")), hosts);
    bench.delete(&state).await;
    assert_eq!(
        (read(&etc.join("hostname")).as_str(), read(&etc.join("hosts")).as_str()),
        ("# a comment\nold", hosts)
    );
    assert!(!folder.path().join("h/var/lib/groma").exists());
}

#[tokio::test]
async fn the_zone_from_before_comes_back_and_unknown_ones_are_refused() {
    let folder = folder();
    let (etc, zones) = (folder.path().join("h/etc"), folder.path().join("h/usr/share/zoneinfo"));
    fs::create_dir_all(&etc).expect("can be made");
    fs::create_dir_all(zones.join("Europe")).expect("can be made");
    fs::write(zones.join("Europe/Berlin"), "TZif").expect("can be written");
    symlink("/usr/share/zoneinfo/Etc/UTC", etc.join("localtime")).expect("can be made");
    fs::write(etc.join("timezone"), "Etc/UTC\n").expect("can be written");
    let bench = Bench::new("host_timezone", folder.path()).await;
    let host = root(&folder.path().join("h"));
    let refused = bench.change(&Value::null(Type::Dynamic), &zone(&host, "Europe/Berlim")).await;
    let why = format!("{:?}", refused.diagnostics);
    assert!(why.contains("knows no time zone Europe/Berlim") && refused.state.is_null(), "{why}");
    let state = bench.create(zone(&host, "Europe/Berlin")).await;
    assert_eq!(
        fs::read_link(etc.join("localtime")).expect("is one"),
        FilePath::new("../usr/share/zoneinfo/Europe/Berlin")
    );
    assert_eq!(read(&etc.join("timezone")), "Europe/Berlin\n");
    fs::write(etc.join("timezone"), "Etc/UTC\n").expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!(seen.text("zone"), Some("Etc/UTC"));
    let state = bench.change(&seen, &zone(&host, "Europe/Berlin")).await.state;
    fs::remove_file(etc.join("localtime")).expect("is there");
    fs::write(etc.join("localtime"), "TZif").expect("can be written");
    assert_eq!(bench.read(&state).await, state, "a copy is the zone, too");
    bench.delete(&state).await;
    assert_eq!(
        fs::read_link(etc.join("localtime")).expect("is one"),
        FilePath::new("/usr/share/zoneinfo/Etc/UTC")
    );
    assert_eq!(read(&etc.join("timezone")), "Etc/UTC\n");
    assert!(!folder.path().join("h/var/lib/groma").exists());
}
