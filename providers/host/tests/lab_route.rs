use ::lab::Lab;
use diag::Diagnostics;
use value::Value;

use super::lab::{assert_as_before, bench, by_hand, connection, differing, one_host, snapshot};
use super::lab_firewall::SETTLE;
use super::support::{folder, object, text};

fn texts(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// An address in the network of the lab's host that nobody has.
pub(super) fn neighbour(lab: &Lab, last: u8) -> String {
    let address = lab.host("d1").expect("is planned").address.octets();
    format!("{}.{}.{}.{last}", address[0], address[1], address[2])
}

fn route(lab: &Lab, destination: &str, gateway: &str) -> Value {
    object([
        ("host", connection(lab, "d1")),
        ("destination", text(destination)),
        ("gateway", text(gateway)),
        ("rollback_timeout", text("5s")),
    ])
}

/// All routes, once the kernel is sure that nobody else has its addresses.
fn routes(lab: &Lab) -> String {
    let sure = "while ip -6 -o addr show tentative | grep -q .; do sleep 0.1; done";
    by_hand(lab, &format!("{sure}; ip route show table all; ip -6 route show table main"))
}

#[tokio::test]
async fn a_route_on_a_real_host() {
    let Some(lab) = one_host("net-route") else { return };
    let (folder, before) = (folder(), (snapshot(&lab), routes(&lab)));
    let bench = bench(&lab, "host_route", folder.path()).await;
    let (one, two) = (neighbour(&lab, 201), neighbour(&lab, 202));
    let config = route(&lab, "10.9.0.0/16", &one).with_attr("metric", Value::number(50_i64));
    let state = bench.create(config.clone()).await;
    assert_eq!(state.attr("interface"), Some(&text("eth0")), "the gateway says the link");
    assert_eq!(bench.read(&state).await, state);
    let other = format!("ip route replace 10.9.0.0/16 via {two} metric 50");
    let beside = format!("ip route add 10.9.0.0/16 via {two} metric 60; ip route del 10.9.0.0/16 metric 50");
    let rows = [
        (vec!["gateway"], other.as_str(), "another gateway"),
        (
            vec!["persistent"],
            "rm /etc/systemd/system/multi-user.target.wants/groma-route*",
            "the unit is not enabled",
        ),
        (
            vec!["persistent"],
            "sed -i s/route.replace/route.add/ /etc/systemd/system/groma-route*",
            "the unit was changed",
        ),
    ];
    for (fields, line, why) in rows {
        by_hand(&lab, line);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), fields, "{why}");
        let response = bench.change(&seen, &config).await;
        assert!(!response.diagnostics.has_errors(), "{why}: {}", texts(&response.diagnostics));
        assert_eq!(bench.read(&response.state).await, state, "{why}");
    }
    by_hand(&lab, &beside);
    assert!(bench.read(&state).await.is_null(), "a route of another metric is another one");
    let state = bench.create(config.clone()).await;
    let config = config.with_attr("gateway", text(&two));
    let state = bench.change(&state, &config).await.state;
    assert!(routes(&lab).contains(&format!("10.9.0.0/16 via {two} dev eth0 proto static metric 50")));
    lab.reboot("d1").expect("boots");
    assert_eq!(bench.read(&state).await, state, "it is there again after a boot");
    bench.delete(&state).await;
    by_hand(&lab, SETTLE);
    assert_eq!(routes(&lab), before.1);
    assert_as_before(&lab, &before.0);
}

#[tokio::test]
async fn a_route_that_was_there_comes_back_and_a_bad_one_goes() {
    let Some(lab) = one_host("net-route2") else { return };
    let folder = folder();
    let bench = bench(&lab, "host_route", folder.path()).await;
    let (one, two) = (neighbour(&lab, 201), neighbour(&lab, 202));
    by_hand(&lab, &format!("ip route add 10.8.0.0/16 via {one} mtu 1400"));
    let before = routes(&lab);
    let state = bench.create(route(&lab, "10.8.0.0/16", &two)).await;
    assert!(routes(&lab).contains(&format!("10.8.0.0/16 via {two}")));
    bench.delete(&state).await;
    assert_eq!(routes(&lab), before);

    // A more specific route to ourselves, through nobody.
    let host = lab.host("d1").expect("is planned").address.octets();
    let us = format!("{}.{}.{}.1/32", host[0], host[1], host[2]);
    let response = bench.change(&Value::null(value::Type::Dynamic), &route(&lab, &us, &one)).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("make the route to") && said.contains("What the host has again"), "{said}");
    assert!(response.state.is_null());
    assert_eq!(routes(&lab), before);
    by_hand(&lab, SETTLE);
    assert_eq!(by_hand(&lab, "ls -d /etc/systemd/system/groma-r* /var/lib/groma 2>/dev/null; :"), "");

    let response = bench
        .change(
            &Value::null(value::Type::Dynamic),
            &route(&lab, "10.7.0.0/16", "192.0.2.1").with_attr("interface", text("eth0")),
        )
        .await;
    let said = texts(&response.diagnostics);
    assert!(
        said.contains("could not make the route to 10.7.0.0/16: Error: Nexthop has invalid gateway"),
        "{said}"
    );
}

/// Has systemd-networkd manage `eth0`.
fn start_networkd(lab: &Lab) {
    let address = lab.host("d1").expect("is planned").address;
    by_hand(
        lab,
        &format!(
            "printf '[Match]\\nName=eth0\\n[Network]\\nAddress={address}/24\\n' >/etc/systemd/network/10-lan.network; systemctl start systemd-networkd"
        ),
    );
    by_hand(lab, "until networkctl --no-legend list eth0 | grep -q configured; do sleep 0.1; done");
}

#[tokio::test]
async fn systemd_networkd_keeps_the_routes_of_its_links() {
    let Some(lab) = one_host("net-route3") else { return };
    let folder = folder();
    start_networkd(&lab);
    let before = (snapshot(&lab), routes(&lab));
    let bench = bench(&lab, "host_route", folder.path()).await;
    let config = route(&lab, "10.9.0.0/16", &neighbour(&lab, 201)).with_attr("table", text("7"));
    let state = bench.create(config.clone()).await;
    assert!(by_hand(&lab, "cat /etc/systemd/network/10-lan.network.d/groma-route*").contains("Table=7"));
    assert_eq!(bench.read(&state).await, state);
    by_hand(&lab, "networkctl reconfigure eth0; sleep 1");
    assert_eq!(bench.read(&state).await, state, "it survives what networkd does");
    by_hand(&lab, "rm /etc/systemd/network/10-lan.network.d/*");
    assert_eq!(differing(&state, &bench.read(&state).await), ["persistent"]);
    let state = bench.change(&bench.read(&state).await, &config).await.state;
    bench.delete(&state).await;
    by_hand(&lab, SETTLE);
    assert_eq!(routes(&lab), before.1);
    assert_as_before(&lab, &before.0);
}

#[tokio::test]
async fn what_others_set_on_a_link_of_systemd_networkd_stays() {
    let Some(lab) = one_host("net-route4") else { return };
    let folder = folder();
    start_networkd(&lab);
    let (one, two, floating) = (neighbour(&lab, 201), neighbour(&lab, 202), neighbour(&lab, 203));
    by_hand(
        &lab,
        &format!(
            "ip addr add {floating}/32 dev eth0; ip -6 addr add fd00:9::3/64 dev eth0 nodad
             ip route add 10.44.0.0/16 via {two} proto 18; ip route add 10.45.0.0/16 via {two} src {floating}
             ip -6 route add fd00:45::/32 via fd00:9::9 dev eth0 metric 7"
        ),
    );
    let all = || {
        let addresses = "ip -o addr show dev eth0 | sed -e 's/^[0-9]*: //' -e 's/ *valid_lft.*//' | sort";
        format!("{}{}", by_hand(&lab, addresses), routes(&lab))
    };
    let before = all();
    for expected in [floating.as_str(), "fd00:9::3/64", "10.44.0.0/16", "10.45.0.0/16", "fd00:45::/32"] {
        assert!(before.contains(expected), "{expected} is not in {before}");
    }
    let others = || {
        let now = all();
        before.lines().filter(|line| !now.contains(line)).map(str::to_owned).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    let bench = bench(&lab, "host_route", folder.path()).await;
    let config = route(&lab, "10.9.0.0/16", &one);
    let state = bench.create(config.clone()).await;
    assert!(by_hand(&lab, "cat /etc/systemd/network/10-lan.network.d/groma-route*").contains(&one));
    assert_eq!(others(), none, "it is made");
    let state = bench.update(&state, &config.with_attr("gateway", text(&two))).await;
    assert_eq!(others(), none, "it is changed");
    bench.delete(&state).await;
    assert_eq!(all(), before, "it is taken away");

    let octets = lab.host("d1").expect("is planned").address.octets();
    let us = format!("{}.{}.{}.1/32", octets[0], octets[1], octets[2]);
    let response = bench.change(&Value::null(value::Type::Dynamic), &route(&lab, &us, &one)).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("What the host has again"), "{said}");
    assert_eq!(all(), before, "it is undone");
}
