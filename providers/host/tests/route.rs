use std::fs;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::firewall::walk;
use super::support::{Bench, folder, object, root, text};

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

#[tokio::test]
async fn routes_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let route = |destination: &str| {
        object([("host", host.clone()), ("destination", text(destination)), ("gateway", text("10.0.0.1"))])
    };
    let case = Case::new("host_route", route("10.9.0.0/16"))
        .update(route("10.9.0.0/16").with_attr("gateway", text("10.0.0.2")))
        .update(route("10.9.0.0/16").with_attr("interface", text("eth0")))
        .replace(
            route("10.9.0.0/16")
                .with_attr("interface", text("eth0"))
                .with_attr("metric", Value::number(50_i64)),
        )
        .replace(route("default").with_attr("interface", text("eth0")).with_attr("table", text("7")))
        .refuses(route("10.9.0.1/16"), "destination")
        .refuses(route("-x"), "destination")
        .refuses(route("10.9.0.0/16").with_attr("gateway", text("router")), "gateway")
        .refuses(route("10.9.0.0/16").with_attr("interface", text("a b")), "interface")
        .refuses(route("10.9.0.0/16").with_attr("table", text("x")), "table")
        .refuses(route("10.9.0.0/16").with_attr("metric", Value::number(-1_i64)), "metric")
        .refuses(object([("host", host.clone()), ("destination", text("10.9.0.0/16"))]), "gateway");
    let six =
        object([("host", host.clone()), ("destination", text("fd00:9::/48")), ("interface", text("eth0"))]);
    let six = Case::new("host_route", six).named("IPv6").import_made(by_key, &[]);
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[case, six]).await;
    assert!(report.is_ok(), "{report}");
    let left = walk(&folder.path().join("h"));
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_folder_with_a_network_file_gets_a_drop_in() {
    let folder = folder();
    let place = folder.path().join("h");
    let networks = place.join("etc/systemd/network");
    fs::create_dir_all(&networks).expect("can be made");
    fs::write(networks.join("10-lan.network"), "[Match]\nName=eth0\n").expect("can be written");
    let bench = Bench::new("host_route", folder.path()).await;
    let config = object([
        ("host", root(&place)),
        ("destination", text("fd00:9::/48")),
        ("gateway", text("fd00::1")),
        ("interface", text("eth0")),
        ("metric", Value::number(5_i64)),
    ]);
    let state = bench.create(config.clone()).await;
    let file = networks.join("10-lan.network.d/groma-route6-fd00-9---48-main-5.conf");
    let written = fs::read_to_string(&file).expect("is written");
    assert!(written.ends_with("[Route]\nDestination=fd00:9::/48\nGateway=fd00::1\nMetric=5\n"), "{written}");
    fs::write(&file, written.replace("fd00::1", "fd00::2")).expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!((seen.text("gateway"), seen.flag("persistent")), (Some("fd00::2"), Some(false)));
    let state = bench.change(&seen, &config).await.state;
    assert_eq!(bench.read(&state).await, state);
    bench.delete(&state).await;
    assert_eq!(walk(&place), [networks.join("10-lan.network")]);
}
