use std::fs;
use std::os::unix::fs::symlink;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::support::{Bench, folder, object, root, text};

const UNIT: &str = "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n";

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

#[tokio::test]
async fn services_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let service = |unit: &str, enabled: bool| {
        object([
            ("host", host.clone()),
            ("name", text("one.service")),
            ("unit", text(unit)),
            ("enabled", Value::bool(enabled)),
        ])
    };
    let more = |name: &str, value: Value| service(UNIT, true).with_attr(name, value);
    let drop_ins = |name: &str, content: &str| object([(name, text(content))]);
    let own = Case::new("host_service", service(UNIT, true))
        .update(service(&format!("{UNIT}RequiredBy=other.target\n"), true))
        .update(service(UNIT, false))
        .update(more("drop_ins", drop_ins("10-limits", "[Service]\nNice=5\n")))
        .update(more("drop_ins", drop_ins("20-more", "[Service]\nNice=6\n")))
        .update(more("state", text("running")))
        .update(more("restart_on", drop_ins("config", "1")))
        .update(object([
            ("host", host.clone()),
            ("name", text("one.service")),
            ("masked", Value::bool(true)),
        ]))
        .replace(more("name", text("two.service")))
        .refuses(more("name", text("two")), "name")
        .refuses(more("name", text("-a.service")), "name")
        .refuses(more("name", text("a/b.service")), "name")
        .refuses(more("state", text("up")), "state")
        .refuses(more("unit", text(" ")), "unit")
        .refuses(more("masked", Value::bool(true)), "unit")
        .refuses(more("drop_ins", drop_ins("a/b", "x")), "drop_ins")
        .refuses(more("health", object([("command", text("true")), ("timeout", text("soon"))])), "health");
    let config = more("drop_ins", drop_ins("10-limits.conf", "[Service]\nNice=5\n"));
    let imported = Case::new("host_service", config).named("import").import_made(by_key, &[]);
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[own, imported]).await;
    assert!(report.is_ok(), "{report}");
    let left: Vec<_> = fs::read_dir(folder.path().join("h/etc/systemd/system")).expect("is there").collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!folder.path().join("h/var/lib/groma").exists(), "nothing is left of what was found");
}

#[tokio::test]
async fn changes_of_units_by_others_show_as_the_field_and_are_undone() {
    let folder = folder();
    let units = folder.path().join("h/etc/systemd/system");
    let bench = Bench::new("host_service", folder.path()).await;
    let config = object([
        ("host", root(&folder.path().join("h"))),
        ("name", text("one.service")),
        ("unit", text(UNIT)),
        ("drop_ins", object([("a", text("[Service]\nNice=1\n"))])),
        ("enabled", Value::bool(true)),
        ("masked", Value::bool(false)),
        ("state", text("running")),
    ]);
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    let link = units.join("multi-user.target.wants/one.service");
    assert_eq!(fs::read_link(&link).ok(), Some("/etc/systemd/system/one.service".into()));
    let rows: [(&str, &dyn Fn()); 4] = [
        ("unit", &|| fs::write(units.join("one.service"), "[Service]\n").expect("can be written")),
        ("drop_ins", &|| fs::write(units.join("one.service.d/a.conf"), "").expect("can be written")),
        ("drop_ins", &|| fs::remove_file(units.join("one.service.d/a.conf")).expect("is there")),
        ("enabled", &|| fs::remove_file(&link).expect("is there")),
    ];
    for (field, by_hand) in rows {
        by_hand();
        let seen = bench.read(&state).await;
        let differing: Vec<_> = state
            .entries()
            .into_iter()
            .flat_map(value::Entries::iter)
            .filter(|(name, value)| seen.attr(name) != Some(value))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(differing, [field]);
        assert_eq!(bench.change(&seen, &config).await.state, state, "{field} is put right");
        assert_eq!(bench.read(&state).await, state);
    }
}

#[tokio::test]
async fn units_of_others_come_back_as_they_were() {
    let folder = folder();
    let root_folder = folder.path().join("h");
    let units = root_folder.join("etc/systemd/system");
    let vendor = root_folder.join("lib/systemd/system");
    fs::create_dir_all(units.join("one.service.d")).expect("can be made");
    fs::create_dir_all(units.join("rescue.target.wants")).expect("can be made");
    fs::create_dir_all(&vendor).expect("can be made");
    fs::write(vendor.join("one.service"), UNIT).expect("can be written");
    fs::write(units.join("one.service.d/a.conf"), "theirs").expect("can be written");
    symlink("/lib/systemd/system/one.service", units.join("rescue.target.wants/one.service"))
        .expect("can be made");
    let bench = Bench::new("host_service", folder.path()).await;
    let state = bench
        .create(object([
            ("host", root(&root_folder)),
            ("name", text("one.service")),
            ("drop_ins", object([("a", text("ours"))])),
            ("enabled", Value::bool(false)),
        ]))
        .await;
    assert!(!units.join("rescue.target.wants/one.service").exists());
    bench.delete(&state).await;
    assert_eq!(fs::read_to_string(units.join("one.service.d/a.conf")).ok().as_deref(), Some("theirs"));
    let link = fs::read_link(units.join("rescue.target.wants/one.service")).ok();
    assert_eq!(link, Some("/lib/systemd/system/one.service".into()));
    assert!(vendor.join("one.service").exists());
    assert!(!root_folder.join("var/lib/groma").exists());
}
