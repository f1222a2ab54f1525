use super::*;
use crate::session::Output;

/// What `ip -j -d addr show` prints, cut down, of links that not every kernel can make.
const LINKS: &str = r#"links=[{"ifname":"eth0","mtu":1500,"address":"52:54:00:00:00:01","addr_info":[
{"family":"inet","local":"10.0.0.5","prefixlen":24,"scope":"global","label":"eth0"},
{"family":"inet","local":"10.0.0.77","prefixlen":24,"scope":"global","dynamic":true},
{"family":"inet","local":"10.0.0.88","prefixlen":24,"scope":"global"},
{"family":"inet6","local":"fd00::5","prefixlen":64,"scope":"global"},
{"family":"inet6","local":"fd00::6","prefixlen":64,"scope":"global","dadfailed":true},
{"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},
{"ifname":"eth0.10","link":"eth0","mtu":1400,"linkinfo":{"info_kind":"vlan","info_data":{"protocol":"802.1Q","id":10,"flags":["REORDER_HDR"]}},"addr_info":[]},
{"ifname":"eth1","mtu":1500,"master":"bond0","linkinfo":{"info_slave_kind":"bond"},"addr_info":[]},
{"ifname":"eth2","mtu":1500,"master":"bond0","addr_info":[]},
{"ifname":"bond0","mtu":1500,"master":"br0","linkinfo":{"info_kind":"bond","info_data":{"mode":"802.3ad","miimon":100,"updelay":0,"ad_lacp_rate":"fast"}},"addr_info":[]},
{"ifname":"vnet0","mtu":1500,"master":"br0","linkinfo":{"info_kind":"tun"},"addr_info":[]},
{"ifname":"br0","mtu":1500,"linkinfo":{"info_kind":"bridge","info_data":{"stp_state":1}},"addr_info":[]}]"#;

const ROUTES: &str = r#"routes=[{"dst":"default","gateway":"10.0.0.1","protocol":"static","flags":[]},
{"dst":"default","gateway":"10.0.0.3","protocol":"dhcp","metric":1024,"flags":[]},
{"dst":"10.0.0.0/24","protocol":"kernel","scope":"link","prefsrc":"10.0.0.5","flags":[]},
{"dst":"10.9.0.0/16","gateway":"10.0.0.9","protocol":"static","metric":5,"flags":[]},
{"dst":"10.8.0.1","protocol":"static","table":"7","scope":"link","flags":[]}]
routes=[{"dst":"default","gateway":"fd00::1","protocol":"static","metric":1024,"flags":[],"pref":"medium"}]
lease=10.0.0.88
dns=10.0.0.2 10.0.0.3
domains=example.com ~corp"#;

fn live() -> Live {
    let stdout = format!("{}\n{}", LINKS.replace('\n', ""), ROUTES.replace(",\n", ","));
    Live::parse(&Output { status: 0, stdout: stdout.into_bytes(), stderr: Vec::new() }.fields())
}

fn link(name: &str, kind: Kind) -> Network {
    Network { name: name.into(), kind, ..Network::default() }
}

#[test]
fn an_import_finds_what_was_set_by_hand() {
    let seen = live().seen(&link("eth0", Kind::Physical), Scope::All);
    assert_eq!(seen.addresses, ["10.0.0.5/24", "fd00::5/64"]);
    assert_eq!((seen.gateway4.as_deref(), seen.gateway6.as_deref()), (Some("10.0.0.1"), Some("fd00::1")));
    let destinations: Vec<_> =
        seen.routes.iter().map(|route| (route.destination.as_str(), route.table)).collect();
    assert_eq!(destinations, [("10.9.0.0/16", None), ("10.8.0.1/32", Some(7))]);
    assert_eq!(seen.mtu, None);
    let live = live();
    let vlan = live.kind("eth0.10").expect("is there");
    assert_eq!(vlan, Kind::Vlan { id: Some(10), parent: Some("eth0".into()) });
    assert_eq!(live.seen(&link("eth0.10", vlan), Scope::All).mtu, Some(1400));
    let bridge = live.kind("br0").expect("is there");
    assert_eq!(bridge, Kind::Bridge { members: vec!["bond0".into(), "vnet0".into()], stp: Some(true) });
    let Kind::Bond(bond) = live.kind("bond0").expect("is there") else { panic!("is a bond") };
    assert_eq!((bond.mode.as_deref(), bond.lacp_rate.as_deref()), (Some("802.3ad"), Some("fast")));
    assert_eq!(bond.members, ["eth1", "eth2"]);
}

#[test]
fn only_what_was_asked_for_is_compared() {
    let live = live();
    let wanted = Network {
        addresses: vec!["fd00::5/64".into()],
        gateway4: Some("10.0.0.2".into()),
        routes: vec![
            Route {
                destination: "10.9.0.0/16".into(),
                gateway: Some("10.0.0.8".into()),
                metric: Some(5),
                table: None,
            },
            Route { destination: "10.7.0.0/16".into(), ..Route::default() },
        ],
        dns: vec!["10.0.0.3".into()],
        domains: vec!["other".into()],
        mtu: Some(9000),
        ..link("eth0", Kind::Physical)
    };
    let seen = live.seen(&wanted, Scope::Listed);
    assert_eq!(seen.addresses, wanted.addresses);
    assert_eq!(live.seen(&wanted, Scope::Exclusive).addresses, ["fd00::5/64", "10.0.0.5/24"]);
    assert_eq!((seen.gateway4.as_deref(), seen.gateway6), (Some("10.0.0.1"), None));
    let routes: Vec<_> = seen.routes.iter().map(|route| route.gateway.as_deref()).collect();
    assert_eq!(routes, [Some("10.0.0.9")]);
    assert_eq!((seen.dns, seen.mtu), (vec!["10.0.0.3".to_owned()], Some(1500)));
    assert_eq!(seen.domains, ["example.com", "~corp"]);
    let bridge = link("br0", Kind::Bridge { members: vec!["eth9".into()], stp: None });
    let seen = live.seen(&bridge, Scope::Exclusive).kind;
    assert_eq!(
        seen,
        Kind::Bridge { members: vec!["bond0".into()], stp: None },
        "machines plug themselves in"
    );
    let bond =
        Bond { members: vec!["eth2".into(), "eth1".into()], mode: Some("802.3ad".into()), ..Bond::default() };
    let bond = link("bond0", Kind::Bond(bond));
    assert_eq!(live.seen(&bond, Scope::Exclusive), bond);
}
