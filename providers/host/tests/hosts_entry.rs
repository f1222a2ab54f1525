use std::fs;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::{Type, Value};

use super::support::{Bench, folder, list, object, root, text};

const THEIRS: &str = "127.0.0.1\tlocalhost\n# by hand\n\n10.0.0.9  old  older # kept\n::1 localhost ip6-localhost\r\n10.0.0.7 unended";

fn entry(host: &Value, address: &str, names: &[&str]) -> Value {
    object([("host", host.clone()), ("address", text(address)), ("names", list(names))])
}

#[tokio::test]
async fn entries_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let by_entry = |object: &Value| {
        format!("{} {}", object.text("host").unwrap_or_default(), object.text("entry").unwrap_or_default())
    };
    let entries = Case::new("host_hosts_entry", entry(&host, "10.0.0.1", &["api.example", "api"]))
        .import_made(by_entry, &[])
        .update(entry(&host, "10.0.0.1", &["api.example"]))
        .update(entry(&host, "10.0.0.2", &["other"]))
        .update(entry(&host, "FD00::1", &["other"]))
        .refuses(entry(&host, "10.0.0", &["a"]), "address")
        .refuses(entry(&host, "10.0.0.1\n", &["a"]), "address")
        .refuses(entry(&host, "10.0.0.1", &[]), "names")
        .refuses(entry(&host, "10.0.0.1", &["a b"]), "names")
        .refuses(entry(&host, "10.0.0.1", &["a", "#b"]), "names");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[entries]).await;
    assert!(report.is_ok(), "{report}");
    assert_eq!(fs::read_to_string(folder.path().join("h/etc/hosts")).expect("was made"), "");
}

#[tokio::test]
async fn lines_of_others_stay_as_they_are() {
    let folder = folder();
    let path = folder.path().join("h/etc/hosts");
    fs::create_dir_all(path.parent().expect("has one")).expect("can be made");
    fs::write(&path, THEIRS).expect("can be written");
    let read = || fs::read_to_string(&path).expect("is there");
    let bench = Bench::new("host_hosts_entry", folder.path()).await;
    let host = root(&folder.path().join("h"));
    let loopback = bench.create(entry(&host, "127.0.0.1", &["api"])).await;
    let new = bench.create(entry(&host, "10.0.0.1", &["new"])).await;
    let taken = bench.create(entry(&host, "10.0.0.9", &["old"])).await;
    let now = read();
    for line in [
        "127.0.0.1\tlocalhost\n",
        "# by hand\n\n",
        "\r\n",
        "\n127.0.0.1 api # groma ",
        "\n10.0.0.9 old # groma ",
    ] {
        assert!(now.contains(line), "{line:?} in {now}");
    }
    assert!(!now.contains("older") && now.ends_with("\n10.0.0.7 unended"), "{now}");
    for state in [&loopback, &new, &taken] {
        bench.delete(state).await;
    }
    assert_eq!(read(), THEIRS);
    assert!(!folder.path().join("h/var/lib/groma").exists());
}

#[tokio::test]
async fn drift_shows_as_the_field_and_is_repaired_in_place() {
    let folder = folder();
    let path = folder.path().join("h/etc/hosts");
    let bench = Bench::new("host_hosts_entry", folder.path()).await;
    let config = entry(&root(&folder.path().join("h")), "10.0.0.1", &["api", "a"]);
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    let good = fs::read_to_string(&path).expect("is there");
    let rows =
        [("address", "10.0.0.1", "10.0.0.66"), ("names", " api a ", " api b "), ("names", " api a ", " x ")];
    for (name, from, to) in rows {
        fs::write(&path, format!("{}1.1.1.1 after\n", good.replace(from, to))).expect("can be written");
        let seen = bench.read(&state).await;
        assert_eq!(super::lab::differing(&state, &seen), [name], "{from} to {to}");
        let repaired = bench.change(&seen, &config).await;
        assert_eq!(repaired.state, state);
        assert_eq!(fs::read_to_string(&path).expect("is there"), format!("{good}1.1.1.1 after\n"));
    }
    fs::write(&path, "").expect("can be written");
    assert!(bench.read(&state).await.is_null());
}

#[tokio::test]
async fn changes_beside_each_other_lose_nothing() {
    let folder = folder();
    let path = folder.path().join("h/etc/hosts");
    let bench = Bench::new("host_hosts_entry", folder.path()).await;
    let host = root(&folder.path().join("h"));
    let configs: Vec<Value> =
        (0..40).map(|n| entry(&host, &format!("10.0.0.{n}"), &[&format!("host{n}")])).collect();
    let nothing = Value::null(Type::Dynamic);
    let made = futures::future::join_all(configs.iter().map(|config| bench.change(&nothing, config))).await;
    let now = fs::read_to_string(&path).expect("is there");
    assert_eq!(now.lines().count(), 40, "{now}");
    futures::future::join_all(made.iter().map(|made| bench.delete(&made.state))).await;
    assert_eq!(fs::read_to_string(&path).expect("is there"), "");
    let left: Vec<_> = fs::read_dir(path.parent().expect("has one")).expect("is there").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
