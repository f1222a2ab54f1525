use addrs::{AbsResourceInstance, InstanceKey, ModuleInstance, Resource};
use provider::{PlannedAction, PlannedStep};
use value::{Type, Value};

use super::definition::{Bond, Kind, Network, Route};
use super::files::{all, missing, parse_netdev, parse_network, texts};

fn full() -> Network {
    let text = |text: &str| Some(text.to_owned());
    Network {
        name: "eth0".into(),
        mac: text("52:54:00:12:34:56"),
        addresses: vec!["10.0.0.5/24".into(), "fd00::5/64".into()],
        gateway4: text("10.0.0.1"),
        gateway6: text("fd00::1"),
        accept_ra: Some(false),
        routes: vec![
            Route {
                destination: "10.9.0.0/16".into(),
                gateway: text("10.0.0.9"),
                metric: Some(5),
                table: None,
            },
            Route { destination: "fd09::/48".into(), gateway: None, metric: None, table: Some(7) },
        ],
        dns: vec!["10.0.0.2".into()],
        domains: vec!["example.com".into(), "~corp".into()],
        mtu: Some(1400),
        required_for_online: Some(false),
        settings: "[Network]\nLLMNR=no\n\n[DHCPv4]\nUseDNS=no\n".into(),
        ..Network::default()
    }
}

#[test]
fn what_is_written_is_read_back() {
    for network in [
        full(),
        Network { name: "a".into(), ..Network::default() },
        Network { dhcp4: true, ..full() },
        Network { dhcp4: true, dhcp6: true, ..full() },
    ] {
        assert_eq!(parse_network(&network.name, &Kind::Physical, &texts(&network).0), network);
    }
}

#[test]
fn what_others_write_is_read() {
    let file = "[Match]\nName=eth0\n[Address]\nAddress=10.0.0.5/24\n[Network]\nDHCP=true\nDNS=10.0.0.2 10.0.0.3\nDomains=a.\n\
                Domains=b\n[Route]\nGateway=10.0.0.1\nGatewayOnLink=yes\n; comment\n";
    let read = parse_network("eth0", &Kind::Physical, file);
    assert_eq!(read.addresses, ["10.0.0.5/24"]);
    assert_eq!((read.dhcp4, read.dhcp6), (true, true));
    assert_eq!((read.dns.len(), read.domains), (2, vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(read.settings, "[Route]\nGateway=10.0.0.1\nGatewayOnLink=yes\n");
}

#[test]
fn a_second_value_is_not_overlooked() {
    let read = parse_network("a", &Kind::Physical, "[Network]\nGateway=10.0.0.1\nGateway=10.0.0.2\n");
    assert_eq!(read.gateway4.as_deref(), Some("10.0.0.1"));
    assert_eq!(read.settings, "[Network]\nGateway=10.0.0.2\n");
    assert_eq!(
        missing("[Network]\nDHCP=no\nAddress=a\n", "[Network]\nAddress=a\n"),
        "[Network]\nDHCP=(missing: no)\n"
    );
}

#[test]
fn bonds_and_their_members_have_their_files() {
    let bond = Bond {
        members: vec!["eth1".into(), "eth2".into()],
        mode: Some("active-backup".into()),
        primary: Some("eth2".into()),
        miimon: None,
        lacp_rate: None,
    };
    let network = Network { name: "bond0".into(), kind: Kind::Bond(bond.clone()), ..Network::default() };
    let (_, netdev) = texts(&network);
    assert_eq!(
        netdev,
        "[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=active-backup\nMIIMonitorSec=100ms\n"
    );
    assert_eq!(parse_netdev("bond0", &network.kind, &netdev), (network.kind.clone(), String::new()));
    let files = all(&network);
    let paths: Vec<_> =
        files.iter().map(|file| file.path.trim_start_matches("/etc/systemd/network/")).collect();
    assert_eq!(
        paths,
        [
            "05-groma-bond0.network",
            "05-groma-bond0.netdev",
            "06-groma-eth1.network",
            "05-groma-eth1.network.d/groma-bond0.conf",
            "06-groma-eth2.network",
            "05-groma-eth2.network.d/groma-bond0.conf",
        ]
    );
    assert!(
        files[4].text.contains("Bond=bond0\nPrimarySlave=yes") && !files[2].text.contains("PrimarySlave")
    );
    let lacp = Bond {
        mode: Some("802.3ad".into()),
        miimon: Some(50),
        lacp_rate: Some("fast".into()),
        primary: None,
        ..bond
    };
    let network = Network { kind: Kind::Bond(lacp), ..network };
    let (_, netdev) = texts(&network);
    assert!(netdev.ends_with("Mode=802.3ad\nMIIMonitorSec=50ms\nLACPTransmitRate=fast\n"), "{netdev}");
    assert_eq!(parse_netdev("bond0", &network.kind, &netdev).0, network.kind);
}

#[test]
fn plans_have_each_link_in_one_place() {
    let list =
        |items: &[&str]| Value::list(Type::String, items.iter().map(|item| Value::string(*item)).collect());
    let step = |ty: &str, action, object: &Value| PlannedStep {
        address: AbsResourceInstance {
            module: ModuleInstance::root(),
            resource: Resource::managed(ty, object.attr_str("name").map_or("x", |name| name.as_str())),
            key: InstanceKey::None,
        },
        action,
        before: Value::null(Type::Dynamic),
        after: object.clone(),
        after_steps: Vec::new(),
    };
    let link = |host: &str, name: &str| {
        Value::object_of([("host", Value::string(host)), ("name", Value::string(name))])
    };
    let bridge = |host: &str, name: &str| {
        link(host, name).with_attr("bridge", Value::object_of([("members", list(&["eth1"]))]))
    };
    let addressed = link("a", "eth1").with_attr("addresses", list(&["10.0.0.5/24"]));
    let create = |object: &Value| step("host_network", PlannedAction::Create, object);
    let rows = [
        (vec![create(&bridge("a", "br0")), create(&bridge("b", "br1"))], "", "other hosts"),
        (vec![create(&bridge("a", "br0")), create(&link("a", "eth1"))], "", "no addresses"),
        (
            vec![
                create(&bridge("a", "br0")),
                step("host_network", PlannedAction::Delete, &bridge("a", "br1")),
            ],
            "",
            "one goes",
        ),
        (
            vec![create(&bridge("a", "br0")), step("other", PlannedAction::NoOp, &bridge("a", "br1"))],
            "",
            "another type",
        ),
        (
            vec![create(&bridge("a", "br0")), step("host_network", PlannedAction::NoOp, &bridge("a", "br1"))],
            "eth1 of a is a member of br0 (host_network.br0) and of br1 (host_network.br1)",
            "two bridges",
        ),
        (
            vec![create(&addressed), create(&bridge("a", "br0"))],
            "is a member of br0 (host_network.br0), and has addresses of its own (host_network.eth1)",
            "an address of a member",
        ),
    ];
    for (steps, said, why) in rows {
        let found: Vec<String> = super::review(&steps).iter().map(ToString::to_string).collect();
        match said {
            "" => assert!(found.is_empty(), "{why}: {found:?}"),
            said => assert!(found.len() == 1 && found[0].contains(said), "{why}: {found:?}"),
        }
    }
}
