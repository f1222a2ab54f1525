use std::time::Instant;

use ::lab::Lab;
use provider::simple::Access;
use value::Value;

use super::lab::{
    assert_as_before, bench, bench_knowing, by_hand, connection, differing, one_host, snapshot,
};
use super::lab_firewall::SETTLE;
use super::lab_route::neighbour;
use super::support::{Bench, folder, list, object, text, texts};

fn link(lab: &Lab, name: &str) -> Value {
    object([("host", connection(lab, "d1")), ("name", text(name)), ("rollback_timeout", text("5s"))])
}

fn int(number: i64) -> Value {
    Value::number(number)
}

/// All that the kernel has of links, but for what changes by itself.
fn links(lab: &Lab) -> String {
    by_hand(
        lab,
        "for i in $(seq 100); do ip -6 -o addr show tentative | grep -q . || break; sleep 0.1; done; \
         ip -br link | sed 's/@[^ ]*//' | sort; ip -o addr | sed -e 's/^[0-9]*: //' -e 's/\\\\.*//' | sort; \
         ip route show table all | sort; ip -6 route | sort; \
         cd /proc/sys/net; for link in ipv6/conf/*; do for name in ipv6/accept_ra ipv6/addr_gen_mode ipv6/disable_ipv6 \
         ipv6/use_tempaddr ipv4/promote_secondaries; do file=${name%/*}/conf/${link##*/}/${name#*/}; echo $file $(cat $file); done; done",
    )
}

/// Starts systemd-networkd, which manages `eth0` by a file of its own if asked to.
fn start_networkd(lab: &Lab, manages_eth0: &str) {
    let address = lab.host("d1").expect("is planned").address;
    let file = format!(
        "printf '[Match]\\nName=eth0\\n[Network]\\nAddress={address}/24\\n' >/etc/systemd/network/10-lan.network;"
    );
    let wait = "until networkctl --no-legend list eth0 | grep -q configured; do sleep 0.1; done";
    match manages_eth0 {
        "" => by_hand(lab, "systemctl start systemd-networkd; sleep 1"),
        _ => by_hand(lab, &format!("{file} systemctl start systemd-networkd; {wait}")),
    };
}

/// Changes a link by hand, expects exactly that field to show, and has it restored.
async fn drifts(bench: &Bench, lab: &Lab, config: &Value, state: &Value, rows: &[(&str, &str)]) {
    for (field, line) in rows {
        by_hand(lab, line);
        let seen = bench.read(state).await;
        assert_eq!(differing(state, &seen), [*field], "{line}");
        let response = bench.change(&seen, config).await;
        assert!(!response.diagnostics.has_errors(), "{line}: {}", texts(&response.diagnostics));
        assert_eq!(bench.read(&response.state).await, *state, "{line}");
    }
}

#[tokio::test]
async fn a_bridge_on_a_real_host() {
    let Some(lab) = one_host("net-link") else { return };
    let folder = folder();
    start_networkd(&lab, "eth0");
    by_hand(&lab, "ip link add va type veth peer name vb; ip link add vc type veth peer name vd");
    by_hand(
        &lab,
        "ip link set va up; ip link set vb up; ip addr add 10.4.0.1/24 dev va; ip route add 10.3.0.0/16 via 10.4.0.2",
    );
    let before = (snapshot(&lab), links(&lab));
    let bench = bench(&lab, "host_network", folder.path()).await;
    let bridge = |members: &[&str]| object([("members", list(members)), ("stp", Value::bool(false))]);
    let route =
        object([("destination", text("10.6.0.0/16")), ("gateway", text("10.5.0.2")), ("metric", int(50))]);
    let config = link(&lab, "br0")
        .with_attr("bridge", bridge(&["va"]))
        .with_attr("addresses", list(&["10.5.0.1/24", "fd05:0::1/64"]))
        .with_attr("gateway6", text("fd05::9"))
        .with_attr("accept_ra", Value::bool(false))
        .with_attr("routes", Value::tuple(vec![route]))
        .with_attr("dns", list(&["10.5.0.3"]))
        .with_attr("domains", list(&["example.com", "~corp"]))
        .with_attr("mtu", int(1400));
    let begun = Instant::now();
    let state = bench.create(config.clone()).await;
    println!("a bridge was made, confirmed and kept in {:?}", begun.elapsed());
    assert_eq!(state.text("kind"), Some("bridge"));
    assert_eq!(bench.read(&state).await, state);
    assert!(by_hand(&lab, "ip -o link show va").contains("master br0"));
    let said = by_hand(
        &lab,
        "ip -o addr show br0; ip route; ip -6 route; resolvectl dns br0; resolvectl domain br0",
    );
    for has in [
        "10.5.0.1/24",
        "fd05::1/64",
        "10.6.0.0/16 via 10.5.0.2",
        "via fd05::9",
        "10.5.0.3",
        "example.com ~corp",
    ] {
        assert!(said.contains(has), "{has}: {said}");
    }
    assert!(!by_hand(&lab, "ip -o addr show va").contains("10.4.0.1"), "a member has no address");
    let rows = [
        ("addresses", "ip addr del fd05::1/64 dev br0"),
        ("addresses", "ip addr add 10.5.0.9/24 dev br0"),
        ("mtu", "ip link set br0 mtu 1300"),
        ("routes", "ip route del 10.6.0.0/16 metric 50"),
        ("routes", "ip route replace 10.6.0.0/16 via 10.5.0.4 metric 50"),
        ("gateway6", "ip -6 route del default"),
        ("dns", "resolvectl dns br0 10.5.0.4"),
        ("domains", "resolvectl domain br0 other"),
        ("bridge", "ip link set br0 type bridge stp_state 1"),
        ("mtu", "sed -i s/1400/1300/ /etc/systemd/network/05-groma-br0.network"),
        ("addresses", "sed -i s/10.5.0.1/10.5.0.7/ /etc/systemd/network/05-groma-br0.network"),
        ("bridge", "sed -i s/STP=no/STP=yes/ /etc/systemd/network/05-groma-br0.netdev"),
        ("bridge", "rm /etc/systemd/network/06-groma-va.network"),
        ("network_settings", "sed -i 's/^DHCP=/LLMNR=no\\n&/' /etc/systemd/network/05-groma-br0.network"),
    ];
    drifts(&bench, &lab, &config, &state, &rows).await;
    by_hand(&lab, "systemctl stop systemd-networkd.socket systemd-networkd; ip link del br0");
    assert!(bench.read(&state).await.is_null(), "it is gone");
    by_hand(&lab, "systemctl start systemd-networkd; sleep 2");
    let state = bench.create(config.clone()).await;
    by_hand(&lab, "echo 1 >/proc/sys/net/ipv4/ip_forward");
    let config = config
        .with_attr("bridge", bridge(&["vc"]))
        .with_attr("netdev_settings", text("[Bridge]\nAgeingTimeSec=77\n"));
    let response = bench.change(&state, &config).await;
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    let state = response.state;
    assert_eq!(bench.read(&state).await, state);
    assert!(by_hand(&lab, "ip -d link show br0").contains("ageing_time 7700"), "it was made anew");
    assert_eq!(
        by_hand(&lab, "cat /proc/sys/net/ipv4/conf/va/forwarding"),
        "1\n",
        "who leaves goes on forwarding"
    );
    by_hand(&lab, "echo 0 >/proc/sys/net/ipv4/ip_forward");
    let left = by_hand(&lab, "ip -o addr show va; ip route");
    assert!(
        left.contains("10.4.0.1/24") && left.contains("10.3.0.0/16 via 10.4.0.2"),
        "who leaves gets back what it had: {left}"
    );
    bench.delete(&state).await;
    by_hand(&lab, SETTLE);
    assert_eq!(links(&lab), before.1);
    assert_as_before(&lab, &before.0);
}

#[tokio::test]
async fn vlans_and_bonds_as_far_as_the_kernel_has_them() {
    let Some(lab) = one_host("net-vlan") else { return };
    let folder = folder();
    start_networkd(&lab, "eth0");
    by_hand(&lab, "ip link add va type veth peer name vb");
    let before = (snapshot(&lab), links(&lab));
    let bench = bench(&lab, "host_network", folder.path()).await;
    let vlan = link(&lab, "eth0.10")
        .with_attr("vlan", object([("id", int(10)), ("parent", text("eth0"))]))
        .with_attr("addresses", list(&["10.5.0.1/24"]));
    let bond = object([("members", list(&["va"])), ("mode", text("active-backup")), ("primary", text("va"))]);
    let bond = link(&lab, "bond0").with_attr("bond", bond).with_attr("addresses", list(&["10.7.0.1/24"]));
    let rows = [
        (
            &vlan,
            "ip link add link eth0 name t0 type vlan id 9",
            "vlan",
            "ip addr del 10.5.0.1/24 dev eth0.10",
            "addresses",
        ),
        (&bond, "ip link add t0 type bond", "bond", "ip link set bond0 type bond miimon 0", "bond"),
    ];
    for (config, probe, kind, by, field) in rows {
        let has = by_hand(
            &lab,
            &format!("if {probe} 2>/dev/null; then ip link del t0; echo yes; else echo no; fi"),
        ) == "yes\n";
        if has {
            let state = bench.create(config.clone()).await;
            assert_eq!(bench.read(&state).await, state);
            drifts(&bench, &lab, config, &state, &[(field, by)]).await;
            bench.delete(&state).await;
        } else {
            eprintln!("this kernel makes no {kind}: only the error and the files were tested");
            let response = bench.change(&Value::null(value::Type::Dynamic), config).await;
            let said = texts(&response.diagnostics);
            let name = config.text("name").unwrap_or_default();
            for has in [
                "did not bring it about",
                &format!("{name}: link"),
                "What it said",
                "Operation not supported",
            ] {
                assert!(said.contains(has), "{has}: {said}");
            }
            assert!(response.state.is_null());
        }
        by_hand(&lab, SETTLE);
        assert_eq!(links(&lab), before.1);
        assert_as_before(&lab, &before.0);
    }
    let complaints = by_hand(
        &lab,
        "journalctl -b -u systemd-networkd -o cat | grep -e groma | grep -i -e unknown -e 'failed to parse' -e ignoring; :",
    );
    assert_eq!(complaints, "", "systemd-networkd understands all that is written");
}

#[tokio::test]
async fn who_cuts_the_link_off_finds_the_host_as_it_was() {
    let Some(lab) = one_host("net-cutlink") else { return };
    let folder = folder();
    start_networkd(&lab, "eth0");
    let before = (snapshot(&lab), links(&lab));
    let bench = bench(&lab, "host_network", folder.path()).await;
    let address = format!("{}/24", lab.host("d1").expect("is planned").address);

    let provider = crate::provider();
    let schema = provider.schema();
    let block = &schema.resource("host_network").expect("is offered").block;
    let bare = object([("host", connection(&lab, "d1")), ("name", text("eth0"))]);
    let imported = bench.read(&block.coerce(&bare).expect("fits the schema")).await;
    assert_eq!(
        (imported.text("kind"), imported.texts("addresses")),
        (Some("physical"), vec![address.as_str()])
    );

    let config = link(&lab, "eth0")
        .with_attr("addresses", list(&[&address]))
        .with_attr("addresses_exclusive", Value::bool(false));
    assert!(
        differing(&imported, &bench.plan(&imported, &config).await.1.planned)
            .iter()
            .all(|name| { ["addresses_exclusive", "rollback_timeout"].contains(&name.as_str()) })
    );
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    by_hand(&lab, SETTLE);
    let ours = (snapshot(&lab), links(&lab));

    let wrong = config.with_attr("addresses", list(&["192.0.2.5/24"]));
    let begun = Instant::now();
    let response = bench.change(&state, &wrong).await;
    let said = texts(&response.diagnostics);
    println!("the host went back by itself, and groma knew it after {:?}", begun.elapsed());
    for has in
        ["set up the link eth0", "has gone back by itself", "Address=192.0.2.5/24", "link eth0 mtu 1500"]
    {
        assert!(said.contains(has), "{has}: {said}");
    }
    assert_eq!(response.state, state, "the state says what is there");
    assert_eq!(bench.read(&state).await, state);
    assert_eq!(differing(&state, &bench.plan(&state, &config).await.1.planned), Vec::<String>::new());
    assert_eq!(differing(&state, &bench.plan(&state, &wrong).await.1.planned), ["addresses"]);
    by_hand(&lab, SETTLE);
    assert_eq!(links(&lab), ours.1);
    assert_as_before(&lab, &ours.0);

    let routes = super::lab::bench(&lab, "host_route", folder.path()).await;
    let route = [("destination", text("10.8.0.0/16")), ("gateway", text(&neighbour(&lab, 201)))];
    let route = route.into_iter().fold(link(&lab, ""), |object, (name, value)| object.with_attr(name, value));
    let route = routes.create(super::support::without(&route, "name")).await;
    let vip = neighbour(&lab, 200);
    by_hand(&lab, &format!("ip addr add {vip}/32 dev eth0; ip route add 10.9.0.0/16 dev eth0 proto bird"));
    assert_eq!(bench.read(&state).await, state, "addresses of others do not matter");
    let response = bench.change(&state, &config.with_attr("mtu", int(1400))).await;
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    let state = response.state;
    let said = links(&lab);
    assert!(said.contains(&vip) && said.contains("10.9.0.0/16"), "what others put there stays: {said}");
    assert_eq!(routes.read(&route).await, route, "the routes of others stay, too");
    by_hand(&lab, &format!("ip addr del {vip}/32 dev eth0; ip route del 10.9.0.0/16"));
    routes.delete(&route).await;
    bench.delete(&state).await;
    by_hand(&lab, SETTLE);
    assert_eq!(links(&lab), before.1);
    assert_as_before(&lab, &before.0);
}

#[tokio::test]
async fn a_host_may_move_to_another_address() {
    let Some(lab) = one_host("net-move") else { return };
    let folder = folder();
    start_networkd(&lab, "eth0");
    let host = lab.host("d1").expect("is planned");
    let (old, new) = (host.address.to_string(), neighbour(&lab, 77));
    let before = (snapshot(&lab), links(&lab));
    let known: Vec<String> = host.known_hosts.iter().map(|line| line.replace(&old, &new)).collect();
    let machine = by_hand(&lab, "cat /etc/machine-id");
    let mac = by_hand(&lab, "ip -o link show eth0 | sed 's/.*ether \\([^ ]*\\).*/\\1/'");
    let at = |address: &str| text(&format!("ssh://root@{address}:{}?machine={}", host.port, machine.trim()));
    let config = |name: &str, reached: &str, address: &str| {
        let named = link(&lab, name)
            .with_attr("host", at(reached))
            .with_attr("addresses", list(&[&format!("{address}/24")]));
        if name == "eth0" { named } else { named.with_attr("match_mac_address", text(mac.trim())) }
    };
    let settled = |what: &str| {
        by_hand(&lab, SETTLE);
        assert_eq!(by_hand(&lab, "ls -d /var/lib/groma/pending 2>/dev/null; :"), "", "{what} is kept");
    };
    for (name, what) in
        [("eth0", "an update"), ("eth0", "a creation"), ("lan0", "a creation with a new name")]
    {
        // Who changes the address has not written down yet who will answer there.
        let unknowing = bench(&lab, "host_network", folder.path()).await;
        let made = if what == "an update" { &old } else { &new };
        let mut response =
            unknowing.change(&Value::null(value::Type::Dynamic), &config(name, &old, made)).await;
        if what == "an update" {
            assert!(response.diagnostics.is_empty(), "{what}: {}", texts(&response.diagnostics));
            response = unknowing.change(&response.state, &config(name, &old, &new)).await;
        }
        let said = texts(&response.diagnostics);
        assert!(!response.diagnostics.has_errors(), "{what}: {said}");
        let answers = format!("root@{old}:{0} now answers at root@{new}:{0}", host.port);
        assert!(said.contains(&answers) && said.contains("-refresh=false"), "{what}: {said}");
        settled(what);
        let state = response.state;
        assert_eq!(unknowing.read(&state).await, state, "{what}: the rest of the run reaches it there");

        // The way out that was said.
        let next = bench_knowing(&lab, "host_network", folder.path(), known.clone()).await;
        let plan = next.plan(&state, &config(name, &new, &new)).await.1;
        assert!(plan.requires_replace.is_empty(), "{what}: the same machine is meant");
        let state = next.update(&state, &config(name, &new, &new)).await;
        assert_eq!(next.read(&state).await, state, "{what}: it answers there");

        let state = next.update(&state, &config(name, &new, &old)).await;
        settled("going back");
        assert_eq!(next.read(&state).await, state, "{what}: it answers where it was");
        let state = next.update(&state, &config(name, &new, &new)).await;
        settled("another update");
        // It goes back to where it was found.
        next.delete(&state).await;
        settled("a destruction");
        assert_eq!(links(&lab), before.1, "{what}");
        assert_as_before(&lab, &before.0);
    }
}

#[tokio::test]
async fn a_link_that_nobody_managed_is_given_back() {
    let Some(lab) = one_host("net-bare") else { return };
    let folder = folder();
    let bench = bench(&lab, "host_network", folder.path()).await;
    let address = format!("{}/24", lab.host("d1").expect("is planned").address);
    let config = link(&lab, "eth0").with_attr("addresses", list(&[&address])).with_attr("mtu", int(1400));
    let null = Value::null(value::Type::Dynamic);
    let said = texts(&bench.change(&null, &config).await.diagnostics);
    assert!(said.contains("systemd-networkd does not run here"), "{said}");
    start_networkd(&lab, "");
    by_hand(&lab, &format!("ip route add 10.9.0.0/16 via {}", neighbour(&lab, 201)));
    let before = (snapshot(&lab), links(&lab));
    let wrong = config.with_attr("addresses", list(&["192.0.2.5/24"]));
    let response = bench.change(&null, &wrong).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("has gone back by itself"), "{said}");
    assert!(response.state.is_null());
    by_hand(&lab, SETTLE);
    assert_eq!(links(&lab), before.1);
    assert_as_before(&lab, &before.0);
    let said = texts(&bench.change(&null, &link(&lab, "eth7")).await.diagnostics);
    assert!(said.contains("there is no link eth7; there are: lo eth0"), "{said}");

    let config = config.with_attr("network_settings", text("[Network]\nIPv4ProxyARP=yes\n"));
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    drifts(&bench, &lab, &config, &state, &[("mtu", "ip link set eth0 mtu 1300")]).await;
    let told = "cd /proc/sys/net/ipv4/conf/eth0; echo $(cat proxy_arp forwarding route_localnet)";
    assert_eq!(by_hand(&lab, told), "1 0 0\n");
    by_hand(
        &lab,
        "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet",
    );
    bench.delete(&state).await;
    by_hand(&lab, SETTLE);
    assert_eq!(by_hand(&lab, told), "0 1 1\n", "what others told the kernel meanwhile is theirs");
    by_hand(
        &lab,
        "echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/conf/eth0/route_localnet",
    );
    assert_eq!(links(&lab), before.1);
    assert_as_before(&lab, &before.0);
}

#[tokio::test]
async fn cards_get_names_and_addresses_from_a_server() {
    let Some(lab) = one_host("net-dhcp") else { return };
    let folder = folder();
    start_networkd(&lab, "eth0");
    by_hand(
        &lab,
        "ip link add va type veth peer name vb; ip link set vb up; ip link set va up; ip addr add 10.4.0.1/24 dev va",
    );
    let before = (snapshot(&lab), links(&lab));
    let bench = bench(&lab, "host_network", folder.path()).await;
    let server = link(&lab, "vb")
        .with_attr("addresses", list(&["10.8.0.1/24"]))
        .with_attr("network_settings", text("[Network]\nDHCPServer=yes\n\n[DHCPServer]\nEmitDNS=no\n"));
    let server = bench.create(server).await;
    let mac = by_hand(&lab, "ip -o link show va | sed 's/.*ether \\([^ ]*\\).*/\\1/'");
    let config = link(&lab, "lan0")
        .with_attr("match_mac_address", text(&mac.trim().to_uppercase()))
        .with_attr("dhcp4", Value::bool(true));
    let state = bench.create(config.clone()).await;
    assert!(by_hand(&lab, "ip -o addr show lan0").contains("inet 10.8.0."), "it has the name and an address");
    assert_eq!(bench.read(&state).await, state);
    let rows = [
        ("dhcp4", "sed -i s/ipv4/no/ /etc/systemd/network/05-groma-lan0.network"),
        ("match_mac_address", "sed -i s/Perm/Permm/ /etc/systemd/network/05-groma-lan0.link"),
    ];
    drifts(&bench, &lab, &config, &state, &rows).await;
    bench.delete(&state).await;
    bench.delete(&server).await;
    by_hand(&lab, SETTLE);
    assert_eq!(links(&lab), before.1);
    assert_as_before(&lab, &before.0);
}

#[tokio::test]
async fn links_are_there_again_after_a_boot() {
    let Some(lab) = one_host("net-boot") else { return };
    let folder = folder();
    by_hand(&lab, "systemctl enable -q --now systemd-networkd");
    let bench = bench(&lab, "host_network", folder.path()).await;
    let config = link(&lab, "br0")
        .with_attr("bridge", object([("stp", Value::bool(true))]))
        .with_attr("addresses", list(&["10.5.0.1/24"]))
        .with_attr("mtu", int(1300))
        .with_attr("dns", list(&["10.5.0.3"]))
        .with_attr("required_for_online", Value::bool(false));
    let state = bench.create(config).await;
    lab.reboot("d1").expect("boots");
    by_hand(&lab, "until ip addr show br0 2>/dev/null | grep -q 10.5.0.1/24; do sleep 0.2; done");
    assert_eq!(bench.read(&state).await, state);
    bench.delete(&state).await;
    assert_eq!(by_hand(&lab, "ip link show br0 2>/dev/null; ls /etc/systemd/network; :"), "");
}
