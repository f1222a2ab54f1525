use std::fs;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::firewall::walk;
use super::lab::differing;
use super::support::{Bench, folder, list, object, root, text, texts};

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("name").unwrap_or_default())
}

fn int(number: i64) -> Value {
    Value::number(number)
}

/// All attributes of a route, which is how a list holds them.
fn route(destination: &str, gateway: &str) -> Value {
    let null = || Value::null(value::Type::Number);
    object([
        ("destination", text(destination)),
        ("gateway", text(gateway)),
        ("metric", null()),
        ("table", null()),
    ])
}

fn routes(items: &[Value]) -> Value {
    Value::tuple(items.to_vec())
}

#[tokio::test]
async fn links_conform() {
    let folder = folder();
    let place = folder.path().join("h");
    let host = root(&place);
    let link = |name: &str| object([("host", host.clone()), ("name", text(name))]);
    let eth0 = link("eth0").with_attr("addresses", list(&["10.0.0.5/24", "fd00::5/64"]));
    let full = eth0
        .with_attr("addresses", list(&["10.0.0.5/24", "FD00:0::5/64"]))
        .with_attr("gateway4", text("10.0.0.1"))
        .with_attr("gateway6", text("fe80::1"))
        .with_attr("dns", list(&["10.0.0.2", "fd00::2"]))
        .with_attr("domains", list(&["example.com", "~corp"]))
        .with_attr("mtu", int(1400))
        .with_attr("mac_address", text("52:54:00:AB:00:01"))
        .with_attr("match_mac_address", text("52:54:00:ab:00:02"))
        .with_attr("accept_ra", Value::bool(false))
        .with_attr("required_for_online", Value::bool(false))
        .with_attr("routes", routes(&[route("10.9.0.0/16", "10.0.0.9")]))
        .with_attr("network_settings", text("[Network]\nLLMNR=no\n"));
    let vlan = |id: i64, parent: &str| object([("id", int(id)), ("parent", text(parent))]);
    let bond = |mode: &str| object([("mode", text(mode)), ("members", list(&["eth1", "eth2"]))]);
    let case = Case::new("host_network", eth0.clone())
        .update(full.clone())
        .update(full.with_attr("mtu", int(9000)))
        .update(eth0.with_attr("dhcp4", Value::bool(true)).with_attr("rollback_timeout", text("1m")))
        .replace(link("eth1"))
        .import_made(by_key, &[])
        .refuses(link("a b"), "name")
        .refuses(eth0.with_attr("addresses", list(&["10.0.0.5"])), "addresses")
        .refuses(eth0.with_attr("addresses", list(&["10.0.0.5/33"])), "addresses")
        .refuses(eth0.with_attr("addresses", list(&["10.0.0.0/24"])), "addresses")
        .refuses(eth0.with_attr("addresses", list(&["10.0.0.255/24"])), "addresses")
        .refuses(eth0.with_attr("addresses", list(&["fd00::1/64", "fd00:0::1/64"])), "addresses")
        .refuses(eth0.with_attr("gateway4", text("10.0.1.1")), "gateway4")
        .refuses(eth0.with_attr("gateway4", text("10.0.0.5")), "gateway4")
        .refuses(eth0.with_attr("gateway4", text("fd00::1")), "gateway4")
        .refuses(eth0.with_attr("gateway6", text("10.0.0.1")), "gateway6")
        .refuses(eth0.with_attr("dns", list(&["resolver"])), "dns")
        .refuses(eth0.with_attr("domains", list(&["a b"])), "domains")
        .refuses(eth0.with_attr("mtu", int(1000)), "mtu")
        .refuses(link("eth0").with_attr("mtu", int(10)), "mtu")
        .refuses(link("eth0").with_attr("mac_address", text("01:00:5e:00:00:01")), "mac_address")
        .refuses(link("eth0").with_attr("match_mac_address", text("eth0")), "match_mac_address")
        .refuses(eth0.with_attr("routes", routes(&[route("10.9.0.1/16", "10.0.0.9")])), "routes")
        .refuses(eth0.with_attr("routes", routes(&[route("10.9.0.0/16", "10.1.0.9")])), "routes")
        .refuses(eth0.with_attr("network_settings", text("LLMNR=no")), "network_settings")
        .refuses(eth0.with_attr("network_settings", text("[Network]\nDNS=10.0.0.1")), "network_settings")
        .refuses(eth0.with_attr("netdev_settings", text("[Bridge]\nPriority=9")), "netdev_settings")
        .refuses(eth0.with_attr("vlan", vlan(0, "eth0")), "vlan")
        .refuses(link("v").with_attr("vlan", vlan(4095, "eth0")), "vlan")
        .refuses(link("v").with_attr("vlan", vlan(5, "v")), "vlan")
        .refuses(link("v").with_attr("vlan", vlan(5, "v")).with_attr("bond", bond("802.3ad")), "bond")
        .refuses(link("b").with_attr("bridge", object([("members", list(&["b"]))])), "bridge")
        .refuses(link("b").with_attr("bridge", object([("members", list(&["a", "a"]))])), "bridge")
        .refuses(link("b").with_attr("bond", bond("lacp")), "bond")
        .refuses(link("b").with_attr("bond", bond("802.3ad").with_attr("primary", text("eth1"))), "bond")
        .refuses(
            link("b").with_attr("bond", bond("active-backup").with_attr("primary", text("eth9"))),
            "bond",
        )
        .refuses(
            link("b").with_attr("bond", bond("active-backup").with_attr("lacp_rate", text("fast"))),
            "bond",
        )
        .refuses(link("b").with_attr("bond", bond("802.3ad").with_attr("lacp_rate", text("often"))), "bond")
        .refuses(link("b").with_attr("bond", bond("802.3ad").with_attr("miimon", int(-1))), "bond");
    let bridge = |members: &[&str]| object([("members", list(members)), ("stp", Value::bool(true))]);
    let bridges = Case::new("host_network", link("br0").with_attr("bridge", bridge(&["eth1", "eth2"])))
        .named("bridge")
        .update(link("br0").with_attr("bridge", bridge(&["eth2"])))
        .replace(link("br0"))
        .import_made(by_key, &[]);
    let lacp = bond("802.3ad").with_attr("lacp_rate", text("fast")).with_attr("miimon", int(50));
    let backup = bond("active-backup").with_attr("primary", text("eth2"));
    let bonds = Case::new("host_network", link("bond0").with_attr("bond", lacp))
        .named("bond")
        .update(link("bond0").with_attr("bond", backup))
        .import_made(by_key, &[]);
    let report =
        run(crate::provider(), &object([]), environment(folder.path()), &[case, bridges, bonds]).await;
    assert!(report.is_ok(), "{report}");
    let left = walk(&place);
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn the_files_of_a_vlan_and_what_changes_in_them() {
    let folder = folder();
    let place = folder.path().join("h");
    let networks = place.join("etc/systemd/network");
    fs::create_dir_all(&networks).expect("can be made");
    let bench = Bench::new("host_network", folder.path()).await;
    let config = object([
        ("host", root(&place)),
        ("name", text("eth0.10")),
        ("vlan", object([("id", int(10)), ("parent", text("eth0"))])),
        ("addresses", list(&["10.1.0.5/24"])),
        ("mtu", int(1400)),
        ("dns", list(&["10.1.0.1"])),
        ("routes", routes(&[route("10.9.0.0/16", "10.1.0.1")])),
    ]);
    fs::write(networks.join("10-lan.network"), "[Match]\nName=eth0\n").expect("can be written");
    let state = bench.create(config.clone()).await;
    assert_eq!(state.text("kind"), Some("vlan"));
    let read = |path: &str| fs::read_to_string(networks.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let head = "# Kept by groma: host_network eth0.10\n";
    assert_eq!(
        read("05-groma-eth0.10.netdev"),
        format!("{head}[NetDev]\nName=eth0.10\nKind=vlan\n\n[VLAN]\nId=10\n")
    );
    assert_eq!(
        read("05-groma-eth0.10.network"),
        format!(
            "{head}[Match]\nName=eth0.10\n\n[Link]\nMTUBytes=1400\n\n[Network]\nDHCP=no\nAddress=10.1.0.5/24\n\
             DNS=10.1.0.1\nConfigureWithoutCarrier=yes\n\n[Route]\nDestination=10.9.0.0/16\nGateway=10.1.0.1\n"
        )
    );
    let tie = format!("{head}[Network]\nVLAN=eth0.10\n");
    for drop_in in ["05-groma-eth0.network.d", "10-lan.network.d"] {
        assert_eq!(read(&format!("{drop_in}/groma-eth0.10.conf")), tie);
    }
    assert_eq!(bench.read(&state).await, state);
    let rows = [
        ("05-groma-eth0.10.network", "Address=10.1.0.5/24", "Address=10.1.0.6/24", "addresses"),
        ("05-groma-eth0.10.network", "MTUBytes=1400", "MTUBytes=1300", "mtu"),
        ("05-groma-eth0.10.network", "DNS=10.1.0.1", "DNS=10.1.0.2", "dns"),
        ("05-groma-eth0.10.network", "DHCP=no", "DHCP=ipv4", "dhcp4"),
        ("05-groma-eth0.10.network", "DHCP=no", "DHCP=no\nGateway=10.1.0.1", "gateway4"),
        ("05-groma-eth0.10.network", "Gateway=10.1.0.1", "Gateway=10.1.0.2", "routes"),
        ("05-groma-eth0.10.network", "DHCP=no", "DHCP=no\nLLMNR=no", "network_settings"),
        ("05-groma-eth0.10.network", "Name=eth0.10", "Name=other", "network_settings"),
        ("05-groma-eth0.10.network", "ConfigureWithoutCarrier=yes", "", "network_settings"),
        ("05-groma-eth0.10.netdev", "Id=10", "Id=11", "vlan"),
        ("05-groma-eth0.10.netdev", "Id=10", "Id=10\nGVRP=yes", "netdev_settings"),
        ("05-groma-eth0.10.netdev", "Kind=vlan", "Kind=dummy", "netdev_settings"),
        ("05-groma-eth0.network.d/groma-eth0.10.conf", "VLAN=eth0.10", "", "vlan"),
    ];
    for (file, from, to, field) in rows {
        let path = networks.join(file);
        let whole = fs::read_to_string(&path).expect("is there");
        assert!(whole.contains(from), "{file} has {from}");
        fs::write(&path, whole.replacen(from, to, 1)).expect("can be written");
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{file}: {from} -> {to}");
        let response = bench.change(&seen, &config).await;
        assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
        assert_eq!(bench.read(&response.state).await, state, "{file}: {from} -> {to}");
    }
    fs::remove_file(networks.join("05-groma-eth0.10.network")).expect("is there");
    assert!(bench.read(&state).await.is_null(), "it is gone");
    let state = bench.create(config).await;
    bench.delete(&state).await;
    assert_eq!(walk(&place), [networks.join("10-lan.network")]);
}

#[tokio::test]
async fn a_host_that_was_never_asked_has_no_link() {
    let mails = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
    let port = mails.local_addr().expect("is bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = mails.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail\r\n").await;
        }
    });
    let folder = folder();
    let bench = Bench::new("host_network", folder.path()).await;
    let host = text(&format!("ssh://root@127.0.0.1:{port}"));
    let link = object([("host", host), ("name", text("eth0")), ("addresses", list(&["10.0.0.5/24"]))]);
    let response = bench.change(&Value::null(value::Type::Dynamic), &link).await;
    assert!(response.diagnostics.has_errors());
    assert!(response.state.is_null(), "nothing is written down that was never made");
}

#[tokio::test]
async fn a_link_is_a_member_once() {
    let folder = folder();
    let place = folder.path().join("h");
    let bench = Bench::new("host_network", folder.path()).await;
    let bridge = |name: &str, members: &[&str]| {
        object([
            ("host", root(&place)),
            ("name", text(name)),
            ("bridge", object([("members", list(members))])),
        ])
    };
    let state = bench.create(bridge("br0", &["eth1", "eth2"])).await;
    let response = bench.change(&Value::null(value::Type::Dynamic), &bridge("br1", &["eth1"])).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("eth1 is already a member of br0"), "{said}");
    let member = place.join("etc/systemd/network/06-groma-eth1.network");
    let written = fs::read_to_string(&member).expect("is written");
    assert_eq!(
        written,
        "# Kept by groma: host_network br0\n[Match]\nName=eth1\n\n[Network]\nBridge=br0\nLinkLocalAddressing=no\n"
    );
    fs::remove_file(&member).expect("is there");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["bridge"]);
    assert_eq!(seen.attr("bridge").map(|bridge| bridge.texts("members")), Some(vec!["eth2"]));
    let state = bench.change(&seen, &bridge("br0", &["eth1", "eth2"])).await.state;
    assert!(member.exists());
    bench.delete(&state).await;
    assert_eq!(walk(&place), Vec::<std::path::PathBuf>::new());
}
